"""Expected answers that are kept: `fixtures/1.2.npz` holds the cases of question 1.2 that all students share.

The file is read with NumPy alone. An array's name has three parts: `test_contrastive_value/public/value` is a case's
output that a check expects, `input/public/z1` an input of the case, and `unchecked/public/gradient of z1` an output
that no check looks at (advice does). `about` is JSON: the origin of the inputs, the calls of the cases, and the type of
each output. Cases of single students are never kept, nor cases for advice alone: counts of operations and float16
depend on the machine.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from autograder.cases import common_cases
from autograder.checks.judge import checks_of
from autograder.core.errors import AutograderError
from autograder.core.records import Answer, Array, Case, Question, Rubric, Value
from autograder.core.syntax import PARSER
from autograder.core.zips import stored_zip
from autograder.reference.variants import as_written

FOLDER = Path(__file__).parents[1] / "fixtures"
PATH = "autograder/fixtures"
"""The folder of fixtures, relative to the repository."""
ACCEPT = "Run `handout build --accept`."
INPUT, UNCHECKED = "input", "unchecked"
_SAID = (
    "Written by `handout build --accept`. input/CASE/NAME: what a case is called with, drawn by "
    "autograder/cases/{file}, hidden cases from the seed. CHECK/CASE/OUTPUT: what solutions/{file} gave, by the check "
    "of autograder/checks that compares with it; unchecked: no check does."
)


@dataclass(frozen=True)
class Fixture:
    """One file: the cases as the reference was called, and its answers by name; `seed` is the one it was made for."""

    seed: str
    cases: Mapping[str, Case]
    answers: Mapping[str, Answer]


class Fixtures:
    """The fixtures of a rubric's questions, each read when it is first asked for.

    Without a folder nothing is stored: cases are drawn, and the reference answers all of them.
    """

    def __init__(self, rubric: Rubric, folder: Path | None = FOLDER) -> None:
        self._rubric = rubric
        self._folder = folder
        self._read: dict[str, tuple[tuple[Case, ...], dict[str, Answer]]] = {}

    def cases(self, question_id: str) -> tuple[Case, ...]:
        """Public and hidden cases that all students share, on the inputs that the expected answers belong to."""
        return self._of(question_id)[0]

    def answer(self, case: Case) -> Answer | None:
        """The expected answer to a case in the reference's form; None if none is stored."""
        return self._of(case.question)[1].get(case.digest)

    def _of(self, question_id: str) -> tuple[tuple[Case, ...], dict[str, Answer]]:
        if question_id not in self._read:
            drawn = common_cases(question_id, self._rubric.seed)
            self._read[question_id] = (drawn, {}) if self._folder is None else self._kept(question_id, drawn)
        return self._read[question_id]

    def _kept(self, question_id: str, drawn: Sequence[Case]) -> tuple[tuple[Case, ...], dict[str, Answer]]:
        """Raise AutograderError if the file was made for another seed, or for other cases."""
        assert self._folder is not None
        fixture = read_fixture(self._folder / f"{question_id}.npz")
        if fixture.seed != self._rubric.seed:
            problem = f"{PATH}/{question_id}.npz was made for another seed or variant than the rubric."
            raise AutograderError(problem, ACCEPT)
        cases, answers = [], {}
        for case in drawn:
            asked = as_written(case, self._rubric.variant)
            if case.name not in fixture.cases or not same_call(asked, fixture.cases[case.name]):
                problem = f"Case {case.name!r} of question {question_id} is not the one in {PATH}/{question_id}.npz."
                raise AutograderError(problem, ACCEPT)
            # Machines draw inputs that differ in the last digit; an expected value belongs to its own.
            kept = fixture.cases[case.name].arrays
            cases.append(replace(case, arrays=kept))
            answers[replace(asked, arrays=kept).digest] = fixture.answers[case.name]
        return tuple(cases), answers


def same_call(one: Case, other: Case) -> bool:
    """Whether two cases call the same probe in the same way, whatever the inputs."""
    return (one.probe, dict(one.params), one.file) == (other.probe, dict(other.params), other.file)


