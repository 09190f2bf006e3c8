"""Writes what each student gets: the curves as a table and as a picture, and the file to be handed in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from autograder.core.store import file_name, write_whole
from autograder.mystery import FILE
from autograder.mystery.runs import COLUMNS, Run, Runs, code

TITLES = ("loss", "k-NN accuracy in %", "std · √D", "effective rank")
"""Of the columns after the epoch."""
TEMPLATE = """\
# The mystery run: mystery.csv has the curves, mystery.png shows them. Hand this file in.
# {command}
run = "{code}"

# The names of the handout's section on the mystery run, and the number of the line in its listing. Write "none" three
# times for a run without a mistake.
mistake = ""
function = ""
line = ""
"""


def write_folders(output: Path, runs: Runs, seed: str, students: Iterable[str]) -> int:
    """Write a folder for each student, named after the id; returns how many. Nothing in it says what the mistake is."""
    pictures: dict[Run, bytes] = {}
    count = 0
    for student in students:
        run = runs.of(seed, student)
        if run not in pictures:
            pictures[run] = picture(run)
        folder = output / file_name(student)
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / "mystery.csv", table(run))
        write_whole(folder / "mystery.png", pictures[run])
        write_whole(folder / FILE, TEMPLATE.format(command=run.command, code=code(seed, student)))
        count += 1
    return count


def table(run: Run) -> str:
    """The curves as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((f"{epoch:.0f}", *measures) for epoch, *measures in run.rows)
    return text.getvalue()


def picture(run: Run) -> bytes:
    """The curves as PNG, four panels next to each other two by two."""
    # They take a second, and no other command of `handout` needs them.
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    figure = Figure(figsize=(9, 6), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1))
    epochs = [row[0] for row in run.rows]
    for place, (title, axis) in enumerate(zip(TITLES, figure.subplots(2, 2).flat, strict=True), start=1):
        values = [row[place] for row in run.rows]
        axis.plot(epochs, values, marker=".", color="black")
        axis.set(title=title, xlabel="epoch")
        axis.grid(alpha=0.3)
        if title == TITLES[2]:
            axis.set_ylim(0, 1.1)
    figure.suptitle(run.command.partition(" --dataset")[0], fontsize="medium")
    data = io.BytesIO()
    figure.savefig(data, dpi=110, metadata={"Software": None})
    return data.getvalue()
