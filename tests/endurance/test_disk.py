"""A full disk and an output folder that cannot be written lose nothing that was there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.endurance.killed import make_class

ROOT = Path(__file__).parent.parent.parent
IN_NAMESPACE = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "bash", "-c"]
"""A command for a namespace: mounts made in it end with it, and an ordinary user is root in it."""


@pytest.fixture(autouse=True)
def may_mount() -> None:
    """Some containers let nobody mount, not even root."""
    probe = subprocess.run([*IN_NAMESPACE, "mount -t tmpfs tmpfs /mnt"], capture_output=True, text=True)
    if probe.returncode:
        pytest.skip(f"no file system can be mounted here: {probe.stderr.strip()}")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of twelve, of which six are graded."""
    folder = tmp_path_factory.mktemp("disk")
    make_class(folder / "class", 12)
    shutil.copytree(folder / "class", folder / "half")
    for number in range(6, 12):
        shutil.rmtree(folder / "half" / f"student-{number:03}")
    autograde = [sys.executable, "-m", "autograder", str(folder / "half"), "--output", str(folder / "grades")]
    subprocess.run(autograde, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return folder


def run(graded: Path, before: str, after: str = "true") -> subprocess.CompletedProcess[str]:
    """Grade the whole class between two shell commands, in which $OUT is the output folder and $OLD a copy of it."""
    (graded / "out").mkdir(exist_ok=True)
    script = f'{before}; "$PYTHON" -m autograder "$CLASS" --output "$OUT/grades"; status=$?; {after}; exit $status'
    names = {"OUT": "out", "CLASS": "class", "OLD": "grades", "SAVED": "saved"}
    environment = {**os.environ, "PYTHON": sys.executable, **{key: str(graded / name) for key, name in names.items()}}
    return subprocess.run([*IN_NAMESPACE, script], cwd=ROOT, env=environment, capture_output=True, text=True)


def test_a_full_disk(graded: Path) -> None:
    shutil.rmtree(graded / "saved", ignore_errors=True)
    # Something else fills the disk and goes again: an ordinary user may not remount it with another size.
    done = run(
        graded,
        'mount -t tmpfs -o size=64m tmpfs "$OUT" && cp -r "$OLD" "$OUT/grades" '
        '&& head -c $(($(df -k --output=avail "$OUT" | tail -n 1) - 200))K /dev/zero >"$OUT/filler"',
        'cp -r "$OUT/grades" "$SAVED"; rm "$OUT/filler"; '
        '"$PYTHON" -m autograder "$CLASS" --output "$OUT/grades" && cp -r "$OUT/grades" "$SAVED/later"',
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "No space left on device" in done.stderr
    assert "what was written before is whole and is kept" in done.stderr
    before, saved = contents(graded / "grades"), contents(graded / "saved")
    for name, content in before.items():
        assert saved[name] == content or saved[name].rstrip().endswith((b"}", b"</html>", b"\n")), name
    assert all(saved[name] == before[name] for name in before if name.startswith("results/"))
    assert not any(name.endswith(".tmp") for name in saved)
    # With space again, the same command goes on.
    later = (graded / "saved" / "later" / "grades.csv").read_text()
    assert later.count("\n") == 13


def test_an_output_folder_that_can_only_be_read(graded: Path) -> None:
    before = contents(graded / "grades")
    done = run(
        graded,
        'cp -r "$OLD" "$OUT/grades"; mount --bind "$OUT/grades" "$OUT/grades" '
        '&& mount -o remount,bind,ro "$OUT/grades"',
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "cannot be written: Read-only file system." in done.stderr
    assert "name another folder with --output" in done.stderr
    assert contents(graded / "out" / "grades") == before
