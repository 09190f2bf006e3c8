"""Measured numbers are quoted by name, and a missing name stops the build."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.handout.build import texts_of
from autograder.handout.pages.measured import NUMBERS, measured, quoting

TABLE = '[collapse.simsiam]\ncommand = "python main.py"\nknn = 98.0\nstd_sqrt_d = 0.935\n'


def test_a_page_quotes_what_was_measured(repository: Path) -> None:
    (repository / NUMBERS).write_text(TABLE)
    source = repository / "handouts/source/questions/1.2.md"
    source.write_text('{{ number("collapse.simsiam.knn") }} % by `{{ number("collapse.simsiam.command") }}`')
    assert "98.0 % by `python main.py`" in texts_of(repository)["assignment"]
    (repository / NUMBERS).unlink()
    with pytest.raises(AutograderError, match=r"cannot be filled: .*collapse\.simsiam\.knn is not in handouts/source"):
        texts_of(repository)


def test_a_command_on_a_page_has_a_folder_of_its_own(repository: Path) -> None:
    (repository / NUMBERS).write_text(
        '[levels.trained]\ncommand = "python main.py"\nlinear = "python main_linclis.py --pretrained exp/last.pth"\n'
    )
    source = repository / "handouts/source/questions/1.2.md"
    slots = ('{{ command("levels.trained.command", "exp/a") }}', '{{ command("levels.trained.linear", "exp/a") }}')
    source.write_text("\n".join(slots))
    expected = "python main.py --exp_dir exp/a\npython main_linclis.py --pretrained exp/a/last.pth --exp_dir exp/a"
    assert expected in texts_of(repository)["assignment"]
    source.write_text('{{ command("levels.trained.command") }}')
    with pytest.raises(AutograderError, match=r"1\.2\.md has a slot that cannot be filled: .*'folder'"):
        texts_of(repository)


def test_digits_are_those_of_the_file_or_those_asked_for(repository: Path) -> None:
    (repository / NUMBERS).write_text(TABLE)
    number = quoting(measured(repository))
    assert [number("collapse.simsiam.std_sqrt_d", digits) for digits in (None, 2, 1)] == ["0.935", "0.94", "0.9"]


def test_a_damaged_file_is_named(repository: Path) -> None:
    (repository / NUMBERS).write_text("[collapse")
    with pytest.raises(AutograderError, match=r"numbers\.toml cannot be read"):
        measured(repository)
