"""Headless Chromium for tests, driven over its DevTools pipe: pages opened, scripts run, screenshots taken, requests heard.

Every name but this machine's own is unresolvable, unless a test maps it; what the browser asked for anyway is in `requested`.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from conftest import need

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-default-apps", "--mute-audio",
    "--hide-scrollbars", "--force-device-scale-factor=1", "--disable-dev-shm-usage", "--password-store=basic",
    "--window-size=1000,800", "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,InterestFeedContentSuggestions",
)  # fmt: skip
PATIENCE = 60


class Chromium:
    """A browser with an empty profile. `names` maps host names to addresses ("127.0.0.1:8080")."""

    def __init__(self, folder: Path, names: dict[str, str] | None = None, *, scripts: bool = True) -> None:
        self._folder, self._scripts = folder, scripts
        rules = [f"MAP {name} {at}" for name, at in (names or {}).items()]
        self._rules = ",".join([*rules, "MAP * ~NOTFOUND", "EXCLUDE localhost", "EXCLUDE 127.0.0.1"])
        self._numbers = itertools.count(1)
        self._answers: dict[int, queue.Queue[dict[str, Any]]] = {}
        self._heard, self._speaking = threading.Condition(), threading.Lock()
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.net_log = folder / "net-log.json"

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        out_read, out_write = os.pipe()
        in_read, in_write = os.pipe()
        order = [
            need("chromium"), *FLAGS, f"--user-data-dir={self._folder / 'profile'}", "--remote-debugging-pipe",
            f"--host-resolver-rules={self._rules}", f"--log-net-log={self.net_log}", "--net-log-capture-mode=Everything",
            *([] if self._scripts else ["--blink-settings=scriptEnabled=false"]), "about:blank",
        ]  # fmt: skip
        # Chromium reads commands from descriptor 3 and answers on 4.
        there = "import os, sys; a, b = (os.dup(os.dup(os.dup(int(n)))) for n in sys.argv[1:3]); os.dup2(a, 3); os.dup2(b, 4); os.execv(sys.argv[3], sys.argv[3:])"
        shell = [sys.executable, "-c", there, str(in_read), str(out_write), *order]
        self._log = (self._folder / "chromium.log").open("wb")
        self._process = subprocess.Popen(shell, pass_fds=(in_read, out_write), stdout=self._log, stderr=self._log, stdin=subprocess.DEVNULL)
        os.close(in_read)
        os.close(out_write)
        self._to, self._from = os.fdopen(in_write, "wb", buffering=0), os.fdopen(out_read, "rb", buffering=0)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        self.call("Target.setDiscoverTargets", discover=True)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError, AssertionError):
            self.call("Browser.close")
        self._process.wait(PATIENCE)
        self._thread.join(PATIENCE)
        self._to.close()
        self._from.close()
        self._log.close()

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """One command; its result."""
        number = next(self._numbers)
        self._answers[number] = queue.Queue()
        told = {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        # Frames are greeted by threads of their own, and a long script does not go through a pipe in one piece.
        with self._speaking:
            rest = memoryview(json.dumps(told).encode() + b"\0")
            while rest:
                rest = rest[self._to.write(rest) :]
        answer = self._answers[number].get(timeout=PATIENCE)
        assert "error" not in answer, (method, answer.get("error"))
        return answer["result"]

    def page(self, width: int = 1000, height: int = 800) -> Page:
        """A new tab."""
        target = self.call("Target.createTarget", url="about:blank", newWindow=True)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, target, session)
        for domain in ("Page", "Network", "Runtime", "Log"):
            page.call(f"{domain}.enable")
        page.call("Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=False, flatten=True)
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        return page

    def until(self, wanted: Any, since: int = 0) -> Any:
        """The first thing that `wanted(method, params)` gives for an event heard after number `since`."""
        end = time.monotonic() + PATIENCE
        with self._heard:
            while True:
                for method, params in self.events[since:]:
                    if found := wanted(method, params):
                        return found
                since = len(self.events)
                assert self._heard.wait(end - time.monotonic()), "Chromium did not do it in time"

    def _listen(self) -> None:
        rest = b""
        while piece := self._from.read(1 << 16):
            rest += piece
            *whole, rest = rest.split(b"\0")
            for text in whole:
                told = json.loads(text)
                if "id" in told:
                    self._answers[told["id"]].put(told)
                else:
                    if told["method"] == "Target.attachedToTarget" and told.get("sessionId"):
                        threading.Thread(target=self._hear, args=(told["params"]["sessionId"],), daemon=True).start()
                    with self._heard:
                        self.events.append((told["method"], told["params"] | {"session": told.get("sessionId")}))
                        self._heard.notify_all()

    def _hear(self, session: str) -> None:
        """A frame in a process of its own: its requests and what it logs are heard as well."""
        with contextlib.suppress(AssertionError, queue.Empty):
            for domain in ("Page", "Network", "Runtime", "Log"):
                self.call(f"{domain}.enable", session)
            self.call("Target.setAutoAttach", session, autoAttach=True, waitForDebuggerOnStart=False, flatten=True)

    def outside(self, *origins: str) -> list[str]:
        """What the finished browser asked for beside these origins and its maker's own services."""
        own = re.compile(r"https?://(?:[a-z0-9-]+\.)*(?:google\.com|googleapis\.com|gstatic\.com)(?:[:/]|$)|(?:https?://)?~notfound")
        return [url for url in self.logged() if not own.match(url) and not url.startswith(tuple(origins))]

    def logged(self) -> list[str]:
        """Every address for which the finished browser's network stack began a request, resolved a name or opened a socket."""
        plain = json.loads(self.net_log.read_text(encoding="utf-8", errors="replace"))
        kinds = {number: name for name, number in plain["constants"]["logEventTypes"].items()}
        found = []
        for event in plain["events"]:
            params, kind = event.get("params") or {}, kinds[event["type"]]
            if kind == "URL_REQUEST_START_JOB" and "url" in params:
                found.append(params["url"])
            elif kind == "HOST_RESOLVER_MANAGER_REQUEST" and "host" in params:
                found.append(params["host"])
        return found


