"""The table of a grid as CSV, as Markdown and as figures. Given; `experiments.py` writes it after every cell."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence

from ssl_kit import engine, orders, predictions, sweep
from ssl_kit.cells import ACCURACIES, MEASURES, Cell, row_name, summary
from ssl_kit.grid_figures import draw, of, save
from ssl_kit.grid_runs import HERE, GridRuns, Outcome, value_of
from ssl_kit.logs import write_rows, write_text

PUBLISHED = HERE / "published.json"
PREDICTED = {
    "knn": ("k-NN accuracy in %", 100),
    "std_sqrt_d": ("std·√D (0: all alike, 1: spread evenly)", 2),
    "effective_rank": ("effective rank (1: one direction; at most the number of features)", 2048),
}
"""Asked before a table is run: the measure's name in the question, and the largest number that is taken."""
ORDERED = "linear"
"""The measure whose order is compared over the seeds, and with the published column of this name."""
EQUAL = " (=)"
"""The mark of a row whose numbers are another's by construction."""


def write_table(outcomes: Sequence[Outcome], runs: GridRuns) -> None:
    """Write the table so far, which says what the runs were; the first outcome is that of the untrained network."""
    args, grid, folder = runs.args, runs.grid, runs.folder
    if grid.figure == "sweep":
        write_sweep(outcomes[1:], runs)
        return
    titles, published, about = published_of(args.table)
    sealed = predictions.read(folder / predictions.NAME)
    guessed = [one for one in PREDICTED if sealed and any(key.endswith(f", {one}") for key in sealed.values)]
    header = [
        *grid.columns,
        *(f"{MEASURES[one]}, expected" for one in guessed),
        *(MEASURES[one] for one in grid.measures),
        *(f"{title} (published)" for title in titles),
    ]
    lines = []
    for outcome in outcomes:
        own = [summary(of(outcome, one)) for one in grid.measures]
        if outcome.failure:
            own[0] = f"{own[0]} failed: {outcome.failure}".lstrip()
        others = [f"{number:.2f}" for number in published.get(outcome.cell.name, ())] or [""] * len(titles)
        guess = [_guess(sealed, outcome.cell, one) for one in guessed]
        lines.append([*outcome.cell.labels, *guess, *own, *others])
    write_rows(folder / f"{args.table}.csv", [dict(zip(header, line, strict=True)) for line in lines])
    first = len(grid.columns) + len(guessed)
    scores = [first + at for at, one in enumerate(grid.measures) if one in ACCURACIES]
    scores += range(first + len(grid.measures), len(header))
    shown = marked(lines, scores, [at == 0 or bool(one.cell.equals or one.failure) for at, one in enumerate(outcomes)])
    for line, outcome in zip(shown, outcomes, strict=True):
        line[0] += EQUAL if outcome.cell.equals else ""
    said = " ".join([ours(args), *about, *([] if sealed is None else [str(sealed)])])
    write_markdown(runs, said, [header, *shown], remarks(outcomes[1:], runs, titles, published))
    save(draw(grid, outcomes), folder / f"{args.table}.png")


def ours(args: argparse.Namespace) -> str:
    """A sentence on our runs."""
    seeds = f"mean ± deviation of {len(args.seeds)} seeds" if len(args.seeds) > 1 else "one seed"
    arch = value_of("arch", "resnet18", args.flags)
    return f"Ours: {args.dataset}, {arch}, {args.epochs} epochs, {seeds}; after the last epoch."


def write_markdown(runs: GridRuns, said: str, rows: Sequence[Sequence[str]], notes: Sequence[str]) -> None:
    """Write title, sentences, rows (the first are the heads) and notes as Markdown."""
    lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    table = "\n".join("| " + " | ".join(row) + " |" for row in lines)
    text = "\n\n".join([runs.grid.title, said, table, *(note for note in notes if note)])
    write_text(runs.folder / f"{runs.args.table}.md", f"{text}\n")


def marked(lines: Sequence[Sequence[str]], scores: Sequence[int], without: Sequence[bool]) -> list[list[str]]:
    """The lines with the best of each column of `scores` bold and the second best underlined, by their means.

    Rows `without` a rank of their own (untrained, equal to another, a seed failed) do not count; those that hold an
    equal number are marked with it. Equally good ones are marked alike, and after two bold ones there is no second. A
    column whose numbers are all equal has no best.
    """
    made = [list(line) for line in lines]
    for column in scores:
        ranked = [_mean(line[column]) for line, out in zip(lines, without, strict=True) if not out]
        values = [value for value in ranked if value is not None]
        if len({*values}) < 2:
            continue
        best, second = sorted({*values}, reverse=True)[:2]
        for at, line in enumerate(made[1:], start=1):
            value = _mean(line[column])
            if value == best:
                made[at][column] = f"**{line[column]}**"
            elif value == second and values.count(best) == 1:
                made[at][column] = f"<u>{line[column]}</u>"
    return made


