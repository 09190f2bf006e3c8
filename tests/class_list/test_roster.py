"""Tests of autograder/class_list/roster.py: lists of a class in every form, and the students on them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.class_list.roster import Enrolled, Roster, enrol, read_roster
from autograder.core.errors import AutograderError
from autograder.core.records import About, Submission
from autograder.platforms.registry import LISTS as HEADINGS

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
    "canvas groups": "name,canvas_user_id,user_id,login_id,sections,group_name,canvas_group_id,group_id\n"
    "Ann,1,u1,a@x.edu,S,Reds,77,\nBo,2,u2,b@x.edu,S,,,\n",
    "german": "ID,Vollständiger Name,ID-Nummer,E-Mail-Adresse,Status,Bewertung,Bestwertung,"
    "Bewertung kann geändert werden,Zuletzt geändert (Abgabe),Feedback als Kommentar\n"
    'Teilnehmer/in1,Ann,77,a@x.edu,-,,"70,00",Ja,"Dienstag, 2. Dezember 2025, 10:37",\n'
    'Teilnehmer/in2,Bo,78,b@x.edu,-,,"70,00",Ja,-,\n',
    "korean": "식별자,전체 이름,이메일 주소,상태,성적,최대 성적,Grade can be changed,마지막 수정됨(제출)\n"
    "참가자1,Ann,a@x.edu,-,,70.00,예,-\n참가자2,Bo,b@x.edu,-,,70.00,예,-\n",
    "japanese": "ID,フルネーム,メールアドレス,ステータス,評点,最大評点,評点変更可\n参加者1,Ann,a@x.edu,-,,70,Yes\n"
    "参加者2,Bo,b@x.edu,-,,70,Yes\n",
    "french": "Identifiant,Nom complet,Adresse de courriel,Statut,Note,Note maximale,La note peut être modifiée\n"
    'Participant 1,Ann,a@x.edu,-,,"70,00",Oui\nParticipant 2,Bo,b@x.edu,-,,"70,00",Oui\n',
    "numbers of students": "학번,성,이름,이메일\n1,,Ann,a@x.edu\n2,,Bo,b@x.edu\n",
    "headings taken apart": "ID,Vollsta\u0308ndiger Name,E-Mail-Adresse,Bestwertung\nTeilnehmer/in1,Ann,a@x.edu,\n"
    "Teilnehmer/in2,Bo,b@x.edu,\n",
}


def roster(tmp_path: Path, text: str, encoding: str = "utf-8") -> Roster:
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return read_roster(path, HEADINGS)


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
    """Blackboard's gradebook and Brightspace's: what stands before a number is not a word of Moodle's."""
    assert roster(tmp_path, text).students == {"s100": About("Ann Adams")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("First name,Last name,Email address,Groups\nAnn,Lee,a@x.edu,Reds\n", {"a@x.edu": ("Ann Lee", "Reds")}),
        (
            "Vorname,Nachname,ID-Nummer,E-Mail-Adresse,Gruppen\nAnn,Lee,77,a@x.edu,\nBo,Ray,,b@x.edu,\n",
            {"77": ("Ann Lee", ""), "b@x.edu": ("Bo Ray", "")},
        ),
        ("Matrikelnummer;Vorname;Name\n77;Ann;Lee\n", {"77": ("Ann Lee", "")}),
        ("학번,성,이름\n77,홍,길동\n", {"77": ("홍 길동", "")}),
        ("ID,Bestwertung\nMensch 77,70\n", {"77": ("", "")}),
        ("id,name\ns0012345,Ann\n", {"s0012345": ("Ann", "")}),
        ("student_id,name\ns0012345,Ann\n", {"s0012345": ("Ann", "")}),
    ],
)
def test_who_is_on_a_list(tmp_path: Path, text: str, expected: dict[str, tuple[str, str]]) -> None:
    students = roster(tmp_path, text).students
    assert {student: (about.name, about.group) for student, about in students.items()} == expected


