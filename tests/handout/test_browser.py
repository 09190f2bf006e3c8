"""The handout and the pages for TAs in Chromium, on a telephone and on a desk: nothing for axe-core to find."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import NARROW, WIDE, chromium, inaccessible

pytestmark = pytest.mark.browser
PAGES = sorted((Path(__file__).parents[2] / "handouts").glob("*.html"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_axe_finds_nothing(browser: Browser, path: Path) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(path.as_uri())
        for width in (NARROW, WIDE):
            page.set_viewport_size({"width": width, "height": 900})
            assert inaccessible(page) == [], width


def test_what_scrolls_on_a_telephone_is_reached_by_keyboard(browser: Browser) -> None:
    with browser.new_context(viewport={"width": NARROW, "height": 900}) as context:
        page = context.new_page()
        page.goto((PAGES[0].parent / "assignment.html").as_uri())
        scrolls = page.locator("pre, .scroll, math[display=block]")
        reached = scrolls.evaluate_all(
            "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.tabIndex)"
        )
        assert len(reached) >= 5 and set(reached) == {0}


def test_nothing_is_cut_on_a_telephone_without_a_sign(browser: Browser) -> None:
    """A drawing is as narrow as the page, and a formula that is wider has the shadow of everything that scrolls."""
    with browser.new_context(viewport={"width": NARROW, "height": 900}) as context:
        page = context.new_page()
        page.goto((PAGES[0].parent / "assignment.html").as_uri())
        frames = page.locator("figure .scroll:has(svg)")
        wide = frames.evaluate_all("all => all.filter(one => one.scrollWidth > one.clientWidth).length")
        assert frames.count() >= 5 and wide == 0
        shadows = page.locator("math[display=block], .scroll, pre").evaluate_all(
            "all => all.map(one => getComputedStyle(one).backgroundImage.split('linear-gradient').length - 1)"
        )
        assert set(shadows) == {4}
