"""Tests of autograder/mystery/runs.py: whose run is which, and what is kept."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.mystery.runs import NO_MISTAKE, PATH, Run, Runs, code, load_runs, runs_json, training_seeds

RUNS = tuple(
    Run(
        "python main.py --method simclr",
        name,
        function,
        (9, 10),
        ((0, None, 90.0, 0.2, 40.0), (1, 5.0, 91.0, 0.5, 40.0)),
    )
    for name, function in (
        ("sign", "SSLLoss.contrastive_loss"),
        ("moves-away", "update_momentum_encoder"),
        (NO_MISTAKE, NO_MISTAKE),
    )
)


def kept(tmp_path: Path, content: bytes) -> Path:
    (tmp_path / PATH).parent.mkdir(parents=True)
    (tmp_path / PATH).write_bytes(content)
    return tmp_path


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    assert load_runs(kept(tmp_path, runs_json("seed", RUNS)), "seed").runs == RUNS


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (runs_json("last year", RUNS), "made for another seed"),
        (runs_json("seed", ()), "made for another seed"),
        (b"{", "is damaged"),
        (b'{"seed": "a", "runs": [{"mistake": 1}]}', "is damaged"),
    ],
)
def test_other_runs_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(AutograderError, match=message) as raised:
        load_runs(kept(tmp_path, content), "seed")
    assert "handout mystery --accept" in raised.value.hint


def test_without_runs_it_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(AutograderError, match="cannot be read"):
        load_runs(tmp_path, "seed")


def test_each_run_is_drawn_equally_often_and_neighbours_share_one_by_chance_alone() -> None:
    runs = Runs("", RUNS)
    drawn = [runs.of("seed", f"{number:04}") for number in range(3000)]
    assert all(900 < count < 1100 for count in Counter(drawn).values())
    # Of three runs, a third of all neighbours have the same one.
    assert 900 < sum(one is other for one, other in itertools.pairwise(drawn)) < 1100
    assert len({code("seed", f"{number:04}") for number in range(3000)}) == 3000


def test_run_and_code_follow_from_seed_and_id_alone() -> None:
    runs = Runs("", RUNS)
    students = [f"{number:04}" for number in range(50)]
    assert [runs.of("seed", one) for one in students] == [runs.of("seed", f" {one}") for one in students]
    assert [runs.of("seed", one) for one in students] != [runs.of("other", one) for one in students]
    assert code("seed", "Jose\u0301") == code("seed", "José") != code("other", "José")


def test_the_code_does_not_tell_the_run() -> None:
    """Of those whose code begins alike, each run is somebody's."""
    runs = Runs("", RUNS)
    students = [f"{number}" for number in range(3000)]
    for digit in "0123456789abcdef":
        assert {runs.of("seed", one) for one in students if code("seed", one)[0] == digit} == {*RUNS}


def test_training_seeds_differ_by_course() -> None:
    assert len({*training_seeds("seed", 3), *training_seeds("other", 3)}) == 6
