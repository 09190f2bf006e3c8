"""A hint is given for exactly the mistakes that were made, alone or together, and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.cases import all_cases
from autograder.checks import judge
from autograder.core.records import Diagnosis, Submission
from autograder.core.rubric import load_rubric, select
from autograder.core.settings import SOLUTIONS, Limits
from autograder.diagnose.match import diagnose
from autograder.diagnose.several import cover
from autograder.grading.grader import Grader
from tests.sample_class import RIGHT, hand_in


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader(load_rubric(), Limits()) as grader:
        yield grader


def diagnosis(grader: Grader, folder: Path, question: str, answer: str) -> tuple[Diagnosis, ...]:
    hand_in(folder / "student", RIGHT | {question: answer})
    questions = select(load_rubric(), [question]).questions
    (result,) = grader.grade(Submission("student", folder / "student"), questions).questions
    return result.diagnosis


def test_a_mistake_is_named_however_it_is_written(grader: Grader, tmp_path: Path) -> None:
    own_in_denominator = """
        z = F.normalize(torch.cat([z1, z2]), dim=1)
        weight = torch.exp(z @ z.T / self.temperature)
        total = 0
        for i in range(len(z)):
            total = total - torch.log(weight[i, (i + len(z1)) % len(z)] / weight[i].sum())
        return total / len(z)
    """
    (found,) = diagnosis(grader, tmp_path, "1.2", own_in_denominator)
    assert found.mistake == "own_similarity_kept"
    assert found.certain


def test_two_mistakes_at_once_are_both_named(grader: Grader, tmp_path: Path) -> None:
    weight_and_mode = RIGHT["3"].replace("std=0.01", "std=0.1").replace("        model.eval()\n", "")
    (found,) = diagnosis(grader, tmp_path, "3", weight_and_mode)
    assert found.mistake == "deviation_of_a_tenth+eval_mode_forgotten"
    assert found.hint.startswith("Two things at once: fc.weight is drawn with standard deviation 0.1; and the mode is")


@pytest.mark.published
@pytest.mark.parametrize(
    ("question", "answer"),
    [
        pytest.param("1.3", "return (z1 * 0.123 + z2).tanh().sum()", id="nonsense"),
        pytest.param("1.3", RIGHT["1.3"], id="right"),
        pytest.param("1.3", "raise NotImplementedError('Question 1.3 is not implemented yet')", id="unfilled"),
    ],
)
def test_nothing_is_guessed(grader: Grader, tmp_path: Path, question: str, answer: str) -> None:
    assert diagnosis(grader, tmp_path, question, answer) == ()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        pytest.param("2", "raise RuntimeError('something of my own')", id="another RuntimeError"),
        pytest.param("1.2", "raise ValueError('x')", id="another ValueError"),
        pytest.param("1.2", "return F.all_gather(z1)", id="another attribute"),
        pytest.param("1.2", "import torch.distributed as d\nd.all_gather([z1], z1)", id="no process group"),
        pytest.param("1.2", "return z1.to('mps').sum()", id="an Apple GPU"),
        pytest.param("2", "return KNN(features)", id="a call that is refused"),
        pytest.param("1.4", "model.encoder.cuda()", id="an NVIDIA GPU in the update"),
        pytest.param("2", "features = features.cuda()\nreturn 0", id="an NVIDIA GPU in k-NN"),
    ],
)
def test_another_error_of_the_same_type_gets_no_hint(
    grader: Grader, tmp_path: Path, question: str, answer: str
) -> None:
    assert diagnosis(grader, tmp_path, question, answer) == ()


def test_a_gpu_that_is_not_there_is_named(grader: Grader, tmp_path: Path) -> None:
    (found,) = diagnosis(grader, tmp_path, "1.2", "return torch.eye(len(z1)).cuda().sum()")
    assert (found.mistake, found.certain) == ("moved_to_cuda", True)


@pytest.mark.parametrize(
    "kind", ["unfilled", "stub", "absent", "call", "import", "missing", "library", "sandbox", "ended", "memory"]
)
def test_an_error_that_tells_all_gets_no_hint(grader: Grader, kind: str) -> None:
    """A mistake's own error, as if it were of another kind: the type and the words alone would be enough."""
    rubric = load_rubric()
    question = rubric["1.2"]
    cases = all_cases(question.id, rubric.seed, "student")
    raised = grader.key.reference.answers(question, cases, "mistakes/contrastive/name_unknown")
    right = grader.key.reference.answers(question, cases)
    found = diagnose(question, judge.beside(cases, raised, right), grader.key.reference, SOLUTIONS / "mistakes")
    assert [one.mistake for one in found] == ["name_unknown"]
    other = [replace(one, error=one.error and replace(one.error, kind=kind)) for one in raised]
    assert diagnose(question, judge.beside(cases, other, right), grader.key.reference, SOLUTIONS / "mistakes") == ()


