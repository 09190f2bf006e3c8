"""Tests of autograder/roster.py: lists of a class in every form, and who is on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import AutograderError
from autograder.records import About, Submission
from autograder.roster import Enrolled, Roster, enrol, read_roster

LISTS = {
    "ours": "id,name,email,group\r\n1,Ann,a@x.edu,red\r\n2,Bo,b@x.edu,\r\n",
    "semicolons": "\ufeffid;name;email\n1;Ann;a@x.edu\n2;Bo;b@x.edu\n",
    "tabs": "id\tname\temail\n1\tAnn\ta@x.edu\n2\tBo\tb@x.edu\n",
    "canvas": "Student,ID,SIS User ID,SIS Login ID,Section,HW (4)\n    Points Possible,,,,,70\n"
    'Ann,1,u1,a@x.edu,S,\nBo,2,u2,b@x.edu,S,\n"Student, Test",9,,,S,\n',
    "moodle": "Identifier,Full name,Email address,Status,Grade\nParticipant 1,Ann,a@x.edu,,\n"
    "Participant 2,Bo,b@x.edu,,\n",
    "gradescope": "First Name,Last Name,SID,Email,Role\nAnn,,1,a@x.edu,Student\n"
    "Bo,,2,b@x.edu,Student\nTa,,3,t@x.edu,TA\n",
    "classroom": '"identifier","github_username","github_id","name"\n"1","ann-gh","77","Ann"\n"2","bo-gh","78","Bo"\n',
    "nbgrader": "id,first_name,last_name,email\n1,Ann,,a@x.edu\n2,Bo,,b@x.edu\n",
}


def roster(tmp_path: Path, text: str) -> Roster:
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode())
    return read_roster(path)


@pytest.mark.parametrize("kind", LISTS)
def test_each_list_is_understood(tmp_path: Path, kind: str) -> None:
    students = roster(tmp_path, LISTS[kind]).students
    assert {student: about.name for student, about in students.items()} == {"1": "Ann", "2": "Bo"}
    if kind != "classroom":
        assert students["1"].email == "a@x.edu"


@pytest.mark.parametrize(
    "text",
    [
        "Last Name\tFirst Name\tUsername\tStudent ID\tHW [Total Pts: 70 Score] |7\n"
        "Adams\tAnn\ts100\t0442474\t\nX_PreviewUser\tIna\tina_previewuser\t\t\n",
        "OrgDefinedId,Username,Last Name,First Name,End-of-Line Indicator\n#0442474,#s100,Adams,Ann,#\n",
        "OrgDefinedId,Last Name,First Name,End-of-Line Indicator\n#s100,Adams,Ann,#\n",
    ],
)
def test_user_names_are_ids_as_they_are_written(tmp_path: Path, text: str) -> None:
    """Blackboard's gradebook and Brightspace's: what stands before a number is no word of Moodle's."""
    assert roster(tmp_path, text).students == {"s100": About("Ann Adams")}


def class_of(*submissions: Submission, listed: str = LISTS["ours"], tmp_path: Path) -> Enrolled:
    return enrol(submissions, roster(tmp_path, listed))


def test_who_is_missing_and_who_is_a_stranger(tmp_path: Path) -> None:
    late = Submission("1", tmp_path, about=About("ann lee", late=True))
    found = class_of(late, Submission("77", tmp_path), tmp_path=tmp_path)
    assert [one.student for one in found.submissions] == ["1", "77"]
    assert found.submissions[0].about == About("Ann", "a@x.edu", "red", late=True)
    assert found.missing == (("2", About("Bo", "b@x.edu")),)
    assert found.strangers == ("77",)


@pytest.mark.parametrize(("kind", "student"), [("classroom", "Ann-GH"), ("gradescope", "A@x.edu")])
def test_further_names_lead_to_the_id(tmp_path: Path, kind: str, student: str) -> None:
    found = class_of(Submission(student, tmp_path), listed=LISTS[kind], tmp_path=tmp_path)
    assert found.submissions[0].student == "1"


def test_names_are_one_in_both_forms(tmp_path: Path) -> None:
    found = class_of(Submission("é", tmp_path), listed="id,name\ne\u0301,E\n", tmp_path=tmp_path)
    assert not found.missing


def test_a_group_goes_to_each_of_its_members(tmp_path: Path) -> None:
    listed = "id,name,email,group\n1,Ann,,Group_A\n2,Bo,,Group_A\n3,Cy,,B\n"
    moodle = Submission("57", tmp_path, about=About(group="Group A"))
    plain = Submission("B", tmp_path)
    found = class_of(moodle, plain, listed=listed, tmp_path=tmp_path)
    assert [[student for student, _ in one.students] for one in found.submissions] == [["1", "2"], ["3"]]
    assert found.submissions[0].students[1][1] == About("Bo", group="Group_A")
    assert not found.missing
    assert not found.strangers


@pytest.mark.parametrize(
    ("text", "message"),
    [("name,email\na,b\n", "no column"), ("id,name\n1,a\n1,b\n", "stands twice"), ("", "no table")],
)
def test_a_list_that_is_none_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(AutograderError, match=message):
        roster(tmp_path, text)
