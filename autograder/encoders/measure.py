"""Measures a trained encoder that a student handed in (`--representations`): the grader's own k-NN accuracy.

Only the weights are taken: `encoder.safetensors`, as `checkpoints.py` exports it. They are loaded into the backbone as
handed out, in the sandbox; no code of the student runs, and no label is there. The student's claim is reported next
to the measured value.
"""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from autograder.collect.tree import materialise
from autograder.core import store
from autograder.core.errors import AutograderError, SubmissionProblem
from autograder.core.records import Array, Case, Question, Submission
from autograder.core.settings import MIB, SKELETON, Settings
from autograder.encoders.page import Measured
from autograder.grading.threads import map_local
from autograder.grading.worker import version
from autograder.sandbox.client import Server, Zygote
from autograder.sandbox.session import Session

ENCODER = "encoder.safetensors"
K = 20
BATCH = 1000
"""The number of images in one call: their features must fit into one message."""
MOST_IMAGES = 20_000
MOST_BYTES = 1024 * MIB
QUESTION = Question("representation", "Representation", "model_factory.py", 0)
NAMES = ("train_images", "train_labels", "test_images", "test_labels")


@dataclass(frozen=True)
class Labelled:
    """The instructor's set: images uint8 `[N, 3, H, W]`, labels integers `[N]`."""

    train_images: Array
    train_labels: Array
    test_images: Array
    test_labels: Array
    digest: str


def read_labelled(path: Path) -> Labelled:
    """Read an `.npz` with `train_images`, `train_labels`, `test_images` and `test_labels`; raises AutograderError."""
    hint = f"Give an .npz with {', '.join(NAMES)}: uint8 [N, 3, H, W] and integers [N], {MOST_IMAGES:,} at most."
    try:
        data = path.read_bytes()
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            found = [np.asarray(arrays[name]) for name in NAMES]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise AutograderError(f"The labelled images {path} cannot be read: {error}.", hint) from error
    for images, labels in (found[:2], found[2:]):
        right = images.dtype == np.uint8 and images.ndim == 4 and images.shape[1] == 3
        if not (right and labels.shape == images.shape[:1] and labels.dtype.kind in "iu" and len(labels)):
            raise AutograderError(f"{path} holds something else than labelled images.", hint)
    if len(found[0]) + len(found[2]) > MOST_IMAGES or len(found[0]) < K:
        raise AutograderError(f"{path} holds too many or too few images.", hint)
    train_images, train_labels, test_images, test_labels = found
    return Labelled(train_images, train_labels, test_images, test_labels, hashlib.sha256(data).hexdigest())


def measure_class(submissions: Sequence[Submission], labelled: Labelled, settings: Settings) -> list[Measured]:
    """Measure every encoder that was handed in and is not measured yet; best first."""
    known = _load(settings.output / "representations.json")
    found: list[Measured] = []
    work: list[tuple[Submission, str]] = []
    for submission in submissions:
        digest = _digest(submission, labelled, settings)
        if digest is None:
            continue
        earlier = known.get(submission.student)
        if earlier is not None and earlier.digest == digest:
            found.append(earlier)
        else:
            work.append((submission, digest))
    if work:
        with Zygote(SKELETON) as zygote:

            @contextmanager
            def make_worker() -> Iterator[Callable[[tuple[Submission, str]], Measured]]:
                with Server(SKELETON, settings.sandbox, zygote, settings.limits) as server:
                    yield lambda task: _measure(*task, labelled, server, settings)

            found += map_local(make_worker, work, settings.jobs, zygote.close)
    found.sort(key=lambda one: (one.accuracy is None, -(one.accuracy or 0), one.student))
    text = json.dumps([asdict(one) for one in found], ensure_ascii=False)
    store.write_whole(settings.output / "representations.json", text + "\n")
    return found


def _load(path: Path) -> dict[str, Measured]:
    try:
        return {one["student"]: Measured(**one) for one in json.loads(path.read_text("utf-8"))}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


