"""Stock Firefox and WebKitGTK, each by the protocol that it speaks itself, behind one small face.

Playwright drives neither as Debian ships them, nor Selenium Firefox without a program that no
registry has: Firefox is asked by WebDriver BiDi, over a websocket of its own, and WebKit by classic
WebDriver, which has a program beside it. Both answer JavaScript, and take the same actions.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket

PATIENCE_SECONDS = 15
NODE = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver's name of an element's number
ENTER, RIGHT, ESCAPE = "\ue007", "\ue014", "\ue00c"
# The thing of that kind which a person sees, by the words on it or read out for it.
FIND = """(css, words) => [...document.querySelectorAll(css)].find((one) => {
    const said = [one.getAttribute("aria-label"), one.textContent, one.labels?.[0]?.textContent];
    return one.checkVisibility() && said.some((text) => text?.includes(words));
}) ?? null"""
# What Firefox says of a tab's icon that had not come when the page was left.
LEFT_EARLY = "A ServiceWorker intercepted the request"
LISTEN = """() => {
    if (window.isListenedTo) return;
    window.isListenedTo = true;
    const key = () => `error ${sessionStorage.length}`;
    const note = (what) => sessionStorage.setItem(key(), `${location} ${what}`);
    addEventListener("error", (event) => note(event.message));
    addEventListener("unhandledrejection", (event) => note(event.reason));
    addEventListener("securitypolicyviolation", (event) => note(event.violatedDirective));
}"""
NO_CAMERA = "--enable-media-stream=false"
IN_SIGHT = "(one) => one.scrollIntoView({ block: 'center', behavior: 'instant' })"


class EngineGone(Exception):
    """The browser itself has ended, or forgotten its session: no word about what it showed."""


class EngineError(Exception):
    """The browser did not do as it was told."""


class Engine:
    """What a guest does with a browser; how it is told to is for each engine to say."""

    def call(self, function: str, *arguments: Any) -> Any: ...
    def open(self, address: str) -> None: ...
    def act(self, *sources: dict[str, Any]) -> None: ...
    def origin(self, element: Any) -> Any: ...
    def choose_file(self, element: Any, path: Path) -> None: ...
    def errors(self) -> list[str]: ...
    def resize(self, width: int, height: int) -> None: ...
    def close(self) -> None: ...

    def until(self, function: str, *arguments: Any, patience: float = PATIENCE_SECONDS) -> Any:
        """What a function answers, once that is something. A page that leaves answers nothing."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            try:
                if answer := self.call(function, *arguments):
                    return answer
            except EngineError:
                pass
            time.sleep(0.05)
        page = self.call("() => location.href + document.body.innerText")
        return pytest.fail(f"not in {patience} s: {function} {arguments} {self.errors()}\n{page}")

    def find(self, css: str, words: str = "") -> Any:
        return self.until(FIND, css, words)

    def arrive(self, path: str) -> None:
        """Until the address ends so, and all of its page is there."""
        self.until(
            "(path) => location.pathname.endsWith(path) && document.readyState === 'complete'", path
        )

    def click(self, css: str, words: str = "") -> None:
        element = self.find(css, words)
        self.call(IN_SIGHT, element)
        move = {"type": "pointerMove", "x": 0, "y": 0, "origin": self.origin(element)}
        press, release = ({"type": f"pointer{way}", "button": 0} for way in ("Down", "Up"))
        self.act({"type": "pointer", "id": "mouse", "actions": [move, press, release]})

    def write(self, text: str) -> None:
        keys = [{"type": way, "value": key} for key in text for way in ("keyDown", "keyUp")]
        self.act({"type": "key", "id": "keyboard", "actions": keys})


