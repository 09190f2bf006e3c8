"""A term's hidden inputs are its own: the published seed and an earlier term's are refused, and named in grading."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.core.rubric import is_published, load_rubric, seed_notes
from autograder.handout.build import Inputs, generate
from autograder.handout.repository import install
from autograder.handout.term.seeds import RUBRIC, seed_problems

ROOT = Path(__file__).parents[3]


def problems(repository: Path, inputs: Inputs, term: str, seed: str) -> list[str]:
    """The problems of the miniature course after a build with this term and seed."""
    course = repository / "solutions" / "course.toml"
    rest = [line for line in course.read_text().splitlines() if not line.startswith(("term =", "seed ="))]
    course.write_text("\n".join([f'term = "{term}"', f'seed = "{seed}"', *rest]))
    files = generate(repository, inputs)
    install(repository, files)
    assert generate(repository, inputs) == files
    return list(seed_problems(repository, files))


@pytest.mark.published
def test_the_kit_as_it_was_published_is_not_ready_for_release() -> None:
    (line,) = seed_problems(ROOT, {RUBRIC: (ROOT / RUBRIC).read_bytes()})
    assert "the kit was published" in line and "token_hex" in line


def test_a_new_term_wants_a_new_seed(repository: Path, inputs: Inputs) -> None:
    assert problems(repository, inputs, "2026 fall", "first") == []
    (line,) = problems(repository, inputs, "2027 fall", "first")
    assert line.startswith("the seed is that of the term 2026 fall")
    assert problems(repository, inputs, "2027 fall", "second") == []
    assert problems(repository, inputs, "2027 fall", "third") == []
    for earlier in ("first", "second", "third"):
        assert len(problems(repository, inputs, "2028 fall", earlier)) == 1
    assert list(json.loads((repository / RUBRIC).read_text())["terms"]) == ["2026 fall", "2027 fall", "2028 fall"]
    assert "first" not in (repository / RUBRIC).read_text().replace('"seed": "first"', "")


@pytest.mark.published
@pytest.mark.parametrize(("seed", "told"), [(load_rubric().seed, True), ("ssl-2026-fall/2027", True), ("own", False)])
def test_grading_with_the_published_seed_is_told(seed: str, told: bool) -> None:
    assert is_published(seed) is told
    assert ["set another `seed`" in note for note in seed_notes(replace(load_rubric(), seed=seed))] == [True] * told