@contextmanager
def _encoder(submission: Submission, settings: Settings) -> Iterator[Path | None]:
    """Put the encoder alone into a folder; None if there is none, or more than one."""
    with tempfile.TemporaryDirectory(prefix="autograde-", ignore_cleanup_errors=True) as folder:
        try:
            root = materialise(submission, Path(folder) / "all", settings.limits, report_only=True).root
        except SubmissionProblem:
            yield None
            return
        found = [path for path in root.rglob(ENCODER) if path.is_file()]
        if len(found) != 1 or found[0].stat().st_size > MOST_BYTES:
            yield None
            return
        alone = Path(folder) / "alone"
        alone.mkdir()
        found[0].rename(alone / ENCODER)
        yield alone


def _digest(submission: Submission, labelled: Labelled, settings: Settings) -> str | None:
    with _encoder(submission, settings) as folder:
        if folder is None:
            return None
        with open(folder / ENCODER, "rb") as file:
            own = hashlib.file_digest(file, "sha256").hexdigest()
    return hashlib.sha256(f"{own} {labelled.digest} {version()}".encode()).hexdigest()


def _measure(submission: Submission, digest: str, labelled: Labelled, server: Server, settings: Settings) -> Measured:
    with _encoder(submission, settings) as folder:
        assert folder is not None
        with Session(server, folder, {}, settings.limits, questions=2 + MOST_IMAGES // BATCH) as session:
            parts = []
            for images in (labelled.train_images, labelled.test_images):
                features, claimed, problem = _features(session, images)
                if features is None:
                    return Measured(submission.student, None, claimed, problem, digest)
                parts.append(features)
    accuracy = knn_accuracy(parts[0], labelled.train_labels, parts[1], labelled.test_labels)
    return Measured(submission.student, round(accuracy, 2), claimed, "", digest)


def _features(session: Session, images: Array) -> tuple[Array | None, float | None, str]:
    """Features `[N, D]` of some images, the student's claim, and an error if there was one."""
    rows: list[Array] = []
    claimed: float | None = None
    for at in range(0, len(images), BATCH):
        case = Case(QUESTION.id, f"images from {at}", "encode", {"images": images[at : at + BATCH]}, {"file": ENCODER})
        # The skeleton's own file stands in for the student's: none is there.
        session.post(QUESTION, [case], frozenset({"model_factory"}))
        outcome = session.collect(QUESTION, [case])
        error = outcome.failed or outcome.died or (outcome.answers[0].error if outcome.answers else None)
        if error is not None:
            return None, claimed, error.message
        values = outcome.answers[0].values
        features, told = (values[name].array if name in values else None for name in ("features", "claimed"))
        if features is None or features.ndim != 2 or len(features) != len(case.arrays["images"]):
            return None, claimed, "The features are not one row for each image."
        if not np.isfinite(features).all() or (rows and rows[0].shape[1] != features.shape[1]):
            return None, claimed, "The features are not finite numbers, or not as many for every image."
        claimed = float(told) if told is not None and told.ndim == 0 and np.isfinite(told) else None
        rows.append(features.astype(np.float32))
    return np.concatenate(rows), claimed, ""


def knn_accuracy(train: Array, train_labels: Array, test: Array, test_labels: Array, k: int = K) -> float:
    """Percent of the test rows whose `k` most similar training rows (cosine) vote for the right label.

    Equal counts go to the smallest label, as in question 2.
    """
    train, test = (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12) for rows in (train, test))
    classes, votes_for = np.unique(train_labels, return_inverse=True)
    right = 0
    for at in range(0, len(test), BATCH):
        nearest = np.argpartition(-(test[at : at + BATCH] @ train.T), k - 1, axis=1)[:, :k]
        votes = np.zeros((len(nearest), len(classes)), np.int64)
        np.add.at(votes, (np.arange(len(nearest))[:, None], votes_for[nearest]), 1)
        right += int((classes[votes.argmax(axis=1)] == test_labels[at : at + BATCH]).sum())
    return 100 * right / len(test)
