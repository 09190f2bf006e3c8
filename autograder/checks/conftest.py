"""`pytest autograder/checks --submission CLASS --student ID`: the checks of one student in pytest and its debugger.

A failed check shows the words of the student's page first, then the student's own lines, then pytest's report.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from autograder.checks.collected import Row, tests_of
from autograder.checks.demands import Answers, Check, CheckFailed, CouldNotRun, NotJudged, not_there
from autograder.checks.explain import error_text, failure_text, first_line
from autograder.collect.excerpts import read_excerpts
from autograder.core.errors import AutograderError
from autograder.core.records import Question, Submission
from autograder.core.rubric import load_rubric, select
from autograder.core.settings import PLAIN, SKELETON, SOLUTIONS, Limits, Settings
from autograder.core.text import printable
from autograder.grading.grader import Grader
from autograder.grading.opened import Opened
from autograder.grading.rehearsal import REFERENCE, lay_out
from autograder.platforms.download import opened_download
from autograder.platforms.folders import collect_submissions, find_layout
from autograder.platforms.registry import described
from autograder.platforms.shape import refuse_nested_class
from autograder.reference.frozen import Fixtures
from autograder.reference.variants import in_words, turned

STOPPED = pytest.StashKey[set[tuple[str, str]]]()
"""Pairs that were reported already: a question, and the reason that kept its checks from running."""
OPENED = pytest.StashKey[Opened]()
BOTH = "--submission CLASS --student ID"
TOLD = pytest.StashKey[set[str]]()
"""The questions whose hints and lines were shown already: once is enough."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that name the submission."""
    parser.addoption(
        "--submission", type=Path, help="what autograde is given, with --student; or one student's folder or archive"
    )
    parser.addoption("--student", metavar="ID", help="whose submission, as grades.csv has it")
    parser.addoption("--roster", type=Path, metavar="CSV", help="the list that autograde was given, if any")
    parser.addoption("--assignment", metavar="NAME", help="which one of those in nbgrader's folders")
    parser.addoption("--no-sandbox", action="store_true", help="run student code unconfined")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the checks of a bonus question that is not asked."""
    asked = {question.id for question in load_rubric().graded}
    left_out = [item for item in items if not isinstance(item, Row) or item.check.question not in asked]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> list[pytest.Item | pytest.Collector] | None:
    """Make a test of each row of a table."""
    return [*tests_of(collector, obj)] if name == "CHECKS" else None


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """Skip a check that can say neither right nor wrong, with its reason; report each reason once per question."""
    if not isinstance(pyfuncitem, Row):
        return (yield)
    asked = pyfuncitem.check
    stopped = pyfuncitem.session.stash.setdefault(STOPPED, set())
    try:
        result = yield
    except NotJudged as unjudged:
        pytest.skip(str(unjudged))
    except CouldNotRun as stop:
        if stop.error.kind in not_there(load_rubric()[asked.question]):
            pytest.skip(f"Not attempted: {first_line(error_text(stop.error))}")
        reason = asked.question, error_text(stop.error)
        if reason in stopped:
            pytest.skip("It could not run, for the reason that the first check of the question tells.")
        stopped.add(reason)
        raise
    return result


class Explained:
    """The text that a person wants to read first, and below it pytest's own report."""

    def __init__(self, lines: list[str], report: Any) -> None:
        self._lines = lines
        self._report = report
        self.reprcrash = getattr(report, "reprcrash", None)

    def toterminal(self, writer: Any) -> None:
        """Print both; pytest calls this."""
        for line in self._lines:
            writer.line(printable(line, multiline=True))
        writer.line()
        self._report.toterminal(writer)

    def __str__(self) -> str:
        return "\n".join([*self._lines, "", str(self._report)])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Put the words of the student's page before pytest's report of a failed check."""
    report: Any = yield
    error = None if call.excinfo is None else call.excinfo.value
    if isinstance(error, CheckFailed | CouldNotRun) and isinstance(item, Row) and report.failed:
        lines = _explained(error, item.check, item.funcargs["answers"], item.session.stash)
        report.longrepr = Explained(lines, report.longrepr)
    return report


def _explained(error: CheckFailed | CouldNotRun, check: Check, answers: Answers, stash: pytest.Stash) -> list[str]:
    """The check's message; the first one of a question comes with its hints and the student's lines."""
    question = load_rubric()[check.question]
    if isinstance(error, CouldNotRun):
        said = error_text(error.error)
    else:
        said = failure_text(answers.cases[error.case], error.value, error.difference, public=True)
    lines = _this_year(answers, f"{question.id} {question.title}: {check.title}\n{said}").splitlines()
    told = stash.setdefault(TOLD, set())
    if question.id not in told:
        told.add(question.id)
        lines += _hints_and_lines(stash[OPENED], question, answers)
    return lines


def _this_year(answers: Answers, text: str) -> str:
    """Put this year's names into a text, as `reworded` does for pages."""
    return in_words(text, load_rubric().variant) if turned(answers.cases.values()) else text


