"""The whole flow on the sample class, as a teaching assistant runs it."""

from __future__ import annotations

import csv
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.core import store
from autograder.core.errors import AutograderError
from autograder.core.settings import SKELETON, SOLUTIONS
from tests.sample_class import write_sample_class

pytestmark = pytest.mark.published
Golden = Callable[[str, str], None]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample class in `class` and its grades in `grades`."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample_class(folder / "class")
    (folder / "class" / ".hidden").mkdir()
    (folder / "class" / "stray.txt").write_text("not a submission")
    assert run(folder) == 0
    return folder


def run(folder: Path, *flags: str) -> int:
    return main([str(folder / "class"), "--output", str(folder / "grades"), "--timeout", "3", *flags])


def result(folder: Path, student: str) -> dict:
    return json.loads((folder / "grades" / "results" / f"{student}.json").read_text())


def test_everybody_gets_what_the_golden_file_says(graded: Path, golden: Golden) -> None:
    golden("sample_class.csv", (graded / "grades" / "grades.csv").read_text())


def test_feedback_says_what_went_wrong(graded: Path) -> None:
    page = (graded / "grades" / "feedback" / "wrong-own-in-denominator.html").read_text()
    assert "own denominator" in page
    assert "did not finish within 3 s" in (graded / "grades" / "feedback" / "endless-loop.html").read_text()


def test_no_expected_value_of_a_hidden_check_is_told(graded: Path) -> None:
    for path in (graded / "grades" / "results").glob("*.json"):
        for question in json.loads(path.read_text())["questions"]:
            hidden = [check for check in question["checks"] if not check["public"]]
            assert hidden
            assert not any("expected" in check["message"] for check in hidden)


def test_the_json_has_the_promised_keys(graded: Path) -> None:
    found = result(graded, "perfect")
    assert {"student", "status", "score", "max_score", "seconds", "questions"} <= set(found)
    assert (found["student"], found["status"], found["score"], found["max_score"]) == ("perfect", "ok", 70, 70)
    question = found["questions"][0]
    assert set(question) == {"id", "title", "score", "max_score", "checks", "diagnosis", "advisories", "error"}
    keys = {"name", "passed", "points", "max_points", "public", "message", "outcome"}
    assert set(question["checks"][0]) == keys


