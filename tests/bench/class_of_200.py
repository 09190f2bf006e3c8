"""Makes a class of 200 as Moodle gives it, for a walk from the download to returned feedback.

`python tests/bench/class_of_200.py FOLDER` writes into FOLDER `submissions.zip`, Moodle's `worksheet.csv`, a Canvas
`gradebook.csv`, `roster.csv`, the report's points in `report.csv`, and three students' regrade requests in
`requests.csv`. Of ten hand-ins six are right, three have a known mistake, and one is broken.
"""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))  # run as a script
from tests.sample_class import write_sample_class  # noqa: E402

STUDENTS = 200
RIGHT = ("perfect", "right-by-einsum", "right-by-loops", "perfect", "right-in-numpy-style", "right-by-einsum")
WRONG = (
    *("wrong-own-in-denominator", "wrong-swapped-coefficient", "wrong-still-training", "wrong-own-in-denominator"),
    *("wrong-votes-by-labels-present", "wrong-own-in-denominator"),
)
BROKEN = ("syntax-error", "file-missing", "exits-on-import", "untouched", "endless-loop")
FIRST = ("Ann", "Bob", "Chloé", "Dmitri", "Eun-ji", "Fatima", "Grace", "Hiro", "Inés", "Jürgen")
LAST = ("Adams", "Brown", "Chen", "Díaz", "Evans", "Fischer", "García", "Haddad", "Ito", "Jung")
REQUESTS = (
    (6, "1.2", "I divided by the sum over all others, I think. Can you look again?"),
    (26, "1.2", 'My loss falls in training, "so it is right".'),
    (9, "4", "=1+1 <b>Why</b> did the report lose points?"),
)


def kind(number: int) -> str:
    """The name of the sample student whose files this one hands in."""
    tens, ones = divmod(number, 10)
    if ones < 6:
        return RIGHT[ones]
    return WRONG[(3 * tens + ones - 6) % len(WRONG)] if ones < 9 else BROKEN[tens % len(BROKEN)]


def members(samples: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of the download: no two students' files are the same to the byte, as in a class."""
    for number in range(STUDENTS):
        for path in sorted((samples / kind(number)).iterdir()):
            mine = path.read_bytes() + (f"\n# {number}\n".encode() if path.suffix == ".py" else b"")
            yield f"{_name(number)}_{_id(number)}_assignsubmission_file/{path.name}", mine


def main(folder: Path) -> None:
    """Write the class."""
    write_sample_class(folder / "samples")
    with zipfile.ZipFile(folder / "submissions.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members(folder / "samples"):
            archive.writestr(name, content)
    everybody = [(_id(one), _name(one), f"s{_id(one)}@example.edu") for one in range(STUDENTS)]
    for name, text in _lists(everybody).items():
        (folder / name).write_text(text, "utf-8")


def _lists(everybody: list[tuple[str, str, str]]) -> Mapping[str, str]:
    time = "Saturday, 12 December 2026, 11:59 PM"
    worksheet = [("Identifier", "Full name", "Status", "Grade", "Maximum grade", "Last modified (submission)")]
    worksheet += [(f"Participant {one}", name, "Submitted", "", "100.00", time) for one, name, _ in everybody]
    canvas = [("Student", "ID", "Section", "Homework 3 (4711)"), ("    Points Possible", "", "", "100.00")]
    canvas += [(", ".join(reversed(name.rsplit(" ", 1))), one, "x", "") for one, name, _ in everybody]
    return {
        "worksheet.csv": _table(worksheet),
        "gradebook.csv": _table(canvas),
        "roster.csv": _table([("id", "name", "email"), *everybody]),
        "report.csv": _table([("id", "points"), *((one, str(18 + int(one) % 13)) for one, _, _ in everybody)]),
        "requests.csv": _table([("id", "question", "text"), *((_id(one), *rest) for one, *rest in REQUESTS)]),
    }


def _table(rows: list[tuple[str, ...]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _id(number: int) -> str:
    return str(1001 + number)


def _name(number: int) -> str:
    return f"{FIRST[number % 10]} {LAST[number // 10 % 10]}{'' if number < 100 else '-Kim'}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
