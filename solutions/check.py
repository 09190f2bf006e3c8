"""Runs the public checks: calls your functions on small inputs and compares what they return.

    python check.py                   every file
    python check.py criterion main    these files
    python criterion.py               the same as `python check.py criterion`

Exit status: 0 every check passes, 1 something fails, 2 wrong usage. Grading uses further inputs of its own.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import linecache
import math
import numbers
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

HERE = Path(__file__).resolve().parent
ENTRIES, VALUES = 4, 2  # how many entries of a wrong array, and how many wrong values of one check, are printed
LOOK = {
    "gradient of": "how the result comes from the input: `detach`, `item`, `no_grad`, `torch.tensor` cut gradients.",
    "output": "the return statement; a dict with the keys z1, z2, p1 and p2 is asked for.",
    "inputs unchanged": "operations that change an argument in place (`mul_`, `+=`, `[...] =`); make a new tensor.",
    "keys": "the keys of the dict; z1, z2, p1 and p2 are always there, if only as None.",
    "same parameters": "assignments that put new parameters in the places of the old; change them in place.",
    "same requires_grad": "what sets `requires_grad`; the update leaves it as it is.",
    "leaves": "whether the update is recorded for a backward pass; it belongs under `torch.no_grad()`.",
    "encoder.": "what changes the encoder; the update reads it and leaves it as it is.",
    "returned": "the return statement; it gives the list of fc.weight and fc.bias.",
    "weight first": "the return statement; fc.weight itself comes first.",
    "bias second": "the return statement; fc.bias itself comes second.",
    "backbone frozen": "which parameters still require a gradient; outside fc none may.",
    "fc learns": "whether fc.weight and fc.bias require a gradient; they may not have before.",
    "training": "the mode in which the model is left; eval mode is meant.",
    "backbone unchanged": "the running statistics of batch norm; they move whenever the model runs in training mode.",
}  # by how the name of a value begins

Values = dict[str, Any]


class Failure(Exception):
    """Why a check can not compare anything; the text is all that the student reads."""


def main(argv: list[str]) -> int:
    """Run the public checks of the files named in `argv` (all if none is named); returns the exit status."""
    try:
        questions = json.loads((HERE / "public_checks.json").read_text(encoding="utf-8"))["questions"]
    except (OSError, ValueError, KeyError):
        print("public_checks.json is missing or damaged.\nTake it from the assignment's zip again.", file=sys.stderr)
        return 2
    files = list(dict.fromkeys(question["file"].removesuffix(".py") for question in questions))
    if "-h" in argv or "--help" in argv:
        print(f"usage: python check.py [FILE ...]\n\nFILE is one of {', '.join(files)}; without any, all are checked.")
        return 0
    wanted = [name.removesuffix(".py") for name in argv]
    unknown = [name for name in wanted if name not in files]
    if unknown:
        print(f"There are no checks for {unknown[0]!r}.\nName one of {', '.join(files)}.", file=sys.stderr)
        return 2
    sys.path.insert(0, str(HERE))
    try:
        passed = [result for file in wanted or files for result in check_file(file, questions)]
    except KeyboardInterrupt as stop:
        print(f"\nStopped{place_of(stop)}.")
        return 1
    except BrokenPipeError:  # `python check.py | head`: nobody reads on, and nothing is left to be flushed at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    finally:
        sys.path.remove(str(HERE))
    print(f"\n{sum(passed)} of {len(passed)} public checks pass.")
    return 0 if all(passed) else 1


def check_file(file: str, questions: list[Values]) -> list[bool]:
    """Run and print all checks of one file; one entry per check, true if it passed."""
    asked = [question for question in questions if question["file"] == f"{file}.py"]
    try:
        module = load(file, HERE / f"{file}.py")
        probes = load(f"probes_{file}", HERE / "probes" / f"probe_{file}.py")
    except Failure as failure:
        print(f"\n[{file}.py]\n[-----failed-----]\n{failure}")
        return [False for question in asked for _ in question["cases"]]
    return [result for question in asked for result in check_question(question, module, probes)]


def check_question(question: Values, module: ModuleType, probes: ModuleType) -> list[bool]:
    """Run all checks of one question, then print them, a recognised mistake first."""
    answers = [ask(case, module, probes) for case in question["cases"]]
    reports = [
        str(answer) if isinstance(answer, Failure) else report(case["expected"], answer)
        for case, answer in zip(question["cases"], answers, strict=True)
    ]
    if any(reports):
        print_hints(question, answers)
    for case, text in zip(question["cases"], reports, strict=True):
        print(f"\n[Test {question['id']}: {case['name']}]")
        print(f"[-----failed-----]\n{text}" if text else "[-----passed-----]")
    return [not text for text in reports]


def print_hints(question: Values, answers: list[Values | Failure]) -> None:
    """Print the hint of each known mistake that gives exactly these answers on every public input."""
    fitting = []
    for mistake in question["mistakes"]:
        rows = zip(question["cases"], mistake["outputs"], answers, strict=True)
        # Only what is not as expected is stored, and it is looked at first: most mistakes are out at once.
        wanted = ((answer, {**different, **case["expected"], **different}) for case, different, answer in rows)
        if all(not isinstance(answer, Failure) and fits(want, answer) for answer, want in wanted):
            fitting.append(mistake["hint"])
    if fitting:
        print(f"\n[Hint for {question['id']}]" + ("" if len(fitting) == 1 else " Your results fit each of these:"))
        print("\n".join(fitting))


def ask(case: Values, module: ModuleType, probes: ModuleType) -> Values | Failure:
    """Call the student's code on the inputs of one case."""
    arrays = {name: to_tensor(stored) for name, stored in case["arrays"].items()}
    torch.manual_seed(0)
    try:
        values: Values = getattr(probes, case["probe"])(module, arrays, case["params"])
        return values
    except (Exception, SystemExit) as error:  # whatever a student's code raises is a result
        return Failure(explain_exception(error))