def test_a_second_run_grades_only_what_changed(
    graded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(graded / "class" / "perfect", tmp_path / "class" / "one")
    shutil.copytree(graded / "class" / "untouched", tmp_path / "class" / "two")
    assert run(tmp_path) == 0
    stamp = (tmp_path / "grades" / "results" / "one.json").stat().st_mtime_ns
    shutil.copy(graded / "class" / "perfect" / "criterion.py", tmp_path / "class" / "two")
    capsys.readouterr()
    assert run(tmp_path) == 0
    assert "1 of 2 have not changed" in capsys.readouterr().out
    assert (tmp_path / "grades" / "results" / "one.json").stat().st_mtime_ns == stamp
    assert result(tmp_path, "two")["score"] == 30
    shutil.rmtree(tmp_path / "class" / "two")
    assert run(tmp_path) == 0
    assert "two" not in (tmp_path / "grades" / "grades.csv").read_text()
    assert run(tmp_path, "--fresh") == 0
    assert (tmp_path / "grades" / "results" / "one.json").stat().st_mtime_ns != stamp


def test_one_question_is_added_to_what_is_there(graded: Path, tmp_path: Path) -> None:
    shutil.copytree(graded / "class" / "perfect", tmp_path / "class" / "one")
    assert run(tmp_path, "--question", "1.3") == 0
    assert [question["id"] for question in result(tmp_path, "one")["questions"]] == ["1.3"]
    assert run(tmp_path, "--question", "1.1", "--question", "2") == 0
    assert [question["id"] for question in result(tmp_path, "one")["questions"]] == ["1.1", "1.3", "2"]
    row = (tmp_path / "grades" / "grades.csv").read_text().splitlines()[1]
    assert row.startswith("one,ok,30,70,10,,10,,10,,")
    stored = store.load_result(tmp_path / "grades", "one")
    assert stored is not None
    assert {excerpt.question for excerpt in stored.excerpts} == {"1.1", "1.3", "2"}


def test_other_limits_grade_again(graded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Code that was too slow, or needed too much memory, may pass within other limits."""
    shutil.copytree(graded / "class" / "perfect", tmp_path / "class" / "one")
    for flags, again in (([], True), ([], False), (["--timeout", "4"], True), (["--memory", "4000"], True)):
        assert run(tmp_path, "--question", "1.3", *flags) == 0
        assert ("1 of 1 have not changed" not in capsys.readouterr().out) is again


def test_jobs_do_not_change_grades(graded: Path, tmp_path: Path) -> None:
    names = ("perfect", "right-by-loops", "wrong-swapped-coefficient", "untouched")
    for name in names:
        shutil.copytree(graded / "class" / name, tmp_path / "class" / name)
    assert run(tmp_path, "--jobs", "4") == 0
    lines = (graded / "grades" / "grades.csv").read_text().splitlines()
    wanted = [lines[0], *(line for line in lines if line.split(",")[0] in names)]
    assert (tmp_path / "grades" / "grades.csv").read_text().splitlines() == wanted


def test_a_dead_server_is_replaced(graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.core.errors import WorkerLost
    from autograder.grading import grader

    shutil.copytree(graded / "class" / "perfect", tmp_path / "class" / "one")
    original = grader.Grader.grade
    deaths = iter([True, False])

    def dying(self: grader.Grader, *arguments: object) -> object:
        if next(deaths):
            raise WorkerLost("killed")
        return original(self, *arguments)

    monkeypatch.setattr(grader.Grader, "grade", dying)
    assert run(tmp_path, "--jobs", "1") == 0
    assert result(tmp_path, "one")["score"] == 70


def test_our_own_failure_is_an_error_without_a_score(
    graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.checks import judge

    def broken(*_: object) -> None:
        raise ZeroDivisionError("ours")

    shutil.copytree(graded / "class" / "perfect", tmp_path / "class" / "one")
    monkeypatch.setattr(judge, "judge", broken)
    assert run(tmp_path) == 1
    assert (tmp_path / "grades" / "grades.csv").read_text().splitlines()[1].startswith("one,error,,70,")
    monkeypatch.undo()
    assert run(tmp_path) == 0  # an error is tried again
    assert result(tmp_path, "one")["score"] == 70


def test_pseudonyms_pairs_and_the_gradebook_together(graded: Path, tmp_path: Path) -> None:
    for name in ("right-by-loops", "untouched"):
        shutil.copytree(graded / "class" / name, tmp_path / "class" / name)
    shutil.copytree(graded / "class" / "right-by-loops", tmp_path / "class" / "copied-by-eve")
    assert run(tmp_path, "--anonymise", "--similarity", "--gradebook") == 0
    names = dict(line.split(",") for line in (tmp_path / "grades-names.csv").read_text().splitlines()[1:])
    assert {*names} == {"right-by-loops", "untouched", "copied-by-eve"}
    written = [path for path in (tmp_path / "grades").rglob("*") if path.is_file()]
    assert len(written) > 12
    for path in written:
        told = str(path.relative_to(tmp_path)).encode() + path.read_bytes()
        assert not any(name.encode() in told for name in ("right-by-loops", "copied-by-eve")), path
    pairs = (tmp_path / "grades" / "similarity.html").read_text()
    assert all(names[name] in pairs for name in ("right-by-loops", "copied-by-eve"))
    assert {path.name for path in (tmp_path / "grades" / "autograded").iterdir()} == {*names.values()}


def test_student_ids_of_any_kind(graded: Path, tmp_path: Path) -> None:
    names = [
        "=cmd()",
        "a b",
        "é 學生",
        "<script>",
        "x,y",
        "-1",
        'quo"te',
        "new\nline",
        b"\xff\xfe".decode("utf-8", "surrogateescape"),
    ]
    for name in names:
        shutil.copytree(graded / "class" / "untouched", tmp_path / "class" / name)
    assert run(tmp_path) == 0
    assert len(list((tmp_path / "grades" / "results").iterdir())) == len(names)
    assert "\n'=cmd()," in (tmp_path / "grades" / "grades.csv").read_text()
    assert "<script>alert" not in (tmp_path / "grades" / "report.html").read_text()


def test_files_that_are_not_utf8(graded: Path, tmp_path: Path) -> None:
    shutil.copytree(graded / "class" / "perfect", tmp_path / "class" / "one")
    with open(tmp_path / "class" / "one" / "validation.py", "ab") as file:
        file.write(b"NAME = 'caf\xe9'\n")
    assert run(tmp_path) == 0
    found = result(tmp_path, "one")
    assert (found["status"], found["score"]) == ("ok", 70)
    told = [note for question in found["questions"] for note in question["advisories"]]
    assert "validation.py is in Latin-1, and is read as that; save it as UTF-8." in told


def test_a_roster_lists_everybody_and_a_group_gets_one_grade(tmp_path: Path) -> None:
    """A Gradescope export as a zip: two students in a group, one alone, one on no list, one without a hand-in."""
    told = [("1", ["ann", "bob"]), ("2", ["cy"]), ("3", ["xi"])]
    metadata = "".join(
        f"submission_{n}:\n  :submitters:\n" + "".join(f"  - :sid: {sid}\n" for sid in sids) for n, sids in told
    )
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("assignment_9_export/submission_metadata.yml", metadata)
        for number, _ in told:
            source = (SOLUTIONS if number == "1" else SKELETON) / "main_linclis.py"
            archive.write(source, f"assignment_9_export/submission_{number}/main_linclis.py")
    (tmp_path / "roster.csv").write_text("id;name\nann;Ann\nbob;Bob\ncy;Cy\ndi;Di\n")
    command = [str(tmp_path / "export.zip"), "--roster", str(tmp_path / "roster.csv"), "--question", "3"]
    for _ in range(2):
        assert main([*command, "--output", str(tmp_path / "grades")]) == 0
        rows = list(csv.DictReader((tmp_path / "grades" / "grades.csv").read_text().splitlines()))
        assert [(row["student"], row["status"], row["score"], row["name"], row["group"]) for row in rows] == [
            ("ann", "ok", "10", "Ann", "submission_1"),
            ("bob", "ok", "10", "Bob", "submission_1"),
            ("cy", "ok", "0", "Cy", ""),
            ("di", "missing", "0", "Di", ""),
            ("xi", "ok", "0", "", ""),
        ]
    assert "Nothing was handed in under your name." in (tmp_path / "grades" / "feedback" / "di.html").read_text()


def test_what_the_run_says_of_a_download(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "in" / "Group A_8_assignsubmission_file"
    folder.mkdir(parents=True)
    shutil.copy(SKELETON / "main_linclis.py", folder)
    assert main([str(tmp_path / "in"), "--output", str(tmp_path / "grades"), "--question", "3"]) == 0
    said = capsys.readouterr().out
    assert "This is a Moodle download." in said
    assert "1 of the submissions is a group's: with --roster each member is listed." in said
    shutil.copytree(folder, tmp_path / "in" / "Ann_7_assignsubmission_file")
    shutil.copytree(folder, tmp_path / "in" / "Bob_6_assignsubmission_file")
    (tmp_path / "roster.csv").write_text("id,name\n7.0,Ann\n9,Nia\n")
    command = [str(tmp_path / "in"), "--output", str(tmp_path / "grades"), "--roster", str(tmp_path / "roster.csv")]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "Not on the roster: 6 (Bob)\nNot on the roster: 8\n" in said
    assert "7.0 is read as 7." in said
    assert "3 submissions: 3 problem." in said and "1 student handed in nothing." in said


def test_lateness_and_points_by_hand_are_on_every_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, name in ((7, "Ann"), (8, "Bo")):
        folder = tmp_path / "in" / f"{name}_{number}_assignsubmission_file"
        folder.mkdir(parents=True)
        shutil.copy(SOLUTIONS / "main_linclis.py", folder)
    (tmp_path / "worksheet.csv").write_text(
        "Identifier,Full name,Status,Grade,Maximum grade,Last modified (submission)\n"
        'Participant 7,Ann,Submitted for grading - 2 days 3 hours late,,100.00,"Saturday, 12 December 2026, 11:59 PM"\n'
        "Participant 8,Bo,Submitted for grading,,100.00,-\n"
        "Participant 9,Cy,No submission,,100.00,-\n"
    )
    (tmp_path / "report.csv").write_text("id,points,comment\n7,25,Nice plots.\n")
    grades = tmp_path / "grades"
    command = [str(tmp_path / "in"), "--output", str(grades), "--roster", str(tmp_path / "worksheet.csv")]
    assert main([*command, "--question", "3"]) == 0
    assert "so these are not marks yet. Not graded: 1.1, 1.2, 1.3, 1.4, 2." in capsys.readouterr().out
    page = (grades / "feedback" / "7.html").read_text()
    assert "Handed in 2 days 3 hours late." in page and "this is not a mark yet" in page
    assert "Handed in late" not in (grades / "feedback" / "8.html").read_text()
    assert "2 days 3 hours late" in (grades / "report.html").read_text()
    rows = list(csv.DictReader((grades / "grades.csv").read_text().splitlines()))
    told = [(row["4"], row["late"], row["lateness"]) for row in rows]
    assert told == [("", "yes", "2 days 3 hours late"), ("", "", ""), ("", "", "")]
    assert result(tmp_path, "7")["submitted"] == "2026-12-12T23:59:00"
    # Nobody is graded again, and the one page that is not as before is.
    stamps = {path.name: path.stat().st_mtime_ns for path in (grades / "feedback").glob("[78].html")}
    assert main([*command, "--question", "3", "--points", str(tmp_path / "report.csv")]) == 0
    rows = list(csv.DictReader((grades / "grades.csv").read_text().splitlines()))
    assert [(row["score"], row["max_score"], row["4"]) for row in rows] == [
        ("10", "70", "25"),
        ("10", "70", ""),
        ("0", "70", ""),
    ]
    moved = {name for name, stamp in stamps.items() if (grades / "feedback" / name).stat().st_mtime_ns != stamp}
    assert moved == {"7.html"}
    assert "Nice plots." in (grades / "feedback" / "7.html").read_text()
    (tmp_path / "report.csv").write_text("id,points\n77,25\n")
    with pytest.raises(AutograderError, match="77 is not in the class"):
        main([*command, "--points", str(tmp_path / "report.csv")])


def test_two_classes_never_share_a_folder(tmp_path: Path) -> None:
    for name in ("ann", "bob"):
        (tmp_path / name / name).mkdir(parents=True)
        shutil.copy(SKELETON / "main_linclis.py", tmp_path / name / name)
    command = ["--output", str(tmp_path / "grades"), "--question", "3"]
    assert main([str(tmp_path / "ann"), *command]) == 0
    before = {path: path.read_bytes() for path in (tmp_path / "grades").rglob("*") if path.is_file()}
    with pytest.raises(AutograderError, match="the results of another class"):
        main([str(tmp_path / "bob"), *command])
    assert {path: path.read_bytes() for path in (tmp_path / "grades").rglob("*") if path.is_file()} == before
