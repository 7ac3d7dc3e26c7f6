"""From a key to the next case on the screen, in a real browser over a running desk: `./aldia bench keys --n 3000`."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks import disposable

BROWSER = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update".split()
WATCH = """
() => {
  const channel = new MessageChannel();
  let begun = 0;
  window.painted = [];
  document.addEventListener("keydown", (event) => { begun = event.timeStamp; }, true);
  channel.port1.onmessage = () => {
    const asked = performance.getEntriesByType("resource").at(-1);
    window.painted.push({ shown: performance.now() - begun, asked: asked.responseEnd - asked.startTime });
  };
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "espacio") requestAnimationFrame(() => channel.port2.postMessage(0));
  });
}
"""  # A message posted in a frame's callback is answered once that frame has been painted.


NEXT = """
(seen) => new Promise((done) => {
  const look = () => (window.painted.length > seen ? done(window.painted.at(-1)) : setTimeout(look, 5));
  look();
})
"""


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="aldia bench keys", description=__doc__)
    disposable.add_options(parser, n=3_000)
    parser.add_argument("--rounds", type=int, default=40, help="cuántas veces se pasa al caso siguiente (40)")
    options = parser.parse_args()
    with disposable.database(is_postgresql=options.postgresql) as kind:
        told = measure(options.n, options.rounds)
    print(json.dumps({"bench": "keys", "database": kind, "documents": options.n, **told}))
    return 0


def measure(documents: int, rounds: int) -> dict[str, Any]:
    """Return p50 and p95, in milliseconds, from the key to the next case painted, and of those what the answer took."""
    from benchmarks.filling import fill
    from benchmarks.screens import Desk

    agent = Desk(fill(documents), rounds).agents[0]
    with _desk() as address, _page(address, agent.cookies["sessionid"].value) as page:
        gestures = {"skip": ("s",), "no_answer": (_letter(page, "no_answer"), "Enter")}
        return {name: _times(page, keys, rounds) for name, keys in gestures.items()}


def _times(page: Any, keys: tuple[str, ...], rounds: int) -> dict[str, float]:
    for _round in range(3):
        _pressed(page, keys)
    taken = [_pressed(page, keys) for _round in range(rounds)]
    shown, asked = (sorted(each[name] for each in taken) for name in ("shown", "asked"))
    return {
        "p50_ms": round(statistics.median(shown), 1), "p95_ms": round(shown[int(rounds * 0.95) - 1], 1),
        "answer_p50_ms": round(statistics.median(asked), 1),
    }  # fmt: skip


def _pressed(page: Any, keys: tuple[str, ...]) -> dict[str, float]:
    """Press the keys, the last once what the others ask for is there; return what the next case took from the last one."""
    seen = page.evaluate("window.painted.length")
    for key in keys[:-1]:
        page.keyboard.press(key)
        page.wait_for_selector("#panel-lugar form")
    page.keyboard.press(keys[-1])
    told: dict[str, float] = page.evaluate(NEXT, seen)
    return told


def _letter(page: Any, outcome: str) -> str:
    return str(page.locator(f".ald-outcome[href*='/{outcome}/']").get_attribute("data-key"))


@contextmanager
def _page(address: str, session: str) -> Iterator[Any]:
    """Yield the page of the day of a collector who has signed in, watched."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("ALDIA_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=BROWSER)
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="es-AR")
        context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        page = context.new_page()
        page.goto(f"{address}/hoy/", wait_until="networkidle")
        page.evaluate(WATCH)
        yield page
        browser.close()


@contextmanager
def _desk() -> Iterator[str]:
    """Yield the address of a web server over the benchmark's database, as `./aldia run` starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["-m", "granian", "--interface", "wsgi", "--no-ws", "--port", str(port), "--log-level", "error"]
    web = subprocess.Popen(
        [sys.executable, *words, "--blocking-threads", "4", "aldia.config.wsgi:application"]
    )
    address, limit = f"http://127.0.0.1:{port}", time.monotonic() + 60
    try:
        while time.monotonic() < limit and web.poll() is None:
            try:
                urllib.request.urlopen(f"{address}/cuenta/login/", timeout=10)
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        yield address
    finally:
        web.terminate()
        web.wait(timeout=30)


if __name__ == "__main__":
    sys.exit(main())