@pytest.mark.parametrize(
    ("heading", "status", "lateness"),
    [
        ("Status", "Submitted for grading - 2 days 3 hours late", "2 days 3 hours late"),
        ("Status", "Zur Bewertung abgegeben - 36 Tage 10 Stunden zu spät -  - ", "36 Tage 10 Stunden zu spät"),
        ("Statut", "Remis pour évaluation - En retard de 2 jours 3 heures", "En retard de 2 jours 3 heures"),
        ("Estado", "Enviado para calificar - 2 días 3 horas después", "2 días 3 horas después"),
        ("상태", "채점을 위해 제출됨 - 2 일 3 시간 늦음", "2 일 3 시간 늦음"),
        ("ステータス", "評定のために提出済み - 2 日 3 時間 遅く提出", "2 日 3 時間 遅く提出"),
        ("状态", "已经提交等待评分 - 迟2天 3小时", "迟2天 3小时"),
        ("Status", "Submitted for grading - Graded", ""),
        ("Status", "Submitted for grading - Extension granted until: Friday, 2 January 2026, 10:37 AM", ""),
        ("Status", "No submission - Assignment is overdue by: 2 days 3 hours", ""),
    ],
)
def test_moodles_worksheet_says_how_late(tmp_path: Path, heading: str, status: str, lateness: str) -> None:
    about = roster(tmp_path, f'Identifier,{heading},Maximum grade\nParticipant 1,"{status}",70\n').students["1"]
    assert (about.lateness, about.late) == (lateness, True if lateness else None)


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        *(("홍길동", encoding) for encoding in ("cp949", "utf-8", "utf-8-sig", "utf-16")),
        ("똠길동", "cp949"),
        *((name, "cp1252") for name in ("Jürgen Müller", "Ärna", "Åke Öberg", "CONCEIÇÃO", "Zoé")),
    ],
)
def test_a_list_in_any_encoding(tmp_path: Path, name: str, encoding: str) -> None:
    found = roster(tmp_path, f"id,name\n1,{name}\n2,Bo\n", encoding)
    assert found.students["1"].name == name


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


def test_canvas_gives_a_group_the_id_of_one_member(tmp_path: Path) -> None:
    listed = (
        "name,canvas_user_id,user_id,login_id,sections,group_name,canvas_group_id,group_id\n"
        "Ann,1,u1,ann,S,Section 2: Reds,77,\nBo,2,u2,bo,S,Section 2: Reds,77,\n"
        "Cy,3,u3,cy,S,,,\nDi,4,u4,di,S,Blues,78,\n"
    )
    reds = Submission("2", tmp_path, about=About("section2reds", late=True))
    alone = Submission("3", tmp_path, about=About("cruzcy", late=False))
    found = class_of(reds, alone, listed=listed, tmp_path=tmp_path)
    assert [one.students for one in found.submissions] == [
        (
            ("1", About("Ann", group="Section 2: Reds", late=True)),
            ("2", About("Bo", group="Section 2: Reds", late=True)),
        ),
        (("3", About("Cy", late=False)),),
    ]
    assert [student for student, _ in found.missing] == ["4"]


def test_moodles_list_of_participants_names_several_groups(tmp_path: Path) -> None:
    listed = 'First name,Last name,Email address,Groups\nAnn,Lee,a@x,"Lab 1, Team A"\nBo,Ray,b@x,"Lab 2, Team A"\n'
    team = Submission("57", tmp_path, about=About(group="Team A"))
    found = class_of(team, listed=listed, tmp_path=tmp_path)
    assert [student for student, _ in found.submissions[0].students] == ["a@x", "b@x"]


def test_moodles_overview_of_groups_names_somebody_once_for_each(tmp_path: Path) -> None:
    listed = (
        "Gruppierung,Gruppe,Vorname,Nachname,E-Mail-Adresse\nLabore,Lab 1,Ann,Lee,a@x\nLabore,Lab 2,Bo,Ray,b@x\n"
        "Teams,Team A,Ann,Lee,a@x\nTeams,Team A,Bo,Ray,b@x\nTeams,Team B,,,\n"
        "Nicht in einer Gruppe,Keine Gruppe,Cy,Fu,c@x\n"
    )
    team = Submission("57", tmp_path, about=About(group="Team A"))
    found = class_of(team, listed=listed, tmp_path=tmp_path)
    assert [(student, about.group) for student, about in found.submissions[0].students] == [
        ("a@x", "Lab 1, Team A"),
        ("b@x", "Lab 2, Team A"),
    ]
    assert found.missing == (("c@x", About("Cy Fu", "c@x")),)


def test_names_that_only_signs_tell_apart_are_two_groups(tmp_path: Path) -> None:
    listed = "id,name,group\n1,Ann,1-1\n2,Bo,1.1\n3,Cy,Reds\n"
    handed_in = (Submission(name, tmp_path) for name in ("1-1", "reds", "11"))
    found = class_of(*handed_in, listed=listed, tmp_path=tmp_path)
    assert [[student for student, _ in one.students] for one in found.submissions] == [["1"], ["3"], ["11"]]


