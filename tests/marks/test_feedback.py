"""Pages of feedback on their way back: each platform reads the names as meant, and nobody gets another's page."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.core.errors import AutograderError
from autograder.core.handed_in import load_names, save_names
from autograder.core.records import About, Piece, Submission
from autograder.core.store import file_name, load_results, save_result
from autograder.marks.overrides import Kind, Overrides, new, save_overrides
from autograder.platforms.known import canvas, moodle, nbgrader
from autograder.platforms.platform import Page
from tests.marks.conftest import Graded, result

# A person's name that would be another one's, a folder or a header if it were taken as it is.
NASTY = "Eve_102_assignsubmission_file_/../\u202ex\r\nBcc: all@x.org"
NAMES = {"101": "Jürgen Groß", "102": NASTY, "103": "Jürgen Groß", "104": "Di"}


def page(student: str, *names: str, name: str = "", points: float = 1) -> Page:
    return Page(student, name or NAMES.get(student, ""), student.encode(), names, result("x", points).questions)


def moodle_reads(path: str) -> tuple[int, str]:
    """The participant and the file that Moodle's `is_valid_filename_for_import` takes from a path in the zip."""
    parts = path.split("/")
    while parts:
        first, *parts = parts
        info = first.split("_", 4)
        if len(info) >= 4 and info[1].isdigit() and info[2:4] == ["assignsubmission", "file"]:
            return int(info[1]), "/".join([*info[4:], *parts])
    raise AssertionError(path)


def test_moodle_gives_each_page_to_its_participant() -> None:
    pages = [page(student) for student in NAMES] + [page("Default group"), page("0101")]
    placed = moodle.place_feedback(pages, Path())
    read = {moodle_reads(path): html for path, html in placed.files.items()}
    assert read == {(int(student), "feedback.html"): student.encode() for student in NAMES}
    assert "Jürgen Groß_101_assignsubmission_file/feedback.html" in placed.files
    assert {*placed.left} == {"Default group", "0101"}


@pytest.mark.parametrize(
    ("student", "name", "read"),
    [
        ("42", "doejane_42_7_main.py", ("42", "7")),
        ("42", "doejane_LATE_42_7_hw_3_4.zip", ("42", "7")),
        ("42", "größ_42_7_5_main.py", ("42", "7")),
        ("42", "anna_2_42_7_main.py", ("42", "7")),  # Canvas leaves a number at the end of a name
        ("x1Y", "anon_x1Y_7_main.py", ("x1Y", "7")),
        ("x1Y", "LATE_anon_x1Y_7_main.py", ("x1Y", "7")),
    ],
)
def test_canvas_reads_the_user_and_the_attachment(student: str, name: str, read: tuple[str, str]) -> None:
    (placed,) = canvas.place_feedback([page(student, name)], Path()).files
    assert canvas.placed_by_canvas(placed) == read
    assert placed == name or (student == "42" and name.startswith("anna_2") and placed == "42_7_main.py")


def test_canvas_shows_a_page_under_the_name_of_a_file_that_was_handed_in(tmp_path: Path) -> None:
    names = ("doejane_42_7_main.py", "doejane_42_8_hw.zip")
    placed = canvas.place_feedback([page("42", *names), page("43", "roe_43_9_main.py"), page("44")], tmp_path)
    assert {*placed.files} == {"doejane_42_8_hw.zip", "roe_43_9_main.py"} and {*placed.left} == {"44"}
    (tmp_path / "hw.zip").write_bytes(placed.files["doejane_42_8_hw.zip"])
    assert zipfile.ZipFile(tmp_path / "hw.zip").read("feedback.html") == b"42"


def test_canvas_drops_a_page_called_link_so_another_file_is_taken() -> None:
    names = ("doejane_42_7_link.txt", "doejane_42_8_main.py")
    placed = canvas.place_feedback([page("42", *names), page("43", "roe_43_9_my_links.zip")], Path())
    assert ({*placed.files}, placed.left) == ({"doejane_42_8_main.py"}, {"43": canvas.DROPPED})


def test_canvas_gives_a_group_one_page_and_none_if_its_members_differ() -> None:
    group = [page(student, "group-1_42_7_main.py") for student in ("41", "42")]
    assert canvas.place_feedback(group, Path()).files == {"group-1_42_7_main.py": b"42"}
    placed = canvas.place_feedback([group[0], page("42", "group-1_42_7_main.py", points=0)], Path())
    assert placed.files == {} and {*placed.left} == {"41", "42"}


def test_nbgrader_finds_its_pages_and_keeps_its_own(tmp_path: Path) -> None:
    for name in ("ann/ps1/report.ipynb", "ann/ps1/timestamp.txt", "ann/ps1/submission_secret.txt", "bo/ps1/x.ipynb"):
        path = tmp_path / "submitted" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.name)
    place = tmp_path / "feedback" / "bo" / "ps1" / "x.html"
    place.parent.mkdir(parents=True)
    place.write_text("<!-- Written by autograde; -->")
    pages = [page("ann", "ps1"), page("bo", "ps1"), page("cy", "ps1"), page("../ann", "ps1")]
    placed = nbgrader.place_feedback(pages, tmp_path)
    ann = {f"feedback/ann/ps1/{name}": name.encode() for name in ("timestamp.txt", "submission_secret.txt")}
    assert placed.files == {**ann, "feedback/ann/ps1/report.html": b"ann", "feedback/bo/ps1/x.html": b"bo"}
    assert {*placed.left} == {"cy", "../ann"}
    place.write_text("<html>nbgrader's")
    assert "bo" in nbgrader.place_feedback(pages, tmp_path).left
    with pytest.raises(AutograderError, match="not a course of nbgrader's"):
        nbgrader.place_feedback(pages, tmp_path / "feedback")


