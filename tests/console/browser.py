"""Headless Chromium, driven over a pipe by the DevTools protocol; needs nothing but Python.

https://chromedevtools.github.io/devtools-protocol/
"""
import base64
import itertools
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

TIMEOUT = 20  # seconds for one answer


class Browser:
    """One process, ended by close()."""

    def __init__(self):
        binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if binary is None:
            raise RuntimeError("there is no chromium: scripts/install-deps installs it")
        self._home = tempfile.mkdtemp(prefix="sluice-chromium-")
        to_read, to_chromium = os.pipe()
        from_chromium, to_write = os.pipe()
        # Out of the way of 3 and 4, which it is told to use.
        ends = [os.dup(fd) for fd in self._high(to_read, to_write)]
        arguments = [binary, "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={self._home}",
                     "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync",
                     "--disable-extensions", "--font-render-hinting=none", "--force-color-profile=srgb"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # which it refuses to have as root
        self._process = subprocess.Popen(
            arguments, pass_fds=(3, 4), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, "HOME": self._home},
            preexec_fn=lambda: (os.dup2(ends[0], 3), os.dup2(ends[1], 4)))
        for fd in [to_read, to_write, *ends]:
            os.close(fd)
        self._out, self._in = to_chromium, from_chromium
        self._buffer = b""
        self._ids = itertools.count(1)
        self.events = []

    @staticmethod
    def _high(*fds):
        """The same, each above 4."""
        for fd in fds:
            while fd <= 4:
                fd = os.dup(fd)
            yield fd

    def close(self):
        try:
            self.call("Browser.close")
            self._process.wait(5)
        except (OSError, RuntimeError, subprocess.TimeoutExpired):
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        os.close(self._out)
        os.close(self._in)
        shutil.rmtree(self._home, ignore_errors=True)

    def call(self, method, session=None, **parameters):
        message = {"id": next(self._ids), "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + TIMEOUT
        while True:
            answer = self._read(deadline)
            if answer is None:
                raise RuntimeError(f"{method}: no answer in {TIMEOUT} s")
            if answer.get("id") != message["id"]:
                continue
            if "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']['message']}")
            return answer["result"]

    def _read(self, deadline):
        """The next message; None: none came in time. Events are kept, too."""
        while b"\0" not in self._buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._in], [], [], left)[0]:
                return None
            data = os.read(self._in, 1 << 20)
            if not data:
                raise RuntimeError("chromium has ended")
            self._buffer += data
        message, _, self._buffer = self._buffer.partition(b"\0")
        message = json.loads(message)
        if "method" in message:
            self.events.append(message)
        return message

    def drain(self, seconds=0.0):
        """Takes up what was reported so far."""
        deadline = time.monotonic() + seconds
        while self._read(max(deadline, time.monotonic() + 0.001)) is not None:
            pass


class Page:
    """A tab; `width` and `height` in CSS pixels."""

    def __init__(self, browser, url, width=1280, height=900, scheme="light", phone=False, scale=1):
        self._browser = browser
        self._target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale,
                  mobile=phone)
        self.scheme(scheme)
        self.call("Page.navigate", url=url)

    def call(self, method, **parameters):
        return self._browser.call(method, session=self._session, **parameters)

    def scheme(self, value):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": value}])

    def run(self, script):
        """The value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True, userGesture=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(script + ": " + json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def wait(self, script, seconds=15):
        """Until the expression holds; its value."""
        deadline = time.monotonic() + seconds
        while not (value := self.run(script)):
            if time.monotonic() > deadline:
                raise AssertionError(f"it never held: {script}\n{self.text()}")
            time.sleep(0.05)
        return value

    def text(self):
        return self.run("document.body ? document.body.innerText : ''")

    def events(self, *methods):
        self._browser.drain()
        return [event["params"] for event in self._browser.events
                if event.get("sessionId") == self._session and event["method"] in methods]

    def complaints(self):
        """What the console has as errors or warnings, and what was thrown."""
        found = [str(event.get("exceptionDetails")) for event in self.events("Runtime.exceptionThrown")]
        found += [event["entry"]["text"] + " " + event["entry"].get("url", "") for event in self.events("Log.entryAdded")
                  if event["entry"]["level"] in ("error", "warning")]
        return found + [str(event["args"]) for event in self.events("Runtime.consoleAPICalled")
                        if event["type"] in ("error", "warning", "assert")]

    def requested(self):
        return [event["request"]["url"] for event in self.events("Network.requestWillBeSent")]

    def picture(self, height=None):
        """A PNG of the page from its top, of the given height or the whole."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], height or size["height"]), "scale": 1}
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
        return base64.b64decode(data)

    def close(self):
        self._browser.call("Target.closeTarget", targetId=self._target)
