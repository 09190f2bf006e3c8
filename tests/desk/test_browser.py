"""The desk in Chromium: axe-core finds nothing on its pages, and none of them scrolls sideways on a telephone."""

from __future__ import annotations

import base64
import threading
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright import sync_api
from werkzeug.serving import WSGIRequestHandler, make_server

from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import About, Diagnosis, Excerpt, QuestionResult, Status
from autograder.core.store import open_output, save_result
from autograder.desk.changes import Desk
from autograder.desk.hand_ins import HandIns
from autograder.desk.server import HOST, App
from autograder.marks.overrides import Kind, new
from autograder.marks.points import Points
from autograder.report.outputs import write_tables
from tests.browser import NARROW, WIDE, chromium, inaccessible
from tests.desk.conftest import handed_in
from tests.desk.test_changes import CLASS, RUBRIC
from tests.desk.test_report import report

pytestmark = pytest.mark.browser
WORD = "an_unbroken_name_of_a_function_that_somebody_thought_up_at_night_" * 3
TABLE = "\n".join("  ".join(f"column_{j}={i * j:8.4f}" for j in range(12)) for i in range(6))
SCREENS = [("light", WIDE), ("dark", WIDE), ("light", NARROW)]


def picture(width: int, height: int) -> str:
    """A white PNG, in base64."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    head = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 0, 0, 0, 0])
    rows = zlib.compress((b"\0" + b"\xff" * width) * height)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return base64.b64encode(png).decode()


def wide_report(folder: Path) -> None:
    """Hand in a report with everything that can be wide: tables, text, code, pictures, words."""
    cells = "| " + " | ".join(f"a long heading {i}" for i in range(14)) + " |\n|" + "---|" * 14 + "\n"
    cells += "| " + " | ".join(f"{i / 7:.6f}" for i in range(14)) + " |\n"
    outputs = [
        {"output_type": "stream", "text": TABLE},
        {"output_type": "display_data", "data": {"image/png": picture(1600, 400)}},
        {"output_type": "error", "ename": "ValueError", "evalue": WORD, "traceback": [WORD, TABLE]},
    ]
    report(
        folder,
        {"cell_type": "markdown", "source": f"# My report\n\nText with {WORD}.\n\n#### A deep heading\n\n{cells}"},
        {"cell_type": "code", "source": f"print({WORD!r})\n\n" + "x = 1  # " + "words " * 60, "outputs": outputs},
        {"cell_type": "markdown", "source": f"- one\n- `{WORD}`\n\n> quoted\n\n```\n{TABLE}\n```"},
    )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[App]:
    """A desk that is served, of a class in which everything is as wide as it can be."""
    code = tuple((i, f"    {WORD} = {WORD}(z1, z2)  # {'words ' * 20}") for i in range(1, 6))
    checks = tuple(
        CheckResult(f"The value {i}", outcome, 0, 5, True, f"expected {TABLE}, received {WORD}")
        for i, outcome in enumerate((Outcome.FAILED, Outcome.COULD_NOT_RUN, Outcome.PASSED, Outcome.NOT_JUDGED))
    )
    hints = (Diagnosis("sum", f"Use `{WORD}`."), Diagnosis("repair_one", WORD, False, change=f"-{WORD}\n+{TABLE}"))
    asked = QuestionResult("1.2", "Loss", 0, 20, checks, hints, (f"Slow: {WORD}",), error=f"{WORD}\n{TABLE}")
    ann = replace(
        CLASS[0],
        status=Status.PROBLEM,
        questions=(asked,),
        excerpts=(Excerpt("1.2", "criterion.py", code),),
        message=WORD,
        about=About(f"Ann {WORD}", f"{WORD}@example.edu", "a group"),
    )
    class_ = [ann, *CLASS[1:], replace(CLASS[4], student=WORD)]
    wide_report(tmp_path)
    open_output(tmp_path / "grades", tmp_path / "class")
    for one in class_:
        save_result(tmp_path / "grades", one)
    write_tables(tmp_path / "grades", class_, RUBRIC, Points())
    made = Desk(tmp_path / "grades", RUBRIC)
    made.change(new(Kind.REQUEST, "Ada", ["ann"], question="1.2", text=f"{WORD} {TABLE}"))
    made.change(new(Kind.COMMENT, "Ada", ["ann"], question="1.2", comment=WORD))
    made.change(new(Kind.POINTS, "Ada", ["ann", "bob", WORD], question="1.2", points=3, reason=WORD, comment=TABLE))
    server = make_server(HOST, 0, lambda *_: iter(()), threaded=True, request_handler=Quiet)
    server.app = app = App(made, HandIns(lambda: handed_in(tmp_path)), "Ada", server.server_port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield app
    server.shutdown()
    thread.join()
    server.server_close()
    app.close()


class Quiet(WSGIRequestHandler):
    """Prints nothing for a request."""

    def log(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with chromium() as found:
        yield found


def test_what_was_typed_is_not_lost_without_a_question(browser: sync_api.Browser, desk: App) -> None:
    with browser.new_context() as context:
        page, asked = context.new_page(), []

        def stay(dialog: sync_api.Dialog) -> None:
            asked.append(dialog.type)
            dialog.dismiss()

        page.on("dialog", stay)
        page.goto(desk.address)
        here = f"{desk.address.partition('/?')[0]}{desk.base}/student/ann"
        page.goto(here)
        page.keyboard.press("1")
        page.keyboard.type("3")
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        page.wait_for_timeout(500)
        assert (asked, page.url) == (["beforeunload"], here)
        page.get_by_role("button", name="Change 1.2").click()
        page.get_by_text("needs a reason").wait_for()
        page.keyboard.press("l")
        page.wait_for_timeout(500)
        assert asked == ["beforeunload"] * 2, "what was sent in vain is not saved either"
        page.locator("#q1\\.2").get_by_label("Reason").fill("r")
        page.get_by_role("button", name="Change 1.2").click()
        page.get_by_role("status").get_by_text("Recorded: change").wait_for()
        page.keyboard.press("l")
        page.locator("table.students").wait_for()
        assert len(asked) == 2, "nothing is left to lose"


@pytest.mark.parametrize(("scheme", "width"), SCREENS)
def test_axe_finds_nothing_on_any_page(browser: sync_api.Browser, desk: App, scheme: str, width: int) -> None:
    base = desk.address.partition("/?")[0] + desk.base
    pages = [
        "/",
        "/student/ann",
        "/student/ann?made=3",
        f"/student/{quote(WORD)}",
        "/student/fay",
        "/student/nobody",
        "/report/ann",
    ]
    # The policy of the report lets no script run, so that axe-core could not look at it either.
    with browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True) as context:
        page = context.new_page()
        page.goto(desk.address)
        for path in [*pages, "/report/bob", "/?text=nobody"]:
            page.goto(f"{base}{path}")
            assert inaccessible(page) == [], path


def test_the_report_scrolls_in_its_frame_and_by_keyboard(browser: sync_api.Browser, desk: App) -> None:
    with browser.new_context(viewport={"width": NARROW, "height": 900}) as context:
        page = context.new_page()
        page.goto(desk.address)
        page.goto(f"{desk.address.partition('/?')[0]}{desk.base}/student/ann")
        page.locator("iframe.report").scroll_into_view_if_needed()
        frame = page.frame_locator("iframe.report")
        frame.get_by_role("heading", name="My report").wait_for()
        for name in "Table", "Output":
            wide = frame.get_by_role("group", name=name).first
            assert wide.evaluate("one => one.scrollWidth > one.clientWidth && one.tabIndex == 0"), name