class Firefox(Engine):
    """By WebDriver BiDi, which tells of the console's errors by itself."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(
            address, timeout=PATIENCE_SECONDS, suppress_origin=True
        )
        self._sent = 0
        self._errors: list[str] = []
        self._ask("session.new", capabilities={})
        self._ask("session.subscribe", events=["log.entryAdded"])
        self._here = self._ask("browsingContext.getTree")["contexts"][0]["context"]

    def _ask(self, method: str, **parameters: Any) -> Any:
        self._sent += 1
        self._socket.send(json.dumps({"id": self._sent, "method": method, "params": parameters}))
        while (answer := json.loads(self._socket.recv())).get("id") != self._sent:
            entry = answer.get("params", {})
            if entry.get("level") == "error" and LEFT_EARLY not in entry["text"]:
                frames = (entry.get("stackTrace") or {}).get("callFrames") or [{"url": "?"}]
                self._errors.append(f"{entry['text']} ({frames[0]['url']})")
        if "error" in answer:
            raise EngineError(f"{method}: {answer['message']}")
        return answer["result"]

    def call(self, function: str, *arguments: Any) -> Any:
        answer = self._ask(
            "script.callFunction",
            functionDeclaration=function,
            arguments=[self._sendable(argument) for argument in arguments],
            target={"context": self._here},
            awaitPromise=True,
            userActivation=True,
        )
        if "exceptionDetails" in answer:
            raise EngineError(answer["exceptionDetails"]["text"])
        found = answer["result"]
        return {"sharedId": found["sharedId"]} if "sharedId" in found else found.get("value")

    @staticmethod
    def _sendable(argument: Any) -> dict[str, Any]:
        if isinstance(argument, dict):
            return argument
        kind = "number" if isinstance(argument, int) else "string"
        return {"type": kind, "value": argument}

    def open(self, address: str) -> None:
        self._ask("browsingContext.navigate", context=self._here, url=address, wait="complete")

    def act(self, *sources: dict[str, Any]) -> None:
        self._ask("input.performActions", context=self._here, actions=list(sources))

    def origin(self, element: Any) -> Any:
        return {"type": "element", "element": element}

    def choose_file(self, element: Any, path: Path) -> None:
        self._ask("input.setFiles", context=self._here, element=element, files=[str(path)])

    def resize(self, width: int, height: int) -> None:
        size = {"width": width, "height": height}
        self._ask("browsingContext.setViewport", context=self._here, viewport=size)

    def errors(self) -> list[str]:
        self._ask("session.status")  # what was told before the answer has been heard then
        return self._errors

    def close(self) -> None:
        self._socket.close()


class WebKit(Engine):
    """By classic WebDriver, which knows nothing of the console, nor writes MiniBrowser it then.

    So each page is listened to from the first question on that it is asked.
    """

    def __init__(self, driver: str, log: Path) -> None:
        self._session, self._log = f"{driver}/session", log
        # A machine without a camera. WebKitGTK looks for one with programs that few such machines
        # have, and its process sometimes dies of that.
        started = {"binary": str(mini_browser()), "args": ["--automation", NO_CAMERA]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": started}}
        answer = self._ask("POST", "", capabilities=wanted)
        self._session += f"/{answer['sessionId']}"

    def _ask(self, verb: str, path: str, **body: Any) -> Any:
        answer = requests.request(
            verb, self._session + path, json=body, timeout=PATIENCE_SECONDS
        ).json()["value"]
        if isinstance(answer, dict) and "error" in answer:
            said = self._log.read_text(errors="replace")[-1000:]
            if answer["error"] == "invalid session id":
                raise EngineGone(said)
            raise EngineError(f"{path}: {answer['error']} {answer.get('message')} {said}")
        return answer

    def call(self, function: str, *arguments: Any) -> Any:
        script = f"({LISTEN})(); return ({function})(...arguments)"
        return self._ask("POST", "/execute/sync", script=script, args=list(arguments))

    def open(self, address: str) -> None:
        self._ask("POST", "/url", url=address)

    def act(self, *sources: dict[str, Any]) -> None:
        self._ask("POST", "/actions", actions=list(sources))

    def origin(self, element: Any) -> Any:
        return element

    def choose_file(self, element: Any, path: Path) -> None:
        self._ask("POST", f"/element/{element[NODE]}/value", text=str(path))

    def resize(self, width: int, height: int) -> None:
        self._ask("POST", "/window/rect", x=0, y=0, width=width, height=height)

    def errors(self) -> list[str]:
        notes = "Object.keys(sessionStorage).filter((key) => key.startsWith('error '))"
        return self.call(f"() => {notes}.map((key) => sessionStorage[key])")

    def close(self) -> None:
        with suppress(EngineGone):
            self._ask("DELETE", "")


def mini_browser() -> Path | None:
    """Part of the library's package, and not on the way of commands."""
    return next(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"), None)


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    program = next(filter(None, map(shutil.which, ["firefox-esr", "firefox"])), None)
    if program is None:
        pytest.skip("Firefox is not installed (Debian: apt-get install firefox-esr)")
    command = [program, "--headless", "--no-remote", "--profile", folder, "--remote-debugging-port"]
    with running([*command, "0"], folder, HOME=str(folder)):
        at = folder / "WebDriverBiDiServer.json"
        server = json.loads(wait_for(lambda: at.exists() and at.read_text()))
        engine = Firefox(f"ws://{server['ws_host']}:{server['ws_port']}/session")
        with closing(engine):
            yield engine


@contextmanager
def webkit(folder: Path) -> Iterator[WebKit]:
    driver, screen = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    if driver is None or mini_browser() is None or screen is None:
        pytest.skip("WebKitGTK is not installed (Debian: apt-get install webkit2gtk-driver xvfb)")
    told = folder / "screen"
    command = [screen, "-screen", "0", "1440x1000x24", "-nolisten", "tcp", "-displayfd", "1"]
    with running(command, folder, log="screen"):
        display = wait_for(lambda: told.read_text().strip())
        port = free_port()
        variables = {"DISPLAY": f":{display}", "HOME": str(folder), "GDK_BACKEND": "x11"}
        # Machines that test have no graphics card to share buffers with.
        variables["WEBKIT_DISABLE_DMABUF_RENDERER"] = "1"
        with running([driver, f"--port={port}"], folder, log="webkit", **variables):
            address = f"http://127.0.0.1:{port}"
            wait_for(lambda: answers(f"{address}/status"))
            with closing(WebKit(address, folder / "webkit")) as engine:
                yield engine


@contextmanager
def running(
    command: list[Any], folder: Path, log: str = "output", **variables: str
) -> Iterator[None]:
    """A program for as long as it is needed; what it says is in the folder."""
    with (folder / log).open("wb") as said:
        process = subprocess.Popen(
            command, stdout=said, stderr=subprocess.STDOUT, env={**os.environ, **variables}
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def wait_for(look: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    return pytest.fail("a browser did not start")


def answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=PATIENCE_SECONDS).ok
    except requests.ConnectionError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
