"""A class of thirty, and its hand-ins as four platforms give them.

Who is in it, what each handed in, the report's points, and the marks that follow, worked out by hand. The code is worth
70, the report 30, and each bonus question 5; each day late costs 10 percent. Edda Egger was two days late.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.core.settings import SKELETON
from autograder.core.student_files import STUDENT_FILES
from tests.sample_class import BONUS, OWN_IN_DENOMINATOR, RIGHT, STILL_TRAINING, SWAPPED_COEFFICIENT, hand_in

TABLE = """
101  Ann    Abel         right        30      70    100
102  Bo     Berg         right        22.5    70    92.5
103  Cy     Cruz         bonus        30      80    110
104  Di     Dahl         denominator  25      50    75
105  Edda   Egger        right        25      56    76
106  Fay    Frei         nothing      -       0     0
107  Gil    Gomez        denominator  20      50    70
108  Hal    Hu           swapped      24      60    84
109  Ida    Ito          training     21.5    68.5  90
110  Jo     Jung         untouched    12      0     12
111  Kim    Koch         absent       18      60    78
112  Lee    Lang         syntax       27      60    87
113  Mia    Maas         right        0       70    70
114  Nan    Novak        right        28      70    98
115  Ole    Olsen        right        15      70    85
116  Pia    Petit        zip          30      70    100
117  Qi     Qian         swapped      10      60    70
118  Ray    Ruiz         training     30      68.5  98.5
119  Sue    Sato         denominator  30      50    80
120  Tom    Teller       right        17.5    70    87.5
121  Uma    Ueda         untouched    0       0     0
122  Vic    Vogel        absent       22      60    82
123  Wim    Weiss        syntax       19      60    79
124  Xia    Xu           zip          29      70    99
125  Yan    Yilmaz       right        26      70    96
126  Zoe    Zink         nothing      -       0     0
127  Øyvind Åberg        right        23      70    93
128  Bärbel Weiß-Groß    right        20      70    90
129  José   O'Neill      swapped      30      60    90
130  민준   김           right        14      70    84
"""


@dataclass(frozen=True)
class Person:
    """A line of the table: `of_70` and `of_100` are the marks in sheets with these maxima, bonus points kept."""

    id: str
    first: str
    last: str
    work: str
    report: str
    of_70: str
    of_100: str

    @property
    def handed_in(self) -> bool:
        return self.work != "nothing"

    @property
    def stamp(self) -> str:
        """When it was handed in: within the due minute, which is in time, or two days later."""
        return "2026-12-14 11:00:00.123456 UTC" if self.id == LATE else "2026-12-12 22:59:40.123456 UTC"


CLASS = [Person(*line.split()) for line in TABLE.strip().splitlines()]
LATE = "105"
OF_70 = {one.id: one.of_70 for one in CLASS}
OF_100 = {one.id: one.of_100 for one in CLASS}
REGRADED = "107"
"""Hands in the right answers later on: 70 and 20 points then."""
AFTER_70 = {**OF_70, "107": "70"}
AFTER_100 = {**OF_100, "107": "90", "108": "86"}
"""And the report of 108 has 26 points then."""

FIRST, SECOND = "127", "128"
"""On Gradescope they are a group."""

Works = Mapping[str, Mapping[str, bytes]]
"""The works to hand in, by name in the table: the content of each file."""


def works(folder: Path) -> Works:
    """Make them; of two that hand in a zip, it is one file."""
    answers = {
        "right": RIGHT,
        "bonus": RIGHT | BONUS,
        "denominator": RIGHT | OWN_IN_DENOMINATOR,
        "swapped": RIGHT | SWAPPED_COEFFICIENT,
        "training": RIGHT | STILL_TRAINING,
        "untouched": {},
        "absent": RIGHT,
        "syntax": RIGHT,
    }
    made: dict[str, dict[str, bytes]] = {}
    for name, own in answers.items():
        hand_in(folder / name, own)
        made[name] = {file: (folder / name / file).read_bytes() for file in STUDENT_FILES}
    del made["absent"]["main_linclis.py"]
    made["syntax"]["validation.py"] += b"def unfinished(:\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file, content in made["right"].items():
            archive.writestr(zipfile.ZipInfo(f"homework/{file}"), content)
    made["zip"] = {"homework.zip": packed.getvalue()}
    return made


def files_of(person: Person, work: Works) -> Mapping[str, bytes]:
    """The files of a person, with the report if it has points."""
    report = {"report.ipynb": (SKELETON / "report.ipynb").read_bytes()} if person.report != "0" else {}
    return {**work[person.work], **report} if person.handed_in else {}


def zipped(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def canvas(path: Path, people: list[Person], work: Works) -> Path:
    """`submissions.zip`: all files in one heap; the test student handed in, too."""
    listed = [(f"{one.last}{one.first}", one.id, files_of(one, work)) for one in people]
    listed.append(("StudentTest", "199", work["right"]))
    found = {}
    for owner, student, files in listed:
        late = "_LATE" if student == LATE else ""
        letters = "".join(filter(str.isalnum, owner)).lower()
        for number, (name, content) in enumerate(files.items()):
            found[f"{letters}{late}_{student}_{student}{number}_{name}"] = content
    return zipped(path, found)


def moodle(path: Path, people: list[Person], work: Works) -> Path:
    """*Download all submissions*, in folders."""
    return zipped(
        path,
        {
            f"{one.first} {one.last}_{one.id}_assignsubmission_file/{name}": content
            for one in people
            for name, content in files_of(one, work).items()
        },
    )


def gradescope(path: Path, people: list[Person], work: Works) -> Path:
    """*Export Submissions*; two are a group, and a student without a hand-in has no folder."""
    found: dict[str, bytes] = {}
    metadata = ["---"]
    for number, one in enumerate((one for one in people if one.id != SECOND), 7001):
        members = [one, *(other for other in people if (one.id, other.id) == (FIRST, SECOND))]
        metadata += [f"submission_{number}:", "  :submitters:"]
        for member in members:
            name, address = f'"{member.first} {member.last}"', f"{member.id}@x.edu"
            metadata += [f"  - :name: {name}", f"    :sid: '{member.id}'", f"    :email: {address}"]
        metadata += [f"  :created_at: {one.stamp.replace('UTC', 'Z')}", "  :score: 0.0", "  :history: []"]
        root = f"assignment_4711_export/submission_{number}"
        found.update({f"{root}/{name}": content for name, content in files_of(one, work).items()})
    found["assignment_4711_export/submission_metadata.yml"] = "\n".join([*metadata, ""]).encode()
    return zipped(path, found)


def nbgrader(path: Path, people: list[Person], work: Works) -> Path:
    """A course's root, with what was collected for two assignments."""
    for one in people:
        for assignment in ("hw3", "hw2"):
            folder = path / "submitted" / one.id / assignment
            files = files_of(one, work) if assignment == "hw3" else {"hw2.ipynb": b"{}"}
            folder.mkdir(parents=True, exist_ok=True)
            for old in folder.iterdir():
                old.unlink()
            for name, content in files.items():
                (folder / name).write_bytes(content)
            if files:
                (folder / "timestamp.txt").write_text(f"{one.stamp}\n")
    (path / "nbgrader_config.py").touch()
    return path


