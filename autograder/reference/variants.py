"""One year's variant of the assignment: what differs from the files of `solutions/` as they are written.

A variant renames arguments, turns the rule for ties round, and sets constants. Students get sources that `vary` has
rewritten. The trusted side stays as it is written: inputs and calls are translated where a student's process is asked
(`as_asked`, and `Variant.calls` in the sandbox), so that checks, mistakes and right answers hold for every year.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from autograder.core.errors import AutograderError
from autograder.core.records import Calls, Case, Param, QuestionResult, Variant
from autograder.core.syntax import parse

_TIES = re.compile(r"\b(smallest|largest)(?= (label|of|one)\b)", re.IGNORECASE)
_LABELS = ("labels", "train_labels")
_CONSTANTS = {"barlow": ("lambd",)}
"""Which constants the reference is told where a probe calls it."""


def as_asked(case: Case, variant: Variant) -> Case:
    """The case as this year's students are asked it: where ties go to the largest label, labels are mirrored.

    A vote does not change when labels are exchanged one for one, but that the smallest becomes the largest.
    """
    return _mirrored(case) if variant.ties == "largest" and case.probe.startswith("knn") else case


def as_written(case: Case, variant: Variant) -> Case:
    """The same case as the reference of `solutions/` is to be asked it."""
    if case.mirrored:
        case = _mirrored(case)
    known = dict(variant.constants)
    told: dict[str, Param] = {name: known[name] for name in _CONSTANTS.get(case.probe, ()) if name in known}
    return replace(case, params={**case.params, **told}) if told else case


def in_words(text: str, variant: Variant) -> str:
    """A sentence about a vote that was written for ties to the smallest label."""
    return _TIES.sub(_other_end, text) if variant.ties == "largest" else text


def reworded(result: QuestionResult, variant: Variant) -> QuestionResult:
    """A result of a question whose cases are mirrored, in this year's words."""
    checks = tuple(
        replace(check, name=in_words(check.name, variant), message=in_words(check.message, variant))
        for check in result.checks
    )
    diagnosis = tuple(replace(one, hint=in_words(one.hint, variant)) for one in result.diagnosis)
    return replace(result, checks=checks, diagnosis=diagnosis)


def vary(source: str, calls: Calls, texts: Mapping[str, str], file: str) -> str:
    """A Python file with this year's names of arguments, and this year's wording.

    Renamed is what stands within the functions of `calls`, comments and docstrings included. Each text of `texts` must
    occur exactly once.
    """
    names = dict(calls)
    edits: list[tuple[int, int, int, str]] = []
    for name, function in functions(parse(source)):
        if name in names:
            edits += _renamings(source, function, dict(names[name]))
    lines = source.splitlines(keepends=True)
    for line, start, end, new in sorted(edits, reverse=True):
        lines[line - 1] = lines[line - 1][:start] + new + lines[line - 1][end:]
    return reword("".join(lines), texts, file)


def reword(text: str, texts: Mapping[str, str], file: str) -> str:
    """The text with this year's wording; raises AutograderError where a passage is not there exactly once."""
    for old, new in texts.items():
        if text.count(old) != 1:
            problem = f"{file} has {text.count(old)} times what a variant replaces: {old!r}."
            raise AutograderError(problem, "Write in solutions/variants.toml a passage that is there exactly once.")
        text = text.replace(old, new)
    return text


def legend(text: str, functions: Collection[str], variant: Variant) -> tuple[str, ...]:
    """A sentence for each argument of the functions that a text calls by its name in `solutions/`, and not by today's.

    Titles, formulas and inputs are written once for all years.
    """
    pairs = {old: new for function, names in variant.calls if function in functions for old, new in names if old != new}
    named = [old for old in pairs if re.search(rf"(?<![\w.]){re.escape(old)}(?![A-Za-z0-9])", text)]
    return tuple(f"`{old}` stands here for the argument `{pairs[old]}`." for old in named)


def named_in(text: str, calls: Calls) -> frozenset[str]:
    """The functions of which Markdown shows the head."""
    return frozenset(function for function, _ in calls if f"{function.rpartition('.')[2]}(" in text)


def in_code(text: str, calls: Calls) -> str:
    """Markdown with this year's names of arguments in its code spans, where it names the functions."""
    named = named_in(text, calls)
    new = {old: name for function, pairs in calls if function in named for old, name in pairs if old != name}
    words = _standing(new)
    return re.sub(r"`[^`\n]+`", lambda span: words.sub(lambda found: new[found[0]], span[0]), text)


@dataclass(frozen=True)
class Head:
    """A function's arguments in order, without `self`, and all names that mean something to it or to its file."""

    arguments: tuple[str, ...]
    taken: frozenset[str]


def heads(source: str) -> dict[str, Head]:
    """Each function of a file by name: `SSLLoss.align_loss` has the arguments `z1` and `z2`."""
    tree = parse(source)
    known = frozenset(name for node in tree.body for name in _bound(node))
    return {
        name: Head(
            tuple(argument.arg for argument in function.args.args if argument.arg != "self"),
            known | {name for node in ast.walk(function) for name in _bound(node)},
        )
        for name, function in functions(tree)
    }


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that one node uses or defines."""
    match node:
        case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from (one.asname or one.name.partition(".")[0] for one in names)
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions and methods of a file by name: `SSLLoss.align_loss`."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{part.name}", part) for part in node.body if isinstance(part, ast.FunctionDef))


def _standing(names: Iterable[str]) -> re.Pattern[str]:
    """Finds each name where it is a word, not a part of one and no attribute or flag."""
    return re.compile("|".join(rf"(?<![\w.-]){re.escape(name)}(?!\w)" for name in names) or "$^")


def _renamings(source: str, function: ast.FunctionDef, new: Mapping[str, str]) -> Iterator[tuple[int, int, int, str]]:
    """Line, first and last column, and the new text of all that is to be renamed in one function."""
    words = _standing(old for old, name in new.items() if old != name)
    last = function.end_lineno or function.lineno
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        (line, column), text = token.start, token.string
        if function.lineno <= line <= last:
            if token.type == tokenize.NAME and before != "." and new.get(text, text) != text:
                yield line, column, column + len(text), new[text]
            elif token.type in (tokenize.COMMENT, tokenize.STRING):
                for number, row in enumerate(text.split("\n")):
                    shift = column if number == 0 else 0
                    for found in words.finditer(row):
                        yield line + number, shift + found.start(), shift + found.end(), new[found[0]]
        if text.strip():
            before = text


def _mirrored(case: Case) -> Case:
    """The labels of a case counted from the other end of their range; twice is the case itself."""
    labels = np.concatenate([case.arrays[name] for name in _LABELS])
    ends = labels.min() + labels.max()
    turned = {name: ends - case.arrays[name] for name in _LABELS}
    return replace(case, arrays={**case.arrays, **turned}, mirrored=not case.mirrored)


def _other_end(found: re.Match[str]) -> str:
    other = "largest" if found[0].lower() == "smallest" else "smallest"
    return other.capitalize() if found[0][0].isupper() else other
