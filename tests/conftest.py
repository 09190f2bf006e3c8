"""Golden files, and tests of the published course.

A golden file is what the product wrote when somebody last looked at it and found it right. Tests that are marked
`published` pin what the course gives as it was published: its points, ids, words and language. In a course that was
edited they would fail by intent; there they are left out, and the run ends with what differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.course import edits

GOLDENS = Path(__file__).parent / "goldens"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flag that rewrites the golden files, and the one that leaves no test out."""
    parser.addoption(
        "--update-goldens", action="store_true", help="rewrite tests/goldens/ from what the code makes now"
    )
    parser.addoption("--published", action="store_true", help="leave out no test, though the course was edited")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of the published course if the course is another one."""
    if not edits() or config.getoption("--published"):
        return
    pinned = [item for item in items if item.get_closest_marker("published")]
    items[:] = [item for item in items if item not in pinned]
    config.hook.pytest_deselected(items=pinned)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out, and why."""
    if edits() and not terminalreporter.config.getoption("--published"):
        terminalreporter.write_line("This course is not the published one:")
        for edit in edits():
            terminalreporter.write_line(f"  {edit}")
        terminalreporter.write_line(
            "Tests that pin the published one were left out; `handout verify` and `autograde --self-test` prove yours."
        )


@pytest.fixture(scope="session", autouse=True)
def no_late_policy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Remove the course's deduction for late hand-ins: the hand-ins of tests have no time."""
    course = tmp_path_factory.mktemp("policy") / "course.toml"
    course.write_text('term = "any"\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("autograder.marks.late.COURSE", course)
        yield


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a golden file, or rewrite the file under `--update-goldens`."""

    def compare(name: str, text: str) -> None:
        path = GOLDENS / name
        if request.config.getoption("--update-goldens"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        assert path.exists(), f"{path} is missing; pytest --update-goldens writes it"
        assert text == path.read_text(encoding="utf-8"), f"{name} differs; if it should, run pytest --update-goldens"

    return compare