@pytest.fixture
def grades(graded: Graded) -> Path:
    """Three students with pages; 104 has no grade."""
    folder = graded(s101=7, s102=8, s103=9)
    for one in load_results(folder):
        email = {"101": "ann@x.org", "102": "a@x.org, b@x.org"}.get(one.student, "")
        save_result(folder, replace(one, about=About(NAMES[one.student], email)))
        (folder / "feedback" / f"{file_name(one.student)}.html").write_text(f"page of {one.student}")
    return folder


def submissions(names: Mapping[str, str]) -> list[Submission]:
    return [Submission(one, Path("x"), pieces=(Piece("main.py", Path("x") / name),)) for one, name in names.items()]


def test_the_command_writes_the_zip_and_the_comments(
    tmp_path: Path, grades: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ["export", "canvas", str(grades), "--feedback", "--without-report"]
    with pytest.raises(AutograderError, match="does not say under which names"):
        main(asked)
    save_names(grades, submissions({"101": "a_101_7_main.py", "102": "b_LATE_102_8_main.py"}))
    assert load_names(grades)["102"] == ("b_LATE_102_8_main.py",)
    assert main(asked) == 0
    first = Path("feedback-canvas.zip").read_bytes()
    said = capsys.readouterr().out
    assert "2 pages: feedback-canvas.zip" in said and "103 (Jürgen Groß): no file in the download" in said
    assert "104 (Di): no grade" in said
    with zipfile.ZipFile("feedback-canvas.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "a_101_7_main.py": b"page of 101",
            "b_LATE_102_8_main.py": b"page of 102",
        }
    rows = list(csv.reader(Path("feedback-canvas.csv").read_text("utf-8").splitlines()))
    assert rows[0] == ["Student", "ID", "Comment"] and [row[1] for row in rows[1:]] == ["101", "102"]
    assert rows[1][2].startswith("7 of 70")
    assert main(asked) == 0 and Path("feedback-canvas.zip").read_bytes() == first
    with pytest.raises(AutograderError, match="none is given"):
        main(["export", "canvas", str(grades)])
    (grades / "handed_in.json").write_text('{"101": 3}')
    with pytest.raises(AutograderError, match=r"handed_in\.json is damaged"):
        main(asked)


def test_only_reviewed_pages_go_back(
    tmp_path: Path, grades: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    moodle = ["export", "moodle", str(grades), "--feedback", "--only-reviewed"]
    with pytest.raises(AutograderError, match="No page can go back"):
        main([*moodle, "--output", "other.zip"])
    assert not Path("other.zip").exists()
    save_overrides(grades, Overrides().added(new(Kind.REVIEWED, "ta", ["102"])))
    assert main(moodle) == 0
    with zipfile.ZipFile("feedback-moodle.zip") as archive:
        assert [archive.read(name) for name in archive.namelist()] == [b"page of 102"]
    assert "101 (Jürgen Groß): the page is not marked as reviewed" in capsys.readouterr().out
    save_names(grades, submissions({"101": "a_101_7_main.py", "102": "a_101_7_main.py"}))
    with pytest.raises(AutograderError, match="not marked as reviewed for everybody in the group"):
        main(["export", "canvas", str(grades), "--feedback", "--only-reviewed"])


def test_a_mail_goes_to_one_person_whatever_they_are_called(
    tmp_path: Path, grades: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    one = next(one for one in load_results(grades) if one.student == "103")
    save_result(grades, replace(one, about=About(NASTY, "cy@x.org")))
    (tmp_path / "mail.txt").write_text("From: me@x.org\nSubject: $name\n\nDear $name,\n$mark\n")
    assert main(["export", "mail", str(grades), "--template", "mail.txt"]) == 0
    assert "2 pages: mail" in (said := capsys.readouterr().out) and "is not an address" in said
    mails = {path.name: path.read_bytes() for path in Path("mail").iterdir()}
    assert {*mails} == {"101.eml", "103.eml"}
    for name, raw in mails.items():
        mail = message_from_bytes(raw, policy=policy.default)
        assert mail["Bcc"] is None and mail["From"] == "me@x.org"
        assert [to.addr_spec for to in mail["To"].addresses] == [{"101.eml": "ann@x.org", "103.eml": "cy@x.org"}[name]]
        (attached,) = mail.iter_attachments()
        assert attached.get_filename() == "feedback.html"
        assert attached.get_content().strip() == f"page of {name[:3]}"
        body = mail.get_body()
        assert body is not None and "of 70 (1.2: " in body.get_content()
    with pytest.raises(AutograderError, match="not an empty folder"):
        main(["export", "mail", str(grades)])
    assert main(["export", "mail", str(grades), "--template", "mail.txt", "--output", "again"]) == 0
    assert {path.name: path.read_bytes() for path in Path("again").iterdir()} == mails
    (tmp_path / "mail.txt").write_text("Subject: $nobody\n\n")
    with pytest.raises(AutograderError, match="cannot be filled in"):
        main(["export", "mail", str(grades), "--template", "mail.txt", "--output", "third"])
