"""`make bench-many`: 100 and 2,000 submissions: throughput, memory of the driver and the workers, the report's opening.

Every submission is different in its bytes, right in three of four cases, and as large as a real one. Memory is the
driver's own high-water mark, and the resident size of each of its processes at a tenth and at the end of the way.
With `--cluster`, 200 submissions are graded by two Dask workers on this machine as well, and what passed through the
driver is counted: the figures behind `handouts/ta_cluster.html`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))  # run as a script
from tests.sample_class import write_sample_class  # noqa: E402

KINDS = ("perfect", "right-by-einsum", "right-in-numpy-style", "wrong-own-in-denominator")


def main() -> int:
    """Run both sizes and print what a reader wants to know."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--many", type=int, default=2000)
    parser.add_argument("--cluster", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _class_of(folder / "few", 100)
        _class_of(folder / "many", arguments.many)
        few = statistics.median(_graded(folder / "few", folder / f"few-{turn}")[0] for turn in range(3))
        many, driver, growth = _graded(folder / "many", folder / "grades")
        print(f"100 submissions: {100 / few:.1f} a second (median of three runs)")
        print(f"{arguments.many} submissions: {arguments.many / many:.1f} a second, {many:.0f} s")
        print(f"throughput of the many against the few: {arguments.many / many / (100 / few):.2f}")
        print(f"driver: {driver} MiB at most; other processes grew by {growth} MiB at most")
        again, _, _ = _graded(folder / "many", folder / "grades")
        print(f"again, with nothing changed: {again:.1f} s")
        _open_report(folder / "grades" / "report.html")
        if arguments.cluster:
            _cluster(folder)
    return 0


def _class_of(folder: Path, size: int) -> None:
    write_sample_class(folder.with_name("sample"))
    for number in range(size):
        student = folder / f"student-{number:05}"
        shutil.copytree(folder.with_name("sample") / KINDS[number % len(KINDS)], student)
        for path in student.glob("*.py"):
            path.write_text(f"# {student.name}\n{path.read_text()}")
    shutil.rmtree(folder.with_name("sample"))


def _graded(folder: Path, output: Path, *flags: str) -> tuple[float, int, int]:
    """Seconds, the driver's peak in MiB, and by how many MiB any other process grew in the last nine tenths."""
    command = [sys.executable, "-m", "autograder", str(folder), "--output", str(output), *flags]
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    total = sum(1 for _ in folder.iterdir())
    early: dict[int, int] = {}
    late: dict[int, int] = {}
    seen: Counter[int] = Counter()
    peak = 0
    while process.poll() is None:
        done = sum(1 for _ in (output / "results").glob("*.json")) if output.exists() else 0
        peak = max(peak, _status(process.pid, "VmHWM"))
        if done > total // 10:
            for pid in _descendants(process.pid):
                resident = _status(pid, "VmRSS")
                early.setdefault(pid, resident)
                late[pid] = max(resident, late.get(pid, 0))
                seen[pid] += 1
        time.sleep(0.2)
    assert process.returncode == 0
    # A student's process lives for a second at most; what stays is the zygote, the servers and the references.
    growth = max((late[pid] - early[pid] for pid in late if seen[pid] > 25), default=0)
    return time.perf_counter() - start, peak, growth


def _status(pid: int, name: str) -> int:
    """Memory in MiB; 0 for a process that is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith(f"{name}:")), 0)


def _descendants(pid: int) -> list[int]:
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:
            continue
        parents[int(path.parent.name)] = int(text.rpartition(")")[2].split()[1])
    found, pending = [], [pid]
    while pending:
        parent = pending.pop()
        children = [child for child, above in parents.items() if above == parent]
        found += children
        pending += children
    return found


def _open_report(page: Path) -> None:
    from playwright.sync_api import sync_playwright

    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    if browser_path is None:
        print("class report: no Chromium here to open it in")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        view = browser.new_page()
        start = time.perf_counter()
        view.goto(page.as_uri(), wait_until="load")
        seconds = time.perf_counter() - start
        print(f"class report: {page.stat().st_size / 1e6:.1f} MB, opened in {seconds:.2f} s")
        browser.close()


def _cluster(folder: Path) -> None:
    _class_of(folder / "some", 200)
    dask = [sys.executable, "-W", "ignore", "-m", "dask"]
    quiet = {"cwd": ROOT, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    flags = ["--nthreads", "1", "--no-dashboard", "--memory-limit", "0", "--local-directory", str(folder / "dask")]
    address = "tcp://127.0.0.1:8786"
    processes = [subprocess.Popen([*dask, "scheduler", "--host", "127.0.0.1", "--no-dashboard"], **quiet)]  # type: ignore[call-overload]
    processes += [subprocess.Popen([*dask, "worker", address, *flags], **quiet) for _ in range(2)]  # type: ignore[call-overload]
    try:
        time.sleep(8)
        here, _, _ = _graded(folder / "some", folder / "here")
        before = os.times()
        there, driver, _ = _graded(folder / "some", folder / "there", "--cluster", address)
        after = os.times()
        same = (folder / "here" / "grades.csv").read_bytes() == (folder / "there" / "grades.csv").read_bytes()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        print(f"200 on two workers of a cluster: {there:.1f} s, here {here:.1f} s; grades the same: {same}")
        print(f"the driver's own CPU time: {used / 200 * 1000:.0f} ms a submission; {driver} MiB at most")
        out = sum(path.stat().st_size for path in (folder / "some").rglob("*.py")) / 200
        back = sum(path.stat().st_size for path in (folder / "there" / "results").glob("*.json")) / 200
        kept = sum(path.stat().st_size for path in (folder / "there" / "feedback").glob("*.html")) / 200
        print(f"kB a submission: {out / 1000:.0f} out, {back / 1000:.0f} back, {kept / 1000:.0f} of feedback")
    finally:
        for process in processes:
            process.kill()
            process.wait()


if __name__ == "__main__":
    raise SystemExit(main())
