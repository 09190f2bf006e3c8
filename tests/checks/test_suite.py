"""`pytest autograder/checks --submission`: the pipeline's outcomes, in pytest's own words."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.checks.conftest import _asked_for
from autograder.core.errors import AutograderError
from tests.marks import class_of_thirty as class_
from tests.marks.class_of_thirty import CLASS
from tests.sample_class import OWN_IN_DENOMINATOR, RIGHT, ROOT, hand_in


def suite(folder: Path, *more: str) -> str:
    command = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", "autograder/checks", *more]
    done = subprocess.run([*command, f"--submission={folder}"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.published
def test_no_answer_is_skipped_and_one_reason_is_told_once(tmp_path: Path) -> None:
    hand_in(tmp_path / "student", RIGHT | {"2": "return len(labels", "1.3": "return -(z1 * z2).sum(1).mean()"})
    told = suite(tmp_path / "student")
    assert told.count("was never closed") == 4  # of each of two questions: above pytest's own report, and in it
    assert "Not judged" not in told
    assert "Holds, but has no points while the value is wrong." in told
    assert "Not attempted: Question B2 is not implemented yet." in told
    assert "It could not run, for the reason that the first check of the question tells." in told


def test_hint_and_own_lines_stand_before_the_kits(tmp_path: Path) -> None:
    hand_in(tmp_path / "work", RIGHT | OWN_IN_DENOMINATOR)
    work = {"denominator": {"criterion.py": (tmp_path / "work" / "criterion.py").read_bytes()}, "right": {}}
    download = class_.canvas(tmp_path / "submissions.zip", [one for one in CLASS if one.id == "104"], work)
    told = suite(download, "--student=104", "-k=test_contrastive_value or test_contrastive_temperature")
    places = [
        told.index("1.2 Contrastive loss: Contrastive loss w/o predictor"),
        told.index("expected 0.853544, received 1.29277"),
        told.index("Hint: The view itself is still in its own denominator."),
        told.index("logits = z @ z.T / self.temperature"),
        told.index("demand = Demand(case='public', value='value', how=Close(tolerance=0.0001"),
    ]
    assert places == sorted(places)
    assert told.count("Hint: ") == 1, "once a question is enough"


@dataclass
class Options:
    """pytest's configuration, as far as it is asked."""

    submission: Path
    student: str | None = None
    roster: Path | None = None
    assignment: str | None = None

    def getoption(self, name: str) -> object:
        return getattr(self, name.removeprefix("--"))


PEOPLE = [one for one in CLASS if one.id in ("101", "104", "106", "127", "128")]
WORK = {name: {"criterion.py": f"# {name}\n".encode()} for name in ("right", "denominator")}
DOWNLOADS: dict[str, Callable[[Path, list[class_.Person], class_.Works], Path]] = {
    "canvas.zip": class_.canvas,
    "moodle.zip": class_.moodle,
    "gradescope.zip": class_.gradescope,
    "nbgrader": class_.nbgrader,
}


def found(options: Options) -> tuple[str, str]:
    """The student of the submission, and its first line."""
    with _asked_for(options) as submission:  # type: ignore[arg-type]
        places = [piece.origin for piece in submission.pieces] or [submission.origin]
        files = [file for place in places for file in ([place] if place.is_file() else place.rglob("*.py"))]
        return submission.student, next(file.read_text() for file in files if file.suffix == ".py")


@pytest.mark.parametrize("name", DOWNLOADS)
def test_anyone_in_any_download(tmp_path: Path, name: str) -> None:
    download = DOWNLOADS[name](tmp_path / name, PEOPLE, WORK)
    more = {"assignment": "hw3"} if name == "nbgrader" else {}
    assert found(Options(download, "101", **more)) == ("101", "# right\n")
    assert found(Options(download, "104", **more)) == ("104", "# denominator\n")
    group = "submission_7004" if name == "gradescope.zip" else "128"  # whose name the hidden inputs are drawn from
    assert found(Options(download, "128", **more)) == (group, "# right\n")
    (tmp_path / "roster.csv").write_text("id,name\n" + "".join(f"{one.id},{one.first}\n" for one in PEOPLE))
    with pytest.raises(AutograderError, match="106 handed in nothing"):
        found(Options(download, "106", tmp_path / "roster.csv", **more))
    with pytest.raises(AutograderError, match=r"There is no student Ann in .*") as caught:
        found(Options(download, "Ann", **more))
    assert "(101, " in caught.value.hint


def test_loose_files_and_plain_folders(tmp_path: Path) -> None:
    shutil.unpack_archive(class_.canvas(tmp_path / "x.zip", PEOPLE, WORK), tmp_path / "loose")
    assert found(Options(tmp_path / "loose", "104")) == ("104", "# denominator\n")
    for path in (tmp_path / "loose", next((tmp_path / "loose").iterdir()), tmp_path / "x.zip"):
        with pytest.raises(AutograderError, match=" is a Canvas download") as caught:
            found(Options(path))
        assert "--student ID" in caught.value.hint
    for student in ("ann", "bob", "cy"):
        hand_in(tmp_path / "class" / student, {})
    with pytest.raises(AutograderError, match="class seems to hold a whole class") as caught:
        found(Options(tmp_path / "class"))
    assert "--student ID" in caught.value.hint
    shutil.make_archive(str(tmp_path / "class" / "bob"), "zip", tmp_path / "class" / "bob")
    shutil.rmtree(tmp_path / "class" / "bob")
    assert found(Options(tmp_path / "class", "ann"))[0] == found(Options(tmp_path / "class" / "ann"))[0] == "ann"
    with _asked_for(Options(tmp_path / "class", "bob")) as one, _asked_for(Options(tmp_path / "class/bob.zip")) as two:  # type: ignore[arg-type]
        assert one == two
    with pytest.raises(AutograderError, match="There is no submission"):
        found(Options(tmp_path / "class" / "eve"))
