"""Code that was copied from a PDF is the command that was meant."""

from __future__ import annotations

import shlex

import pytest

from autograder.core.errors import AutograderError
from autograder.handout.pages.listing import WIDEST, broken, columns
from autograder.handout.pages.typeset import pdf_page

COMMAND = "python main.py --method simsiam --seeds 0 1 2 --arch small " + "--m 0.1 " * 20 + "--epochs 20"


@pytest.mark.parametrize("longer", range(8))
def test_a_long_command_goes_on_after_a_backslash(longer: int) -> None:
    command = COMMAND.replace("main", "m" * (1 + longer))
    lines = broken(command).split("\n")
    assert len(lines) > 2 and all(len(line) <= WIDEST for line in lines)
    assert all(line.endswith(" \\") for line in lines[:-1]) and not lines[-1].endswith("\\")
    assert all(line.startswith("    --") for line in lines[1:])
    assert shlex.split("\n".join(lines).replace("\\\n", "")) == command.split()


def test_a_short_command_stays_as_it_is() -> None:
    assert broken("python check.py --zip 1") == "python check.py --zip 1"


@pytest.mark.parametrize(("before", "indent", "room"), [("", "", WIDEST), ("1. Words.\n\n", "   ", WIDEST - 4)])
def test_a_line_wider_than_the_page_stops_the_build(before: str, indent: str, room: int) -> None:
    """In a list too, where there is less room."""
    lines = [f"{indent}    {'x' * width}" for width in (5, room, room + 1)]
    pdf_page(f"# T\n\n{before}{lines[0]}\n{lines[1]}\n", "T", "2026", {})
    with pytest.raises(AutograderError, match=rf'"T" has a line of code of {room + 1} characters: xx') as refused:
        pdf_page(f"# T\n\n{before}{lines[0]}\n{lines[2]}\n", "T", "2026", {})
    assert refused.value.hint.startswith(f"{room} fit.")


def test_a_korean_letter_is_as_wide_as_two() -> None:
    assert columns("a가") == 3
