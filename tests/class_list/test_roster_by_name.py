"""Tests of autograder/class_list/roster.py for platforms whose numbers no list has: people are known by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.class_list.roster import enrol, read_roster
from autograder.core.errors import AutograderError
from autograder.core.records import About, Submission
from autograder.platforms.registry import LISTS

BRIGHTSPACE = "OrgDefinedId,Username,Last Name,First Name,Email\n#71,#ann,Adams,Ann,a@x\n#72,#bob,Baker,Bob,b@x\n"


def known(tmp_path: Path, listed: str, *people: tuple[str, str]) -> list[str]:
    """The ids under which these numbers and names are enrolled."""
    here = [Submission(number, tmp_path, about=About(name), by_name=True) for number, name in people]
    path = tmp_path / "roster.csv"
    path.write_text(listed)
    return [one.student for one in enrol(here, read_roster(path, LISTS)).submissions]


@pytest.mark.parametrize("name", ["Ann Adams", "ADAMS, Ann", "ann Ann Adams", "71 - Ann Adams", "Adams Ann 71"])
def test_whose_number_is_in_no_list_is_known_by_name(tmp_path: Path, name: str) -> None:
    assert known(tmp_path, BRIGHTSPACE, ("1234", name), ("1235", "Eve Eden")) == ["ann", "1235"]
    assert known(tmp_path, "id,name\nann,Ann Adams\n71,Bo\n", ("1234", "Adams Ann")) == ["ann"]


def test_a_name_that_two_have_is_nobodys(tmp_path: Path) -> None:
    twins = BRIGHTSPACE.replace("Baker,Bob", "Adams,Ann") + "#73,#cy,Cruz,Cy,\n"
    assert known(tmp_path, twins, ("1", "Ann Adams"), ("2", "Cy Cruz")) == ["1", "cy"]
    assert known(tmp_path, BRIGHTSPACE, ("1", "Ann Adams"), ("2", "Ann Adams"), ("3", "Bob Baker")) == ["1", "2", "bob"]
    assert known(tmp_path, "id,name\n1,Ann Adams\n2,Ann Adams\n", ("1", "Ann Adams"), ("2", "Ann Adams")) == ["1", "2"]


def test_a_number_that_is_somebody_elses_id_by_chance_is_not_believed(tmp_path: Path) -> None:
    listed = "OrgDefinedId,Last Name,First Name\n#71,Adams,Ann\n#72,Baker,Bob\n"
    assert known(tmp_path, listed, ("71", "Eve Eden"), ("72", "Ann Adams")) == ["Eve Eden 71", "71"]


def test_a_list_without_names_is_told_where_these_are_needed(tmp_path: Path) -> None:
    with pytest.raises(AutograderError, match="has no names") as caught:
        known(tmp_path, "OrgDefinedId,Username\n#71,#ann\n", ("1234", "Ann Adams"))
    assert "first and last names" in caught.value.hint
    assert known(tmp_path, "id,email\n1234,a@x.org\n", ("1234", "Ann Adams")) == ["1234"]