def load(name: str, path: Path) -> ModuleType:
    """Import the file afresh, so that a notebook sees the last edit; raises Failure where it can not."""
    if not path.is_file():
        raise Failure(f"There is no {path.relative_to(HERE)} beside check.py.")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    importlib.invalidate_caches()
    linecache.checkcache()
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]  # so that another file's `import` does not find half a module
        raise Failure(explain_exception(error)) from error
    return module


def explain_exception(error: BaseException) -> str:
    """The text of an unfilled stub, or type, message and line of an exception; never a traceback."""
    if isinstance(error, SyntaxError):
        where = f" in {Path(error.filename).name}, line {error.lineno}" if error.filename else ""
        return f"{type(error).__name__}{where}: {error.msg}\n    {(error.text or '').strip()}"
    place = place_of(error)
    if isinstance(error, NotImplementedError) and str(error).endswith("is not implemented yet"):
        return str(error)
    return f"{type(error).__name__}{place}: {error}"


def place_of(error: BaseException) -> str:
    """Where in the student's own files an exception came from, with that line's text."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).parent == HERE and Path(frame.filename).name != "check.py"]
    if not own:
        return ""
    return f" in {Path(own[-1].filename).name}, line {own[-1].lineno} (`{own[-1].line}`)"


def to_tensor(stored: Values) -> torch.Tensor:
    """The tensor of an array as public_checks.json stores it."""
    return torch.tensor(stored["data"], dtype=getattr(torch, stored["dtype"])).reshape(stored["shape"])


def report(expected: Values, got: Values) -> str:
    """What is wrong with the values that came, in words; empty when nothing is."""
    if "output" in got and "output" not in expected:  # the function returned something of another kind altogether
        return f"It returned {describe(got['output'])}.\n    Look at: {LOOK['output']}"
    wrong = [name for name, want in expected.items() if not agree(want, got.get(name))]
    # Where a value is wrong its gradient is wrong too, and says nothing more.
    first = [name for name in wrong if not name.startswith("gradient of")] or wrong
    lines = [explain(name, expected[name], got.get(name)) for name in first[:VALUES]]
    if rest := [name for name in wrong if name not in first[:VALUES]]:
        lines.append(f"Also wrong: {', '.join(rest)}.")
    return "\n".join(lines)


def fits(expected: Values, got: Values) -> bool:
    """Whether every value is the wanted one."""
    return all(agree(want, got.get(name)) for name, want in expected.items())


def agree(want: Values, got: Any) -> bool:
    """Whether a value is the wanted one; NaN never is."""
    if want["kind"] == "none":
        return got is None
    if want["kind"] == "number" and isinstance(got, numbers.Real):
        received = [float(got)]
    elif type(got) is torch.Tensor and list(got.shape) == want["shape"]:
        received = got.detach().flatten().tolist()
    else:
        return False
    if want["kind"] == "drawn":
        slack = 0.1 * max(want["std"], abs(want["mean"])) + 1e-12
        mean, std = moments(received)
        return bool(abs(mean - want["mean"]) <= slack and abs(std - want["std"]) <= slack)
    if want["kind"] == "tensor" and want["dtype"].startswith("float") and not got.is_floating_point():
        return False
    slack = want.get("slack", 0)
    return all(abs(one - other) <= slack for one, other in zip(received, want["data"], strict=True))


def moments(entries: list[float]) -> tuple[float, float]:
    """Mean and standard deviation."""
    mean = sum(entries) / len(entries)
    return mean, math.sqrt(sum((entry - mean) ** 2 for entry in entries) / len(entries))


def explain(name: str, want: Values, got: object) -> str:
    """How a wrong value differs: expected and received beside each other, and what to look at."""
    text, clue = difference(name, want, got)
    clue = clue or next((text for start, text in LOOK.items() if name.startswith(start)), "")
    return f"{text}\n    Look at: {clue}" if clue else text


def difference(name: str, want: Values, got: Any) -> tuple[str, str]:
    """Expected and received beside each other, and what the numbers themselves say."""
    got = got.detach() if type(got) is torch.Tensor else got
    if want["kind"] == "none":
        return f"{name}: expected None, received {describe(got)}", ""
    if want["kind"] == "number":
        expected = want["data"][0]
        whole = isinstance(got, numbers.Real) or (type(got) is torch.Tensor and not got.dim())
        shown = describe(got) if not whole else str(bool(got)) if isinstance(expected, bool) else f"{float(got):.6g}"
        return f"{name}: expected {expected}, received {shown}", ""
    if type(got) is not torch.Tensor or list(got.shape) != want["shape"]:
        return f"{name}: expected a tensor of shape {want['shape']}, received {describe(got)}", ""
    if want["kind"] == "drawn":
        mean, std = moments(got.flatten().tolist())
        wanted = f"expected random numbers of mean {want['mean']:g} and standard deviation {want['std']:g}"
        return f"{name}: {wanted}, received mean {mean:.2g} and standard deviation {std:.2g}", ""
    if not got.is_floating_point():
        return f"{name}: expected {want['dtype']}, received {str(got.dtype).removeprefix('torch.')}", ""
    expected, received = to_tensor({**want, "dtype": "float64"}), got.to("cpu", torch.float64)
    return table(name, expected, received, want["slack"]), pattern(expected, received)


def table(name: str, expected: torch.Tensor, received: torch.Tensor, slack: float) -> str:
    """The first differing entries."""
    if not expected.dim():
        return f"{name}: expected {expected:.6g}, received {received:.6g}"
    wrong = ~((received - expected).abs() <= slack)  # so that NaN is wrong
    lines = [f"{name} differs in {int(wrong.sum())} of {wrong.numel()} entries"]
    lines.append(f"    {'entry':<12}{'expected':>14}{'received':>14}")
    for index in wrong.nonzero().tolist()[:ENTRIES]:
        want, got = expected[tuple(index)], received[tuple(index)]
        lines.append(f"    {index!s:<12}{want:>14.6g}{got:>14.6g}")
    return "\n".join(lines)


def describe(got: object) -> str:
    """What a value is, in a few words."""
    if type(got) is torch.Tensor:
        return f"a tensor of shape {list(got.shape)}"
    if got is None or isinstance(got, (bool, int, float, str)):
        return f"{type(got).__name__} {got}"[:80].removeprefix("NoneType ")
    return f"a {type(got).__name__}" + (f" of length {len(got)}" if hasattr(got, "__len__") else "")


def pattern(expected: torch.Tensor, received: torch.Tensor) -> str:
    """What kind of thing went wrong, where the numbers say so."""
    if not received.isfinite().all():
        return "the result is not finite; look for a logarithm or division of 0, or an exponential of a large number."
    if not received.any():
        return "everything received is 0."
    if torch.allclose(received, -expected, rtol=1e-3):
        return "the sign is the other way round."
    factor = float((received * expected).sum() / (expected * expected).sum().clamp_min(1e-30))
    simple = next((n for n in range(2, 513) if min(abs(factor / n - 1), abs(factor * n - 1)) < 1e-3), None)
    if simple and torch.allclose(received, factor * expected, rtol=1e-3):
        word = "too large" if factor > 1 else "too small"
        return f"it is {simple} times {word}; look at a factor, or at a sum where a mean is meant (or the reverse)."
    return ""


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
