"""`make bench`: `autograde` with its sandbox against one pytest process per submission, over the same checks.

Both sides grade correct submissions with as many jobs as there are cores, alternating; figures are ratios of medians,
start-up included. The other side is `pytest autograder/checks --submission`, a fresh process per submission. Beside it
stands what is left of that without any isolation: student and reference imported into the pytest process itself. The
floor is the checks' own compute in one process that is warm: each student's calls and comparisons, and the reference's
calls once for equal inputs. It is compared by CPU time.

A class in which everybody is wrong in two questions, each in another way, stands next to one of right answers: what it
costs to explain mistakes. Of both, `layers.py` reads where the CPU time goes, and the memory.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))  # run as a script
from autograder.core.records import STUDENT_FILES  # noqa: E402
from autograder.core.rubric import load_rubric  # noqa: E402
from tests.bench.layers import LAYERS, SAID, Watched, watch  # noqa: E402
from tests.course import answers_of  # noqa: E402
from tests.sample_class import hand_in  # noqa: E402

SUBMISSIONS = 128
ROUNDS = 3
BLIND = Path(__file__).with_name("blind_answers.toml")
PLAIN = ["-p", "tests.bench.plain", "--noconftest"]
CHECKS = [str(path) for path in sorted((ROOT / "autograder" / "checks").glob("test_*.py"))]


def main() -> int:
    """Time both sides and print the ratio as the last line."""
    jobs = len(os.sched_getaffinity(0))
    print(f"{SUBMISSIONS} submissions, {jobs} jobs, {ROUNDS} rounds of each side in turn, {_processor()}")
    with tempfile.TemporaryDirectory() as folder:
        students = _students(Path(folder) / "class")
        wrong = _wrong_students(Path(folder) / "wrong")
        right, explained, theirs, plain, floors = [], [], [], [], []
        for turn in range(ROUNDS):
            floors.append(_floor(students))
            right.append(_autograde(students[0].parent, Path(folder) / f"grades-{turn}", jobs, SUBMISSIONS))
            explained.append(_autograde(wrong, Path(folder) / f"explained-{turn}", jobs, 0))
            part = students[turn::ROUNDS][: 6 * jobs]
            theirs.append(_processes(part, jobs, ["autograder/checks", "--submission"]) / len(part))
            few = part[: 2 * jobs]
            plain.append(_processes(few, jobs, [*PLAIN, *CHECKS, "--plain"]) / len(few))
            here = right[-1].seconds / SUBMISSIONS
            print(f"round {turn + 1}: {theirs[-1] / here:.1f} times pytest", flush=True)
        memory = _memory_of_pytest(students[0])
    _say_layers(right, explained, statistics.median(floor.calls for floor in floors) * SUBMISSIONS)
    middle = statistics.median(one.seconds for one in right) / SUBMISSIONS
    cpu = statistics.median(one.total for one in right) / SUBMISSIONS
    most = max(one.memory for one in right)
    print(f"memory of all processes together: {most / memory:.1f} times that of one pytest process")
    print(f"two questions wrong: {_ratio(explained, right):.2f} times right answers, in CPU time")
    print(f"autograde: {cpu / statistics.median(floor.whole for floor in floors):.1f} times the floor, in CPU time")
    print(f"cores busy with it: {cpu / middle / jobs:.0%}")
    print(f"one pytest process each, without isolation: {statistics.median(plain) / middle:.1f} times autograde")
    print(f"ratio: {statistics.median(theirs) / middle:.1f}")
    return 0


def _say_layers(right: list[Watched], wrong: list[Watched], calls: float) -> None:
    """Print each layer's share of the CPU time of right answers, and next to it that of wrong ones in the same unit."""
    whole = statistics.median(one.total for one in right)
    print("CPU time, in % of that of right answers: right answers, two questions wrong")
    for layer in LAYERS:
        shares = [statistics.median(one.cpu[layer] for one in side) / whole for side in (right, wrong)]
        print(f"  {layer:20} {shares[0]:5.0%} {shares[1]:5.0%}   {SAID[layer]}")
    print(f"  all calls of students and their comparisons would take {calls / whole:.0%} in one warm process")


def _ratio(one: list[Watched], other: list[Watched]) -> float:
    """The ratio of the CPU times, round by round, in the middle."""
    return statistics.median(a.total / b.total for a, b in zip(one, other, strict=True))


def _students(folder: Path) -> list[Path]:
    """Right answers to every question that is asked, bonus ones too: the reference's own files."""
    names = [folder / f"student-{number:02}" for number in range(SUBMISSIONS)]
    for name in names:
        name.mkdir(parents=True)
        for file in STUDENT_FILES:
            shutil.copy(ROOT / "solutions" / file, name)
    return names


def _wrong_students(folder: Path) -> Path:
    """Right answers except for two questions, which differ between students, or are wrong in different ways."""
    wrong = tomllib.loads(BLIND.read_text("utf-8"))["wrong"]
    right = answers_of(bonus=False) | answers_of(bonus=True)
    for number in range(SUBMISSIONS):
        first = wrong[number % len(wrong)]
        others = [one for one in wrong[number + 1 :] + wrong[:number] if one["question"] != first["question"]]
        second = others[number * 7 % len(others)]
        hand_in(folder / f"student-{number:02}", right | {one["question"]: one["lines"] for one in (first, second)})
    return folder


def _autograde(folder: Path, output: Path, jobs: int, full: int) -> Watched:
    """Grade a class in which `full` students have all points."""
    command = [sys.executable, "-m", "autograder", str(folder), "--output", str(output), "--jobs", str(jobs)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT)
    watched = watch(process)
    assert process.returncode == 0
    rubric = load_rubric()
    everything = sum(question.points for question in rubric.graded)
    row = f",ok,{everything:g},{rubric.max_score:g},"
    assert (output / "grades.csv").read_text().count(row) == full
    return watched


def _processes(students: list[Path], jobs: int, arguments: list[str]) -> float:
    """Seconds for one fresh pytest process per student."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}

    def grade(student: Path) -> None:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments, str(student)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
        assert done.returncode == 0, done.stdout

    start = time.perf_counter()
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(grade, students))
    return time.perf_counter() - start


def _memory_of_pytest(student: Path) -> float:
    """The most memory in MiB of a pytest process for one student."""
    arguments = ["-q", "-p", "no:cacheprovider", *PLAIN, *CHECKS, "--plain", str(student)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT, env=environment) as process:
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    return usage.ru_maxrss / 1024


class Floor(NamedTuple):
    """CPU seconds a submission: of the whole class's compute, and of the students' calls alone."""

    whole: float
    calls: float


def _floor(students: list[Path]) -> Floor:
    code = (
        "import sys, time, torch; torch.set_num_threads(1)\n"
        "from pathlib import Path\n"
        "from autograder.checks.judge import judge\n"
        "from autograder.core.rubric import load_rubric\n"
        "from tests.bench.in_process import question_answers\n"
        "folders = [Path(name) for name in sys.argv[1:]]\n"
        "def grade(folder):\n"
        "    for question in load_rubric().graded:\n"
        "        judge(question, question_answers(folder, question.id))\n"
        "def seconds(folders):\n"
        "    start = time.process_time()\n"
        "    for folder in folders:\n"
        "        grade(folder)\n"
        "    return (time.process_time() - start) / len(folders)\n"
        "whole = seconds(folders)\n"
        "print(whole, seconds(folders))\n"
    )
    command = [sys.executable, "-c", code, *map(str, students)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env=environment)
    return Floor(*map(float, done.stdout.split()))


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "an unnamed processor"


if __name__ == "__main__":
    raise SystemExit(main())
