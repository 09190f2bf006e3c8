"""The script of `main.py`: the run of one method, with its log and its checkpoints. Given."""

from __future__ import annotations

import argparse
import copy
import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ssl_kit import checkpoints, data, engine, monitor, ranks
from ssl_kit.flags import FREE_FLAGS
from ssl_kit.logs import Progress, RunLog, flag_words, linear_command, start_wandb, write_run
from ssl_kit.methods import Average, make_method
from ssl_kit.optimizers import Schedule, make_optimizer
from ssl_kit.probe import OnlineProbe
from ssl_kit.training import parameter_groups, prepare, view_makers


class Run:
    """One pre-training: the method, its optimiser and its data, and how far it has come.

    `average` is the momentum update, `update_momentum_encoder` of `main.py`.
    """

    def __init__(self, args: argparse.Namespace, average: Average) -> None:
        self.args, self.average = args, average
        self.device = ranks.start(engine.pick_device(args.device))
        with ranks.one_first():
            images, queries = data.load_halves(args.dataset, args.data_root, args.img_dim)
        labelled = images if args.label_fraction == 1 else data.few_labels(images, args.label_fraction, args.seed)
        place = engine.image_device(self.device)
        self.halves = [half.to(place) for half in (labelled, queries)]
        args.exemplars = min(args.exemplars, len(images))
        engine.seed_epoch(args.seed, 0)
        self.method = make_method(args, len(self.halves[0].classes)).to(self.device)
        if not args.shuffle_bn:
            ranks.with_whole_batch_norm(self.method, self.device)
        elif ranks.part()[1] == 1:
            raise engine.UserError("--shuffle_bn true needs several processes.", "Start them with torchrun.")
        self.model = self.method.model
        self.optimizer = make_optimizer(parameter_groups(self.method, args), args)
        self.schedule = Schedule(args)
        self.epoch, self.best_accuracy = 0, -math.inf
        self.probe: OnlineProbe | None = None
        if args.online_probe:
            backbone, classes = self.model.encoder.backbone, self.halves[0].classes
            self.probe = OnlineProbe(backbone, len(classes), args.probe_learning_rate)
        if args.loss_type == "supervised":
            images = labelled
        else:
            images = data.pretraining_images(args.dataset, args.data_root, images, args.img_dim)
        if args.loss_type == "exemplar":
            images = images.subset(torch.arange(args.exemplars))
        self.batches = data.Batches(
            images.to(place),
            view_makers(args, images.mirrored)[: self.method.num_views],
            args.batch_size,
            part=ranks.part(),
            num_workers=args.num_workers,
            grid_size=math.ceil(args.img_dim / self.model.encoder.backbone.stride) if self.method.needs_grids else 0,
        )
        self.loss = prepare(self.method, args, self.device)

    def remarks(self) -> Iterator[str]:
        """Yield sentences on flags that may not be meant so."""
        keys, images = self.args.queue_batches * self.args.batch_size, len(self.batches) * self.args.batch_size
        if self.args.loss_type == "queue" and keys > images:
            yield f"The queue holds {keys} keys, an epoch {images} images: so a query's own older keys are negatives."

    def on_device(self, batch: data.Batch) -> data.Batch:
        """The batch where the networks are."""
        views, grids = (tuple(one.to(self.device) for one in many) for many in (batch.views, batch.grids))
        return data.Batch(views, batch.labels.to(self.device), batch.rows.to(self.device), grids)

    def loss_of(self, batch: data.Batch) -> Tensor:
        """The loss of one batch."""
        batch = self.on_device(batch)
        views = batch.views
        if self.args.channels_last:
            views = tuple(view.contiguous(memory_format=torch.channels_last) for view in views)
        loss: Tensor = self.loss(views, self.method.labels_of(batch), batch.grids)
        if self.probe is not None:
            self.probe.step(batch.labels)
        return loss

    def train(self) -> None:
        """Train for the epochs that are left, each with its learning rate, and write a checkpoint after each."""
        args = self.args
        log = None
        if ranks.is_first():
            wandb = None if args.wandb is None else start_wandb(args.wandb, args.exp_dir, self.flags)
            log = RunLog(args.exp_dir, self.epoch, args.tensorboard, wandb)
            untrained = [{"epoch": 0, **self.evaluate("before training")}] if self.epoch == 0 else []
            write_run(args.exp_dir, self.flags, self.device.type)
            for row in untrained:
                log.add(row)
        if log is not None and args.epochs == 0:
            checkpoints.save_checkpoint(args.exp_dir / "last.pth", self.state())
        while self.epoch < args.epochs:
            start = time.perf_counter()
            loss, rate = self.advance()
            row = {"epoch": self.epoch, "loss": loss, "rate": rate, "seconds": time.perf_counter() - start}
            row |= self.method.counted()
            if log is not None:
                if self.probe is not None:
                    row |= self.probe.measure(self.model.encoder.backbone, monitor.plain(self.halves[1], args))
                self.evaluate_and_save(log, row)
            ranks.wait()

    def advance(self) -> tuple[float, float]:
        """Train for the next epoch at the learning rate of its schedule; returns the mean loss and that rate."""
        rate = self.schedule.rate(self.epoch)
        engine.set_learning_rate(self.optimizer, rate)
        loss = self.train_epoch(rate)
        self.schedule.after(self.epoch, loss)
        self.epoch += 1
        return loss, rate

    def train_epoch(self, rate: float) -> float:
        """Train for one epoch; returns its mean loss, over all processes."""
        args, count = self.args, len(self.batches)
        label = f"epoch {self.epoch + 1}/{args.epochs}  rate {rate:.4g}"
        progress = Progress(label, count, args.batch_size, args.print_freq, quiet=not ranks.is_first())
        engine.seed_epoch(args.seed, self.epoch + 1)
        self.method.train()
        steps = iter(range(self.epoch * count + 1, args.epochs * count + 1))

        def after_step() -> None:
            self.method.after_step(self.average)
            if self.model.use_momentum_encoder:
                progress = next(steps) / (args.epochs * count)
                self.average(self.model, engine.momentum_coefficient(args.m, progress, args.m_schedule))

        batches = self.batches.epoch(args.seed, self.epoch + 1)
        loss = engine.train_epoch(batches, self.loss_of, self.optimizer, progress, after_step)
        return float(ranks.mean(torch.tensor(loss, device=self.device)))

    def evaluate_and_save(self, log: RunLog, row: dict[str, float]) -> None:
        """Measure k-NN if it is due. Then write the row, `best.pth` after the best k-NN, a kept file, `last.pth`."""
        args, names = self.args, []
        if self.epoch % args.eval_freq == 0 or self.epoch == args.epochs:
            row |= self.evaluate(f"epoch {self.epoch}/{args.epochs}")
            if row["knn"] > self.best_accuracy:
                self.best_accuracy = row["knn"]
                names.append("best.pth")
        if self.epoch % args.save_freq == 0:
            names.append(f"epoch-{self.epoch}.pth")
        # `last.pth` ends the epoch: a run that is killed before it trains the epoch again, and writes everything again.
        log.add(row)
        for name in [*names, "last.pth"]:
            checkpoints.save_checkpoint(args.exp_dir / name, self.state())

    def evaluate(self, label: str) -> dict[str, float]:
        """Measure the features as they are, and print the result."""
        row = monitor.evaluate(self.method, self.halves, self.args, self.device, self.epoch)
        print(f"{label}  {monitor.describe(row, self.args.knn_k)}", flush=True)
        return row

    @property
    def flags(self) -> dict[str, Any]:
        """The flags of the run, as plain data."""
        return {key: str(value) if isinstance(value, Path) else value for key, value in vars(self.args).items()}

    def state(self) -> checkpoints.Checkpoint:
        """Everything that a resumed run needs, as tensors and plain data."""
        method = {key: value for key, value in self.method.state_dict().items() if not key.startswith("model.")}
        progress = {"epoch": self.epoch, "best_accuracy": self.best_accuracy, "optimizer": self.optimizer.state_dict()}
        progress["schedule"] = self.schedule.state
        probe = {} if self.probe is None else {"probe": self.probe.state_dict()}
        return {"args": self.flags, "model": self.model.state_dict(), "method": method, **progress, **probe}

    def refuse_another(self) -> None:
        """Raise `UserError` if the folder holds a run of other flags: its log and its checkpoints would be lost."""
        last = self.args.exp_dir / "last.pth"
        if last.is_file():
            free = [flag for flag in FREE_FLAGS if flag != "epochs"]
            for then, now in _others(checkpoints.load_checkpoint(last), self.flags, free):
                raise engine.UserError(
                    f"{self.args.exp_dir} holds another run: it has {then}, not {now}.",
                    "Give another --exp_dir, or delete that folder if you do not need the run.",
                )

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint; raises `UserError` when it is of a run with other flags."""
        checkpoint = checkpoints.load_checkpoint(path)
        for then, now in _others(checkpoint, self.flags, FREE_FLAGS):
            raise engine.UserError(
                f"The checkpoint {path} was made with {then}, not {now}.",
                f"Give {then} to go on, or leave --resume out to begin a new run.",
            )
        weights = {f"model.{key}": value for key, value in checkpoint["model"].items()}
        checkpoints.load_weights(self.method, {**weights, **checkpoint["method"]}, path)
        self.optimizer.load_state_dict(checkpoint["optimizer"])
        if self.probe is not None and "probe" in checkpoint:
            self.probe.load_state_dict(checkpoint["probe"])
        self.schedule.state = checkpoint.get("schedule", self.schedule.state)
        self.epoch, self.best_accuracy = checkpoint["epoch"], checkpoint["best_accuracy"]
        if ranks.is_first():
            print(f"Resumed from {path} after epoch {self.epoch}.")


def _others(
    checkpoint: checkpoints.Checkpoint, flags: dict[str, Any], free: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """The flags that a checkpoint has otherwise, but for those in `free`: as it has them, and as they are now."""
    for flag, now in flags.items():
        then = checkpoint["args"].get(flag, now)  # a flag that is newer than the checkpoint
        if flag not in free and then != now:
            yield _worded(flag, then), _worded(flag, now)


def _worded(flag: str, value: Any) -> str:
    return f"no --{flag}" if value is None else " ".join(flag_words(flag, value))


def pretrain(args: argparse.Namespace, average: Average) -> int:
    """Pre-train as the flags say and return the exit status; `average` is the momentum update."""
    checkpoints.prepare_folder(args.exp_dir)
    try:
        run = Run(args, average)
        if args.resume is not None:
            run.resume(args.resume)
        else:
            run.refuse_another()
        reach = monitor.gradient_reach(run.method, run.on_device(next(run.batches.epoch(args.seed, 0))))
        if ranks.is_first():
            print(reach, *run.remarks(), sep="\n", flush=True)
        if run.model.use_momentum_encoder:
            average(copy.deepcopy(run.model), args.m)  # a stub that is left ends the run before it writes a file
        run.train()
        if ranks.is_first():
            print(f"Done. Linear evaluation: {linear_command(args.exp_dir, run.flags)}")
    finally:
        ranks.stop()
    return 0
