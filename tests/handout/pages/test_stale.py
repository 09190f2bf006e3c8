"""Changes that were made before the term are found; a list that was begun again is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.handout.pages.stale import changes_before, told

VIVA = '[[manual]]\nid = "6"\ntitle = "Viva"\npoints = 20\n'


@pytest.mark.parametrize(
    ("term", "entries", "named"),
    [
        ("2027 fall", ("2026-11-22",), True),
        ("2027 fall", ("2027-09-01", "2026-11-22"), True),
        ("2027 fall", ("2027-09-01",), False),
        ("2026/2027", ("2026-11-22",), False),
        ("2026 fall", (), False),
        ("this fall", ("2026-11-22",), False),
    ],
)
def test_changes_of_an_earlier_year(repository: Path, term: str, entries: tuple[str, ...], named: bool) -> None:
    course = repository / "solutions" / "course.toml"
    course.write_text(course.read_text("utf-8").replace("2026 fall", term), "utf-8")
    lines = "".join(f"- {date} code: something.\n" for date in entries)
    (repository / "handouts" / "source" / "changes.md").write_text(f"## Changes\n\n{lines}", "utf-8")
    found = list(changes_before(repository))
    assert len(found) == named and all("tells of changes in 2026, and the term is" in line for line in found)


def test_a_viva_has_its_section_among_the_texts(repository: Path) -> None:
    course = repository / "solutions" / "course.toml"
    course.write_text(f"{course.read_text('utf-8')}\n{VIVA}", "utf-8")
    (repository / "handouts" / "source" / "viva.md").write_text("A talk.\n", "utf-8")
    assert told(repository)["handouts/source/viva.md"] == "A talk.\n"
