"""Advice is given if it is due, costs nothing, and is not given otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.core.records import Result, Submission
from autograder.core.rubric import load_rubric
from autograder.core.settings import Limits
from autograder.grading.grader import Grader
from tests.sample_class import RIGHT, hand_in

EXPANDED = """
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    similarity = F.cosine_similarity(z.unsqueeze(1), z.unsqueeze(0), dim=-1) / self.temperature
    similarity = similarity.masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(similarity, torch.arange(len(z)).roll(len(z1)))
"""
OVERFLOWING = """
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    weight = torch.exp(z @ z.T / self.temperature) * (1 - torch.eye(len(z), dtype=z.dtype))
    positive = (z * z.roll(len(z1), 0)).sum(1) / self.temperature
    return (weight.sum(1).log() - positive).mean()
"""
LOOP = """
    total = 0
    for a, b in zip(z1, z2):
        total = total - F.cosine_similarity(a, b, dim=0)
    return total / len(z1)
"""
TWO_PASSES = """
    z1, z2 = self.encoder(im_aug1), self.encoder(im_aug2)
    if self.use_momentum_encoder:
        z2 = self.momentum_encoder(im_aug2)
    p1, p2 = (self.predictor(z1), self.predictor(z2)) if self.use_predictor else (None, None)
    return {"z1": z1, "z2": z2, "p1": p1, "p2": p2}
"""


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(load_rubric(), Limits()) as grader:
        yield grader


def grade(grader: Grader, folder: Path, **answers: str) -> Result:
    own = {question.replace("_", ".").strip("q"): answer for question, answer in answers.items()}
    hand_in(folder / "student", RIGHT | own)
    return grader.grade(Submission("student", folder / "student"), load_rubric().graded)


def advice(result: Result, question: str) -> str:
    return " ".join(next(one for one in result.questions if one.id == question).advisories)


def test_the_usual_answers_get_no_advice(grader: Grader, tmp_path: Path) -> None:
    result = grade(grader, tmp_path)
    assert [question.advisories for question in result.questions] == [()] * len(load_rubric().graded)
    assert result.score == 70


@pytest.mark.published
@pytest.mark.parametrize(
    ("question", "answer", "says"),
    [
        pytest.param("1.2", EXPANDED, "B²·D", id="expanded similarities"),
        pytest.param("1.2", OVERFLOWING, "float16", id="overflow in half precision"),
        pytest.param("1.3", LOOP, "Python loop", id="a loop over the batch"),
        pytest.param("1.1", TWO_PASSES, "encoder runs 2 times where 1 would do", id="a wasted pass"),
        pytest.param("1.3", RIGHT["1.3"].rstrip() + ".float()", "float32 for inputs of torch.float64", id="dtype"),
    ],
)
def test_advice_costs_nothing(grader: Grader, tmp_path: Path, question: str, answer: str, says: str) -> None:
    result = grade(grader, tmp_path, **{f"q{question.replace('.', '_')}": answer})
    assert says in advice(result, question)
    assert result.score == 70


MASKED = """
    LARGE = 1e9
    a, b = F.normalize(z1, dim=-1), F.normalize(z2, dim=-1)
    masks = F.one_hot(torch.arange(len(a)), len(a)).to(a.dtype)
    targets = F.one_hot(torch.arange(len(a)), 2 * len(a)).to(a.dtype)
    ab = a @ b.T / self.temperature
    first = torch.cat([ab, a @ a.T / self.temperature - masks * LARGE], 1)
    second = torch.cat([ab.T, b @ b.T / self.temperature - masks * LARGE], 1)
    terms = [(-targets * F.log_softmax(logits, dim=1)).sum(dim=1) for logits in (first, second)]
    return (terms[0] + terms[1]).mean() / 2
"""
INFINITE = """
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    s = z @ z.T / self.temperature
    s.fill_diagonal_(float("-inf"))
    return F.cross_entropy(s, torch.arange(len(z)).roll(len(z1)), label_smoothing=0.1)
"""


def test_the_constant_that_does_not_fit_is_named(grader: Grader, tmp_path: Path) -> None:
    result = grade(grader, tmp_path, q1_2=MASKED)
    told = advice(result, "1.2")
    assert "1e9 does not fit into it" in told and "exp(" not in told
    assert result.score == 70


def test_nothing_is_said_of_float16_where_no_dtype_is_right(grader: Grader, tmp_path: Path) -> None:
    assert "float16" not in advice(grade(grader, tmp_path, q1_2=INFINITE), "1.2")


DETACHED = "return -F.cosine_similarity(z1.detach(), z2).mean()"
IN_PLACE = "z1.mul_(2.0)\nreturn -F.cosine_similarity(z1, z2).mean()"


@pytest.mark.published
@pytest.mark.parametrize(
    ("answer", "says"),
    [
        pytest.param(DETACHED, "gradient of z1 comes back as None", id="no gradient"),
        pytest.param(IN_PLACE, "in place", id="changed in place"),
    ],
)
def test_advice_beside_lost_points(grader: Grader, tmp_path: Path, answer: str, says: str) -> None:
    result = grade(grader, tmp_path, q1_3=answer)
    assert says in advice(result, "1.3")
    assert result.score < 70
