"""What a run tells about itself: a progress bar, a CSV file, and TensorBoard where it is installed. Given."""

from __future__ import annotations

import csv
import io
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine import UserError


class Progress:
    """The progress of one epoch: a bar that moves in a terminal, lines elsewhere.

    Args:
        label: what each line begins with.
        count: batches of the epoch.
        batch_size: images of a batch.
        print_freq: lines are printed every so many batches; a bar moves at least that often.
        quiet: print nothing, for processes other than the first.
    """

    def __init__(self, label: str, count: int, batch_size: int, print_freq: int, quiet: bool = False) -> None:
        self.label, self.count, self.batch_size, self.print_freq, self.quiet = (
            label,
            count,
            batch_size,
            print_freq,
            quiet,
        )
        self.terminal = sys.stdout.isatty()
        self.start = time.perf_counter()

    def due(self, index: int) -> bool:
        """Whether batch `index`, counted from 1, is one to be told about."""
        return index % self.print_freq == 0 or index == self.count

    def show(self, index: int, loss: float) -> None:
        """Tell that `index` batches are done, with this mean loss."""
        if self.quiet:
            return
        seconds = time.perf_counter() - self.start
        speed, left = index * self.batch_size / seconds, seconds * (self.count - index) / index
        text = f"loss {loss:.4f}  {speed:.0f} images/s  {clock(left)} left"
        if not self.terminal:
            print(f"{self.label}  batch {index}/{self.count}  {text}", flush=True)
            return
        filled = 20 * index // self.count
        line = f"\r{self.label}  [{'#' * filled}{'.' * (20 - filled)}] {index}/{self.count}  {text}\x1b[K"
        print(line, end="\n" if index == self.count else "", flush=True)


def clock(seconds: float) -> str:
    """`1:05` for 65 seconds, `2:00:00` for two hours."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class RunLog:
    """The numbers of a run, one row an epoch, in `log.csv` and in TensorBoard's files beside it.

    Rows after `epoch` are taken out at the start: a resumed run writes them again. TensorBoard's own reader does the
    same (`purge_step`).
    """

    def __init__(self, folder: Path, epoch: int, tensorboard: bool) -> None:
        self.path = folder / "log.csv"
        self.rows = [row for row in read_log(self.path) if int(row["epoch"]) <= epoch] if epoch else []
        self.writer: Any = None
        if tensorboard:
            try:
                from torch.utils.tensorboard import SummaryWriter
            except ImportError as error:
                raise UserError(
                    "TensorBoard is not installed.", "pip install tensorboard, or leave --tensorboard out."
                ) from error
            self.writer = SummaryWriter(str(folder), purge_step=epoch + 1)

    def add(self, row: Mapping[str, float]) -> None:
        """Write the row of an epoch; `row` has `epoch`, and may lack what was not measured."""
        self.rows.append({name: format(value, ".6g") for name, value in row.items()})
        write_rows(self.path, self.rows)
        if self.writer is not None:
            for name, value in row.items():
                if name != "epoch":
                    self.writer.add_scalar(name, value, row["epoch"])
            self.writer.flush()


def read_log(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, empty cells left out; no rows where there is no file."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: cell for name, cell in row.items() if cell} for row in csv.DictReader(file)]


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    """Write rows as CSV, whole or not at all; the columns are those of any row, in the order of their appearance."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all; raises `UserError` where it can not be written."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise UserError(f"The file {path} could not be written: {error.strerror}.", "Make room for it.") from error
    finally:
        temporary.unlink(missing_ok=True)