class Page:
    """One tab."""

    def __init__(self, browser: Chromium, target: str, session: str) -> None:
        self.browser, self.target, self.session = browser, target, session

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        return self.browser.call(method, self.session, **params)

    def open(self, url: str) -> None:
        """Go to `url`, and wait until it and its frames have loaded."""
        since = len(self.browser.events)
        self.call("Page.navigate", url=url)
        self.browser.until(lambda m, p: m == "Page.loadEventFired" and p["session"] == self.session, since)

    def run(self, script: str, session: str | None = None) -> Any:
        """The value of an expression, promises awaited."""
        told = self.browser.call(
            "Runtime.evaluate", session or self.session, expression=script, awaitPromise=True, returnByValue=True, userGesture=True,
        )  # fmt: skip
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def until(self, script: str, session: Callable[[], str] | None = None) -> Any:
        """The value of an expression once it is true, here or in the session that is given each time anew."""
        end = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(AssertionError):  # the document is not there yet, or was just leaving
                if value := self.run(script, session() if session else None):
                    return value
            assert time.monotonic() < end, script
            time.sleep(0.05)

    def frame(self, of: str | None = None) -> str:
        """The session of the frame that runs in a process of its own: of several the one that came last."""
        parent = of or self.session

        def attached(method: str, params: dict[str, Any]) -> bool:
            return method == "Target.attachedToTarget" and params["session"] == parent and params["targetInfo"]["type"] == "iframe"

        self.browser.until(attached)
        gone = {p["sessionId"] for m, p in self.browser.events if m == "Target.detachedFromTarget"}
        there = [p["sessionId"] for m, p in self.browser.events if attached(m, p) and p["sessionId"] not in gone]
        assert there, "the frame was just leaving"
        return there[-1]

    def click(self, selector: str) -> None:
        """Press what the selector finds in the frame as a person would, whether scripts run or not."""
        end, node = time.monotonic() + PATIENCE, 0
        while not node:
            assert time.monotonic() < end, selector
            with contextlib.suppress(AssertionError):  # the document was just leaving
                frame = self.frame()
                root = self.browser.call("DOM.getDocument", frame, depth=0)["root"]["nodeId"]
                node = self.browser.call("DOM.querySelector", frame, nodeId=root, selector=selector)["nodeId"]
        self.browser.call("DOM.scrollIntoViewIfNeeded", frame, nodeId=node)
        corners = self.browser.call("DOM.getContentQuads", frame, nodeId=node)["quads"][0]
        x, y = (corners[0] + corners[4]) / 2, (corners[1] + corners[5]) / 2
        for kind in ("mousePressed", "mouseReleased"):
            self.browser.call("Input.dispatchMouseEvent", frame, type=kind, x=x, y=y, button="left", clickCount=1)

    def screenshot(self) -> bytes:
        """What is to be seen, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def close(self) -> None:
        self.browser.call("Target.closeTarget", targetId=self.target)
