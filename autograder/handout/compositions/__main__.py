"""The process that searches: `python -m autograder.handout.compositions ROOT RESULTS [QUESTION...]`."""

from __future__ import annotations

import ast
import importlib
import json
import os
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
import torch

from autograder.cases import public_cases, term_cases
from autograder.core.records import STUDENT_FILES, Case, Question, Rubric, Submission
from autograder.core.rubric import load_rubric
from autograder.core.settings import Limits
from autograder.core.store import write_whole
from autograder.grading.grader import Grader
from autograder.handout.build import read_student_files
from autograder.handout.compositions import Found
from autograder.handout.compositions.observed import Call, capture, defined, observe
from autograder.handout.compositions.search import Composition, Search, TooLong
from autograder.handout.files.annotations import Stub, read_stubs
from autograder.reference.variants import as_asked, as_written

NO_MODULES = ("__init__", "check", "hand_in", "differences")
"""Given files that check students' work: they run students' code, and answer nothing."""


@dataclass(frozen=True)
class Place:
    """The place of a stub: the file, the stub in the skeleton and its solution, and the function around it."""

    file: str
    function: str
    stub: Stub
    solution: tuple[str, ...]


Passes = Callable[["Place", Composition], bool]


def main(root: Path, results: Path, questions: Sequence[str]) -> int:
    """Search and write a line of JSON for each question."""
    prepare(root / "assignment")
    rubric = load_rubric(root / "autograder" / "core" / "rubric.json")
    places = list(read_places(root))
    modules = import_given(root / "assignment")
    asked = frozenset(place.function for place in places)
    rows = []
    with Grader(rubric, Limits()) as grader:
        for question in rubric.graded:
            if questions and question.id not in questions:
                continue
            own = [place for place in places if place.stub.question.id == question.id]
            searched = [(place, search_one(root, place, rubric, modules, asked)) for place in own]
            rows.append(report(question, searched, partial(graded, root, grader, question, own)))
    write_whole(results, "".join(json.dumps(asdict(row)) + "\n" for row in rows))
    return 0


def prepare(folder: Path) -> None:
    """Prepare this process for calls of given functions, whatever they do."""
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)

    def too_long(*_: object) -> None:
        raise TooLong

    signal.signal(signal.SIGALRM, too_long)


def import_given(folder: Path) -> dict[str, ModuleType]:
    """Import every module of the students' folder except those that check; returns them by last part of the name."""
    paths = {path.stem: path.relative_to(folder) for path in [*folder.glob("*.py"), *folder.glob("ssl_kit/*.py")]}
    names = {name: ".".join(path.with_suffix("").parts) for name, path in sorted(paths.items())}
    return {name: importlib.import_module(full) for name, full in names.items() if name not in NO_MODULES}


def read_places(root: Path) -> Iterator[Place]:
    """Yield each stub of the skeleton, with the reference's code for it."""
    for file, (source, solved) in read_student_files(root).items():
        skeleton = (root / "assignment" / file).read_text("utf-8")
        stubs = read_stubs(skeleton, file)
        asked = {stub.question.id for stub in stubs}
        lines = source.splitlines(keepends=True)
        answered = [one for one in solved if one.question.id in asked]
        for stub, answer in zip(stubs, answered, strict=True):
            yield Place(file, function_at(skeleton, stub.header), stub, tuple(lines[answer.start : answer.end - 1]))


def function_at(source: str, line: int) -> str:
    """The function around a line, with its class: `SSLLoss.align_loss`."""
    tops = ast.parse(source).body
    around = [node for node in tops if node.lineno <= line <= (node.end_lineno or 0)]
    inner = [node for top in around if isinstance(top, ast.ClassDef) for node in top.body]
    around += [node for node in inner if node.lineno <= line <= (node.end_lineno or 0)]
    return ".".join(node.name for node in around if isinstance(node, ast.ClassDef | ast.FunctionDef))


def search_one(
    root: Path, place: Place, rubric: Rubric, modules: Mapping[str, ModuleType], asked: frozenset[str]
) -> Search:
    """Search for one stub."""
    module = modules[place.file.removesuffix(".py")]
    question = place.stub.question
    cases = (*public_cases(question.id), *term_cases(question.id, rubric.seed))
    own = [case for case in cases if (case.file or rubric[question.id].file) == place.file]
    reference = read_reference(root / "solutions" / place.file)
    calls = [call for case in own if (call := call_of(case, place, module, reference, rubric)) is not None]
    if not calls:
        raise RuntimeError(f"no case of question {question.id} reaches {place.function} in {place.file}")
    search = Search(module, modules, calls, asked)
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stderr(nowhere), redirect_stdout(nowhere):
        search.run()
    return search


def read_reference(path: Path) -> ModuleType:
    """Import a file of `solutions/`, with the students' given modules."""
    module = ModuleType(f"reference_{path.stem}")
    sys.modules[module.__name__] = module
    exec(compile(path.read_text("utf-8"), path.name, "exec"), vars(module))
    return module


def call_of(case: Case, place: Place, module: ModuleType, reference: ModuleType, rubric: Rubric) -> Call | None:
    """The call of the stub in a case, and the reference's result."""
    probes = importlib.import_module(f"autograder.sandbox.probes.{module.__name__}")
    owner, name = defined(module, place.function)

    def names(one: Case) -> dict[str, object] | None:
        arrays = {key: torch.from_numpy(np.array(array)) for key, array in one.arrays.items()}
        return capture(owner, name, lambda: getattr(probes, one.probe)(module, arrays, one.params))

    asked = as_asked(case, rubric.variant)
    given, written = names(asked), names(as_written(asked, rubric.variant))
    if given is None or written is None:
        return None
    holder, word = defined(reference, place.function)
    return observe(given, getattr(holder, word), written)


def report(question: Question, searched: Sequence[tuple[Place, Search]], passes: Passes) -> Found:
    """Grade the findings of the searches for a question's stubs, and sum them up."""
    agreed = [(place, made) for place, search in searched for made in sorted_by_length(search.found)]
    answers = ["\n".join(made.lines) for place, made in agreed if passes(place, made)]
    tried, limited = sum(search.tried for _, search in searched), any(search.limited for _, search in searched)
    return Found(question.id, tried, limited, len(agreed), tuple(answers))


def sorted_by_length(found: Sequence[Composition]) -> list[Composition]:
    """Sort the shortest first, each code once."""
    return sorted(dict.fromkeys(found), key=lambda one: (len("".join(one.lines)), one.lines))


def graded(
    root: Path, grader: Grader, question: Question, own: Sequence[Place], place: Place, made: Composition
) -> bool:
    """Whether a hand-in with these lines for the stub passes all checks; the question's other parts are solved."""
    with tempfile.TemporaryDirectory() as name:
        for file in STUDENT_FILES:
            lines = (root / "assignment" / file).read_text("utf-8").splitlines(keepends=True)
            for other in sorted(own, key=lambda one: one.stub.start, reverse=True):
                margin = " " * other.stub.indent
                answer = [f"{margin}{line}\n" for line in made.lines] if other is place else other.solution
                if other.file == file:
                    lines[other.stub.start : other.stub.end - 1] = answer
            Path(name, file).write_text("".join(lines), "utf-8")
        (result,) = grader.grade(Submission("composition", Path(name)), [question]).questions
    return result.score == result.max_score


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
