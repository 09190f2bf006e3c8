"""Grades on the workers of a cluster (`--cluster`): a submission travels as bytes, its result as JSON.

This side reads the archive and checks every name; a worker gets plain files. Scheduler, workers and this side must have
the same version of the kit, and trust each other: anybody who can reach the scheduler can run code on the workers.
"""

from __future__ import annotations

import atexit
import io
import json
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

from autograder.collect.member_names import safe_parts
from autograder.collect.target import Target
from autograder.collect.tree import Tree, materialise
from autograder.core.errors import AutograderError, SubmissionProblem
from autograder.core.records import Effort, Result, Rubric, Submission
from autograder.core.result_json import from_json, to_json
from autograder.core.rubric import load_rubric
from autograder.core.settings import SKELETON, Limits, Settings
from autograder.grading.cluster import ClusterUnavailable, map_cluster
from autograder.grading.grader import unreadable
from autograder.grading.worker import Task, Worker, failed, joined, version
from autograder.sandbox.client import Zygote


def graded(work: Sequence[Task], rubric: Rubric, settings: Settings) -> Iterator[tuple[Submission, Result]]:
    """Yield the results as they are done. Raises AutograderError if there is no cluster, or its kit differs."""
    assert settings.cluster is not None

    def packed(task: Task) -> bytes:
        return pack(task, settings.limits, settings.sandbox)

    try:
        for task, answer in map_cluster(settings.cluster, grade_packed, work, packed):
            yield task.submission, joined(task, _result(task, answer, rubric), rubric)
    except ClusterUnavailable as error:
        problem = f"There is no cluster with workers at {settings.cluster} ({error})."
        raise AutograderError(problem, "Start `dask scheduler` and `dask worker` first.") from error


def _result(task: Task, answer: str | Exception, rubric: Rubric) -> Result:
    student = task.submission.student
    if isinstance(answer, Exception):
        return failed(student, rubric, f"The cluster lost this submission: {type(answer).__name__}: {answer}")
    data = json.loads(answer)
    if "refused" in data:
        raise AutograderError(*data["refused"])
    efforts = tuple(Effort(**effort) for effort in data.pop("efforts"))
    return replace(from_json(data), student=student, efforts=efforts)


def pack(task: Task, limits: Limits, sandbox: bool) -> bytes:
    """A submission with everything that a worker needs: a line of JSON, then the files' bytes one after the other."""
    header = {
        "version": version(),
        "student": task.submission.student,
        "questions": [question.id for question in task.questions],
        "limits": asdict(limits),
        "sandbox": sandbox,
    }
    with tempfile.TemporaryDirectory(prefix="autograde-", ignore_cleanup_errors=True) as folder:
        try:
            tree = materialise(task.submission, Path(folder) / "submission", limits)
        except SubmissionProblem as problem:
            return json.dumps({**header, "unreadable": [problem.message, problem.hint]}).encode() + b"\n"
        paths = sorted(path for path in tree.root.rglob("*") if path.is_file())
        contents = [path.read_bytes() for path in paths]
        names = [str(path.relative_to(tree.root)) for path in paths]
        files = {module: str(path) for module, path in tree.files.items()}
        sizes = [[name, len(content)] for name, content in zip(names, contents, strict=True)]
        said = {"problems": dict(tree.problems), "notes": dict(tree.notes), "remarks": tree.remarks}
        told = {**header, "files": files, **said, "contents": sizes}
        return b"".join([json.dumps(told).encode(), b"\n", *contents])


def grade_packed(job: bytes) -> str:
    """Grade one submission on a worker, which keeps its own warm, confined server for the next one."""
    head, _, body = job.partition(b"\n")
    told = json.loads(head)
    try:
        if told["version"] != version():
            hint = "Bring the workers to the same version of the kit, Python and PyTorch as this machine."
            raise AutograderError("A worker of the cluster has another version of the kit than this machine.", hint)
        result = _graded_here(told, body)
    except AutograderError as error:
        return json.dumps({"refused": [error.message, error.hint]})
    return json.dumps({**to_json(result), "efforts": [asdict(effort) for effort in result.efforts]})


def _graded_here(told: dict[str, object], body: bytes) -> Result:
    rubric, student = load_rubric(), str(told["student"])
    asked = told["questions"]
    assert isinstance(asked, list)
    questions = [rubric[question] for question in asked]
    if isinstance(unread := told.get("unreadable"), list):
        return unreadable(student, SubmissionProblem(*unread), questions, rubric)
    limits = Limits(**told["limits"])  # type: ignore[arg-type]  # as `pack` took it apart
    with tempfile.TemporaryDirectory(prefix="autograde-", ignore_cleanup_errors=True) as folder:
        tree = _unpack(told, body, Target(Path(folder) / "submission", limits))
        worker = _worker(limits, bool(told["sandbox"]))
        return worker.attempt(student, lambda grader: grader.grade_tree(student, tree, questions))


def _unpack(told: dict[str, object], body: bytes, target: Target) -> Tree:
    contents, files, problems, notes = (told[part] for part in ("contents", "files", "problems", "notes"))
    assert isinstance(contents, list) and isinstance(files, dict)
    remarks = told["remarks"]
    assert isinstance(problems, dict) and isinstance(notes, dict) and isinstance(remarks, list)
    at = 0
    for name, size in contents:
        target.file(safe_parts(name), io.BytesIO(body[at : at + size]))
        at += size
    return Tree(target.root, {module: Path(path) for module, path in files.items()}, problems, notes, tuple(remarks))


_here = threading.local()


@cache
def _zygote() -> Zygote:
    zygote = Zygote(SKELETON)
    atexit.register(zygote.close)
    return zygote


def _worker(limits: Limits, sandbox: bool) -> Worker:
    """This thread's own worker, kept from one submission to the next."""
    kept: tuple[Limits, bool, Worker] | None = getattr(_here, "kept", None)
    if kept is None or kept[:2] != (limits, sandbox):
        if kept is not None:
            kept[2].close()
        worker = Worker(load_rubric(), limits, sandbox, _zygote())
        atexit.register(worker.close)
        _here.kept = kept = (limits, sandbox, worker)
    return kept[2]
