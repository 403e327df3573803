#!/usr/bin/env python3
"""A token server (RFC 6749, RFC 7523) that shares nothing with Sluice: JWTs are verified by the
openssl program, refresh tokens rotate, and one that is used twice revokes its whole family. Below
/api it is the API that the tokens are for.

usage: token_server.py FOLDER

FOLDER holds `cert.pem` and `key.pem` of the server and, read anew for each request, `mode` (what
goes wrong; see fault()) and `life` (expires_in). It gets <algorithm>.pem, the client's keys, `port`
and `log`, a line of JSON for each request.
"""

import base64
import http.server
import json
import pathlib
import ssl
import subprocess
import sys
import time
import urllib.parse

CLIENT, SECRET = "sl uice", "p+s%s/w:rd"
ISSUER = "https://issuer.example.com"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
OF_RSA = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
PSS = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1"]
# How each key is made, and the options of `openssl dgst` that verify its signatures.
ALGORITHMS = {
    "RS256": (OF_RSA, ["-sha256"]),
    "RS384": (OF_RSA, ["-sha384"]),
    "RS512": (OF_RSA, ["-sha512"]),
    "PS256": (OF_RSA, ["-sha256"] + PSS),
    "ES256": (["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], ["-sha256"]),
    "ES384": (["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], ["-sha384"]),
    "EdDSA": (["-algorithm", "ED25519"], None),
}


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=False)
    return done.returncode == 0


def make_keys(folder):
    for name, (options, _) in ALGORITHMS.items():
        assert openssl("genpkey", *options, "-out", folder / f"{name}.pem"), name
        files = ("-in", folder / f"{name}.pem", "-out", folder / f"{name}.pub")
        assert openssl("pkey", "-pubout", *files), name


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def der_integer(number):
    bytes_ = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(bytes_)]) + bytes_


def as_der(signature):
    half = len(signature) // 2
    numbers = [int.from_bytes(part, "big") for part in (signature[:half], signature[half:])]
    body = b"".join(map(der_integer, numbers))
    return b"\x30" + bytes([len(body)]) + body


class Refused(Exception):
    """The `error` of the answer, and why for the log."""


class State:
    def __init__(self, folder):
        self.folder = folder
        self.tokens = set()
        self.assertions = set()
        self.refresh_token = "refresh-0"
        self.used = set()

    def setting(self, name, default):
        file = self.folder / name
        return file.read_text() if file.exists() else default

    def verify(self, key, signature, message):
        options = ALGORITHMS[key][1]
        public, text, proof = (self.folder / name for name in (f"{key}.pub", "text", "proof"))
        text.write_bytes(message)
        proof.write_bytes(as_der(signature) if key.startswith("ES") else signature)
        if options is not None:
            return openssl("dgst", *options, "-verify", public, "-signature", proof, text)
        files = ("-inkey", public, "-sigfile", proof, "-in", text)
        return openssl("pkeyutl", "-verify", "-pubin", "-rawin", *files)

    def check_assertion(self, form, url):
        if form.get("client_assertion_type") != JWT_BEARER:
            raise Refused("invalid_client", "type of assertion")
        assertion = form["client_assertion"]
        message, _, signature = assertion.rpartition(".")
        header, claims = (json.loads(decoded(part)) for part in message.split("."))
        now = time.time()
        if header.get("typ") != "JWT" or header.get("alg") != header.get("kid"):
            raise Refused("invalid_client", f"header {header}")
        if not self.verify(header["kid"], decoded(signature), message.encode()):
            raise Refused("invalid_client", "signature")
        if claims["iss"] != CLIENT or claims["sub"] != CLIENT or form.get("client_id") != CLIENT:
            raise Refused("invalid_client", f"client {claims}")
        if claims["aud"] not in (url, ISSUER):
            raise Refused("invalid_client", f"audience {claims['aud']}")
        if not now < claims["exp"] <= now + 61 or not claims["iat"] <= now:
            raise Refused("invalid_client", f"times {claims} at {now}")
        if claims["jti"] in self.assertions:
            raise Refused("invalid_client", "assertion was used before")
        self.assertions.add(claims["jti"])
        return header["alg"]

    def check_client(self, authorization, form, url):
        if "client_assertion" in form:
            return self.check_assertion(form, url)
        if authorization is None:
            proof, how = (form.get("client_id"), form.get("client_secret")), "post"
        else:
            pair = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":")
            proof, how = tuple(map(urllib.parse.unquote_plus, pair)), "basic"
        if proof != (CLIENT, SECRET):
            raise Refused("invalid_client", f"proof by {how}")
        return how

    def rotate(self, token):
        if token != self.refresh_token:
            if token in self.used:
                self.refresh_token = None
            raise Refused("invalid_grant", "reuse" if token in self.used else "unknown")
        self.used.add(token)
        self.refresh_token = f"refresh-{len(self.used)}"
        return {"refresh_token": self.refresh_token}

    def grant(self, form):
        kind = form.get("grant_type")
        more = {}
        if kind == "refresh_token":
            more = self.rotate(form.get("refresh_token"))
        elif kind != "client_credentials":
            raise Refused("unsupported_grant_type", str(kind))
        token = f"token-{len(self.tokens)}"
        self.tokens.add(token)
        life = int(self.setting("life", "3600"))
        return {"access_token": token, "token_type": "Bearer", "expires_in": life, **more}


def fault(mode, answer):
    """What is answered instead: status, body."""
    changed = {
        "no_token": {"access_token": None},
        "no_life": {"expires_in": None},
        "negative_life": {"expires_in": -1},
        "odd_life": {"expires_in": "soon"},
        "life_in_quotes": {"expires_in": "1800"},
        "mac": {"token_type": "mac"},
    }
    if mode in changed:
        merged = {**answer, **changed[mode]}
        return 200, json.dumps({name: value for name, value in merged.items() if value is not None})
    return {
        "html": (200, "<html>please log in</html>"),
        "html_404": (404, "<html>not here</html>"),
        "500": (500, "oops"),
        "invalid_client": (400, json.dumps({"error": "invalid_client"})),
    }[mode]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *arguments):  # noqa: A002
        pass

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_GET(self):
        token = (self.headers["Authorization"] or "").removeprefix("Bearer ")
        self.answer(200 if token in self.server.state.tokens else 401, "")

    def do_POST(self):
        state = self.server.state
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(urllib.parse.parse_qsl(form, keep_blank_values=True))
        seen = {name: value for name, value in form.items() if not name.startswith("client_")}
        mode = state.setting("mode", "ok")
        try:
            url = f"https://127.0.0.1:{self.server.server_port}{self.path}"
            if self.headers["Content-Type"] != "application/x-www-form-urlencoded":
                raise Refused("invalid_request", "content type")
            seen["client"] = state.check_client(self.headers["Authorization"], form, url)
            # A server that fails has rotated nothing.
            answer = {} if mode in ("500", "html", "invalid_client") else state.grant(form)
            status, body = (200, json.dumps(answer)) if mode == "ok" else fault(mode, answer)
        except Refused as refusal:
            error, seen["refused"] = refusal.args
            status, body = 401 if error == "invalid_client" else 400, json.dumps({"error": error})
        with open(state.folder / "log", "a", encoding="utf-8") as log:
            log.write(json.dumps({**seen, "status": status}) + "\n")
        self.answer(status, body)


def main(arguments):
    folder = pathlib.Path(arguments[1])
    make_keys(folder)
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    server.state = State(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    (folder / "port.new").write_text(str(server.server_port))
    (folder / "port.new").rename(folder / "port")
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main(sys.argv))
