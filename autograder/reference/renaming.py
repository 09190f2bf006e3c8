"""Rewrites sources and Markdown of `solutions/` for one year's students: names of arguments, and passages of text."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from autograder.core.errors import AutograderError
from autograder.core.records import Calls
from autograder.core.syntax import parse


def vary(source: str, calls: Calls, texts: Mapping[str, str], file: str) -> str:
    """A Python file with this year's names of arguments, and this year's wording.

    Names are changed only within the functions of `calls`, also in comments and docstrings. Each text of `texts` must
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
    """The text with this year's wording; raises AutograderError if a passage is not there exactly once."""
    for old, new in texts.items():
        if text.count(old) != 1:
            problem = f"{file} has {text.count(old)} times what a variant replaces: {old!r}."
            raise AutograderError(problem, "Write in solutions/variants.toml a passage that is there exactly once.")
        text = text.replace(old, new)
    return text


def named_in(text: str, calls: Calls) -> frozenset[str]:
    """The functions whose heads a Markdown text shows."""
    return frozenset(function for function, _ in calls if f"{function.rpartition('.')[2]}(" in text)


def in_code(text: str, calls: Calls) -> str:
    """Markdown with this year's names of arguments in its code spans, if it names the functions."""
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
    """The heads of a file's functions by name: `SSLLoss.align_loss` has the arguments `z1` and `z2`."""
    tree = parse(source)
    known = frozenset(name for node in tree.body for name in _bound(node))
    return {
        name: Head(
            tuple(argument.arg for argument in function.args.args if argument.arg != "self"),
            known | {name for node in ast.walk(function) for name in _bound(node)},
        )
        for name, function in functions(tree)
    }


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the functions and methods of a file with their names: `SSLLoss.align_loss`."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{part.name}", part) for part in node.body if isinstance(part, ast.FunctionDef))


def _bound(node: ast.AST) -> Iterator[str]:
    """Yield the names that one node uses or defines."""
    match node:
        case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from (one.asname or one.name.partition(".")[0] for one in names)
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


def _standing(names: Iterable[str]) -> re.Pattern[str]:
    """A pattern for each name as a word of its own, not as a part of one, an attribute or a flag."""
    return re.compile("|".join(rf"(?<![\w.-]){re.escape(name)}(?!\w)" for name in names) or "$^")


def _renamings(source: str, function: ast.FunctionDef, new: Mapping[str, str]) -> Iterator[tuple[int, int, int, str]]:
    """Line, first and last column, and the new text of every name to replace in one function."""
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
