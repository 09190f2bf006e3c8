"""Finds gaps in a course's language: sentences that students would read in English, and pages that fell behind.

Sentences are found where they are made: in calls of `tell` and `say`, in the filter `say` of templates, and in the
files that recognise students' errors. A part that varies counts as a slot.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path

import jinja2
from jinja2 import nodes

from autograder.core.records import Variant
from autograder.handout.build import years_of
from autograder.handout.pages.fill import STAFF
from autograder.language import ENGLISH, wording
from autograder.reference.catalogue import read_stand_ins
from autograder.reference.variants import VOTE, in_words
from autograder.reference.years import VARIANTS
from autograder.sandbox.edits.scope import KINDS

SPOKEN = (
    "solutions/ssl_kit/check.py",
    "solutions/ssl_kit/hand_in.py",
    "solutions/ssl_kit/hints.py",
    "autograder/handout/pages/fill.py",
    "autograder/handout/pages/typeset.py",
)
"""Files in which only the arguments of `tell` and `say` are for students."""
TOLD = (
    *(
        "solutions/ssl_kit/step_checks.py",
        "solutions/ssl_kit/differences.py",
        "autograder/sandbox/describe.py",
        "autograder/sandbox/harmless.py",
    ),
    *("autograder/sandbox/libraries.py", "autograder/sandbox/source.py", "autograder/sandbox/versions.py"),
    *("autograder/collect/counting.py", "autograder/collect/missing.py", "autograder/collect/ipynb.py"),
    *("autograder/collect/notebooks.py", "autograder/collect/scripts.py", "autograder/checks/explain.py"),
    *("autograder/checks/compare.py", "autograder/report/feedback.py", "autograder/diagnose/advisories.py"),
    *("autograder/diagnose/another_year.py", "autograder/repair/repairer.py"),
)
"""Files whose sentences are for students."""
TEMPLATES = "autograder/report/templates"
TITLES, HINTS = "autograder/checks", "solutions/mistakes"
CHANGES = "autograder/sandbox/edits/scope.py"
SENTENCE = re.compile(r"[A-Z{`].*[a-z]{2} .*[a-z{}`)][.:]", re.DOTALL)
FIRST = 3
"""The most sentences of a file that are quoted."""
KEPT = re.compile(r"`[^`\n]+`|\$[^$]+\$|\{\{.+?\}\}|\{%.+?%\}|!\[[^\]]*\]\([^)]*\)")
"""Parts that a translated page keeps: code, formulas without words, slots and figures."""


def missing(root: Path, language: str) -> Iterator[str]:
    """Yield a line for each file with sentences that the language lacks, and for each page unlike the English one."""
    if language == ENGLISH:
        return
    say = wording(language)
    for path, sentences in _sentences(root).items():
        lacking = [sentence for sentence in dict.fromkeys(sentences) if not say.knows(sentence)]
        if lacking:
            quoted = "; ".join(sentence.partition("\n")[0][:80] for sentence in lacking[:FIRST])
            more = f"; and {len(lacking) - FIRST} more" if len(lacking) > FIRST else ""
            yield f"{path}: in English stays {quoted}{more}"
    yield from pages_behind(root, language)
    yield from _passages_behind(root, language)


def pages_behind(root: Path, language: str) -> Iterator[str]:
    """Yield a line for each page and section that the language lacks, or that differs from the English one."""
    source = root / "handouts" / "source"
    for page in [*sorted(source.glob("*.md")), *sorted(source.glob("questions/*.md"))]:
        if page.name not in (*STAFF, "release.md") and not page.name.startswith("instructor_"):
            yield from _behind(page, source / language / page.relative_to(source), root)


def _passages_behind(root: Path, language: str) -> Iterator[str]:
    """Yield a line for each page in which a variant replaces more or fewer passages than in its translation."""
    year = years_of(root)[0]
    source = "handouts/source/"
    for path in year.texts:
        name = path.removeprefix(source).removeprefix(f"{language}/")
        pages = (f"{source}{name}", f"{source}{language}/{name}")
        counts = [len(year.texts.get(page, {})) for page in pages]
        if path.startswith(source) and (root / pages[1]).is_file() and counts[0] != counts[1]:
            problem = f"variant {year.name} replaces {counts[0]} of {pages[0]} and {counts[1]} of {pages[1]}"
            yield f"solutions/{VARIANTS}, passages: {problem}"


def _behind(page: Path, other: Path, root: Path) -> Iterator[str]:
    """Yield the places at which a translation is missing, or has other paragraphs, code or formulas than English."""
    name = other.relative_to(root).as_posix()
    if not other.is_file():
        yield f"{name} is not there; the English page stands"
        return
    blocks = [text.read_text("utf-8").strip().split("\n\n") for text in (page, other)]
    for number, (english, said) in enumerate(zip_longest(*blocks, fillvalue=""), start=1):
        if english and said:
            kept = (sorted(_kept(english)), sorted(_kept(said)))
            if kept[0] == kept[1]:
                continue
            odd = next(iter({*kept[0]} ^ {*kept[1]}), "something twice")
            yield f"{name}, paragraph {number}, differs from the English one in {odd}"
        else:
            yield f"{name} has {len(blocks[1])} paragraphs, and the English page {len(blocks[0])}"
        return


def _kept(block: str) -> list[str]:
    found = [re.sub(r"!\[.*\]|\s", "", one) for one in KEPT.findall(block)]
    return [one for one in found if "\\text{" not in one and not one.startswith("`[-")]


def _sentences(root: Path) -> Mapping[str, list[str]]:
    found = {name: list(_spoken(root / name)) for name in SPOKEN}
    found |= {name: [text for text in _texts(root / name) if SENTENCE.fullmatch(text)] for name in TOLD}
    for path in sorted((root / TEMPLATES).glob("*.j2")):
        found[f"{TEMPLATES}/{path.name}"] = list(_in_template(path))
    found[TITLES] = [text for path in sorted((root / TITLES).glob("test_*.py")) for text in _titles(path)]
    mistakes = read_stand_ins(root / HINTS)
    found[HINTS] = [one.hint for one in mistakes]
    phrases = [one.phrase for one in mistakes if one.stage]
    found[HINTS] += [one.wrong for one in phrases] + [f"Look {one.where}." for one in phrases if one.where]
    found[CHANGES] = list(KINDS.values())
    largest = Variant(ties="largest")
    found[TITLES] += [in_words(title, largest) for title in found[TITLES]]
    found[HINTS] += [in_words(one.hint, largest) for one in mistakes if one.target == VOTE]
    return found


def _spoken(path: Path) -> Iterator[str]:
    """Yield the texts in the arguments of `tell` and `say`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("tell", "say"):
            yield from (text.strip() for argument in node.args if (text := _text(argument)) and text.strip(" \n{}"))


