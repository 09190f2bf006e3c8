"""`handout remove`: removes a question, with everything that only it needs.

The code of a bonus question is removed as well, as if it were absent for ever. The code that a core question asked for
stays as given code, because the training code calls it.
"""

from __future__ import annotations

import re
from pathlib import Path

from autograder.core.records import STUDENT_FILES
from autograder.handout.edit import naming, pruning
from autograder.handout.edit.rename import FLAGS, demand_known, drop_state, forget_need
from autograder.handout.edit.staging import edited, tidy
from autograder.handout.files.annotations import BONUS_ID, read_stubs
from autograder.handout.files.regions import emptied
from autograder.handout.files.stubs import stub_source
from autograder.handout.pages.stale import constants_written
from autograder.reference.renaming import heads

LEFT = re.compile(r"^ +Check\(|^PUBLIC = \{.*\w|^_\w+ = \{|^def [a-z]", re.MULTILINE)
"""Traces of a question in a file of checks, cases or advice."""


def remove(root: Path, question: str) -> list[str]:
    """Take a question out of the kit; returns a line for each file that changed, and for each that still names it.

    Raises AutograderError if there is no such question with a stub, or if the rest would not be a valid course.
    """
    demand_known(root, question, manual=False)
    with edited(root) as (copy, done):
        functions, constants = _functions(copy), constants_written(copy)
        methods = _out_of_solutions(copy, question)
        _out_of_catalogue(copy, question)
        _out_of_grading(copy, question)
        gone = {*constants} - {*constants_written(copy)}
        _out_of_settings(copy, question, functions - _functions(copy), gone)
        for path in naming.own_files(copy, question):
            path.unlink()
        naming.draw_as_before(copy, question, None)
        for page in (naming.TABLES, naming.ANSWERS):
            naming.drop_rows(copy / page, question)
    left = [f"still names question {question}: {place}" for place in naming.named_in(root, question)]
    left += [f"still names {method}: {place}" for method in methods for place in naming.with_word(root, method)]
    return [*done, *left]


def _functions(copy: Path) -> set[str]:
    files = [(copy / "solutions" / file).read_text(encoding="utf-8") for file in STUDENT_FILES]
    return {name for text in files for name in heads(text)}


def _out_of_solutions(copy: Path, question: str) -> list[str]:
    """Remove the region of a bonus question, or a core question's markers; returns the methods that needed it."""
    for path in naming.written_files(copy):
        text = path.read_text(encoding="utf-8")
        if BONUS_ID.fullmatch(question):
            text = emptied(text, question, path.name)
        elif path.name in STUDENT_FILES:
            own = [stub for stub in read_stubs(text, path.name) if stub.question.id == question]
            text = stub_source(text, own, path.name, asked={})
        path.write_text(text, "utf-8")
    drop_state(copy / "solutions" / "course.toml", question)
    return forget_need(copy / FLAGS, question)


def _out_of_catalogue(copy: Path, question: str) -> None:
    """Remove mistakes and equivalents, and the files that held nothing else."""
    paths = [
        path for folder in ("mistakes", "equivalents") for path in sorted((copy / "solutions" / folder).glob("*.py"))
    ]
    for path in [path for path in paths if f'QUESTION, TARGET = "{question}"' in path.read_text(encoding="utf-8")]:
        paths.remove(path)
        path.unlink()
    taken = pruning.imported_names(paths)
    changed = []
    for path in paths:
        text = path.read_text(encoding="utf-8")
        kept = pruning.without(text, question, keep=taken.get(_module(path), ()))
        if kept != text:
            path.write_text(kept, "utf-8")
            changed.append(path)
    tidy(copy, [path.relative_to(copy).as_posix() for path in changed])
    for path in changed:
        empty = "@replaces" not in path.read_text(encoding="utf-8")
        if empty and _module(path) not in pruning.imported_names(paths):
            paths.remove(path)
            path.unlink()


def _module(path: Path) -> str:
    return f"{path.parent.name}.{path.stem}"


def _out_of_grading(copy: Path, question: str) -> None:
    """Remove cases, checks, formula and advice; then the probes that no case calls any more."""
    before = pruning.strings(copy / "autograder" / "cases")
    for folder in ("cases", "checks", "diagnose"):
        for path in sorted((copy / "autograder" / folder).glob("*.py")):
            text = path.read_text(encoding="utf-8")
            kept = pruning.without(text, question)
            path.write_text(kept, "utf-8")
            if kept != text and path.name.removeprefix("test_") not in STUDENT_FILES and not LEFT.search(kept):
                path.unlink()
    after = pruning.strings(copy / "autograder" / "cases")
    for path in sorted((copy / "autograder" / "sandbox" / "probes").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        path.write_text(pruning.without(text, question, keep=after, functions=before - after), "utf-8")


def _out_of_settings(copy: Path, question: str, functions: set[str], constants: set[str]) -> None:
    """Remove the question's points and, in variants, passages of its section and entries on removed code."""
    path = copy / "solutions" / "course.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(rf'^"?{re.escape(question)}"? *= *[\d.]+.*\n', "", text, flags=re.MULTILINE), "utf-8")
    path = copy / "solutions" / "variants.toml"
    text = path.read_text(encoding="utf-8")
    section = rf'^\[[^\n]*/questions/{re.escape(question)}\.md"\]\n(?:[^\[\n][^\n]*\n|\n)*'
    text = re.sub(section, "", text, flags=re.MULTILINE)
    for function in functions:
        text = re.sub(rf'^"?{re.escape(function)}"? *= *\{{.*\}}.*\n', "", text, flags=re.MULTILINE)
    for constant in constants:
        text = re.sub(rf"(?<=[{{,]) *{re.escape(constant)} *= *[\d.e-]+ *,?", "", text)
        text = re.sub(r",? *\}$", " }", text, flags=re.MULTILINE)
    path.write_text(text.rstrip("\n") + "\n", "utf-8")
