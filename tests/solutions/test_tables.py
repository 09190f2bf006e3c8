"""Sentences, marks and times of grids, of outcomes that are made by hand."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from ssl_kit import flags, grid_figures, orders, plots, sweep, tables
from ssl_kit.cells import Cell, Grid
from ssl_kit.grid_runs import GridRuns, Outcome
from ssl_kit.grids import GRIDS
from ssl_kit.logs import write_rows
from ssl_kit.pace import Pace, spoken, work

THREE = (0, 1, 2)
ROWS = {
    "A": {0: 9.0, 1: 9.0, 2: 9.0},
    "B": {0: 5.0, 1: 6.0, 2: 5.0},
    "C": {0: 4.0, 1: 7.0, 2: 4.0},
    "D": {0: 1.0, 1: 1.0, 2: 4.0},
}
PER_IMAGE = {
    **{"exemplar": 69.4, "relative-position": 69.1, "jigsaw": 78.8, "rotation": 231.2},
    **{"moco-queue": 88.7, "supervised": 63.8},
}
"""Milliseconds of training for an image of 32 pixels with ResNet-18 on one core, in the order of the grid `tasks`."""


def test_pairs_repeat_if_their_order_is_the_same_with_every_seed() -> None:
    said = orders.repeated(ROWS, THREE, "linear accuracy")
    assert said == (
        "Does the ordering repeat? By linear accuracy, 4 of 6 pairs of rows come out in the same order with each of 3 "
        "seeds; noise alone would give about 1.5. The same: A > B; A > C; A > D; B > D. "
        "Not the same: B and C; C and D."
    )


def test_one_seed_cannot_tell_and_a_row_without_a_seed_does_not_count() -> None:
    assert "One seed cannot tell: give more, `--seeds 0 1 2`" in orders.repeated(ROWS, (0,), "k-NN accuracy")
    assert " 1 of 1 pair of rows " in orders.repeated({**ROWS, "B": {0: 5.0}, "C": {}}, THREE, "k-NN accuracy")
    assert orders.repeated({"A": ROWS["A"], "B": {}}, THREE, "k-NN accuracy") == ""


def test_pairs_in_the_published_order_are_counted_without_published_ties() -> None:
    published = {"A": 90.0, "B": 70.0, "C": 80.0, "D": 70.0, "E": 1.0}
    said = orders.as_published(ROWS, published, "linear accuracy", "linear")
    # B (5.33) and C (5.0) stand the other way round there, B and D are equal there.
    assert said == "Of 5 pairs, 4 are in the published order: our linear accuracy, the published linear."
    assert orders.as_published(ROWS, {"A": 1.0}, "linear accuracy", "linear") == ""


@pytest.mark.parametrize(
    ("values", "marks"),
    [
        (("99.00", "50.00 ± 1.00", "60.00", "55.00"), ("", "", "**", "<u>")),  # the first is that of no training
        (("99.00", "50.00", "60.00", "60.00"), ("", "", "**", "**")),  # two are the best two
        (("99.00", "50.00", "60.00", "50.00"), ("", "<u>", "**", "<u>")),
        (("99.00", "50.00", "50.00", "50.00"), ("", "", "", "")),
        (("99.00", "50.00", "60.00 failed: x (seed 1)", "failed: x"), ("", "", "", "")),
    ],
)
def test_the_best_two_of_a_column_are_marked(values: tuple[str, ...], marks: tuple[str, ...]) -> None:
    made = tables.marked([["row", value] for value in values], [1], [True, False, False, False])
    for line, value, mark in zip(made, values, marks, strict=True):
        assert line == ["row", f"{mark}{value}{mark.replace('<', '</')}"]


def test_a_row_that_is_equal_by_construction_is_marked_with_its_twin_and_takes_no_place() -> None:
    lines = [["untrained", ""], ["A", "60.00"], ["A again", "60.00"], ["B", "50.00"]]
    made = tables.marked(lines, [1], [True, False, True, False])
    assert [line[1] for line in made] == ["", "**60.00**", "**60.00**", "<u>50.00</u>"]


def grid_of(monkeypatch: pytest.MonkeyPatch, folder: Path, *cells: Cell, seeds: tuple[int, ...] = (0, 1)) -> GridRuns:
    grid = Grid("Table 1: numbers", ("method", "size"), cells, figure="lines")
    monkeypatch.setitem(GRIDS, "table1", grid)
    given = {"table": "table1", "output": folder, "flags": [], "linear": "", "seeds": [*seeds], "epochs": 10}
    return GridRuns(Namespace(**given, dataset="digits", data_root=Path("data")))


def test_a_table_says_what_is_equal_and_what_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = (
        Cell(("A", "128"), ("--method", "moco")),
        Cell(("A", "64 keys"), ("--method", "byol")),
        Cell(("B", "128"), ("--method", "simclr"), equals="A-128"),
    )
    runs = grid_of(monkeypatch, tmp_path, *cells)
    runs.folder.mkdir()
    found = {seed: dict.fromkeys(runs.grid.measures, 50.0 + seed) for seed in (0, 1)}
    before = Outcome(Cell(("untrained", ""), ()), {0: {"knn": 40.0}})
    failed = Outcome(cells[1], {1: found[1]}, "main.py ended with status 2 (seed 0)")
    tables.write_table([before, Outcome(cells[0], found), failed, Outcome(cells[2], found)], runs)
    lines = (runs.folder / "table1.md").read_text().splitlines()
    assert lines[8].startswith("| A | 64 keys | 51.00 failed: main.py ended with status 2 (seed 0) | ")
    assert lines[9].startswith("| B (=) | 128 | 50.50 ± 0.71 |")
    assert lines[-3] == "(=): (B, 128) equals (A, 128) by construction, and is not run."
    assert lines[-1] == "Runs of 1 row failed. The same command runs those again, and no others."
    assert "<u>" not in (plain := (runs.folder / "table1.csv").read_text()) and "(=)" not in plain


def test_lines_are_drawn_over_the_numbers_of_the_last_label() -> None:
    cells = [Cell((method, size), ()) for method in "AB" for size in ("512", "6400 keys", "64")]
    outcomes = [Outcome(cell, {0: {"knn": 50.0}, 1: {"knn": 60.0}}) for cell in cells]
    untrained = Outcome(Cell(("untrained", ""), ()), {0: {"knn": 40.0}})
    grid = Grid("Sizes", ("method", "size"), tuple(cells), measures=("knn",), figure="lines")
    (axis,) = grid_figures.draw(grid, [untrained, *outcomes]).axes
    assert [tick.get_text() for tick in axis.get_xticklabels()] == ["64", "512", "6400 keys"]
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["A", "B", "untrained"]
    assert [*axis.lines[0].get_xdata()] == [0, 1, 2] and [*axis.lines[0].get_ydata()] == [55.0, 55.0, 55.0]


def test_bars_of_all_measures_stand_in_the_rows_of_their_names() -> None:
    cell = Cell(("A", "1"), ())
    outcomes = [
        Outcome(Cell(("untrained", ""), ()), {0: {"knn": 1.0}}),
        Outcome(cell, {0: {"knn": 1.0, "linear": 1.0}}),
    ]
    grid = Grid("Sizes", ("method", "size"), (cell,), measures=("knn", "linear"))
    axes = grid_figures.draw(grid, outcomes).axes
    assert {axis.get_ylim() for axis in axes} == {(1.5, -0.5)} and [len(axis.patches) for axis in axes] == [2, 1]


def test_times_are_estimated_by_the_same_flags_else_by_the_work() -> None:
    pace = Pace()
    assert pace.training(6.0, ("--method", "simclr"), 10) == pace.evaluation(()) == 0
    pace.add_training(6.0, ("--method", "simclr"), 10, training=60.0, around=5.0)
    pace.add_training(6.0, ("--method", "simsiam"), 10, training=80.0, around=7.0)
    assert pace.training(6.0, ("--method", "simclr"), 10) == 60 + 6
    assert pace.training(6.0, ("--method", "other"), 5) == 35 + 6  # a mean of those with the same work
    assert pace.training(12.0, ("--method", "rotation"), 1) == 14 + 6  # twice the work
    pace.add_training(3.0, ("--method", "exemplar"), 1, training=400.0, around=900.0)  # while a download took its time
    assert pace.training(12.0, ("--method", "rotation"), 1) == 16 + 7
    pace.add_evaluation((), 20.0)
    assert pace.evaluation(("--epochs", "1")) == 20.0
    assert [spoken(seconds) for seconds in (40.4, 725, 12600)] == ["40 s", "12 min", "3.5 h"]


def test_cells_of_one_run_share_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = (
        Cell(("A", "1"), ("--method", "simclr")),
        Cell(("A", "2"), ("--method", "simclr"), linear=("--num_classes", "2")),
        Cell(("B", "1"), ("--method", "moco")),
    )
    runs = grid_of(monkeypatch, tmp_path, *cells, seeds=(0,))
    runs.pace.add_training(6.0, cells[0].flags, 10, training=60.0, around=5.0)
    runs.pace.add_evaluation((), 1.0)
    assert runs.seconds_left() == pytest.approx((60 + 5) + (40 + 5) + 3)
    assert [runs.weight(cell) for cell in cells] == [6.0, 6.0, 4.0]


def weight(method: str, *more: str) -> float:
    return work(flags.parse_args(["--method", method, *more]))


def test_tasks_are_a_view_of_an_image_and_exemplar_takes_some_of_the_images(tmp_path: Path) -> None:
    named = {"relative-position": 3.0, "jigsaw": 3.0, "rotation": 12.0, "supervised": 3.0, "simsiam": 6.0, "byol": 4.0}
    assert {name: weight(name) for name in named} == named
    assert weight("byol", "--symmetric", "true") == 8.0
    assert [weight("exemplar", "--dataset", name) for name in ("cifar10", "stl10", "digits")] == [0.48, 0.24, 3.0]
    assert weight("exemplar", "--exemplars", "25000") == 1.5 and weight("exemplar", "--exemplars", "90000") == 3.0
    assert weight("supervised", "--dataset", "stl10") == pytest.approx(0.15)
    for index in range(8):
        (tmp_path / "train" / f"class {index % 2}").mkdir(parents=True, exist_ok=True)
        (tmp_path / "train" / f"class {index % 2}" / f"{index}.png").touch()
    assert weight("exemplar", "--dataset", f"folder:{tmp_path}", "--exemplars", "4") == 1.5


def test_time_left_of_mixed_tasks_is_right_within_30_percent_from_the_first_cell_on() -> None:
    there = {name: seconds for name, seconds in PER_IMAGE.items() if name in flags.PRESETS}
    seen = Pace()
    for index, (method, milliseconds) in enumerate(there.items()):
        seen.add_training(weight(method, "--dataset", "digits"), (method,), 1, milliseconds, around=0.0)
        rest = [*there.items()][index + 1 :]
        left = sum(seen.training(weight(name, "--dataset", "digits"), (name,), 1) for name, _ in rest)
        assert left == pytest.approx(sum(after for _, after in rest), rel=0.3)


def test_a_curve_of_a_shared_run_is_called_by_what_its_rows_have_in_common(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, other = ("--method", "simclr"), ("--method", "byol")
    drawn: list[object] = []
    monkeypatch.setattr(grid_figures, "save", lambda figure, _: drawn.append(figure))

    def names(*cells: Cell) -> list[str]:
        runs = grid_of(monkeypatch, tmp_path, *cells)
        for cell in cells:
            runs.place(cell, 0).mkdir(parents=True, exist_ok=True)
            measured = dict.fromkeys(plots.CURVES, "1")
            write_rows(runs.place(cell, 0) / "log.csv", [{"epoch": "0"}, {"epoch": "1", **measured}])
        grid_figures.save_curves(runs)
        return [text.get_text() for text in drawn[-1].axes[0].get_legend().get_texts()]

    rows = (Cell(("A", "1"), shared), Cell(("A", "2"), shared), Cell(("B", "1"), other))
    assert names(*rows) == ["A", "B, 1"] and names(*rows[:1], rows[2]) == ["A, 1", "B, 1"]
    assert names(Cell(("A", "1"), shared), Cell(("B", "2"), shared)) == ["all rows"]


def test_a_sweep_has_a_row_for_each_k_and_two_columns_for_each_cell(tmp_path: Path) -> None:
    runs = [{"knn": 1.0, "vote 1": 50.0, "weighted 1": 50.0, "vote 2": low, "weighted 2": 60.0} for low in (40.0, 42.0)]
    rows = sweep.write_csv(tmp_path / "sweep.csv", {"A": runs, "B": runs[:1]})
    assert rows[0] == ["K", "A, vote", "A, weighted", "B, vote", "B, weighted"]
    assert rows[2] == ["2", "41.00 ± 1.41", "60.00 ± 0.00", "40.00", "60.00"]
    assert "K = 3, 4, 5, 10, 20, 50, 70, 100, 200, 500, 1000: left out" in sweep.left_out(runs)
    (axis,) = sweep.draw("k-NN over K", {"A": runs, "B": runs}).axes
    assert [text.get_text() for text in axis.get_legend().get_texts()] == rows[0][1:]
