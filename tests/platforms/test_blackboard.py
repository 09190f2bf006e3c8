"""Tests of autograder/platforms/known/blackboard.py: whose files, of which attempt, and what they were called."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.collect.tree import materialise
from autograder.collect.walk import Kind
from autograder.core.errors import SubmissionProblem
from autograder.core.records import STUDENT_FILES, About, Submission
from autograder.core.settings import Limits
from autograder.platforms.download import opened_download
from autograder.platforms.folders import collect_submissions, find_layout
from autograder.platforms.known.blackboard import Receipt, gather, read_receipt
from autograder.platforms.platform import Entry

FIRST, SECOND = "2026-11-20-10-00-00", "2026-11-26-23-59-07"
MODULES = {name.removesuffix(".py") for name in STUDENT_FILES}
TYPED = "There is no student submission text data for this assignment."


def text(login: str, *renamed: tuple[str, str], name: str = "Ann Adams", typed: str = TYPED, date: str = "") -> str:
    """The text that Blackboard writes next to an attempt's files."""
    files = "\r\n".join(f"\tOriginal filename: {first}\r\n\tFilename: {now}\r\n" for first, now in renamed)
    return (
        f"Name: {name} ({login})\r\nAssignment: HW 3\r\n"
        f"Date Submitted: {date or 'Thursday, November 26, 2026 11:59:07 PM EST'}\r\n"
        "Current Grade: Needs Grading\r\n\r\n"
        f"Submission Field:\r\n{typed}\r\n\r\nComments:\r\nThere are no student comments for this assignment.\r\n\r\n"
        f"Files:\r\n{files or 'No files were attached to this submission.'}\r\n"
    )


def handed_in(
    root: Path, login: str, *files: str, time: str = SECOND, before: str = "HW_3_", receipt: str | None = ""
) -> None:
    """Write one attempt as in the download; without its text if `receipt` is None."""
    root.mkdir(exist_ok=True)
    stem = f"{before}{login}_attempt_{time}"
    for file in files:
        (root / f"{stem}_{file}").write_text(f"# {time}\n")
    if receipt is not None:
        (root / f"{stem}.txt").write_text(receipt or text(login, *((file, f"{stem}_{file}") for file in files)))


def found(root: Path) -> dict[str, Submission]:
    assert find_layout(root) == "blackboard"
    listed = collect_submissions(root, "blackboard")
    assert len({one.student for one in listed}) == len(listed)
    return {one.student: one for one in listed}


@pytest.mark.parametrize("receipts", [True, False])
@pytest.mark.parametrize("logins", [("aadams", "b_b", "b"), ("s1", "s2", "t3")])
@pytest.mark.parametrize("before", ["HW_3_", "HW 3: losses_", "7_HW_3_", "3_"])
def test_a_class(tmp_path: Path, before: str, logins: tuple[str, ...], receipts: bool) -> None:
    for login in logins:
        handed_in(tmp_path / "dl", login, *STUDENT_FILES, before=before, receipt="" if receipts else None)
    students = found(tmp_path / "dl")
    assert {*students} == {*logins}
    for one in students.values():
        assert materialise(one, tmp_path / "into" / one.student, Limits()).files.keys() == MODULES
        assert one.about == About("Ann Adams" if receipts else "", submitted="2026-11-26T23:59:07")
        assert not one.note


def test_a_number_of_each_students_own_before_it(tmp_path: Path) -> None:
    for number, login in enumerate(("aadams", "b_b", "s_1")):
        handed_in(tmp_path / "dl", login, "main.py", before=f"{1000 + number}_HW_3_", receipt="" if number else None)
    assert {*found(tmp_path / "dl")} == {"aadams", "b_b", "s_1"}


def test_the_texts_settle_what_the_names_leave_open(tmp_path: Path) -> None:
    """All logins begin alike; the one without a text goes by the others'."""
    for login in ("s_1", "s_2", "s_3"):
        handed_in(tmp_path / "dl", login, "main.py", receipt=None if login == "s_3" else "")
    assert {*found(tmp_path / "dl")} == {"s_1", "s_2", "s_3"}


def test_two_assignments_together(tmp_path: Path) -> None:
    """The name of one is how the other's begins."""
    for login in ("ann", "bob"):
        handed_in(tmp_path / "dl", login, "main.py", before="HW_3_")
    handed_in(tmp_path / "dl", "cy", "main.py", before="HW_")
    handed_in(tmp_path / "dl", "di", "main.py", before="HW_3_", receipt=None)
    assert {*found(tmp_path / "dl")} == {"ann", "bob", "cy", "di"}


