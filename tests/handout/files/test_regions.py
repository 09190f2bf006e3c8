"""Tests that what belongs to an absent question goes, and that a wrong edge is named with its line."""

from __future__ import annotations

import pytest

from autograder.core.errors import AutograderError
from autograder.handout.files.regions import keep_shown, region_at

SOURCE = """\
a = 1
### With question B1
b = 2
### End of question B1
PRESETS = {
    ### With question B10
    "c": 3,
    ### End of question B10
}
"""


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        ({"B1", "B10"}, 'a = 1\nb = 2\nPRESETS = {\n    "c": 3,\n}\n'),
        ({"B1"}, "a = 1\nb = 2\nPRESETS = {\n}\n"),
        (set(), "a = 1\nPRESETS = {\n}\n"),
    ],
)
def test_only_shown_questions_stay_and_no_edge_does(shown: set[str], kept: str) -> None:
    assert keep_shown(SOURCE, shown, "flags.py") == kept


def test_no_gap_stays_where_a_function_was() -> None:
    source = "a = 1\n\n\n### With question B1\ndef f(): ...\n\n\n### End of question B1\n\n\nb = 2\n"
    assert keep_shown(source, set(), "f.py") == "a = 1\n\n\nb = 2\n"


def test_the_region_of_a_line() -> None:
    assert [region_at(SOURCE, "flags.py", line) for line in (1, 3, 5, 7)] == [None, "B1", None, "B10"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("### End of question B1\n", "", 5),
        ("### End of question B1\n", "### End of question B2\n", 4),
        ("### With question B1\n", "", 3),
        ("### With question B1\n", "## with question B1\n", 2),
        ("    ### End of question B10\n", "", 8),
    ],
)
def test_names_file_and_line_of_what_is_wrong(old: str, new: str, line: int) -> None:
    with pytest.raises(AutograderError) as caught:
        keep_shown(SOURCE.replace(old, new), {"B1"}, "flags.py")
    assert caught.value.message.startswith(f"solutions/flags.py, line {line}, ")
    assert caught.value.hint