def read_fixture(path: Path) -> Fixture:
    """Read a file of fixtures; raises AutograderError for one that is missing or damaged."""
    try:
        with PARSER, np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            about = json.loads(str(arrays["about"]))
            kept = {tuple(name.split("/", 2)): arrays[name] for name in arrays.files if name != "about"}
        return _fixture(path.stem, about, kept)
    except FileNotFoundError as error:
        raise AutograderError(f"{PATH}/{path.name} is missing.", ACCEPT) from error
    except (OSError, ValueError, LookupError, TypeError, EOFError, zipfile.BadZipFile) as error:
        problem = f"{PATH}/{path.name} cannot be read: {error}."
        raise AutograderError(problem, f"Take it back from git. {ACCEPT}") from error


def _fixture(question: str, about: Mapping[str, Any], kept: Mapping[tuple[str, ...], Array]) -> Fixture:
    inputs: dict[str, dict[str, Array]] = {name: {} for name in about["cases"]}
    outputs: dict[tuple[str, str], Array] = {}
    for (check, case, name), array in kept.items():
        if check == INPUT:
            inputs[case][name] = array
        else:
            outputs[case, name] = array
    cases, answers = {}, {}
    for name, row in about["cases"].items():
        arrays = {one: inputs[name][one] for one in row["inputs"]}
        cases[name] = Case(question, name, row["probe"], arrays, row["params"], file=row["file"])
        values = {one: _value(kind, outputs[name, one]) for one, kind in row["outputs"].items()}
        answers[name] = Answer(name, values)
    return Fixture(about["seed"], cases, answers)


def _value(type_name: str, array: Array) -> Value:
    if type_name == "None":
        return Value("none", "None")
    return Value("tensor" if type_name.startswith("torch.") else "number", type_name, array)


def fixture_bytes(question: Question, seed: str, cases: Sequence[Case], answers: Sequence[Answer]) -> bytes:
    """The file for these answers to these cases: equal bytes for equal answers. No answer may be an error."""
    by_case = {answer.case: answer for answer in answers}
    arrays: dict[str, Array] = {}
    for case in cases:
        arrays |= {f"{INPUT}/{case.name}/{name}": array for name, array in case.arrays.items()}
    for check, name, output in places(question, by_case):
        array = by_case[name].values[output].array
        arrays[f"{check}/{name}/{output}"] = np.array("None") if array is None else array
    arrays["about"] = np.array(json.dumps(_about(question, seed, cases, by_case), indent=1, ensure_ascii=False))
    return stored_zip({f"{name}.npy": _saved(array) for name, array in arrays.items()})


def _saved(array: Array) -> bytes:
    content = io.BytesIO()
    np.save(content, array, allow_pickle=False)
    return content.getvalue()


def places(question: Question, answers: Mapping[str, Answer]) -> list[tuple[str, str, str]]:
    """Check, case and output of each stored value, in the order of the checks; then outputs that no check looks at."""
    checked = [
        (check.name, case, output)
        for check, _ in checks_of(question)
        for case, output, _ in check.places(answers)
        if case in answers
    ]
    seen = {(case, output) for _, case, output in checked}
    rest = [
        (UNCHECKED, name, output)
        for name, answer in answers.items()
        for output in answer.values
        if (name, output) not in seen
    ]
    return [*dict.fromkeys(checked), *rest]


def _about(question: Question, seed: str, cases: Sequence[Case], answers: Mapping[str, Answer]) -> dict[str, Any]:
    rows = {
        case.name: {
            "probe": case.probe,
            "file": case.file,
            "params": dict(case.params),
            "inputs": list(case.arrays),
            "outputs": {name: value.type_name for name, value in answers[case.name].values.items()},
        }
        for case in cases
    }
    made = {name: metadata.version(name) for name in ("torch", "numpy")}
    said = _SAID.format(file=question.file)
    return {"about": said, "question": question.id, "seed": seed, "made with": made, "cases": rows}
