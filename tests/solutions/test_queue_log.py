"""A run with a queue logs how many queries find their key, in training and on test images."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import main as pretraining
from criterion import SSLLoss
from ssl_kit import engine, flags, logs, measures, plots
from ssl_kit.grids import GRIDS
from ssl_kit.pretraining import Run
from ssl_kit.training import view_makers
from tests.course import needs

pytestmark = needs("B1")
COLUMNS = {"queue_accuracy_train", "queue_loss_test", "queue_accuracy_test"}
SMALL = ["--dataset=fake", "--img_dim=16", "--feat_dim=16", "--arch=small", "--device=cpu", "--batch_size=16"]
SMALL += ["--method=moco-queue", "--queue_batches=2"]


def one_by_one(query: Tensor, key: Tensor, others: list[Tensor], temperature: float) -> tuple[float, bool]:
    """The loss of one query, and whether it is most similar to its own key: the cosines one after the other."""
    cosines = [float(query @ one / (query.norm() * one.norm())) for one in [key, *others]]
    total = sum(math.exp(cosine / temperature) for cosine in cosines)
    return math.log(total) - cosines[0] / temperature, max(cosines[1:]) < cosines[0]


def test_the_steps_count_the_queries_that_find_their_key(tmp_path: Path) -> None:
    run = Run(flags.parse_args([*SMALL, "--exp_dir", str(tmp_path)]), pretraining.update_momentum_encoder)
    method, found = run.method, []
    method.train()
    for batch in run.batches.epoch(0, 1):
        queue = [*method.dictionary.queue.T.clone()]
        method(batch.views, batch.labels, ())
        with torch.no_grad():  # in training mode batch norm takes the batch's own statistics: the same outputs again
            pairs = zip(*(method.model(*batch.views)[name] for name in ("z1", "z2")), strict=True)
            found += [one_by_one(query, key, queue, 1.0)[1] for query, key in pairs]
        method.after_step(pretraining.update_momentum_encoder)
    assert 0 < sum(found) < len(found)
    assert method.counted() == {"queue_accuracy_train": pytest.approx(100 * sum(found) / len(found))}
    with torch.no_grad():  # the next epoch is counted by itself
        method.dictionary.queue.copy_(F.normalize(torch.ones_like(method.dictionary.queue), dim=0))
        method((batch.views[0], batch.views[0]), batch.labels, ())
    assert method.counted() == {"queue_accuracy_train": 100.0}


@pytest.mark.parametrize(("size", "batch"), [(7, 4), (3, 4), (1000, 4), (1000, 50)])
def test_a_queue_of_test_images_holds_the_keys_of_the_images_before(size: int, batch: int) -> None:
    q, k = torch.randn(2, 1, 13, 6, generator=torch.Generator().manual_seed(0))
    losses, found, batch_then = [], [], min(batch, 6)  # more than half of the images leave no queue
    for image in range(13):
        first = image - image % batch_then
        outside = [(first - back) % 13 for back in range(1, 14 - len(range(13)[first : first + batch_then]))]
        loss, finds = one_by_one(q[0, image], k[0, image], [k[0, other] for other in outside[:size]], 0.2)
        losses.append(loss)
        found.append(finds)

    def loss_of(queries: Tensor, keys: Tensor, queue: Tensor) -> Tensor:
        assert queue.shape[1] <= size and len(queries) == len(keys) <= batch
        logits = torch.cat(
            [(F.normalize(queries) * F.normalize(keys)).sum(1)[:, None], F.normalize(queries) @ queue], 1
        )
        return F.cross_entropy(logits / 0.2, torch.zeros(len(queries), dtype=torch.long))

    measured = measures.against_queue(q, k, size, batch, loss_of)
    assert measured["queue_loss_test"] == pytest.approx(sum(losses) / 13, rel=1e-5)
    assert measured["queue_accuracy_test"] == pytest.approx(100 * sum(found) / 13)


def test_both_directions_add_their_losses_and_share_the_queue() -> None:
    """Each image has a direction of its own in space, so the loss has a closed form."""
    q = torch.eye(10).expand(2, 10, 10)
    measured = measures.against_queue(q, q, 6, 2, SSLLoss(temperature=0.5).queue_contrastive_loss)
    assert measured["queue_loss_test"] == pytest.approx(2 * (math.log(math.exp(2) + 6) - 2))
    assert measured["queue_accuracy_test"] == 100
    turned = torch.stack([q[0], q[0].roll(1, dims=0)])
    found = measures.against_queue(q, turned, 20, 2, SSLLoss().queue_contrastive_loss)["queue_accuracy_test"]
    # In the second direction no query has its own key. In the first each has, but the next image's second key equals
    # it, and is in the queue unless that image is in the same batch.
    assert found == 25


@pytest.mark.parametrize("symmetric", ["false", "true"])
def test_a_run_logs_and_draws_both(symmetric: str, tmp_path: Path) -> None:
    common = [*SMALL, "--epochs=2", "--eval_freq=2", f"--symmetric={symmetric}"]
    pretraining.main([*common, "--exp_dir", str(tmp_path / "a")])
    before, first, last = logs.read_log(tmp_path / "a" / "log.csv")
    assert [COLUMNS & {*row} for row in (before, first, last)] == [
        COLUMNS - {"queue_accuracy_train"},
        {"queue_accuracy_train"},
        COLUMNS,
    ]
    assert COLUMNS <= {*GRIDS["queue"].measures} <= {*last, "linear"}
    pretraining.main([*common, "--exp_dir", str(tmp_path / "b"), "--eval_freq=1"])  # measuring moves nothing
    again = logs.read_log(tmp_path / "b" / "log.csv")
    assert [row["loss"] for row in again[1:]] == [first["loss"], last["loss"]] and again[-1]["knn"] == last["knn"]
    assert {name: again[-1][name] for name in COLUMNS} == {name: last[name] for name in COLUMNS}
    made = plots.curves([tmp_path / "a", tmp_path / "b"])
    titled = {axis.get_title(): axis for axis in made.axes}
    axis = titled["queries that find their key, in % (pale: test images)"]
    train, test = axis.lines[:2]
    assert [*train.get_xdata()] == [1, 2] and [*test.get_xdata()] == [0, 2]
    assert [*test.get_ydata()] == [float(row["queue_accuracy_test"]) for row in (before, last)]
    assert train.get_color() == test.get_color() and (train.get_alpha(), test.get_alpha()) == (None, 0.4)
    assert len(titled["loss (pale: test images)"].lines) == 4


@pytest.mark.parametrize("symmetric", ["false", "true"])
def test_what_is_logged_of_test_images_is_what_the_saved_network_gives(symmetric: str, tmp_path: Path) -> None:
    common = [*SMALL, "--epochs=1", f"--symmetric={symmetric}", "--exp_dir", str(tmp_path)]
    pretraining.main(common)
    run = Run(flags.parse_args(common), pretraining.update_momentum_encoder)
    run.resume(tmp_path / "last.pth")
    images, model = run.halves[1], run.model.eval()
    order = torch.randperm(30, generator=engine.generator(0, 0))
    generator, makers = engine.generator(0, 0, 1), view_makers(run.args, images.mirrored)
    draws = [maker.draw(30, generator) for maker in makers]
    with torch.no_grad():
        views = [maker(images.images[order], draw) for maker, draw in zip(makers, draws, strict=True)]
        sides = [(model.encoder(views[0]), model.momentum_encoder(views[1]))]
        sides += [(model.encoder(views[1]), model.momentum_encoder(views[0]))] * (symmetric == "true")
    losses, found = [], []
    for image in range(30):
        batch = range(15) if image < 15 else range(15, 30)  # halves, as 30 images are less than two batches
        outside = [other for other in range(30) if other not in batch]
        before = [keys[other] for other in outside for _, keys in sides][-32:]  # the queue has two batches
        for q, k in sides:
            loss, finds = one_by_one(q[image], k[image], before, 0.1)
            losses.append(loss)
            found.append(finds)
    last = logs.read_log(tmp_path / "log.csv")[-1]
    assert float(last["queue_loss_test"]) == pytest.approx(sum(losses) / 30, rel=1e-4)
    assert float(last["queue_accuracy_test"]) == pytest.approx(100 * sum(found) / len(found), rel=1e-4)