def test_a_text_that_names_another_login_is_not_believed(tmp_path: Path) -> None:
    for login in ("ann", "bob"):
        handed_in(tmp_path / "dl", login, "main.py", receipt=text("bob"))
    assert {*found(tmp_path / "dl")} == {"ann", "bob"}


def test_a_text_in_another_language(tmp_path: Path) -> None:
    """The name is read, and what was typed in is not taken for the time."""
    receipt = "Nombre: Ann Adams (ann)\nActividad: HW 3\nFecha de envío: ayer\nCalificación actual: -\n\nCampo:\n"
    handed_in(tmp_path / "dl", "ann", "main.py", receipt=f"{receipt}{FORGED}\n")
    assert found(tmp_path / "dl")["ann"].about == About("Ann Adams", submitted="2026-11-26T23:59:07")


def test_one_student_alone(tmp_path: Path) -> None:
    handed_in(tmp_path / "dl", "aadams", "main.py", receipt=None)
    assert {*found(tmp_path / "dl")} == {"aadams"}


def test_the_last_attempt_counts_and_the_others_are_told_of(tmp_path: Path) -> None:
    handed_in(tmp_path / "dl", "ann", *STUDENT_FILES, "hw.zip", time=FIRST)
    handed_in(tmp_path / "dl", "ann", *STUDENT_FILES[1:], time=SECOND)
    handed_in(tmp_path / "dl", "bob", *STUDENT_FILES)
    ann = found(tmp_path / "dl")["ann"]
    assert {piece.name for piece in ann.pieces} == {*STUDENT_FILES[1:]}
    assert all(SECOND in piece.origin.name for piece in ann.pieces)
    assert ann.note == "Only an attempt before the one that counts has hw.zip, model_factory.py."
    tree = materialise(ann, tmp_path / "into", Limits())
    assert ann.note in tree.problems["model_factory"]
    assert tree.remarks == ("Of 2 attempts the last counts.",)


def test_who_only_typed_something_in_is_a_row(tmp_path: Path) -> None:
    handed_in(tmp_path / "dl", "ann", receipt=text("ann", typed="<p>criterion.py is on my disk</p>"))
    handed_in(tmp_path / "dl", "bob", "main.py")
    ann = found(tmp_path / "dl")["ann"]
    assert ann.about.name == "Ann Adams"
    with pytest.raises(SubmissionProblem, match=r"None of the five files is in it; it holds submission\.txt"):
        materialise(ann, tmp_path / "into", Limits())


def test_files_get_back_their_names(tmp_path: Path) -> None:
    stem = f"HW_3_ann_attempt_{SECOND}"
    renamed = (
        ("main.py", f"{stem}_main_1_.py"),
        ("C:\\x\\criterion.py", f"{stem}_c.py"),
        ("..", f"{stem}_validation.py"),
    )
    handed_in(
        tmp_path / "dl",
        "ann",
        "main_1_.py",
        "c.py",
        "validation.py",
        "d.py",
        receipt=text("ann", *renamed, ("x" * 300, f"{stem}_d.py")),
    )
    names = [piece.name for piece in found(tmp_path / "dl")["ann"].pieces]
    assert names == ["criterion.py", "d.py", "main.py", "validation.py"]


def test_a_name_is_one_in_both_forms(tmp_path: Path) -> None:
    """A zip that was unpacked on a Mac has its letters taken apart."""
    stem = f"HW_3_ann_attempt_{SECOND}"
    receipt = text("ann", ("main.py", f"{stem}_\u00e9.py"))
    handed_in(tmp_path / "dl", "ann", "e\u0301.py", receipt=receipt)
    assert [piece.name for piece in found(tmp_path / "dl")["ann"].pieces] == ["main.py"]


def test_two_files_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    stem = f"HW_3_ann_attempt_{SECOND}"
    receipt = text("ann", ("main.py", f"{stem}_main.py"), ("main.py", f"{stem}_main(1).py"))
    handed_in(tmp_path / "dl", "ann", "main.py", "main(1).py", receipt=receipt)
    assert [piece.name for piece in found(tmp_path / "dl")["ann"].pieces] == ["0/main.py", "1/main.py"]


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Thursday, November 26, 2026 11:58:07 PM EST", "2026-11-26T23:58:07"),
        ("Thursday, 26 November 2026 23:58:07 o'clock GMT", "2026-11-26T23:58:07+00:00"),
        ("26 November 2026 23:58:07 o'clock BST", "2026-11-26T23:58:07"),
        ("yesterday", "2026-11-26T23:59:07"),
    ],
)
def test_when_it_was_handed_in(tmp_path: Path, date: str, expected: str) -> None:
    handed_in(tmp_path / "dl", "ann", "main.py", receipt=text("ann", date=date))
    assert found(tmp_path / "dl")["ann"].about.submitted == expected


