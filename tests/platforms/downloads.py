"""A class of six as each platform's download has it, with the platform's own list of the class.

Ann's answers are right, and so are Bo's, who handed in twice where a platform shows it; Cy is listed without a file; Di
handed in the skeleton, late; Ed is on the list only; Fay, whose answers are right, is not on it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.core.settings import SKELETON, SOLUTIONS

FILE = "main_linclis.py"
RIGHT, STUB = ((folder / FILE).read_bytes() for folder in (SOLUTIONS, SKELETON))


def packed(content: bytes) -> bytes:
    """A zip with the file in a folder."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"hw3/{FILE}", content)
    return buffer.getvalue()


@dataclass(frozen=True)
class Download:
    """A platform's download: files by path (a folder ends in `/`), the students in them, and the platform's list.

    `ids` are Ann's, Bo's, Cy's, Di's, Ed's and Fay's, as the platform writes them; `enrolled` are those that its list
    leads to, where they are others.
    """

    files: Mapping[str, bytes]
    ids: tuple[str, ...]
    roster: str
    enrolled: tuple[str, ...] = ()
    lists_cy: bool = False
    """Whether it lists students who handed in nothing."""
    options: tuple[str, ...] = ()

    def write(self, root: Path, zipped: bool) -> Path:
        """Write it below a folder, as another folder or as a zip; returns its path."""
        if zipped:
            path = root / "download.zip"
            with zipfile.ZipFile(path, "w") as archive:
                for name, content in self.files.items():
                    archive.writestr(name, content)
            return path
        path = root / "download"
        for name, content in self.files.items():
            (path / name if name.endswith("/") else (path / name).parent).mkdir(parents=True, exist_ok=True)
            if not name.endswith("/"):
                (path / name).write_bytes(content)
        return path


def _stamped(student: str, content: bytes, time: str = "2026-11-20 10:00:00.000000 UTC") -> dict[str, bytes]:
    folder = f"submitted/{student}/hw3"
    return {f"{folder}/{FILE}": content, f"{folder}/timestamp.txt": time.encode()}


def _brightspace(separator: str) -> dict[str, bytes]:
    made = {
        f"1001-77 - Ann Adams - Nov 20, 2026 905 AM{separator}{FILE}": RIGHT,
        f"1002-77 - Bo Baker - Nov 20, 2026 905 AM{separator}{FILE}": STUB,
        f"1002-77 - Bo Baker - Nov 21, 2026 1159 PM{separator}hw3.zip": packed(RIGHT),
        f"1004-77 - Di Dunn - Nov 29, 2026 905 AM{separator}{FILE}": STUB,
        f"1006-77 - Fay Fox - Nov 20, 2026 905 AM{separator}{FILE}": RIGHT,
    }
    return {**made, "index.html": b"<html></html>"}


def _blackboard(login: str, content: bytes, time: str, file: str = FILE) -> dict[str, bytes]:
    stem = f"HW_3_{login}_attempt_{time}"
    text = (
        f"Name: {login.title()} X ({login})\r\nAssignment: HW 3\r\nDate Submitted: \r\nCurrent Grade: Needs Grading\r\n"
        f"\r\nFiles:\r\n\tOriginal filename: {file}\r\n\tFilename: {stem}_{file}\r\n"
    )
    return {f"{stem}_{file}": content, f"{stem}.txt": text.encode()}


