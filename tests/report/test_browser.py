"""The pages in Chromium: axe-core finds nothing, no needless script, tables that sort and filter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from autograder.core.records import Diagnosis, Excerpt, Result, Rubric, Status
from autograder.encoders.page import Measured, representations_page
from autograder.report.class_report import class_report
from autograder.report.feedback import feedback_page
from autograder.report.similarity import similarity_page
from tests.browser import NARROW, WIDE, chromium, inaccessible
from tests.report.conftest import check, question
from tests.report.test_similarity import CLASS, GIVEN

pytestmark = pytest.mark.browser
ENCODERS = [
    Measured("ann", 84.5, 85.0, "", ""),
    Measured("bob", 70.25, 99.0, "", ""),
    Measured("cy", None, None, "Error while reading the file.", ""),
]
SCREENS = [("light", WIDE), ("dark", WIDE), ("light", NARROW)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def pages(tmp_path: Path, results: list[Result], mixed: Result, rubric: Rubric) -> dict[str, str]:
    """URLs of a class report of many students and of a feedback page with everything on it."""
    many = [*results, *(replace(mixed, student=f"student{i}", seconds=i) for i in range(40))]
    written = {
        "report": class_report(many, rubric),
        "feedback": feedback_page(mixed, rubric),
        "similarity": similarity_page(CLASS, GIVEN),
        "representations": representations_page(ENCODERS, 20, (500, 100)),
    }
    for name, text in written.items():
        (tmp_path / f"{name}.html").write_text(text, "utf-8")
    return {name: (tmp_path / f"{name}.html").as_uri() for name in written}


@pytest.mark.parametrize(("scheme", "width"), SCREENS)
@pytest.mark.parametrize("name", ["report", "feedback", "similarity", "representations"])
def test_axe_finds_nothing_and_nothing_runs_off_the_screen(
    browser: Browser, pages: dict[str, str], name: str, scheme: str, width: int
) -> None:
    with browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}) as context:
        page, complaints = opened(context.new_page(), pages[name])
        assert inaccessible(page) == []
        assert complaints == []


@pytest.mark.parametrize("name", ["report", "feedback"])
def test_without_script_everything_is_there(browser: Browser, pages: dict[str, str], name: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page, _ = opened(context.new_page(), pages[name])
        assert "ada_lovelace" in page.content()
        assert page.get_by_role("searchbox").count() == 0
        assert page.get_by_role("button").count() == 0


def test_the_table_of_students_sorts_and_filters_by_keyboard(browser: Browser, pages: dict[str, str]) -> None:
    with browser.new_context() as context:
        page, _ = opened(context.new_page(), pages["report"])
        table = page.get_by_role("region", name="Table of students")
        box = page.get_by_role("searchbox")
        box.press_sequentially("student1 problem")
        assert table.locator("tbody tr:visible").count() == 11
        box.fill("")
        table.get_by_role("button", name="Time").press("Enter")
        table.get_by_role("button", name="Time").press("Enter")
        assert table.locator("tbody th").first.inner_text() == "student39"
        assert table.locator("thead th").last.get_attribute("aria-sort") == "descending"


@pytest.mark.parametrize("width", [390, 1280])
def test_a_bar_leads_to_its_students_without_script(browser: Browser, pages: dict[str, str], width: int) -> None:
    with browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 800}) as context:
        page, _ = opened(context.new_page(), pages["report"])
        name = page.locator("#scores-10").get_by_role("link", name="ada_lovelace")
        assert not name.is_visible()
        page.get_by_role("link", name="45 to below 50 points: 41 students").press("Enter")
        assert name.is_visible()
        page.get_by_text("42 students with the mistake one_view").press("Enter")
        mistake = page.get_by_role("listitem").filter(has_text="Only the first view")
        assert mistake.get_by_role("link", name="ada_lovelace").is_visible()


def test_in_print_the_lists_of_students_are_unfolded(browser: Browser, pages: dict[str, str]) -> None:
    with browser.new_context(java_script_enabled=False, viewport={"width": 718, "height": 800}) as context:
        page, _ = opened(context.new_page(), pages["report"])
        page.emulate_media(media="print")
        assert all(one.is_visible() for one in page.get_by_role("link", name="ada_lovelace").all())
        assert page.evaluate("document.documentElement.scrollWidth") <= 718


def test_a_page_with_one_mistake_prints_on_two_sheets(browser: Browser, tmp_path: Path, rubric: Rubric) -> None:
    with browser.new_context() as context:
        page = written(context.new_page(), tmp_path, feedback_page(one_mistake(rubric), rubric))
        assert page.pdf(format="A4").count(b"/Type /Page\n") <= 2
        page.emulate_media(media="print")
        assert page.get_by_text("expected 0.8535").first.is_visible()
        assert not page.get_by_text("values of 1.1, 3").is_visible()


def test_the_feedback_reads_in_order_and_unfolds_by_keyboard(browser: Browser, tmp_path: Path, rubric: Rubric) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = written(context.new_page(), tmp_path, feedback_page(one_mistake(rubric), rubric))
        levels = [int(heading.evaluate("one => one.tagName[1]")) for heading in page.get_by_role("heading").all()]
        assert levels[0] == 1 and all(below - above <= 1 for above, below in pairwise(levels))
        page.get_by_role("link", name="1.2").press("Enter")
        assert page.url.endswith("#q1.2")
        page.get_by_text("Question 1.1: 9 checks passed").press("Enter")
        assert page.get_by_text("values of 1.1, 3").is_visible()


def test_a_script_that_a_student_smuggled_in_would_not_run(browser: Browser, pages: dict[str, str]) -> None:
    for name, uri in pages.items():
        path = Path(uri.removeprefix("file://"))
        text = path.read_text("utf-8").replace("</main>", "<script>document.title = 'got in'</script></main>")
        path.write_text(text, "utf-8")
        with browser.new_context() as context:
            page, complaints = opened(context.new_page(), uri)
            assert page.title() != "got in", name
            assert len(complaints) == 1 and "Content Security Policy" in complaints[0]


def one_mistake(rubric: Rubric) -> Result:
    """A student who lost 1.2 whole: as many checks, words and lines as there are of a contrastive loss."""
    views = "[[ 1. , 0.5, -0.5], [-0.2, 1.2, 0.3], [ 0.4, -0.9, 0.8], [-1.1, 0.1, 0.6]]"
    told = f"The loss has the wrong value.\nexpected 0.853544, received 1.29277\nInputs: z1 = {views}, z2 = {views}\n"
    told += "Asked for: L = 1/(2B) Σ_a [ log Σ_{b≠a} exp s(a, b) − s(a, pos(a)) ] over the 2B views"
    public = [check(f"loss {i}", 0, 2, told, public=True) for i in range(3)]
    hidden = [check(f"loss {i}", 0, 2, "The loss has the wrong value (hidden inputs: B=2).") for i in range(3, 9)]
    hint = "The view itself is still in its own denominator. Look at which entries the sum runs over."
    wrong = question(rubric["1.2"], *public, *hidden, diagnosis=(Diagnosis("keeps_self", hint),))
    right = [
        question(q, *(check(f"values of {q.id}, {i}", 1, 1) for i in range(9))) for q in rubric.graded if not q.bonus
    ]
    code = tuple((i, f"        line{i} = torch.matmul(z, z.t()) / self.temperature") for i in range(63, 88))
    questions = tuple(wrong if one.id == "1.2" else one for one in right)
    return Result("ann", Status.OK, 70, 2, questions, "f", excerpts=(Excerpt("1.2", "criterion.py", code),))


def written(page: Page, folder: Path, text: str) -> Page:
    """The page, from a file."""
    (folder / "page.html").write_text(text, "utf-8")
    page.goto((folder / "page.html").as_uri())
    return page


def opened(page: Page, uri: str) -> tuple[Page, list[str]]:
    """The page, loaded, and the list to which its errors go."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if request.url != uri else None)
    page.goto(uri)
    return page, complaints