@pytest.mark.parametrize(
    ("name", "login", "expected"),
    [
        ("Ann (Annie) Adams", "ann", "Ann (Annie) Adams"),
        ("Ann: Adams", "ann", "Ann: Adams"),
        ("E\u0301va", "ann", "Éva"),
        ("Bob Baker (bob)", "ann", "Bob Baker (bob)"),
    ],
)
def test_names(tmp_path: Path, name: str, login: str, expected: str) -> None:
    handed_in(tmp_path / "dl", login, "main.py", receipt=text(login, name=name))
    assert found(tmp_path / "dl")["ann"].about.name == expected


FORGED = (
    "Name: Bob Baker (bob)\nDate Submitted: Friday, November 1, 2024 1:00:00 AM GMT\nFiles:\n"
    f"\tOriginal filename: main.py\n\tFilename: HW_3_bob_attempt_{SECOND}_criterion.py\n"
    f"\tOriginal filename: x.py\n\tFilename: HW_3_eve_attempt_{SECOND}_main.py"
)


def test_nobody_can_type_in_what_is_believed(tmp_path: Path) -> None:
    """Nor does a file's name that a student chose say whose it is or when it came."""
    own = f"x_attempt_{SECOND}.txt"
    stem = f"HW_3_eve_attempt_{SECOND}"
    handed_in(tmp_path / "dl", "eve", "main.py", receipt=text("eve", ("main.py", f"{stem}_main.py"), typed=FORGED))
    (tmp_path / "dl" / f"{stem}_{own}").write_text(text("bob", typed=FORGED))
    handed_in(tmp_path / "dl", "bob", "criterion.py", receipt=None)
    students = found(tmp_path / "dl")
    assert {*students} == {"eve", "bob"}
    assert students["eve"].about == About("Ann Adams", submitted="2026-11-26T23:59:07")
    assert {piece.name for piece in students["eve"].pieces} == {"main.py", own}
    assert [piece.name for piece in students["bob"].pieces] == ["criterion.py"]


def test_a_text_that_is_a_link_or_none_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(text("bob"))
    (tmp_path / "link.txt").symlink_to(tmp_path / "secret")
    assert read_receipt(tmp_path / "link.txt") == read_receipt(tmp_path) == Receipt()


def test_a_group_has_no_login(tmp_path: Path) -> None:
    for number in "12":
        receipt = text("x").replace("Ann Adams (x)", f"Group {number}")
        handed_in(tmp_path / "dl", f"Group {number}", "main.py", receipt=receipt)
    assert {*found(tmp_path / "dl")} == {"Group 1", "Group 2"}


def test_a_zip_and_what_is_none_of_blackboards(tmp_path: Path) -> None:
    handed_in(tmp_path / "dl", "12345", "main.py")
    handed_in(tmp_path / "dl", "12346", "main.py")
    with zipfile.ZipFile(tmp_path / "gradebook.zip", "w") as archive:
        for path in (tmp_path / "dl").iterdir():
            archive.write(path, path.name)
        archive.writestr("cy/main.py", "")
    with opened_download(tmp_path / "gradebook.zip") as (folder, left_out):
        assert {*found(folder)} == {"12345", "12346", "cy"}
    assert not left_out


def test_the_order_of_the_listing_does_not_matter(tmp_path: Path) -> None:
    stem = f"HW_3_b_c_attempt_{SECOND}"
    twice = text("b_c", ("main.py", f"{stem}_main.py"), ("main.py", f"{stem}_main(1).py"))
    for login in ("a", "b_c", "d"):
        handed_in(tmp_path / "dl", login, "main.py", "main(1).py", receipt=twice if login == "b_c" else None)
        handed_in(tmp_path / "dl", login, "main.py", time=FIRST)
    entries = [Entry(path.name, Kind.FILE) for path in (tmp_path / "dl").iterdir()]
    seen = set()
    for seed in range(10):
        random.Random(seed).shuffle(entries)
        seen.add(repr(sorted(gather(tmp_path / "dl", entries)[0], key=lambda one: one.student)))
    assert len(seen) == 1


@given(st.binary())
def test_any_text_can_be_read(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("text") / "x.txt"
    path.write_bytes(data)
    read_receipt(path)
