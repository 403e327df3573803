#!/usr/bin/env python3
"""Judges requests by what other people's programs say of them: Python's hmac, and openssl(1).

usage: signatures.py FOLDER

For each FOLDER/SCHEME.NUMBER.head, the bytes of a request before its body, and the body beside it
in .body, prints "SCHEME.NUMBER: valid", or what is wrong in place of the last word.
"""

import base64
import hashlib
import hmac
import pathlib
import subprocess
import sys


def mac(algorithm, key, message):
    """Both have to agree before either is believed."""
    by_python = hmac.new(key, message, algorithm).digest()
    command = ["openssl", "mac", "-binary", "-digest", algorithm, "-macopt", "hexkey:" + key.hex()]
    command += ["-in", "-", "HMAC"]
    by_openssl = subprocess.run(command, input=message, capture_output=True, check=True).stdout
    assert by_python == by_openssl, "Python and OpenSSL differ"
    return by_python


class Request:
    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.method, url, _ = lines[0].split(" ")
        self.path, _, self.query = url.partition("?")
        self.headers = {}
        for line in filter(None, lines[1:]):
            name, _, value = line.partition(":")
            assert name.lower() not in self.headers, name + " stands there twice"
            self.headers[name.lower()] = value.strip()
        self.body = body


def of_github(request):
    expected = "sha256=" + mac("sha256", b"a secret of github", request.body).hex()
    return expected, request.headers["x-hub-signature-256"]


def of_stripe(request):
    fields = dict(field.split("=") for field in request.headers["stripe-signature"].split(","))
    message = fields["t"].encode() + b"." + request.body
    return mac("sha256", b"a secret of stripe", message).hex(), fields["v1"]


def of_webhooks(request):
    """standardwebhooks.com, "Verifying signatures"."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    start = request.headers["webhook-id"] + "." + request.headers["webhook-timestamp"] + "."
    signature = base64.b64encode(mac("sha256", key, start.encode() + request.body)).decode()
    return "v1," + signature, request.headers["webhook-signature"]


def of_everything(request):
    headers = request.headers
    assert headers["authorization"] == "Bearer a-token", "no bearer token"
    assert request.query == "key=a%20key", "no API key"
    lines = [request.method, headers["host"], request.path, request.query]
    lines += [headers["x-time"], headers["idempotency-key"]]
    lines += [hashlib.sha512(request.body).hexdigest()]
    signature = mac("sha512", bytes.fromhex("00ff10AB"), "\n".join(lines).encode())
    return base64.urlsafe_b64encode(signature).decode().rstrip("="), headers["x-signature"]


def of_sha1(request):
    expected = base64.b64encode(mac("sha1", b"a secret of old", request.body)).decode()
    return expected, request.headers["x-signature"]


def of_hkdf(request):
    """RFC 5869: extract, and one block of expand."""
    key = mac("sha256", mac("sha256", b"a-token", b"acc1ws2"), b"hmac-signing\x01")
    return mac("sha256", key, request.body).hex(), request.headers["x-hmac-signature"]


def of_basic(request):
    expected = "Basic " + base64.b64encode(b"a user:a password").decode()
    return expected, request.headers["authorization"]


def of_key(request):
    return "a key", request.headers["x-api-key"]


SCHEMES = {
    "github": of_github,
    "stripe": of_stripe,
    "webhooks": of_webhooks,
    "everything": of_everything,
    "sha1": of_sha1,
    "hkdf": of_hkdf,
    "basic": of_basic,
    "key": of_key,
}


def judge(head):
    try:
        request = Request(head.read_bytes(), head.with_suffix(".body").read_bytes())
        expected, given = SCHEMES[head.name.split(".")[0]](request)
    except (AssertionError, KeyError) as error:
        return str(error)
    return "valid" if hmac.compare_digest(expected, given) else "is not " + expected


def main(arguments):
    for head in sorted(pathlib.Path(arguments[1]).glob("*.head")):
        print(head.stem + ": " + judge(head))


if __name__ == "__main__":
    main(sys.argv)
