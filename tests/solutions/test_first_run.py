"""The newcomer's first run, shortened."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssl_kit import first_run


def test_the_first_run_leaves_what_it_promises(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert first_run.main(["--exp_dir", str(tmp_path), "--epochs", "1"]) == 0
    assert {"last.pth", "log.csv", "linear.pth", "tsne.png", "curves.png"} <= {path.name for path in tmp_path.iterdir()}
    assert "after training without labels" in capsys.readouterr().out.splitlines()[-1]