def _mean(text: str) -> float | None:
    """The mean of a table's number, None if a run failed or nothing was measured."""
    found = re.fullmatch(r"(-?[\d.]+)(?: ± [\d.]+)?", text)
    return None if found is None else float(found[1])


def remarks(
    outcomes: Sequence[Outcome], runs: GridRuns, titles: Sequence[str], published: dict[str, list[float]]
) -> list[str]:
    """The lines under a table: does the order repeat, which rows are equal by construction, what failed."""
    grid, args = runs.grid, runs.args
    names = {one.cell.name: _in_sentence(row_name(grid.columns, one.cell.labels)) for one in outcomes}
    measure = ORDERED if ORDERED in grid.measures else grid.measures[0]
    rows = {names[one.cell.name]: _of(one, measure) for one in outcomes if not one.cell.equals}
    at = next((index for index, title in enumerate(titles) if title.startswith(MEASURES[measure])), None)
    numbers = {} if at is None else {names[key]: values[at] for key, values in published.items() if key in names}
    said = f"{MEASURES[measure]} accuracy" if measure in ACCURACIES else MEASURES[measure]
    order = orders.repeated(rows, args.seeds, said)
    if at is not None:
        order = f"{order} {orders.as_published(rows, numbers, said, titles[at])}".strip()
    equal = [
        f"{EQUAL.strip()}: {names[one.cell.name]} equals {names[one.cell.equals]} by construction, and is not run."
        for one in outcomes
        if one.cell.equals
    ]
    return [order, " ".join(equal), rerun(outcomes, args)]


def _in_sentence(name: str) -> str:
    return f"({name})" if ", " in name else name


def rerun(outcomes: Sequence[Outcome], args: argparse.Namespace) -> str:
    """A sentence on what failed and how it is run again; empty if nothing did."""
    failed = sum(bool(outcome.failure) for outcome in outcomes if not outcome.cell.equals)
    if not failed:
        return ""
    rows = "1 row" if failed == 1 else f"{failed} rows"
    return f"Runs of {rows} failed. The same command runs those again, and no others."


def write_sweep(outcomes: Sequence[Outcome], runs: GridRuns) -> None:
    """Write k-NN accuracy over K: a row for each K, two columns for each cell, and a figure."""
    args, grid, folder = runs.args, runs.grid, runs.folder
    names = [row_name(grid.columns, outcome.cell.labels) for outcome in outcomes]
    pairs = [*zip(names, outcomes, strict=True)]
    named = {name: [*outcome.seeds.values()] for name, outcome in pairs if outcome.seeds}
    if not named:
        return
    rows = sweep.write_csv(folder / f"{args.table}.csv", named)
    first = {name: _of(outcome, sweep.name_of("vote", 1)) for name, outcome in pairs}
    failed = [f"{name} failed: {outcome.failure}." for name, outcome in pairs if outcome.failure]
    order = orders.repeated(first, args.seeds, "k-NN accuracy (K = 1)")
    notes = [sweep.left_out(next(iter(named.values()))), order, *failed, rerun(outcomes, args)]
    write_markdown(runs, f"{ours(args)} Cosine similarity; weighted: votes of exp(cosine / 0.1).", rows, notes)
    seeds = "1 seed" if len(args.seeds) == 1 else f"{len(args.seeds)} seeds"
    save(sweep.draw(f"{grid.title}: cosine similarity, {seeds}", named), folder / f"{args.table}.png")


def _of(outcome: Outcome, measure: str) -> dict[int, float]:
    return {seed: found[measure] for seed, found in outcome.seeds.items() if measure in found}


def published_of(name: str) -> tuple[list[str], dict[str, list[float]], list[str]]:
    """Read a table from `published.json`: names of columns, numbers by cell, and a sentence on the runs.

    Nothing of each if the table or the file is missing.
    """
    try:
        table = json.loads(PUBLISHED.read_text(encoding="utf-8"))["tables"].get(name, {})
        said = [table[key] for key in ("about", "source") if key in table]
        about = [f"Published: {'; source: '.join(said)}."] if said else []
        return table.get("columns", []), table.get("lines", {}), about
    except FileNotFoundError:
        return [], {}, []
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise engine.UserError(f"{PUBLISHED} cannot be read: {error}.", "Get it again, or take it away.") from error


def _guess(sealed: predictions.Sealed | None, cell: Cell, measure: str) -> str:
    """The number that was predicted of a measure of a cell; empty if none was."""
    key = f"{cell.name}, {measure}"
    return f"{sealed.values[key]:g}" if sealed is not None and key in sealed.values else ""