def _hints_and_lines(opened: Opened, question: Question, answers: Answers) -> Iterator[str]:
    for hint in opened.hints(question, answers):
        yield f"{'Hint' if hint.certain else 'Consistent with'}: {_this_year(answers, hint.hint.strip())}"
    for excerpt in read_excerpts(opened.tree, SKELETON, [question]):
        yield f"{excerpt.file}:"
        yield from (f"{number:5}  {line}" for number, line in excerpt.lines)


@pytest.fixture(scope="session")
def fixtures() -> Fixtures:
    """The expected answers to the cases that all students share, from `autograder/fixtures/`."""
    return Fixtures(load_rubric())


@pytest.fixture(scope="session")
def opened(request: pytest.FixtureRequest, pytestconfig: pytest.Config, fixtures: Fixtures) -> Iterator[Opened]:
    """The submission, unpacked and ready to be asked."""
    if pytestconfig.getoption("--submission") is None:
        pytest.exit(f"Name a submission: pytest autograder/checks {BOTH}", returncode=2)
    try:
        rubric = load_rubric()
        sandbox = not pytestconfig.getoption("--no-sandbox")
        with (
            _asked_for(pytestconfig) as submission,
            Grader(rubric, Limits(), sandbox, fixtures=fixtures) as grader,
            grader.open(submission) as opened,
        ):
            request.session.stash[OPENED] = opened
            yield opened
    except AutograderError as error:
        pytest.exit(f"{error.message}\n{error.hint}", returncode=2)


@pytest.fixture(scope="session")
def judged() -> dict[str, Answers]:
    """The answers by question: each is asked once, when its first check runs."""
    return {}


@pytest.fixture
def answers(request: pytest.FixtureRequest, opened: Opened, judged: dict[str, Answers]) -> Answers:
    """The student's answers next to the expected ones: the fixtures', or the reference's for the student's inputs."""
    check = request.node.check
    if check.question not in judged:
        (question,) = select(load_rubric(), [check.question]).questions
        judged[question.id] = opened.answers(question)
    return judged[check.question]


@contextmanager
def _asked_for(config: pytest.Config) -> Iterator[Submission]:
    """Yield the submission under the id that `autograde` gives it, which determines the hidden inputs."""
    path, student = Path(config.getoption("--submission")).absolute(), config.getoption("--student")
    if path == SOLUTIONS:  # as it is written it may be another year's answer
        with tempfile.TemporaryDirectory(prefix="autograde-") as folder:
            lay_out(Path(folder), load_rubric())
            yield Submission(REFERENCE, Path(folder) / REFERENCE)
    elif student is None:
        yield _entry(path)
    else:
        with _in_class(config, path, student) as submission:
            yield submission


@contextmanager
def _in_class(config: pytest.Config, path: Path, student: str) -> Iterator[Submission]:
    from autograder.pipeline import collected  # it brings along all that writes pages

    roster, assignment = config.getoption("--roster"), config.getoption("--assignment")
    with collected(Settings(path, roster=roster, assignment=assignment)) as (class_, _):
        if student in {one for one, _ in class_.missing}:
            raise AutograderError(f"{student} handed in nothing.", "There is nothing to check.")
        by_id = {one: submission for submission in class_.submissions for one, _ in submission.students}
        if student not in by_id:
            known = ", ".join(list(by_id)[:5])
            hint = f"Give the id as grades.csv has it ({known}, …), and the list that autograde was given as --roster."
            raise AutograderError(f"There is no student {student} in {path.name}.", hint)
        yield by_id[student]


def _entry(path: Path) -> Submission:
    """One student's folder or archive in the folder of a class."""
    listed = collect_submissions(path.parent)
    submission = next((one for one in listed if one.origin == path), None)
    if submission is None:
        raise AutograderError(f"There is no submission {path}.", "Name a student's folder or archive.")
    for place in (path.parent, path):
        with opened_download(place) as (folder, _):
            layout = find_layout(folder) if folder.is_dir() else PLAIN
        if layout != PLAIN:
            raise AutograderError(f"{place.name} is {described(layout)}.", f"Give it, and the student in it: {BOTH}.")
    try:
        refuse_nested_class([submission])
    except AutograderError as error:
        raise AutograderError(error.message, f"Name the student in it, too: {BOTH}.") from error
    return submission
