"""`make bench`: `autograde` with its sandbox against one pytest process per submission, over the same checks.

Both sides grade correct submissions with as many jobs as there are cores, alternating; figures are medians of wall
seconds per submission, start-up included. The other side is `pytest autograder/checks --submission`, a fresh process
per submission. Beside it stands what is left of that without any isolation: student and reference imported into the
pytest process itself. The floor is the checks' own compute for a submission, in one process that is warm.

Last, a class in which everybody is wrong in two questions, each in another way, against one of right answers: what it
costs to explain mistakes.
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

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))  # run as a script
from autograder.core.records import STUDENT_FILES  # noqa: E402
from autograder.core.rubric import load_rubric  # noqa: E402
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
        floor = _floor(students)
        print(f"floor, the checks' own compute in one process: {floor:.3f} s a submission")
        wrong = _wrong_students(Path(folder) / "wrong")
        ours, theirs, plain, explained = [], [], [], []
        for turn in range(ROUNDS):
            ours.append(
                _autograde(students[0].parent, Path(folder) / f"grades-{turn}", jobs, SUBMISSIONS) / SUBMISSIONS
            )
            explained.append(_autograde(wrong, Path(folder) / f"explained-{turn}", jobs, 0) / SUBMISSIONS)
            part = students[turn::ROUNDS][: 6 * jobs]
            theirs.append(_processes(part, jobs, ["autograder/checks", "--submission"]) / len(part))
            few = part[: 2 * jobs]
            plain.append(_processes(few, jobs, [*PLAIN, *CHECKS, "--plain"]) / len(few))
            figures = f"autograde {ours[-1]:.3f}, pytest {theirs[-1]:.3f}, without isolation {plain[-1]:.3f}"
            figures += f", two questions wrong {explained[-1]:.3f}"
            print(f"{figures} s a submission", flush=True)
    middle = statistics.median(ours)
    print(f"autograde: {middle:.3f} s a submission, {middle * jobs / floor:.1f} times the floor")
    print(f"one pytest process each, without isolation: {statistics.median(plain):.3f} s a submission")
    print(f"one pytest process each: {statistics.median(theirs):.3f} s a submission")
    costs = statistics.median(explained)
    print(
        f"autograde, two questions wrong: {costs:.3f} s a submission, {costs / middle:.2f} times one of right answers"
    )
    print(f"ratio: {statistics.median(theirs) / middle:.1f}")
    return 0


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


def _autograde(folder: Path, output: Path, jobs: int, full: int) -> float:
    """Seconds for a class in which `full` students have all points."""
    command = [sys.executable, "-m", "autograder", str(folder), "--output", str(output), "--jobs", str(jobs)]
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    seconds = time.perf_counter() - start
    rubric = load_rubric()
    everything = sum(question.points for question in rubric.graded)
    row = f",ok,{everything:g},{rubric.max_score:g},"
    assert (output / "grades.csv").read_text().count(row) == full
    return seconds


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


def _floor(students: list[Path]) -> float:
    code = (
        "import sys, time, torch; torch.set_num_threads(1)\n"
        "from pathlib import Path\n"
        "from autograder.checks.judge import judge\n"
        "from autograder.core.rubric import load_rubric\n"
        "from tests.bench.in_process import question_answers\n"
        "folders = [Path(name) for name in sys.argv[1:]]\n"
        "seconds = []\n"
        "for folder in folders:\n"
        "    start = time.perf_counter()\n"
        "    for question in load_rubric().graded:\n"
        "        judge(question, question_answers(folder, question.id))\n"
        "    seconds.append(time.perf_counter() - start)\n"
        "print(sorted(seconds)[len(seconds) // 2])\n"
    )
    command = [sys.executable, "-c", code, *map(str, students[:16])]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env=environment)
    return float(done.stdout)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "an unnamed processor"


if __name__ == "__main__":
    raise SystemExit(main())