AUTOCAST = """
    with torch.autocast(z1.device.type, dtype=torch.bfloat16):
        z = F.normalize(torch.cat([z1, z2]), dim=1)
        s = (z @ z.T / self.temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
        return F.cross_entropy(s, torch.arange(len(z)).roll(len(z1)))
"""
AUTOCAST_FORWARD = """
    import torch
    with torch.autocast(device_type=im_aug1.device.type, dtype=torch.bfloat16):
        z1 = self.encoder(im_aug1)
        z2 = self.momentum_encoder(im_aug2) if self.use_momentum_encoder else self.encoder(im_aug2)
        p1 = self.predictor(z1) if self.use_predictor else None
        p2 = self.predictor(z2) if self.use_predictor else None
    return {"z1": z1, "z2": z2, "p1": p1, "p2": p2}
"""
ON_RETURN = """
    z1 = self.encoder(im_aug1)
    z2 = self.momentum_encoder(im_aug2) if self.use_momentum_encoder else self.encoder(im_aug2)
    p1, p2 = (self.predictor(z1), self.predictor(z2)) if self.use_predictor else (None, None)
    from torch.nn import functional
    return {"z1": functional.normalize(z1, dim=1), "z2": functional.normalize(z2, dim=1), "p1": p1, "p2": p2}
"""
CHUNKS = """
    bs, correct = 100, 0
    for i in range(len(features) // bs):
        nearest = (features[i * bs:(i + 1) * bs] @ train_features).topk(K, dim=1).indices
        correct += (train_labels[nearest].mode(dim=1).values == labels[i * bs:(i + 1) * bs]).sum().item()
    return correct
"""
SKIPPED = """
    nearest = (features @ train_features).topk(K + 1, dim=1).indices[:, 1:]
    return (train_labels[nearest].mode(-1)[0] == labels).sum().item()
"""
PUBLISHED_BARLOW = """
    bn = torch.nn.BatchNorm1d(z1.shape[1], affine=False)
    c = bn(z1).T @ bn(z2)
    c.div_(z1.shape[0])
    on_diagonal = torch.diagonal(c).add_(-1).pow_(2).sum()
    rest = c.pow(2).sum() - torch.diagonal(c).pow(2).sum()
    return on_diagonal + self.lambd * rest
"""
BARLOW_BY_STD = """
    a, b = ((z - z.mean(0)) / z.std(0) for z in (z1, z2))
    c = a.T @ b / len(z1)
    return (1 - c.diagonal()).square().sum() + self.lambd * (c.square().sum() - c.diagonal().square().sum())
"""
SMOOTHED = """
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    s = z @ z.T / self.temperature
    s.fill_diagonal_(float("-inf"))
    return F.cross_entropy(s, torch.arange(len(z)).roll(len(z1)), label_smoothing=0.1)
"""


@pytest.mark.published
@pytest.mark.parametrize(
    ("question", "answer", "mistake"),
    [
        ("1.1", AUTOCAST_FORWARD, "autocast_in_forward"),
        ("1.1", ON_RETURN, "embeddings_normalised_on_return"),
        ("1.2", AUTOCAST, "autocast_in_the_loss"),
        ("1.2", SMOOTHED, "targets_smoothed_over_the_view_itself"),
        ("2", CHUNKS, "last_chunk_left_out"),
        ("2", SKIPPED, "nearest_left_out_as_the_query_itself"),
        ("B2", PUBLISHED_BARLOW, "statistics_of_a_float32_module"),
        ("B2", BARLOW_BY_STD, "unbiased_deviation+eps_left_out"),
    ],
)
def test_published_habits_have_names(grader: Grader, tmp_path: Path, question: str, answer: str, mistake: str) -> None:
    assert [found.mistake for found in diagnosis(grader, tmp_path, question, answer)] == [mistake]


def test_the_smallest_sets_that_cover() -> None:
    shown = {"a": {1}, "b": {2}, "c": {3}, "d": {9}, "e": {2, 3}}
    assert cover({1, 2, 3}, shown) == [("a", "e")]
    assert cover({1, 2}, shown) == [("a", "b")]
    assert cover({1, 4}, shown) == []
