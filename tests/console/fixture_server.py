"""The console as the admin port serves it, over a /status made by hand.

As a program: fixture_server.py FIXTURE.json [PORT], to look at it.
"""
import http.server
import json
import pathlib
import re
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
ADMIN = HERE.parent.parent / "src/admin"
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".js": "text/javascript; charset=utf-8"}


def policy():
    """The Content-Security-Policy of the admin port, read from its source."""
    text = (ADMIN / "console.h").read_text(encoding="utf-8")
    pieces = re.search(r'kConsolePolicy\[\] =((?:\s*"[^"]*")+);', text)[1]
    return "".join(re.findall(r'"([^"]*)"', pieces))


class FixtureServer:
    """Serves on a free port of the loopback until close(). `status` is a document, bytes to be sent
    as they are, or a number: that HTTP status. `asked` has the paths in their order."""

    def __init__(self, status, port=0):
        self.status = status
        self.asked = []
        self._http = None
        self.is_open = False
        self.port = port
        self.open()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def open(self):
        owner, headers = self, {"Content-Security-Policy": policy(), "X-Content-Type-Options": "nosniff",
                                "Cache-Control": "no-store"}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                owner.asked.append(self.path)
                status, kind, body = owner.answer(self.path.partition("?")[0])
                self.send_response(status)
                for name, value in {**headers, "Content-Type": kind, "Content-Length": len(body)}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_port
        self.is_open = True
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.is_open = False
        self._http.shutdown()
        self._http.server_close()

    def answer(self, path):
        if path == "/status":
            if isinstance(self.status, int):
                return self.status, "text/plain", b"as told\n"
            body = self.status if isinstance(self.status, bytes) else json.dumps(self.status).encode()
            return 200, "application/json", body
        file = ADMIN / "console" / ("index.html" if path == "/" else path.removeprefix("/console/"))
        if path != "/" and not path.startswith("/console/") or file.parent.name != "console" or not file.is_file():
            return 404, "text/plain", b"not found\n"
        return 200, TYPES[file.suffix], file.read_bytes()


def fixture(name):
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


if __name__ == "__main__":
    server = FixtureServer(json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")),
                           int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    print(server.url, flush=True)
    threading.Event().wait()
