"""Answers inside given functions: one that was given away is found when it is put back, and reported with its code."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from autograder.handout.compositions import Found, SearchFailed, search
from autograder.handout.compositions.values import returns

ROOT = Path(__file__).parents[2]
LEAKS = {
    # With `None` for the temperature the weighted vote was the plain one: two calls answered question 2.
    "2": (
        "ssl_kit/measures.py",
        "def knn_sweep(",
        '''
def _winners(similarity: Tensor, votes: Tensor, temperature: float | None) -> Tensor:
    """The label that wins each row, `[B]`: by the number of votes, or with a temperature by their weights."""
    weights = torch.ones_like(similarity) if temperature is None else (similarity / temperature).exp()
    scores = weights.new_zeros(len(votes), int(votes.max()) + 1)
    return scores.scatter_add_(1, votes, weights).argmax(dim=1)


''',
    ),
    # A function that changes what it is given, under another name and with its arguments in another order.
    "1.4": (
        "main.py",
        "def main(",
        '''
def blend(rate: float, slow: torch.nn.Module, fast: torch.nn.Module) -> None:
    """Move one network towards another."""
    with torch.no_grad():
        for ours, theirs in zip(slow.parameters(), fast.parameters(), strict=True):
            ours.copy_(rate * ours + (1 - rate) * theirs)


''',
    ),
}


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository with answers given away in its student files."""
    root = tmp_path_factory.mktemp("leaky")
    for folder in ("autograder", "solutions", "assignment"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file, before, leak in LEAKS.values():
        for folder in ("solutions", "assignment"):
            path = root / folder / file
            path.write_text(path.read_text("utf-8").replace(before, leak.lstrip() + before, 1), "utf-8")
    return root


@pytest.fixture(scope="module")
def found(leaky: Path) -> dict[str, Found]:
    return {one.question: one for one in search(leaky, (*LEAKS, "3"))}


@pytest.mark.published
def test_the_vote_without_weights_is_found(found: dict[str, Found]) -> None:
    code = "measures._winners(measures.nearest_images(features, train_features.T, K)[0]"
    assert any(code in answer and ", None)" in answer for answer in found["2"].answers)


@pytest.mark.published
def test_a_function_that_does_its_work_in_place_is_found(found: dict[str, Found]) -> None:
    assert "blend(m, model.momentum_encoder, model.encoder)\nreturn None" in found["1.4"].answers


def test_none_is_found_where_nothing_is_given_away(found: dict[str, Found]) -> None:
    assert found["3"].answers == () and found["3"].tried > 1000


def test_a_search_that_can_not_run_says_so(leaky: Path) -> None:
    """Last: it breaks the tree."""
    (leaky / "assignment" / "ssl_kit" / "engine.py").write_text("import nothing_of_that_name\n", "utf-8")
    with pytest.raises(SearchFailed, match="nothing_of_that_name"):
        list(search(leaky, ["3"]))


def test_a_mask_is_a_result_that_has_no_negative() -> None:
    mask = torch.tensor([True, False])
    assert [code for code, _ in returns("f(z)", mask, {}, torch.zeros(2))] == ["f(z)"]
