"""A real Chromium, and what axe-core finds on a page in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
NARROW, WIDE = 390, 1280
"""A telephone's width and a desk's, in CSS pixels."""


@contextmanager
def chromium() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    assert path, "There is no Chromium; install it, or leave these tests out with -m 'not browser'."
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


def inaccessible(page: Page) -> list[tuple[str, list[str]]]:
    """The rules of axe-core that the page breaks, each with the elements; folded parts are unfolded first."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in Axe().run(page).response["violations"]]
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*found, *([("runs off the screen", [f"{wider} pixels"])] if wider > 0 else [])]
