"""Tests what report.ipynb shows of the runs that main.py left."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssl_kit import reporting
from ssl_kit.checkpoints import digest, load_checkpoint, save_checkpoint
from ssl_kit.logs import write_rows


def make_run(folder: Path, method: str | None, knn: float) -> None:
    folder.mkdir(parents=True)
    flags = {"method": method, "arch": "small", "dataset": "fake", "batch_size": 32, "learning_rate": 0.03, "seed": 1}
    flags |= {"loss_type": "align", "use_momentum_encoder": False, "use_predictor": True, "stop_gradient": False}
    save_checkpoint(folder / "last.pth", {"args": flags, "epoch": 1, "model": {}})
    rows = [{"epoch": "0", "knn": "11.5", "std_sqrt_d": "0.1", "effective_rank": "3"}]
    rows += [
        {"epoch": "1", "loss": "4.5", "knn": str(knn), "seconds": "90", "std_sqrt_d": "0.2", "effective_rank": "3"}
    ]
    write_rows(folder / "log.csv", rows)


def test_the_table_has_the_last_values_and_the_settings(tmp_path: Path) -> None:
    make_run(tmp_path / "exp" / "simclr", "simclr", 77.25)
    save_checkpoint(
        tmp_path / "exp" / "simclr" / "linear.pth", {"args": {}, "epoch": 1, "model": {}, "accuracy": 80.123}
    )
    (run,) = reporting.find_runs(tmp_path)
    table = str(reporting.overview([run]).data)
    assert "| simclr | small | fake | 32 | 0.03 | 1 | 1 | 1.5 | 4.5 | 77.25 | 80.12 | 0.2 | 3 |" in table


def test_flags_stand_for_a_method_without_a_name(tmp_path: Path) -> None:
    make_run(tmp_path / "own", None, 20)
    (run,) = reporting.find_runs(tmp_path)
    assert run.method == "align False True False"


def test_what_is_missing_is_said_with_the_command(tmp_path: Path) -> None:
    assert "main.py --method simclr" in reporting.missing([])[0]
    make_run(tmp_path / "byol", "byol", 20)
    said = reporting.missing(reporting.find_runs(tmp_path))
    assert [line.split(":")[0] for line in said[:3]] == ["No run of SimCLR", "No run of MoCo", "No run of SimSiam"]
    place = (tmp_path / "byol").as_posix()
    command = f"python main_linclis.py --pretrained={place}/last.pth --exp_dir={place} --dataset=fake"
    assert said[3:] == [f"No linear accuracy of {place}: `{command}`"]


def test_the_linear_accuracy_is_that_of_the_last_checkpoint(tmp_path: Path) -> None:
    make_run(tmp_path / "byol", "byol", 20)
    last = tmp_path / "byol" / "last.pth"
    found = {"args": {"pretrained": digest(last)}, "epoch": 1, "model": {}, "accuracy": 80.0}
    save_checkpoint(tmp_path / "byol" / "linear.pth", found)
    assert reporting.find_runs(tmp_path)[0].linear == "80.00"
    trained_again = {**load_checkpoint(last), "epoch": 2}
    save_checkpoint(last, trained_again)
    assert reporting.find_runs(tmp_path)[0].linear == ""


def test_an_untrained_network_is_no_run_of_its_method(tmp_path: Path) -> None:
    make_run(tmp_path / "untrained", "simclr", 20)
    last = tmp_path / "untrained" / "last.pth"
    checkpoint = load_checkpoint(last)
    assert not any("SimCLR" in line for line in reporting.missing(reporting.find_runs(tmp_path)))
    save_checkpoint(last, {**checkpoint, "args": {**checkpoint["args"], "epochs": 0}})
    assert reporting.missing(reporting.find_runs(tmp_path))[0].startswith("No run of SimCLR")


def test_curves_are_a_picture(tmp_path: Path) -> None:
    make_run(tmp_path / "byol", "byol", 20)
    shown = reporting.curves(reporting.find_runs(tmp_path))
    assert shown.data.startswith(b"\x89PNG")


def test_a_folder_without_checkpoint_is_no_run(tmp_path: Path) -> None:
    make_run(tmp_path / "byol", "byol", 20)
    (tmp_path / "byol" / "last.pth").unlink()
    assert reporting.find_runs(tmp_path) == []


def test_tables_are_those_that_were_written_with_their_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in (("table1", b"\x89PNG\r\n\x1a\n" + bytes(16)), ("table2", b"")):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.md").write_text("Table 1\n\n| a |\n|---|\n| 1 |\n")
        for end in ("", "-curves"):
            (tmp_path / name / f"{name}{end}.png").write_bytes(content)
    kinds = [type(part).__name__ for part in reporting.table_parts(tmp_path)]
    assert kinds == ["Markdown", "Image", "Image", "Markdown"]
    assert "| 1 |" in str(reporting.table_parts(tmp_path)[0].data)
    assert "There are no tables yet" in str(reporting.table_parts(tmp_path / "none")[0].data)
    reporting.tables(tmp_path)
    assert capsys.readouterr().out.count("<IPython.core.display.Markdown object>") == 2


@pytest.mark.parametrize("column", ["loss", "nothing"])
def test_the_last_value_of_a_column(tmp_path: Path, column: str) -> None:
    make_run(tmp_path / "byol", "byol", 20)
    (run,) = reporting.find_runs(tmp_path)
    assert run.last(column) == {"loss": "4.5", "nothing": ""}[column]
