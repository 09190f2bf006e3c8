"""The classifier that trains beside a method, and weighted k-NN in the log, against lightly's."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from lightly.utils.benchmarking.knn import knn_predict
from torch import nn

import main as pretraining
from ssl_kit import data, measures, monitor
from ssl_kit.flags import PRESETS
from ssl_kit.pretraining import Run
from ssl_kit.probe import OnlineProbe

SMALL = ["--dataset=fake", "--img_dim=16", "--feat_dim=16", "--arch=small", "--device=cpu", "--epochs=1"]


def started(tmp_path: Path, *more: str) -> Run:
    args = pretraining.parse_args([*SMALL, "--exp_dir", str(tmp_path), *more])
    return Run(args, pretraining.update_momentum_encoder)


@pytest.mark.parametrize("method", [name for name in ("byol", "moco-queue", "pixpro", "rotation") if name in PRESETS])
def test_the_encoder_is_that_of_a_run_without_the_probe(method: str, tmp_path: Path) -> None:
    runs = [started(tmp_path, f"--method={method}", f"--online_probe={probe}") for probe in ("false", "true")]
    for run in runs:
        run.advance()
    alone, beside = (run.state() for run in runs)
    assert "probe" not in alone and beside["probe"]["fc"]["weight"].abs().sum() > 0
    for part in ("model", "method"):
        assert all(torch.equal(alone[part][key], beside[part][key]) for key in alone[part])


class Seen(nn.Module):
    """A backbone whose features are the images' own pixels."""

    width = 12

    def __init__(self) -> None:
        super().__init__()
        self.last = nn.BatchNorm2d(12, affine=True)


def test_the_probe_learns_as_a_linear_layer_with_adam_does() -> None:
    backbone, draw = Seen(), torch.Generator().manual_seed(0)
    probe = OnlineProbe(backbone, 5, 0.01)
    theirs = nn.Linear(12, 5)
    nn.init.zeros_(theirs.weight)
    nn.init.zeros_(theirs.bias)
    optimizer = torch.optim.Adam(theirs.parameters(), 0.01)
    right = 0.0
    for _ in range(5):
        maps, labels = torch.randn(8, 12, 2, 2, generator=draw), torch.arange(8) % 5
        first = backbone.last(maps)
        backbone.last(maps + 1e3)  # the second view
        logits = theirs(first.detach().mean(dim=(2, 3)))
        right += float((logits.argmax(dim=1) == labels).float().mean())
        optimizer.zero_grad()
        F.cross_entropy(logits, labels).backward()
        optimizer.step()
        probe.step(labels)
    torch.testing.assert_close(probe.fc.weight, theirs.weight)
    assert all(parameter.grad is None for parameter in backbone.parameters())
    found = probe.measure(nn.Flatten(), [(torch.ones(5, 12), torch.full((5,), int(theirs(torch.ones(12)).argmax())))])
    assert found == {"probe": 100.0, "probe_train": pytest.approx(20 * right)}


def test_weighted_k_nn_in_the_log_is_that_of_lightly(tmp_path: Path) -> None:
    run = started(tmp_path, "--weighted_knn=20", "--dataset=digits", "--img_dim=8")
    row = monitor.evaluate(run.method, run.halves, run.args, run.device, 0)
    known, queries = (
        measures.extract_features(run.model.encoder.backbone, data.plain_batches(half, 500, 8), run.device)
        for half in run.halves
    )
    ranked = knn_predict(queries[0], known[0].T, known[1], num_classes=10, knn_k=20, knn_t=0.07)
    assert row["knn_weighted"] == pytest.approx(100 * float((ranked[:, 0] == queries[1]).float().mean()))
    assert row["knn_weighted"] != row["knn"]
    assert "(weighted)" in monitor.describe(row, 1)


@pytest.mark.parametrize("more", [["--label_fraction=0.5"], ["--dataset=stl10"]])
def test_the_probe_wants_all_labels(more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        pretraining.parse_args(["--online_probe=true", *more])
    assert "needs all labels" in capsys.readouterr().err