_COURSE = {
    **_stamped("ann", RIGHT),
    **_stamped("bo", RIGHT),
    "submitted/cy/hw2/main.py": STUB,
    **_stamped("di", STUB, "2026-11-29 10:00:00.000000 UTC"),
    **_stamped("fay", RIGHT),
    "submitted/ann/hw2/main.py": STUB,
}
_REPOSITORIES = {
    **{f"hw3-{user}/.git/config": b"" for user in ("ann", "bo", "cy", "di", "fay")},
    f"hw3-ann/{FILE}": RIGHT,
    "hw3-bo/answers/hw3.zip": packed(RIGHT),
    f"hw3-di/{FILE}": STUB,
    f"hw3-fay/{FILE}": RIGHT,
}
_SIDS = {"Ann": "a1", "Bo": "b2", "Cy": "c3", "Di": "d4", "Ed": "e5"}
_GRADESCOPE = "---\n" + "".join(
    f"submission_{number}:\n  :submitters:\n  - :name: {name}\n    :sid: '{sid}'\n    :email: {sid}@x.edu\n"
    f"  :created_at: 2026-11-20 10:00:00.000000000 Z\n"
    for number, name, sid in ((1, "Ann", "a1"), (2, "Bo", "b2"), (3, "Cy", "c3"), (4, "Di", "d4"), (6, "Fay", "f6"))
)
_CANVAS_LIST = (
    "Student,ID,SIS User ID,SIS Login ID,Section,HW 3 (4)\n    Points Possible,,,,,70\n"
    + "".join(
        f'"{name}",{number},u{number},{name[:2].lower()},S,\n'
        for name, number in (("Adams, Ann", 1001), ("Baker, Bo", 1002), ("Cole, Cy", 1003), ("Dunn, Di", 1004))
    )
    + '"East, Ed",1005,u1005,ed,S,\n"Student, Test",1999,,,S,\n'
)
_MOODLE_LIST = "Identifier,Full name,Email address,Status,Grade,Maximum Grade\n" + "".join(
    f"Participant {number},{name},{name[:2].lower()}@x.edu,{status},,70\n"
    for number, name, status in (
        (11, "Ann Adams", "Submitted for grading"),
        (12, "Bo Baker", "Submitted for grading"),
        (13, "Cy Cole", "No submission"),
        (14, "Di Dunn", "Submitted for grading - 2 days 3 hours late"),
        (15, "Ed East", "No submission"),
    )
)
_NAMES = ("ann", "bo", "cy", "di", "ed", "fay")
_OWN_LIST = "id,name,email\n" + "".join(f"{name},{name.title()},{name}@x.edu\n" for name in _NAMES[:5])
_NUMBERS = ("1001", "1002", "1003", "1004", "1005", "1006")
_ADDRESSES = tuple(f"{name}@x.edu" for name in _NAMES[:5])
_SURNAMES = {"ann": "Adams", "bo": "Baker", "cy": "Cole", "di": "Dunn", "ed": "East"}
_BRIGHTSPACE_LIST = "OrgDefinedId,Username,Last Name,First Name,End-of-Line Indicator\n" + "".join(
    f"#7{at},#{name},{last},{name.title()},#\n" for at, (name, last) in enumerate(_SURNAMES.items())
)
_NBGRADER_LIST = "id,first_name,last_name,email\n" + "".join(f"{name},{name.title()},X,\n" for name in _NAMES[:5])
_CLASSROOM_LIST = '"identifier","github_username","github_id","name"\n' + "".join(
    f'"{name}@x.edu","{name}","7","{name.title()}"\n' for name in _NAMES[:5]
)
_MOODLE_IDS = ("11", "12", "13", "14", "15", "16")