def _texts(path: Path) -> Iterator[str]:
    """Yield all texts of a file that are not docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)} - {
        id(node) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and id(node) not in alone | parts and (text := _text(node)):
            yield text


def _text(node: ast.expr) -> str:
    """A text in the source, with `{x}` for each part that varies; empty for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{x}" for part in node.values)
    return ""


def _titles(path: Path) -> Iterator[str]:
    """Yield titles of checks, the third part of each row of a table, and the sentences of `Same` on a wrong flag."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Check", "Same"):
            yield _text(node.args[2]) if node.func.id == "Check" else f"{_text(node.args[0])}."


def _in_template(path: Path) -> Iterator[str]:
    """Yield the texts that go through the filter `say`: blocks, and texts with a name."""
    tree = jinja2.Environment().parse(path.read_text("utf-8"))
    for block in tree.find_all(nodes.FilterBlock):
        if block.filter.name == "say":
            yield "".join(map(_shown, block.body))
    for one in tree.find_all(nodes.Filter):
        if one.name == "say" and isinstance(one.node, nodes.Const):
            yield str(one.node.value)


def _shown(node: nodes.Node) -> str:
    """The text of a template's node, with `{x}` for each part that varies; of two branches, one."""
    if isinstance(node, nodes.Output):
        return re.sub(r"(\{x\})+", "{x}", "".join(map(_shown, node.nodes)))
    if isinstance(node, nodes.TemplateData):
        return node.data
    if isinstance(node, nodes.CondExpr) and isinstance(node.expr2, nodes.Const):
        return str(node.expr2.value)
    if isinstance(node, nodes.Expr):
        return "{x}"
    return "".join(map(_shown, node.body)) if isinstance(node, nodes.If) else ""
