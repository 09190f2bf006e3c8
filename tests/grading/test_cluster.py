"""A real scheduler and two workers on this machine; one of them is killed while it grades."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.sample_class import write_sample_class

ROOT = Path(__file__).parent.parent.parent
DASK = [sys.executable, "-W", "ignore", "-m", "dask"]
SUBMISSIONS = 24


class Cluster:
    """A scheduler, and workers that can be started and killed."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
        self.address = self._awaited("scheduler", r"Scheduler at:\s+(tcp://\S+)")
        self._workers = 0

    def _start(self, name: str, *flags: str) -> subprocess.Popen[bytes]:
        kind = name.rstrip("0123456789")
        with open(self._folder / f"{name}.log", "wb") as log:
            process = subprocess.Popen([*DASK, kind, *flags], cwd=ROOT, stdout=log, stderr=log)
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process

    def _awaited(self, name: str, pattern: str) -> str:
        for _ in range(6000):
            if match := re.search(pattern, (self._folder / f"{name}.log").read_text()):
                return match[1]
            time.sleep(0.1)
        raise AssertionError((self._folder / f"{name}.log").read_text())

    def add_worker(self) -> subprocess.Popen[bytes]:
        self._workers += 1
        name = f"worker{self._workers}"
        flags = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0")
        worker = self._start(name, self.address, *flags, "--local-directory", str(self._folder / name))
        self._awaited(name, r"(Registered to)")
        return worker


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with ExitStack() as stack:
        yield Cluster(tmp_path, stack)


def autograde(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_killed_worker_costs_nothing(tmp_path: Path, cluster: Cluster) -> None:
    """The grades are those of a run on this machine, to the byte."""
    write_sample_class(tmp_path / "sample")
    kinds = ("perfect", "file-missing", "exits-on-import", "wrong-own-in-denominator")
    for number in range(SUBMISSIONS):
        shutil.copytree(tmp_path / "sample" / kinds[number % 4], tmp_path / "class" / f"student-{number:02}")
    (tmp_path / "class" / "stray.txt").touch()
    (tmp_path / "class" / "student-00" / "link").symlink_to(tmp_path)
    first, _ = cluster.add_worker(), cluster.add_worker()
    there = autograde(
        tmp_path / "class", "--output", tmp_path / "there", "--cluster", cluster.address, "--log", tmp_path / "log"
    )
    while len(list((tmp_path / "there" / "results").glob("*.json"))) < 4:
        assert there.poll() is None, there.communicate()
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    out, err = there.communicate(timeout=900)
    assert there.returncode == 0, out + err
    here = autograde(tmp_path / "class", "--output", tmp_path / "here")
    assert here.communicate(timeout=900) and here.returncode == 0
    assert (tmp_path / "there" / "grades.csv").read_bytes() == (tmp_path / "here" / "grades.csv").read_bytes()
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert lines[-1]["totals"]["graded"] == SUBMISSIONS + 1
    assert all(line["peak_mib"] > 0 for line in lines if line.get("status") == "ok")


@pytest.mark.parametrize("address", ["tcp:/nowhere", "tcp://127.0.0.1:1"])
def test_no_cluster_is_told_of(tmp_path: Path, address: str) -> None:
    (tmp_path / "class" / "ann").mkdir(parents=True)
    run = autograde(tmp_path / "class", "--output", tmp_path / "grades", "--cluster", address)
    _, err = run.communicate(timeout=900)
    assert run.returncode == 2
    assert f"There is no cluster with workers at {address}" in err
    assert "Traceback" not in err
