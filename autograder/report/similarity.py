"""Pairs of submissions that share code, for a person to read next to each other; the page does not say why they do.

The code that answers each question is compared, without names and comments. Code of the assignment does not count.
There are few ways to write some things: code that only two have counts in full, and less the more of the class has it.
The pairs that share most come first.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from autograder.core.records import Excerpt, Result
from autograder.core.text import printable
from autograder.report.render import render
from autograder.report.tokens import RUN, Run, Token, runs, tokens

LEAST = 200
"""The fewest shared characters of code, without white space, with which a pair is listed."""
MOST = 20
"""The most pairs on the page."""
SMALL = 12
"""A smaller class counts as if it had this size."""
MANY = 60
"""Runs that more students share do not select pairs to compare: in a large class there would be too many."""

Segment = tuple[str, bool]
"""A piece of code, and whether the other one has it too."""
OfQuestion = tuple[str, Run]


@dataclass(frozen=True)
class Side:
    """One student's answer to a question: its place, and its pieces."""

    place: str
    code: tuple[Segment, ...]


@dataclass(frozen=True)
class Pair:
    """Two students, and the size of the code of their own that they share: characters, lines, share of the shorter one.

    `group` is set if one group handed in the same for both.
    """

    students: tuple[str, str]
    group: str
    characters: int
    lines: int
    share: float
    questions: tuple[tuple[str, Side, Side], ...]


@dataclass
class _Answer:
    """One student's answer to one question; `given` are the tokens on lines of the assignment."""

    place: str
    code: str
    tokens: list[Token]
    runs: list[OfQuestion]
    given: set[int]

    def covered(self, kept: Mapping[OfQuestion, float]) -> dict[int, float]:
        """The tokens that belong to one of these runs, each with its weight."""
        found: dict[int, float] = {}
        for i, run in enumerate(self.runs):
            for j in range(i, i + RUN) if run in kept else ():
                found[j] = max(found.get(j, 0.0), kept[run])
        return {i: value for i, value in found.items() if i not in self.given}


_Answers = dict[str, _Answer]


def similarity_page(results: Sequence[Result], given: Sequence[Excerpt]) -> str:
    """Write the HTML page; `given` are the stubs as handed out."""
    found = alike_pairs(results, given)
    names = {result.student: result.about.name for result in results}
    return render("similarity.html.j2", pairs=found[:MOST], more=len(found[MOST:]), least=LEAST, names=names)


def weight(having: int, class_: int) -> float:
    """The weight of code that this many of a class have: 1 if only two have it, 0 if half of the class has it."""
    return min(1.0, max(0.0, 1 - 2 * (having - 2) / max(class_, SMALL)))


def alike_pairs(results: Sequence[Result], given: Sequence[Excerpt]) -> list[Pair]:
    """The pairs that share at least LEAST characters of their own, most first; those of one group last."""
    handed_in = {result.student: result for result in results if result.excerpts}
    as_given = {text.strip() for one in given for _, text in one.lines}
    answers = {student: _answers(result.excerpts, as_given) for student, result in handed_in.items()}
    having = Counter(run for one in answers.values() for run in _runs(one))
    skeleton = _runs(_answers(given, set()))
    weights = {run: weight(n, len(answers)) for run, n in having.items() if run not in skeleton}
    own = {student: {run: weights[run] for run in _runs(one) if weights.get(run)} for student, one in answers.items()}
    sizes = {student: _size(answers[student], own[student])[0] for student in own}
    pairs = []
    for a, b in _candidates(own):
        common = {run: value for run, value in own[a].items() if run in own[b]}
        measured = [_size(answers[student], common) for student in (a, b)]
        characters, lines = (min(values) for values in zip(*measured, strict=True))
        if characters >= LEAST:
            share, group = characters / min(sizes[a], sizes[b]), _group(handed_in[a], handed_in[b])
            beside = _beside(answers[a], answers[b], common)
            pairs.append(Pair((a, b), group, round(characters), lines, min(share, 1.0), beside))
    return sorted(pairs, key=lambda pair: (bool(pair.group), -pair.characters, -pair.share, pair.students))


def _group(a: Result, b: Result) -> str:
    """The group of two students who are in the same one and handed in the same."""
    return a.about.group if (a.about.group, a.fingerprint) == (b.about.group, b.fingerprint) else ""


def _candidates(own: Mapping[str, Mapping[OfQuestion, float]]) -> list[tuple[str, str]]:
    """The pairs that may share most."""
    having: dict[OfQuestion, list[str]] = defaultdict(list)
    for student in sorted(own):
        for run in own[student]:
            having[run].append(student)
    common: dict[tuple[str, str], float] = defaultdict(float)
    for run, students in having.items():
        for pair in itertools.combinations(students, 2) if len(students) <= MANY else ():
            common[pair] += own[students[0]][run]
    return sorted(common, key=lambda pair: (-common[pair], pair))[: 10 * MOST]


def _answers(excerpts: Sequence[Excerpt], given: Set[str]) -> _Answers:
    """The answer to each question: the functions that belong to it, one below the other."""
    found = {}
    by_question = sorted(excerpts, key=lambda excerpt: excerpt.question)
    for question, group in itertools.groupby(by_question, key=lambda excerpt: excerpt.question):
        parts = list(group)
        texts = ("\n".join(text for _, text in part.lines) for part in parts)
        code = printable("\n\n".join(texts), multiline=True)
        place = ", ".join(f"{part.file}, lines {part.lines[0][0]} to {part.lines[-1][0]}" for part in parts)
        compared = tokens(code)
        lines = code.split("\n")
        same = {i for i, token in enumerate(compared) if lines[token.line].strip() in given}
        found[question] = _Answer(place, code, compared, [(question, run) for run in runs(compared)], same)
    return found


def _runs(answers: _Answers) -> set[OfQuestion]:
    return set(itertools.chain.from_iterable(answer.runs for answer in answers.values()))


def _size(answers: _Answers, kept: Mapping[OfQuestion, float]) -> tuple[float, int]:
    """The size of a student's code that belongs to these runs: weighted characters, and lines."""
    characters, lines = 0.0, 0
    for answer in answers.values():
        covered = [(answer.tokens[i], value) for i, value in answer.covered(kept).items()]
        characters += sum(value * (token.end - token.start) for token, value in covered)
        lines += len({token.line for token, _ in covered})
    return characters, lines


def _beside(a: _Answers, b: _Answers, common: Mapping[OfQuestion, float]) -> tuple[tuple[str, Side, Side], ...]:
    """The questions in which something is shared, with both answers."""
    questions = sorted({question for question, _ in common})
    return tuple((question, _side(a[question], common), _side(b[question], common)) for question in questions)


def _side(answer: _Answer, common: Mapping[OfQuestion, float]) -> Side:
    return Side(answer.place, tuple(_cut(answer.code, answer.tokens, answer.covered(common))))


def _cut(code: str, found: Sequence[Token], covered: Iterable[int]) -> Iterator[Segment]:
    """Cut code into pieces: shared tokens in a row are one piece, with the white space between them."""
    at, shared = 0, sorted(covered)
    for _, group in itertools.groupby(enumerate(shared), key=lambda pair: pair[1] - pair[0]):
        places = [place for _, place in group]
        start, end = found[places[0]].start, found[places[-1]].end
        yield code[at:start], False
        yield code[start:end], True
        at = end
    yield code[at:], False