DOWNLOADS = {
    "plain": Download(
        {f"ann/{FILE}": RIGHT, "bo.zip": packed(RIGHT), f"di/hw3/{FILE}": STUB, "fay.zip": packed(RIGHT)},
        _NAMES,
        _OWN_LIST,
    ),
    "canvas": Download(
        {
            f"adamsann_1001_501_{FILE}": RIGHT,
            f"bakerbo_1002_502_{FILE}": STUB,
            "bakerbo_1002_509_main_linclis-1.py": RIGHT,
            f"dunndi_LATE_1004_504_{FILE}": STUB,
            "foxfay_1006_506_hw3-2.zip": packed(RIGHT),
        },
        _NUMBERS,
        _CANVAS_LIST,
    ),
    "canvas quiz": Download(
        {
            f"adamsann1001_question_77_501_{FILE}": RIGHT,
            "bakerbo1002_question_77_502_hw3.zip": packed(RIGHT),
            f"dunndi1004_question_77_504_{FILE}": STUB,
            f"foxfay1006_question_77_506_{FILE}": RIGHT,
        },
        _NUMBERS,
        _CANVAS_LIST,
    ),
    "moodle, folders": Download(
        {
            f"Ann Adams_11_assignsubmission_file/{FILE}": RIGHT,
            "Bo Baker_12_assignsubmission_file/hw3.zip": packed(RIGHT),
            "Bo Baker_12_assignsubmission_onlinetext/onlinetext.html": b"<p>Here it is.</p>",
            "Cy Cole_13_assignsubmission_file/": b"",
            f"Di Dunn_14_assignsubmission_file/{FILE}": STUB,
            f"Fay Fox_16_assignsubmission_file/{FILE}": RIGHT,
        },
        _MOODLE_IDS,
        _MOODLE_LIST,
        lists_cy=True,
    ),
    "moodle, files": Download(
        {
            f"Ann Adams_11_assignsubmission_file_{FILE}": RIGHT,
            "Bo Baker_12_assignsubmission_file_hw3.zip": packed(RIGHT),
            f"Di Dunn_14_assignsubmission_file_{FILE}": STUB,
            f"Fay Fox_16_assignsubmission_file_{FILE}": RIGHT,
        },
        _MOODLE_IDS,
        _MOODLE_LIST,
    ),
    "blackboard": Download(
        {
            **_blackboard("ann", RIGHT, "2026-11-20-10-00-00"),
            **_blackboard("bo", STUB, "2026-11-20-10-00-00"),
            **_blackboard("bo", packed(RIGHT), "2026-11-21-10-00-00", "hw3.zip"),
            **_blackboard("di", STUB, "2026-11-29-10-00-00"),
            **_blackboard("fay", RIGHT, "2026-11-20-10-00-00"),
        },
        _NAMES,
        "Last Name\tFirst Name\tUsername\tStudent ID\tHW 3 [Total Pts: 70 Score] |7\n"
        + "".join(f"X\t{name.title()}\t{name}\t\t\n" for name in _NAMES[:5]),
    ),
    "brightspace, folders": Download(
        _brightspace("/"),
        _NUMBERS,
        _BRIGHTSPACE_LIST,
        enrolled=(*_NAMES[:5], "1006"),
    ),
    "brightspace, files": Download(
        _brightspace(" - "),
        _NUMBERS,
        _BRIGHTSPACE_LIST,
        enrolled=(*_NAMES[:5], "1006"),
    ),
    "gradescope": Download(
        {
            "submission_metadata.yml": _GRADESCOPE.encode(),
            f"submission_1/{FILE}": RIGHT,
            "submission_2/hw3.zip": packed(RIGHT),
            f"submission_4/{FILE}": STUB,
            f"submission_6/{FILE}": RIGHT,
        },
        (*_SIDS.values(), "f6"),
        "First Name,Last Name,SID,Email,Role\n"
        + "".join(f"{name},X,{sid},{sid}@x.edu,Student\n" for name, sid in _SIDS.items()),
        lists_cy=True,
    ),
    "nbgrader, the course": Download(
        {**_COURSE, "source/hw3/main.py": STUB, "release/hw3/main.py": STUB, "nbgrader_config.py": b""},
        _NAMES,
        _NBGRADER_LIST,
        lists_cy=True,
        options=("--assignment", "hw3"),
    ),
    "nbgrader, submitted": Download(
        {name.removeprefix("submitted/"): content for name, content in _COURSE.items()},
        _NAMES,
        _NBGRADER_LIST,
        lists_cy=True,
        options=("--assignment", "hw3"),
    ),
    "classroom": Download(
        _REPOSITORIES,
        _NAMES,
        _CLASSROOM_LIST,
        enrolled=(*_ADDRESSES, "fay"),
        lists_cy=True,
    ),
    "classroom, the folder around": Download(
        {**{f"hw3-submissions/{name}": content for name, content in _REPOSITORIES.items()}, "notes.txt": b""},
        _NAMES,
        _CLASSROOM_LIST,
        enrolled=(*_ADDRESSES, "fay"),
        lists_cy=True,
    ),
}