def test_further_names_on_canvas_lead_to_the_id(tmp_path: Path) -> None:
    found = class_of(Submission("u1", tmp_path), listed=LISTS["canvas"], tmp_path=tmp_path)
    assert found.submissions[0].student == "1"


@pytest.mark.parametrize(
    ("listed", "students", "message", "hint"),
    [
        ("1 2 3", "a b", "None of the 3 ids in .*roster.csv is in the submissions", "It has 1, 2, 3; .* of a, b."),
        ("1", "a b c d", "The one id in .*roster.csv is not in the submissions", "are of a, b, c, …"),
        (
            "1234567 7654321",
            "s1234567 s7654321",
            "None of the 2 ids",
            "The ends of the ids agree: write s1234567, .* of 1234567.",
        ),
        ("a@x.edu b@x.edu", "a b", "None of the 2 ids", "agree but for what follows the @: write a, .* of a@x.edu."),
        ("12 345", "0012 00345", "taken the zeros .* begin with: 0012 is 12 there", "make the column of ids text"),
        ("12 9345", "0012 9345", "taken the zeros .* begin with: 0012 is 12 there", "make the column of ids text"),
    ],
)
def test_the_list_of_another_class_is_refused(
    tmp_path: Path, listed: str, students: str, message: str, hint: str
) -> None:
    text = "id,name\n" + "".join(f"{student},x\n" for student in listed.split())
    with pytest.raises(AutograderError, match=message) as caught:
        class_of(*(Submission(student, tmp_path) for student in students.split()), listed=text, tmp_path=tmp_path)
    assert re.search(hint, caught.value.hint)


def test_a_list_without_ids_says_that_addresses_counted(tmp_path: Path) -> None:
    with pytest.raises(AutograderError, match="None of the 2 ids") as caught:
        class_of(Submission("7", tmp_path), listed="name,email\nAnn,ann@x.edu\nBo,bo@x.edu\n", tmp_path=tmp_path)
    told = "It has no column with the heading id, so addresses counted as ids: ann@x.edu, bo@x.edu. Add one."
    assert caught.value.hint == told
    with pytest.raises(AutograderError, match="None of the 2 ids") as caught:
        class_of(Submission("7", tmp_path), listed="name,username\nAnn,ann@x.edu\nBo,bo@x.edu\n", tmp_path=tmp_path)
    assert "no column" not in caught.value.hint  # user names may be addresses


def test_an_id_written_as_a_number_is_read_as_that(tmp_path: Path) -> None:
    found = roster(tmp_path, "id;name\n1001.0;Ann\n1002,0;Bo\nx1.0;Cy\n")
    assert list(found.students) == ["1001", "1002", "x1.0"]
    assert found.notes == (
        f"A spreadsheet has written 2 ids as numbers in {tmp_path}/roster.csv: 1001.0 is read as 1001.",
    )
    assert roster(tmp_path, "id,name\n1001,Ann\n").notes == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,name\n7,x\n1.00E+17,Ann\n", "rounded ids in .*: row 3, 1.00E\\+17 for instance"),
        ("id;name\n1,23E+11;Ann\n1E+12;Bo\n", "rounded ids in .*: rows 2, 3, 1,23E\\+11 for instance"),
        ("id,name\n10000000000123400,A\n10000000000123500,B\n", "rounded ids in .*: rows 2, 3"),
        ("id,name\n1001.0,a\n1001,b\n", "1001 stands twice"),
    ],
)
def test_ids_that_have_lost_digits_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(AutograderError, match=message):
        roster(tmp_path, text)


@pytest.mark.parametrize("student", ["10000000000123456", "1E5", "3e+x"])
def test_ids_that_only_look_so_are_taken(tmp_path: Path, student: str) -> None:
    found = roster(tmp_path, f"id,name\n{student},A\n10000000000123400,B\n")
    assert list(found.students) == [student, "10000000000123400"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,email\na,b\n", "no column"),
        ("id,name\n1,a\n1,b\n", "stands twice"),
        ("", "no table"),
        ("id,name\n,a\n", "no student"),
    ],
)
def test_a_list_that_is_none_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(AutograderError, match=message):
        roster(tmp_path, text)


def test_names_say_nothing_where_ids_do(tmp_path: Path) -> None:
    other = Submission("3", tmp_path, about=About("Ann"))
    found = class_of(other, Submission("2", tmp_path), tmp_path=tmp_path)
    assert found.strangers == ("3",)


def test_a_user_name_may_be_an_address(tmp_path: Path) -> None:
    assert roster(tmp_path, "OrgDefinedId,Username\n#71,#ann@x.org\n").students == {"ann@x.org": About("", "ann@x.org")}
