"""Runs the public checks: calls your functions on small inputs and compares what they return.

    python check.py                   every file
    python check.py criterion main    these files
    python criterion.py               the same as `python check.py criterion`
    python check.py --hint 2          also the kind of mistake; with --hint 3 the formula as well
    python check.py --zip STUDENT_ID  every file, then the zip to be handed in

Exit status: 0 every check passes, 1 something fails, 2 wrong usage. A bonus question that is left alone does not
count, and neither do the steps of `steps.py`. Grading uses further inputs of its own.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import linecache
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

if __name__ == "__main__":
    raise SystemExit(
        "This check.py is a part of the kit, and does not run by itself.\n"
        "Run `python check.py` in the folder above, which holds criterion.py."
    )

import torch

from ssl_kit import hand_in, step_checks
from ssl_kit.differences import report
from ssl_kit.hints import KIND, read_hint, tell_further, tell_hints
from ssl_kit.telling import HERE, PUBLIC, Failure, said, stored, tell, tell_verdict, wording

UNTOUCHED = ("unfilled", "absent")
"""Kinds of failure with which a bonus question counts as not attempted."""

Values = dict[str, Any]


def main(argv: list[str]) -> int:
    """Run the public checks of the files named in `argv` (all if none is named); returns the exit status."""
    if "--zip" in argv:
        with as_when_grading():
            return hand_in.main(argv, lambda: check([], zipping=True), tell)
    return check(argv)


def check(words: list[str], zipping: bool = False) -> int:
    """The same without the zip. While `zipping`, what grading will say has been said."""
    try:
        questions = stored("public_checks.json", "questions")
        asked, skeleton = (stored("asked.json", key) for key in ("functions", "files"))
    except Failure as damage:
        tell(f"{damage} is missing or damaged.\nTake it from the assignment's zip again.", file=sys.stderr)
        return 2
    files = list(dict.fromkeys(question["file"].removesuffix(".py") for question in questions))
    words = list(words)
    hint = read_hint(words)
    wanted = [name.removesuffix(".py") for name in words]
    if (status := usage(wanted, hint, files)) is not None:
        return status
    try:
        if heading := wording()[0]:
            print(heading)
        with as_when_grading() as undone:
            if not zipping:
                hand_in.foretell(hand_in.what_counts_of(wanted or files), tell)
            run = Run(skeleton, asked, undone, hint)
            passed = [result for file in wanted or files for result in run.check_file(file, questions)]
    except KeyboardInterrupt as stop:
        tell(f"\nStopped. {stop.args[0] if stop.args else ''}".rstrip())
        return 1
    except BrokenPipeError:  # `python check.py | head`: nobody reads on, and nothing is left to be flushed at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    judged = [result for result in passed if result is not None]
    tell(f"\n{sum(judged)} of {len(judged)} public checks pass.")
    tell_further(hint, run.hinted)
    return 0 if all(judged) else 1


def usage(wanted: list[str], hint: int, files: list[str]) -> int | None:
    """Print how the command is used where that is asked for, or where it is used wrongly; returns the exit status."""
    if "-h" in wanted or "--help" in wanted:
        tell("usage: python check.py [FILE ...] [--hint N] | --zip [STUDENT_ID]\n")
        tell(f"FILE is one of {', '.join(files)}; without any, all are checked.")
        tell("N is how much is said of a wrong value: 1 the place, 2 also the kind of mistake, 3 also the formula.")
        return 0
    if unknown := [name for name in wanted if name not in files]:
        tell(f"There are no checks for {unknown[0]!r}.\nName one of {', '.join(files)}.", file=sys.stderr)
    elif not hint:
        tell("There is no such hint.\nGive 1, 2 or 3 after --hint.", file=sys.stderr)
    return 2 if unknown or not hint else None


@contextlib.contextmanager
def as_when_grading() -> Iterator[contextlib.ExitStack]:
    """Import your files from this folder and run them in it; afterwards everything is as before.

    Yields the stack that undoes further changes.
    """
    folder, arguments, imports = os.getcwd(), sys.argv, builtins.__import__
    caching, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    path, sys.path[:0] = list(sys.path), [str(HERE)]
    importlib.invalidate_caches()
    linecache.checkcache()
    os.chdir(HERE)
    finders = list(sys.meta_path)
    try:
        with contextlib.ExitStack() as undone:
            yield undone
    finally:
        sys.meta_path[:] = finders
        builtins.__import__ = imports
        os.chdir(folder)
        sys.path[:] = path
        sys.dont_write_bytecode, sys.argv = caching, arguments


class Run:
    """One run of the checks: how your files are imported, and the state of the process in which each check begins.

    The grader's own files in `public/` import, reset that state and word errors.
    """

    def __init__(self, skeleton: Values, asked: Values, undone: contextlib.ExitStack, hint: int) -> None:
        from ssl_kit.public import harmless
        from ssl_kit.public.importer import Given, Importer
        from ssl_kit.public.libraries import Libraries
        from ssl_kit.public.state import State

        # Before any file of yours is imported, so that no change of the import path reaches the checks.
        for name in sorted(f"public.{path.stem}" for path in PUBLIC.glob("*.py")):
            importlib.import_module(f"ssl_kit.{name}")
        given = {
            file.removesuffix(".py"): Given(file, text, compile(text, file, "exec")) for file, text in skeleton.items()
        }
        for name in (*given, "steps"):  # a notebook sees the last edit
            sys.modules.pop(name, None)
        own = {name: HERE / f"{name}.py" for name in given if (HERE / f"{name}.py").is_file()}
        # Where one of the five is missing or broken, the others get the skeleton's.
        self.importer = Importer(own, given, lambda *_: None, HERE, [HERE])
        self.importer.read = read
        sys.meta_path.insert(0, self.importer)
        self.notes: list[str] = []
        undone.callback(harmless.install())
        Libraries(HERE, lambda: self.importer.importing, self.notes.append, "here").install()
        self.asked = asked
        self.hint = hint
        self.hinted: dict[str, None] = {}
        """The files in which a value is wrong, in order."""
        self.threads = torch.get_num_threads()
        self.start = State.of_this_process()

    def check_file(self, file: str, questions: list[Values]) -> list[bool | None]:
        """Run and print all checks of one file; one entry per check, true if it passed, None if not attempted."""
        asked = [question for question in questions if question["file"] == f"{file}.py"]
        try:
            module = self.load(file)
            probes = self.load_probes(file)
        except Failure as failure:
            tell(f"\n[{file}.py]\n[-----failed-----]\n{failure}")
            return [False for question in asked for _ in question["cases"]]
        for note in dict.fromkeys(self.notes):
            tell(f"\n[{file}.py] {note}")
        self.notes.clear()
        results: list[bool | None] = []
        for question in asked:
            if question["id"] == step_checks.QUESTION:
                wrong = step_checks.tell_steps(lambda: self.start.reset(0, self.threads), self.hint)
                self.hinted |= dict.fromkeys([file] * wrong)
            results += self.check_question(question, module, probes)
        return results

    def load(self, file: str) -> ModuleType:
        """Import your file; raises Failure if it ends before any asked function is defined."""
        if not (HERE / f"{file}.py").is_file():
            raise Failure(f"There is no {file}.py next to check.py.")
        try:
            module: ModuleType = self.importer.load(file)
        except Exception as error:
            raise said(error, "import") from error
        error = self.importer.raised.get(file)
        if isinstance(error, KeyboardInterrupt):
            raise KeyboardInterrupt(str(said(error, "import")).partition("\n")[2])
        if error is not None:
            failure = said(error, "import")
            if not any(defined(module, one["target"]) for one in self.asked[f"{file}.py"].values()):
                raise failure
            self.notes.append(f"The file ends before its last line.\n{failure}")
        return module

    def load_probes(self, file: str) -> ModuleType:
        """Load the functions that call yours, as the grader does."""
        path = PUBLIC / f"probe_{file}.py"
        if not path.is_file():
            raise Failure(
                f"There is no ssl_kit/public/{path.name} next to check.py. Take it from the assignment's zip again."
            )
        return importlib.import_module(f"ssl_kit.public.probe_{file}")

    def check_question(self, question: Values, module: ModuleType, probes: ModuleType) -> list[bool | None]:
        """Run all checks of one question, then print them, a recognised mistake first."""
        answers = [self.ask(case, question, module, probes) for case in question["cases"]]
        if question["bonus"] and all(isinstance(answer, Failure) and answer.kind in UNTOUCHED for answer in answers):
            for case in question["cases"]:
                tell(f"\n[Test {question['id']}: {case['name']}]\n[--not attempted--]")
            return [None for _ in answers]
        target = self.asked[question["file"]][question["id"]]["target"]
        problems = [
            str(answer)
            if isinstance(answer, Failure)
            else report(case["expected"], case["demands"], answer, self.hint >= KIND)
            for case, answer in zip(question["cases"], answers, strict=True)
        ]
        wrong = [bool(one) and not isinstance(answer, Failure) for one, answer in zip(problems, answers, strict=True)]
        if any(wrong):
            self.hinted[module.__name__] = None
        if any(problems) and not all(isinstance(answer, Failure) and answer.kind == "unfilled" for answer in answers):
            tell_hints(question, target, answers, self.hint)
        for case, problem, is_value in zip(question["cases"], problems, wrong, strict=True):
            tell(f"\n[Test {question['id']}: {case['name']}]")
            tell_verdict(f"{question['file']}, {target}:\n{problem}" if is_value else problem)
        return [not problem for problem in problems]

    def source(self, question: Values) -> Any:
        """Read your file for what it says of the function that is asked for."""
        from ssl_kit.public.source import Asked, Source

        return Source(HERE / question["file"], Asked(**self.asked[question["file"]][question["id"]]), hand_in.as_graded)

    def ask(self, case: Values, question: Values, module: ModuleType, probes: ModuleType) -> Values | Failure:
        """Call your code on the inputs of one case."""
        from ssl_kit.differences import to_tensor
        from ssl_kit.public.apart import take_apart

        self.start.reset(0, self.threads)
        arrays = {name: to_tensor(stored) for name, stored in case["arrays"].items()}
        try:
            values: Values = getattr(probes, case["probe"])(module, arrays, case["params"])
            for value in values.values():
                take_apart(value)  # what raises here is an exception when grading, too
            return values
        except KeyboardInterrupt as stop:
            raise KeyboardInterrupt(str(said(stop, "exception")).partition("\n")[2]) from None
        except BaseException as error:  # whatever a student's code raises is a result
            ended = self.importer.raised.get(module.__name__)
            if ended is not None and isinstance(error, (NameError, AttributeError)):
                return said(ended, "import")  # what is missing would have come after that line
            return said(error, "exception", self.source(question))


def read(path: Path) -> bytes:
    """Read one of the five as grading does, so that a message can show its lines."""
    data = hand_in.as_graded(path)
    if data != path.read_bytes():  # then Python does not find them in the file itself
        linecache.cache[str(path)] = (len(data), None, data.decode().splitlines(keepends=True), str(path))
    return data


def defined(module: ModuleType, target: str) -> bool:
    """Whether a module has a function; `target` is a name like `SSLLoss.align_loss`."""
    owner: Any = module
    for name in target.split("."):
        if not hasattr(owner, name):
            return False
        owner = getattr(owner, name)
    return True
