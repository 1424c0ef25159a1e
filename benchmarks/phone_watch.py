"""What `phone.py` sees of one page: when photos are painted, what came by when, and what moved."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

# A page is watched until the network is quiet for so long.
QUIET_SECONDS = 1.0
MOST_SECONDS = 30.0
TEXTS = {"Document", "Stylesheet", "Script"}

# Photos are named for the browser's own clock of what it paints, as soon as the parser has them.
WATCH = """
(() => {
  const [photo, choose, choosing] = %s;
  const seen = (window.seen = { painted: [], shift: 0, chose: 0, sharp: 0 });
  const observe = (type, note) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({
      type, buffered: true,
    });
  observe("layout-shift", (entry) => (seen.shift += entry.hadRecentInput ? 0 : entry.value));
  // A photo's likeness, which is the background of its picture, is none.
  observe("element", ({ renderTime, loadTime, url, intersectionRect: shown }) => {
    const isPhoto = shown.width && shown.height && !url.startsWith("data:");
    if (isPhoto) seen.painted.push(renderTime || loadTime);
  });
  const name = (image) => image.setAttribute("elementtiming", "photo");
  if (photo) {
    new MutationObserver(() =>
      document.querySelectorAll(`${photo}:not([elementtiming])`).forEach(name)
    ).observe(document, { childList: true, subtree: true });
  }
  const tryToChoose = () => {
    document.querySelector(choose)?.click();
    if (document.querySelector(choosing)) seen.chose = performance.now();
    else setTimeout(tryToChoose, 50);
  };
  if (choose) setTimeout(tryToChoose, 50);
})();
"""
# From the tap to the frame after the one in which the large picture is there as a whole.
TAP = """
async ([link, picture]) => {
  const begun = performance.now();
  document.querySelector(link).click();
  while (performance.now() - begun < 20000) {
    await new Promise(requestAnimationFrame);
    const shown = document.querySelector(picture);
    if (shown?.complete && shown.naturalWidth > 0) return (performance.now() - begun) / 1000;
  }
  return null;
}
"""
SHOWN = """
() => {
  const timing = performance.timing;
  return (timing.loadEventEnd - timing.navigationStart) / 1000;
}
"""


@dataclass
class Watched:
    """A page that was opened, and what its network told. Times in seconds since it was asked."""

    page: Any
    begun: float = 0.0
    kinds: dict[str, str] = field(default_factory=dict)
    came: list[tuple[float, str, int]] = field(default_factory=list)
    under_way: set[str] = field(default_factory=set)
    heard_at: float = field(default_factory=time.monotonic)

    def listen(self, devtools: Any) -> None:
        devtools.on("Network.requestWillBeSent", self._asked)
        devtools.on("Network.loadingFinished", self._ended)
        devtools.on("Network.loadingFailed", self._ended)

    def settle(self) -> None:
        """Until nothing is under way any more."""
        until = time.monotonic() + MOST_SECONDS
        while time.monotonic() < until:
            self.page.wait_for_timeout(100)
            if not self.under_way and time.monotonic() - self.heard_at > QUIET_SECONDS:
                return
        raise SystemExit(f"{self.page.url} is not quiet after {MOST_SECONDS:.0f} s")

    def kilobytes(self, *, until: float = MOST_SECONDS, kinds: set[str] | None = None) -> float:
        """What came over the network by then, headers included."""
        counted = (
            size for at, kind, size in self.came if at <= until and (not kinds or kind in kinds)
        )
        return sum(counted) / 1000

    def text_kilobytes(self) -> float:
        return self.kilobytes(kinds=TEXTS)

    def painted(self, number: int) -> float:
        """When so many photos were painted."""
        return self._painted()[number - 1]

    def screen_kilobytes(self) -> float:
        """What came until the first screen showed all of its photos."""
        return self.kilobytes(until=self._painted()[-1])

    def choosing(self) -> float:
        """When choosing photos worked."""
        return float(self._seen("chose")) / 1000

    def shift(self) -> float:
        return float(self._seen("shift"))

    def demand_language(self, language: str) -> None:
        found = self.page.evaluate("document.documentElement.lang")
        if found != language:
            raise SystemExit(f"{self.page.url} is in {found} instead of {language}")

    def sharp_after_tap(self, link: str, picture: str) -> float:
        found = self.page.evaluate(TAP, [link, picture])
        if found is None:
            raise SystemExit(f"no {picture} within 20 s")
        return float(found)

    def shown_after_tap(self, link: str) -> float:
        """The same of a link that leads to the picture itself."""
        self.page.click(link)
        self.page.wait_for_load_state("load")
        self.page.wait_for_timeout(100)
        return float(self.page.evaluate(SHOWN))

    def _painted(self) -> list[float]:
        painted = sorted(at / 1000 for at in self._seen("painted"))
        if len(painted) < 3:
            raise SystemExit(f"{len(painted)} photos were painted at {self.page.url}")
        return painted

    def _seen(self, name: str) -> Any:
        return self.page.evaluate(f"window.seen.{name}")

    def _asked(self, event: dict[str, Any]) -> None:
        self.begun = self.begun or event["timestamp"]
        self.kinds[event["requestId"]] = event.get("type", "")
        self.under_way.add(event["requestId"])
        self.heard_at = time.monotonic()

    def _ended(self, event: dict[str, Any]) -> None:
        request = event["requestId"]
        self.under_way.discard(request)
        at, size = event["timestamp"] - self.begun, event.get("encodedDataLength", 0)
        self.came.append((at, self.kinds.get(request, ""), int(size)))
        self.heard_at = time.monotonic()


@contextmanager
def opened(
    browser: Any,
    site: str,
    address: str,
    *,
    screen: dict[str, int],
    network: dict[str, Any],
    slower: int,
    cookie: str = "",
    locale: str = "en-US",
    photo: str = "",
    choose: tuple[str, str] = ("", ""),
) -> Iterator[Watched]:
    """The page in a browser that knows nothing yet, once it is quiet."""
    context = browser.new_context(
        viewport=screen, device_scale_factor=3, is_mobile=True, has_touch=True, locale=locale
    )
    if cookie:
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": site}])
    context.add_init_script(WATCH % json.dumps([photo, *choose]))
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    watched = Watched(page)
    watched.listen(devtools)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", network)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.goto(site + address, wait_until="commit", timeout=60_000)
    watched.settle()
    yield watched
    context.close()
