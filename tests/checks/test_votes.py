"""For every seed of a term, the inputs of question 2 show the rule by which a vote was decided."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.cases.draw import Draw
from autograder.cases.validation import TERM
from autograder.cases.votes import RULES


@pytest.mark.parametrize("seed", range(12))
def test_no_two_rules_give_the_same_counts(seed: int) -> None:
    counted: dict[str, list[int]] = {rule.__name__: [] for rule in RULES}
    for case in TERM["2"](Draw(f"seed {seed}/2")):
        if case.probe == "knn":
            features, columns = case.arrays["features"], case.arrays["train_features"]
            for rule in RULES:
                winners = rule(features @ columns, case.arrays["train_labels"], int(case.params["K"]))
                counted[rule.__name__].append(int(np.sum(winners == case.arrays["labels"])))
    assert len({*map(tuple, counted.values())}) == len(RULES), counted
