"""A real Chromium without a window, driven over the DevTools protocol with the standard library."""
import base64
import json
import os
import shutil
import socket
import struct
import subprocess
import time
from urllib.request import urlopen

PROGRAM = next(filter(shutil.which, ("chromium", "chromium-browser", "google-chrome")), None)


class Chromium:
    """One page in one browser: `with Chromium(folder) as browser: browser.open(file)`."""

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        self.process = subprocess.Popen(
            [PROGRAM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--no-first-run", "--remote-debugging-port=0", "--remote-allow-origins=*",
             "--allow-file-access-from-files", f"--user-data-dir={self.folder}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            port = self.port()
            with urlopen(f"http://127.0.0.1:{port}/json") as pages:
                page = next(page for page in json.load(pages) if page["type"] == "page")
            self.connect(port, page["webSocketDebuggerUrl"].partition(str(port))[2])
            self.events, self.count = [], 0
            for domain in ("Page", "Runtime", "Network", "Log"):
                self.call(f"{domain}.enable")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    def port(self):
        """The port that the browser writes into its folder once it listens."""
        for _ in range(600):
            try:
                return int((self.folder / "DevToolsActivePort").read_text().split()[0])
            except (FileNotFoundError, IndexError):
                time.sleep(0.05)
        raise TimeoutError("chromium did not start within 30 s")

    # -- the protocol: JSON messages over a websocket (RFC 6455)

    def connect(self, port, path):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: "
            f"Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        self.stream = self.socket.makefile("rb")
        while self.stream.readline() not in (b"\r\n", b""):
            pass

    def send(self, message):
        payload = json.dumps(message).encode()
        length = struct.pack("!BH", 0xFE, len(payload)) if len(payload) < 2 ** 16 \
            else struct.pack("!BQ", 0xFF, len(payload))
        self.socket.sendall(b"\x81" + length + bytes(4) + payload)  # masked with zeros

    def receive(self):
        message = b""
        while True:
            head, length = self.stream.read(2)
            if length == 126:
                length, = struct.unpack("!H", self.stream.read(2))
            elif length == 127:
                length, = struct.unpack("!Q", self.stream.read(8))
            message += self.stream.read(length)
            if head & 0x80:
                return json.loads(message)

    def call(self, method, **parameters):
        """Do something and wait for its result; what happens meanwhile goes into `events`."""
        self.count += 1
        self.send({"id": self.count, "method": method, "params": parameters})
        while True:
            message = self.receive()
            if message.get("id") == self.count:
                assert "error" not in message, message
                return message["result"]
            self.events.append(message)

    # -- what tests do

    def open(self, file, width=1280, height=800, dark=False):
        """Load a page from a file, in a window of this size."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.events.clear()
        self.call("Page.navigate", url=file.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self.receive())

    def run(self, script):
        """The value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True,
                           awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key):
        """Press a key, such as ArrowRight."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key)

    def click(self, selector):
        """Click into the middle of what the selector finds, with the mouse."""
        x, y = self.run(f"""(() => {{
            const found = document.querySelector({json.dumps(selector)});
            found.scrollIntoView({{block: "center", inline: "center"}});
            const at = found.getBoundingClientRect();
            return [at.x + at.width / 2, at.y + at.height / 2];
        }})()""")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def screenshot(self, file):
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def complaints(self):
        """Errors and warnings in the console, and everything asked for but the page itself."""
        self.run("1")  # all earlier events are in
        found = []
        for event in self.events:
            about = event["params"]
            if event["method"] in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled",
                                   "Log.entryAdded"):
                found.append(about)
            elif event["method"] == "Network.requestWillBeSent":
                url = about["request"]["url"]
                if url != about["documentURL"] and not url.startswith("data:"):
                    found.append(url)
        return found