LATER = [replace(one, work="right") if one.id == REGRADED else one for one in CLASS]
"""The class after one of them handed in again."""
FULL = "1.1: 10/10, 1.2: 20/20, 1.3: 10/10, 1.4: 10/10, 2: 10/10, 3: 10/10"
NOTHING = "1.1: 0/10, 1.2: 0/20, 1.3: 0/10, 1.4: 0/10, 2: 0/10, 3: 0/10"
CODE = {
    "right": FULL,
    "zip": FULL,
    "bonus": FULL,
    "denominator": "1.1: 10/10, 1.2: 0/20, 1.3: 10/10, 1.4: 10/10, 2: 10/10, 3: 10/10",
    "swapped": "1.1: 10/10, 1.2: 20/20, 1.3: 10/10, 1.4: 0/10, 2: 10/10, 3: 10/10",
    "training": "1.1: 10/10, 1.2: 20/20, 1.3: 10/10, 1.4: 10/10, 2: 10/10, 3: 8.5/10",
    "untouched": NOTHING,
    "absent": "1.1: 10/10, 1.2: 20/20, 1.3: 10/10, 1.4: 10/10, 2: 10/10, 3: 0/10",
    "syntax": "1.1: 10/10, 1.2: 20/20, 1.3: 10/10, 1.4: 10/10, 2: 0/10, 3: 10/10",
    "nothing": NOTHING,
}
"""By work, a comment that describes it."""
NO_BONUS, TWO = (f"B1: 0/5, B2: {each}/5, B3: {each}/5, B4: 0/5, B5: 0/5" for each in (0, 5))


def points(folder: Path) -> str:
    """The report's points in a list, without students who handed in nothing at all."""
    rows = [f"{one.id},{one.report},Note {one.id}." for one in CLASS if one.handed_in]
    (folder / "report.csv").write_text("\n".join(["id,points,comment", *rows, ""]))
    return str(folder / "report.csv")


def later_points(folder: Path) -> str:
    (folder / "later.csv").write_text("id,points,comment\n108,26,Looked at again.\n")
    return str(folder / "later.csv")


def times(folder: Path) -> str:
    rows = [f"{one.id},{one.stamp}" for one in CLASS if one.handed_in]
    (folder / "times.csv").write_text("\n".join(["id,submitted", *rows, ""]))
    return str(folder / "times.csv")
