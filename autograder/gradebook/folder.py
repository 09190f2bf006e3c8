"""The output folder as nbgrader's course folder: the gradebook, the notebooks to look at, and nbgrader's settings."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from autograder.collect.report_file import report_of
from autograder.core import store
from autograder.core.errors import AutograderError
from autograder.core.records import Result, Rubric, Status, Submission
from autograder.core.settings import SKELETON, Limits
from autograder.gradebook import database
from autograder.gradebook.by_people import record_changes
from autograder.gradebook.changes import load_kept, save_kept
from autograder.gradebook.formgrader import CODE, REPORT, cell_name, code_notebook, graded_cells, report_notebook
from autograder.marks.late import lateness, read_policy
from autograder.marks.overrides import key
from autograder.marks.points import Points, whole

DATABASE = "gradebook.db"
CONFIG = '''"""nbgrader's settings for this folder, written by autograde; the next run writes them again."""

from pathlib import Path

c = get_config()  # noqa: F821
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.db_url = {url}
c.CourseDirectory.feedback_directory = "feedback_nbgrader"
c.ExportPlugin.to = "gradebook.csv"
c.Exchange.enabled = False
'''
CONFIG_FILE = "nbgrader_config.py"
DEFAULT_URL = '"sqlite:///" + str(Path(__file__).resolve().parent / "gradebook.db")'


def update_gradebook(
    output: Path,
    url: str | None,
    submissions: Sequence[Submission],
    results: Sequence[Result],
    rubric: Rubric,
    release: Path,
    limits: Limits,
    late: database.Late | None = None,
) -> None:
    """Write the files that formgrader and nbgrader's `generate_feedback` and `export` need, then record all results.

    `release` is the report as students got it. Raises AutograderError.
    """
    text = release.read_text("utf-8")
    url = None if url is None else database.with_driver(url)
    parts = _parts(text)
    questions = [(cell_name(q.id), 0.0 if q.bonus else q.points) for q in rubric.graded]
    talks = [question for question in rubric.questions if question.spoken]
    store.write_whole(output / CONFIG_FILE, CONFIG.format(url=DEFAULT_URL if url is None else repr(url)))
    blank = Result("", Status.OK, rubric.max_score, 0.0, (), "")
    _write(output / "source", {CODE: code_notebook(blank, questions, talks), REPORT: text})
    origins = {student: submission for submission in submissions for student, _ in submission.students}
    reports = set()
    for result in results:
        place = output / "autograded" / database.student_id(result.student)
        if result.status is Status.MISSING and not place.exists():
            continue
        notebooks = {CODE: code_notebook(result, questions, talks)}
        handed_in = report_of(origins[result.student], limits) if result.student in origins else None
        harmless = report_notebook(handed_in, text) if handed_in is not None else None
        if harmless is not None:
            notebooks[REPORT] = harmless
            reports.add(result.student)
        _write(place, notebooks)
    database.record(url or _own(output), results, rubric, parts, reports, late)


def follow_changes(output: Path, results: Sequence[Result], rubric: Rubric, points: Points) -> None:
    """Put the changes of the desk into the gradebook of an output folder, if it has one; raises AutograderError.

    `results` are those of the checks. The caller holds the folder.
    """
    url = gradebook_url(output)
    kept = {} if url is None else load_kept(output)
    changes = {key(one.student): points.overrides.of(one.student) for one in results}
    moved = [one for one in results if changes[key(one.student)] or database.student_id(one.student) in kept]
    if url is None or not moved:
        return
    now = {key(one.student): whole(one, rubric, points) for one in moved}
    parts = _parts((SKELETON / f"{REPORT}.ipynb").read_text("utf-8"))
    save = partial(save_kept, output)
    record_changes(url, now, rubric, parts, changes, kept, save, late_of(results))


def late_of(results: Sequence[Result]) -> database.Late | None:
    """The due time, and the percent that each late student loses; None if the course takes nothing off."""
    policy = read_policy()
    if policy is None:
        return None
    days = lateness(policy, [result for result in results if result.score is not None], {}).days
    return database.Late(policy.due, {student: policy.taken_off(number) for student, number in days.items()})


def _parts(release: str) -> dict[str, float]:
    """The parts of the report that a person grades, with their points."""
    return {name: float(str(_nbgrader(cell)["points"])) for name, cell in graded_cells(release).items()}


def _own(output: Path) -> str:
    return f"sqlite:///{(output / DATABASE).resolve()}"


def gradebook_url(output: Path) -> str | None:
    """The URL of the gradebook of an output folder; None if it has none."""
    try:
        text = (output / CONFIG_FILE).read_text("utf-8")
    except (OSError, ValueError):
        return None
    written = re.search(r"^c\.CourseDirectory\.db_url = ('.*'|\".*\")$", text, re.MULTILINE)
    if written:
        return str(ast.literal_eval(written[1]))
    return _own(output) if (output / DATABASE).is_file() else None


def _nbgrader(cell: Mapping[str, object]) -> Mapping[str, object]:
    metadata = cell["metadata"]
    assert isinstance(metadata, dict)
    found: Mapping[str, object] = metadata["nbgrader"]
    return found


def _write(folder: Path, notebooks: Mapping[str, str]) -> None:
    """Write a folder's notebooks; one that is not among them any more is removed."""
    place = folder / database.ASSIGNMENT
    try:
        place.mkdir(parents=True, exist_ok=True)
        for name in (CODE, REPORT):
            if name not in notebooks:
                (place / f"{name}.ipynb").unlink(missing_ok=True)
    except OSError as error:
        hint = "Check the folder's permissions and the disk."
        raise AutograderError(f"{place} cannot be written: {error.strerror}.", hint) from error
    for name, text in notebooks.items():
        store.write_whole(place / f"{name}.ipynb", text)
