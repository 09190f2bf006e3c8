"""Encoders that students hand in, measured by the grader: right, claimed too high, broken, hostile."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from autograder.cli import main
from autograder.core.errors import AutograderError
from autograder.core.settings import SKELETON, SOLUTIONS
from autograder.encoders.measure import knn_accuracy, read_labelled
from autograder.encoders.page import Measured, representations_page

DICE = np.random.default_rng(0)


def two_kinds(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Dark and light images, which any backbone tells apart."""
    labels = np.arange(n) % 2
    noise = DICE.integers(0, 40, (n, 3, 16, 16))
    return (noise + 200 * labels[:, None, None, None]).astype(np.uint8), labels


@pytest.fixture
def images(tmp_path: Path) -> Path:
    (train, train_labels), (test, test_labels) = two_kinds(60), two_kinds(30)
    arrays = {"train_images": train, "train_labels": train_labels, "test_images": test, "test_labels": test_labels}
    np.savez(tmp_path / "images.npz", **arrays)
    return tmp_path / "images.npz"


def encoder(monkeypatch: pytest.MonkeyPatch, folder: Path, claim: str) -> None:
    """Export a checkpoint by the given script, as a student does."""
    monkeypatch.syspath_prepend(SOLUTIONS)
    from ssl_kit import checkpoints
    from ssl_kit.networks import Backbone

    torch.manual_seed(0)
    weights = {f"encoder.backbone.{key}": value for key, value in Backbone("small").state_dict().items()}
    folder.mkdir(parents=True)
    checkpoints.save_checkpoint(folder / "last.pth", {"args": {"arch": "small"}, "epoch": 1, "model": weights})
    assert checkpoints.main([str(folder / "last.pth"), str(folder / "encoder.safetensors"), "--knn", claim]) == 0


def test_measured_against_claimed(tmp_path: Path, images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder(monkeypatch, tmp_path / "class" / "ann", "100")
    for student in ("bob", "cy", "di"):
        shutil.copytree(tmp_path / "class" / "ann", tmp_path / "class" / student)
    (tmp_path / "class" / "bob" / "encoder.safetensors").write_bytes(b"\xff" * 100)
    (tmp_path / "class" / "di" / "encoder.safetensors").unlink()
    # A student's own code is not what is run.
    (tmp_path / "class" / "cy" / "networks.py").write_text("raise SystemExit\n")
    for student in ("ann", "bob", "cy", "di"):
        shutil.copy(SKELETON / "main_linclis.py", tmp_path / "class" / student)
    command = [str(tmp_path / "class"), "--output", str(tmp_path / "grades"), "--question", "3"]
    for _ in range(2):
        assert main([*command, "--representations", str(images)]) == 0
        page = (tmp_path / "grades" / "representations.html").read_text()
        assert page.count(">100.00<") == 4
        assert "3 encoders" in page
        assert "<bdi>bob</bdi>" in page and "<bdi>di</bdi>" not in page


def test_a_claim_far_above_is_remarked() -> None:
    lines = [Measured("a", 80.0, 81.0, "", ""), Measured("b", 70.0, 84.0, "", "")]
    page = representations_page(lines, 20, (50, 10))
    assert page.count("claims over 2 percentage points more than was measured") == 1


def test_votes_are_those_of_question_2() -> None:
    train, labels = DICE.normal(size=(40, 5)).astype(np.float32), DICE.integers(0, 4, 40)
    test, expected = DICE.normal(size=(25, 5)).astype(np.float32), DICE.integers(0, 4, 25)
    unit = train / np.linalg.norm(train, axis=1, keepdims=True)
    right = 0
    for row, label in zip(test, expected, strict=True):
        nearest = np.argsort(-(unit @ row))[:7]
        right += int(np.bincount(labels[nearest], minlength=4).argmax() == label)
    assert knn_accuracy(train, labels, test, expected, 7) == 100 * right / 25


@pytest.mark.parametrize("broken", ["nothing", "text", "labels", "shape", "short", "bytes"])
def test_images_that_are_none_are_refused(tmp_path: Path, images: Path, broken: str) -> None:
    with np.load(images) as arrays:
        found = dict(arrays)
    if broken == "labels":
        found["test_labels"] = found["test_labels"][:-1]
    if broken == "shape":
        found["train_images"] = found["train_images"].transpose(0, 2, 3, 1)
    np.savez(images, **found)
    if broken == "text":
        images.write_text("no npz")
    if broken == "short":
        images.write_bytes(images.read_bytes()[:-200])
    if broken == "bytes":
        images.write_bytes(images.read_bytes().replace(b"\1\0\0\0\0\0\0\0", b"\2\0\0\0\0\0\0\0"))
    with pytest.raises(AutograderError, match="images"):
        read_labelled(tmp_path / "none.npz" if broken == "nothing" else images)


def test_images_that_are_none_are_refused_before_the_class_is_graded(tmp_path: Path, images: Path) -> None:
    images.write_bytes(images.read_bytes()[:-200])
    (tmp_path / "class" / "ann").mkdir(parents=True)
    shutil.copy(SKELETON / "criterion.py", tmp_path / "class" / "ann")
    command = [str(tmp_path / "class"), "--output", str(tmp_path / "grades"), "--representations", str(images)]
    with pytest.raises(AutograderError, match="labelled images"):
        main(command)
    assert not (tmp_path / "grades").exists()
