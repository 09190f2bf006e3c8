"""Two processes over Gloo have the loss and the gradients of one process with the whole batch."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
import torch
import torch.multiprocessing as multiprocessing
from torch import nn

from ssl_kit import ranks
from ssl_kit.flags import PRESETS
from tests.course import needs

SPREAD = ("simclr", "moco", "moco-queue", "byol", "simsiam", "barlow-twins", "directpred", "pixpro", "supervised")
METHODS = [name for name in SPREAD if name in PRESETS]
FLAGS = ["--dataset=fake", "--img_dim=16", "--feat_dim=16", "--arch=small", "--batch_size=32", "--device=cpu"]
FLAGS += ["--epochs=2", "--eval_freq=2", "--momentum=0", "--weight_decay=0"]


def one_step(name: str, folder: Path) -> None:
    """The first loss and all gradients of a method, written to `folder` by the first process."""
    import main as pretraining
    from ssl_kit import ranks
    from ssl_kit.pretraining import Run

    run = Run(
        pretraining.parse_args([*FLAGS, f"--method={name}", "--exp_dir", str(folder)]),
        pretraining.update_momentum_encoder,
    )
    run.method.train()
    without_kinks(run.method)
    loss = run.loss_of(next(run.batches.epoch(0, 1)))
    loss.backward()
    value = ranks.mean(loss)
    gradients = {key: p.grad for key, p in run.method.named_parameters() if p.grad is not None}
    buffers = {key: b.clone() for key, b in run.method.named_buffers() if b.is_floating_point()}
    if ranks.is_first():
        torch.save({"loss": value, "gradients": gradients, "buffers": buffers}, folder / f"{name}.pth")


def without_kinks(model: nn.Module) -> None:
    """Smooth every ReLU: otherwise the rounding of an activation near 0 would decide about gradients."""
    for parent in list(model.modules()):
        for name, child in parent.named_children():
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.Softplus())


def shuffled(rank: int, folder: Path) -> None:
    """Rows of both processes, dealt out again and brought back, and the batch norm of keys that are shuffled."""
    import main as pretraining
    from ssl_kit import ranks
    from ssl_kit.pretraining import Run

    own = torch.arange(8.0)[:, None] + 10 * rank
    dealt, order = ranks.shuffle(own)
    found = {"own": own, "dealt": dealt, "order": order, "back": ranks.unshuffle(dealt, order)}
    flags = ["--method=moco-queue", "--shuffle_bn=true", "--exp_dir", str(folder)]
    run = Run(pretraining.parse_args([*FLAGS, *flags]), pretraining.update_momentum_encoder)
    run.method.train()
    batch = run.on_device(next(run.batches.epoch(0, 1)))
    seen: list[torch.Tensor] = []
    run.model.momentum_encoder.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0]))
    run.loss_of(batch).backward()
    found |= {"views": batch.views[1], "keys": run.method.keys[0], "encoded": seen[0]}
    found["mean"] = next(b for key, b in run.model.momentum_encoder.named_buffers() if key.endswith("running_mean"))
    torch.save(found, folder / f"shuffled-{rank}.pth")


def work(rank: int, port: int, folder: str) -> None:
    """One of two processes; also trains a whole run."""
    import sys

    sys.path.insert(0, str(Path(__file__).parents[2] / "solutions"))
    torch.set_num_threads(1)
    os.environ.update(RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE="2")
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port), GLOO_SOCKET_IFNAME="lo")
    import main as pretraining

    for name in METHODS:
        one_step(name, Path(folder))
    if "moco-queue" in PRESETS:
        shuffled(rank, Path(folder))
    pretraining.main([*FLAGS, "--method=moco-queue", "--exp_dir", folder])


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what two processes found."""
    folder = tmp_path_factory.mktemp("two")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    multiprocessing.spawn(work, (port, str(folder)), nprocs=2)
    return folder


@pytest.mark.parametrize("name", METHODS)
def test_loss_gradients_and_statistics_equal_those_of_one_process(name: str, two: Path, tmp_path: Path) -> None:
    one_step(name, tmp_path)
    alone, together = (torch.load(folder / f"{name}.pth", weights_only=True) for folder in (tmp_path, two))
    torch.testing.assert_close(together["loss"], alone["loss"], rtol=1e-5, atol=1e-6)
    for part in ("gradients", "buffers"):
        assert together[part].keys() == alone[part].keys()
        for key in alone[part]:
            scale = max(1e-3, float(alone[part][key].abs().max()))
            torch.testing.assert_close(
                together[part][key] / scale, alone[part][key] / scale, rtol=0, atol=2e-4, msg=key
            )


def test_a_whole_run_of_two_processes_writes_once_and_equals_that_of_one(two: Path, tmp_path: Path) -> None:
    import main as pretraining
    from ssl_kit import checkpoints, logs

    pretraining.main([*FLAGS, "--method=moco-queue", "--exp_dir", str(tmp_path)])
    rows = [logs.read_log(folder / "log.csv") for folder in (tmp_path, two)]
    for alone, together in zip(*rows, strict=True):
        assert float(together.get("loss", 0)) == pytest.approx(float(alone.get("loss", 0)), rel=1e-3)
    queues = [checkpoints.load_checkpoint(folder / "last.pth")["method"] for folder in (tmp_path, two)]
    torch.testing.assert_close(queues[1]["dictionary.queue"], queues[0]["dictionary.queue"], rtol=0, atol=2e-2)
    assert int(queues[1]["dictionary.ptr"]) == int(queues[0]["dictionary.ptr"]) == 128


@needs("B1")
def test_shuffled_keys_come_back_and_their_batch_norm_saw_images_of_both_processes(two: Path) -> None:
    parts = [torch.load(two / f"shuffled-{rank}.pth", weights_only=True) for rank in (0, 1)]
    together = {name: torch.cat([part[name] for part in parts]) for name in ("own", "dealt", "views", "encoded")}
    for rank, part in enumerate(parts):
        assert torch.equal(part["back"], part["own"]) and torch.equal(part["order"], parts[0]["order"])
        mine = {int(row) // 10 for row in part["dealt"]}
        assert mine == {0, 1} and {int(row) for row in together["dealt"]} == {int(row) for row in together["own"]}
        assert len(part["encoded"]) == 16 and torch.equal(part["keys"], parts[0]["keys"])
        others = {view.sum().item() for view in parts[1 - rank]["views"]}
        assert 0 < sum(view.sum().item() in others for view in part["encoded"]) < 16
    assert not torch.allclose(parts[0]["mean"], parts[1]["mean"], rtol=0, atol=1e-4)


@pytest.mark.parametrize(("number", "order"), [("0", ["body", "wait"]), ("1", ["wait", "body"])])
def test_one_process_of_a_machine_goes_first(number: str, order: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setenv("LOCAL_RANK", number)
    monkeypatch.setattr(ranks, "wait", lambda: done.append("wait"))
    with ranks.one_first():
        done.append("body")
    assert done == order
