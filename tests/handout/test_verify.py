"""Tests `handout verify`: on what is in the repository it is content, and each step fails once it should."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from autograder.core.records import Array
from autograder.core.rubric import load_rubric
from autograder.handout import verify
from autograder.handout.build import Inputs, generate
from autograder.handout.files.public_answers import reference_inputs
from autograder.handout.files.secrets import hidden_values
from autograder.handout.files.student_zip import zipped
from autograder.handout.repository import install
from autograder.handout.term.release import release_files
from autograder.handout.verify import ZIP, steps
from autograder.reference.frozen import FOLDER, read_fixture

ROOT = Path(__file__).parents[2]
DRIFT, SECRETS, PAGES, CONSTANTS, CHANGES, SKELETON, REFERENCE, CREDIT, UPLOADS = range(9)


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """All that is generated: a fresh clone has no zip and no PDF."""
    with reference_inputs(ROOT) as inputs:
        return dict(generate(ROOT, inputs))


def found(files: dict[str, bytes], step: int) -> list[str]:
    return list(steps(ROOT, files)[step].find())


def with_file(files: dict[str, bytes], name: str, content: str) -> dict[str, bytes]:
    """The same, but the zip holds one file more."""
    with zipfile.ZipFile(io.BytesIO(files[ZIP])) as archive:
        inside = {one.removeprefix("assignment/"): archive.read(one) for one in archive.namelist()}
    return {**files, ZIP: zipped({**inside, name: content.encode()})}


@pytest.mark.parametrize("step", [DRIFT, SECRETS, PAGES, CONSTANTS, CHANGES, CREDIT])
def test_what_is_in_the_repository_is_in_order(files: dict[str, bytes], step: int) -> None:
    assert found(files, step) == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (lambda: load_rubric().seed, "holds the seed"),
        (lambda: "### BEGIN MARK SCHEME", "holds a mark scheme"),
        (lambda: _line_of_a_mistake(), "a line of a known mistake"),
        (lambda: _line_of_a_solution(), "a line of a solution"),
        (lambda: "88.05 91.62 88.07 92.15", "holds 4 of the published numbers of table1"),
    ],
)
def test_a_secret_in_the_zip_is_found(files: dict[str, bytes], content: object, problem: str) -> None:
    lines = found(with_file(files, "README.md", content()), SECRETS)  # type: ignore[operator]
    assert [problem in line for line in lines] == [True]


def test_what_a_hidden_case_expects_is_found(files: dict[str, bytes]) -> None:
    """As the file itself, as the bytes of an array, or written out as numbers; what is public may be there."""
    kept = read_fixture(FOLDER / "1.2.npz").answers
    hidden, public = (kept[case].values["gradient of z1"].array for case in ("float32 B=2", "public"))
    assert hidden is not None and public is not None
    name = "1.2 test_contrastive_gradient/float32 B=2/gradient of z1 of a fixture"
    for content, problem in (
        ((FOLDER / "1.2.npz").read_bytes(), "assignment/notes.txt holds NumPy arrays, as fixtures do"),
        (b"x" + hidden.tobytes(), f"assignment/notes.txt holds {name}"),
        (written_out(hidden), f"assignment/notes.txt holds numbers of {name}"),
    ):
        assert problem in list(hidden_values(ROOT, {"assignment/notes.txt": content}))
    content = written_out(public) + public.tobytes()
    assert list(hidden_values(ROOT, {"assignment/notes.txt": content})) == []
    assert "assignment/a.npz holds NumPy arrays, as fixtures do" in found(with_file(files, "a.npz", ""), SECRETS)


def written_out(array: Array) -> bytes:
    return " ".join(str(number) for number in array.flat).encode()


def _line_of_a_mistake() -> str:
    text = (ROOT / "solutions" / "mistakes" / "align.py").read_text("utf-8")
    return next(line for line in text.splitlines() if line.strip().startswith("align_column_returned ="))


def _line_of_a_solution() -> str:
    block = (ROOT / "solutions" / "criterion.py").read_text("utf-8").partition("### YOUR CODE HERE")[2]
    return max(block.partition("### END OF")[0].splitlines()[1:], key=len)


def test_a_file_too_many_in_the_zip_is_found(files: dict[str, bytes]) -> None:
    assert found(with_file(files, "solutions.py", ""), SECRETS) == [
        "assignment/solutions.py is in the zip and does not belong there"
    ]


@pytest.mark.published
def test_drift_and_wrong_points_are_found(files: dict[str, bytes]) -> None:
    page = files["handouts/assignment.html"].replace(b"(20 points)", b"(25 points)")
    assert "handouts/assignment.html is changed" in found({**files, "handouts/assignment.html": page}, DRIFT)[0]
    assert "says 25 points" in found({**files, "handouts/assignment.html": page}, PAGES)[0]


def test_a_skeleton_that_passes_and_a_reference_that_fails_are_found(
    repository: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The miniature course's stubs are filled although they should not be, and its reference is wrong."""
    monkeypatch.setattr(verify, "SCRIPTS", (("ssl_kit/engine.py",),))  # its main.py runs checks whatever it is given
    files = dict(generate(repository, inputs))
    install(repository, files)
    solution = repository / "solutions" / "criterion.py"
    solved = with_file(files, "criterion.py", solution.read_text())
    (line,) = steps(repository, solved)[SKELETON].find()
    assert "2 of 10 public checks pass" in line
    solution.write_text(solution.read_text().replace("2 * x", "3 * x"))
    (line,) = steps(repository, files)[REFERENCE].find()
    assert "check.py --zip says" in line


def test_points_for_a_mistake_that_is_not_there_are_found(repository: Path) -> None:
    folder = repository / "solutions"
    (folder / "mistakes" / "criterion.py").write_text(
        '@replaces("1.2", "double")\ndef halved(x):\n    """It is halved."""\n    return x / 2\n'
    )
    with (folder / "course.toml").open("a") as course:
        course.write('[credit."1.2"]\nhalved = 3\nhalfed = 4\n"*one edit*" = 2\n"*two edits*" = 1\n')
    assert list(steps(repository, {})[CREDIT].find()) == [
        'solutions/course.toml, [credit."1.2"], names halfed, and there is no such mistake; is halved meant?'
    ]


def test_an_old_upload_is_found(repository: Path, inputs: Inputs) -> None:
    files = generate(repository, inputs)
    install(repository, {**files, **release_files(repository, files)})
    assert list(steps(repository, files)[UPLOADS].find()) == []
    (repository / "release" / "gradescope.zip").write_bytes(b"last year's")
    (repository / "release" / "classroom" / "README.md").unlink()
    old = "is not what is built now; run `handout build`"
    assert [*steps(repository, files)[UPLOADS].find()] == [
        f"release/{name} {old}" for name in ("gradescope.zip", "classroom/README.md")
    ]
