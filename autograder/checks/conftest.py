"""`pytest autograder/checks --submission PATH`: the pipeline's verdicts, with pytest's own output and debugger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.checks.explain import error_text, first_line
from autograder.checks.registry import CHECKS, Answers, CouldNotRun, NotJudged, not_there
from autograder.errors import AutograderError
from autograder.grader import Grader, Opened
from autograder.platforms.folders import collect_submissions
from autograder.records import Submission
from autograder.rubric import load_rubric, select
from autograder.settings import Limits

STOPPED = pytest.StashKey[set[tuple[str, str]]]()
"""What was told already: a question, and what kept its checks from running."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The submission is named on the command line."""
    parser.addoption("--submission", type=Path, help="the folder or archive of one student")
    parser.addoption("--no-sandbox", action="store_true", help="run student code unconfined")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A bonus question that is not asked has checks all the same: they are left out."""
    asked = {question.id for question in load_rubric().graded}
    questions = {check.function.__name__: check.question for check in CHECKS}
    left_out = [item for item in items if questions.get(item.name, "") not in asked]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """A check that says neither right nor wrong is skipped, in its own words; one reason is told once a question."""
    answers = pyfuncitem.funcargs.get("answers")
    if not isinstance(answers, Answers):
        return (yield)
    asked = next(check for check in CHECKS if check.function is pyfuncitem.function)
    stopped = pyfuncitem.session.stash.setdefault(STOPPED, set())
    answers.held = []
    try:
        result = yield
        answers.settle()
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


@pytest.fixture(scope="session")
def opened(pytestconfig: pytest.Config) -> Iterator[Opened]:
    """The submission, unpacked and ready to be asked."""
    path: Path | None = pytestconfig.getoption("--submission")
    if path is None:
        pytest.exit("Name a submission: pytest autograder/checks --submission PATH", returncode=2)
    try:
        submission = _find(path)
        rubric = load_rubric()
        sandbox = not pytestconfig.getoption("--no-sandbox")
        with Grader(rubric, Limits(), sandbox) as grader, grader.open(submission) as opened:
            yield opened
    except AutograderError as error:
        pytest.exit(f"{error.message}\n{error.hint}", returncode=2)


@pytest.fixture(scope="session")
def judged() -> dict[str, Answers]:
    """Each question is asked once, when its first check runs."""
    return {}


@pytest.fixture
def answers(request: pytest.FixtureRequest, opened: Opened, judged: dict[str, Answers]) -> Answers:
    """The student's answers beside the reference's, to the question that the check belongs to."""
    check = next(check for check in CHECKS if check.function is request.function)
    if check.question not in judged:
        (question,) = select(load_rubric(), [check.question]).questions
        judged[question.id] = opened.answers(question)
    return judged[check.question]


def _find(path: Path) -> Submission:
    """The submission under the id that `autograde` gives it, which decides on the hidden inputs."""
    listed = collect_submissions(path.absolute().parent)
    for submission in listed:
        if submission.origin == path.absolute():
            return submission
    raise AutograderError(f"There is no submission {path}.", "Name a student's folder or archive.")
