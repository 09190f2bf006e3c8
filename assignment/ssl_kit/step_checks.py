"""The checks of `steps.py`, in which question 1.2 is walked in steps. Given; they give and cost no points.

The numbers can be worked out on paper: all lengths are whole, and all cosines are multiples of 0.04.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ssl_kit.hints import FORMULA, KIND, UNKNOWN
from ssl_kit.telling import HERE, Failure, said, tell, tell_verdict

QUESTION = "1.2"
TEMPERATURE = 0.5
NEAR = 1e-3
"""How far off a number may be."""
HANDOUT = (((3, 4), (8, -6)), ((6, 8), (4, -3)))
"""z1 and z2 of the handout's example."""
THREE = (((3, 4), (5, 0), (-8, 6)), ((4, 3), (6, 8), (0, 2)))
"""Three images, so that the row after next is not the positive."""
OF_HANDOUT = ((2, 0, 2, 0), (0, 2, 0, 2), (2, 0, 2, 0), (0, 2, 0, 2))
OF_THREE = (
    (2, 1.2, 0, 1.92, 2, 1.6),
    (1.2, 2, -1.6, 1.6, 1.2, 0),
    (0, -1.6, 2, -0.56, 0, 1.2),
    (1.92, 1.6, -0.56, 2, 1.92, 1.2),
    (2, 1.2, 0, 1.92, 2, 1.6),
    (1.6, 0, 1.2, 1.2, 1.6, 2),
)

Slips = Mapping[str, Callable[[Sequence[Tensor], Sequence[Tensor]], bool]]
"""Words of a mistake, and whether the values that came, next to the right ones, show it."""


@dataclass(frozen=True)
class Step:
    """A step: its function, the arguments of each call, the right values, the mistakes that are known."""

    letter: str
    title: str
    function: str
    calls: Mapping[str, Sequence[Any]]
    """By the words that name it, the arguments."""
    right: Sequence[Any]
    slips: Slips
    formula: str


def gives(*values: float) -> Callable[[Sequence[Tensor], Sequence[Tensor]], bool]:
    """Whether exactly these numbers came, one for each call."""
    return lambda got, right: all(near(one, torch.tensor(value)) for one, value in zip(got, values, strict=True))


def near(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors have one shape and nearly the same numbers."""
    return one.shape == other.shape and torch.allclose(one.double(), other.double(), rtol=NEAR, atol=NEAR)


def _views_not_of_length_1(got: Sequence[Tensor], right: Sequence[Tensor]) -> bool:
    same = all(one.shape == other.shape for one, other in zip(got, right, strict=True))
    diagonals = torch.cat([one.diagonal() for one in got]) if same else torch.zeros(1)
    return same and bool(diagonals.isfinite().all()) and float(diagonals.max() - diagonals.min()) > 1


def _each(like: Callable[[Tensor, Tensor], bool]) -> Callable[[Sequence[Tensor], Sequence[Tensor]], bool]:
    return lambda got, right: all(map(like, got, right))


def _off_diagonal(square: Tensor) -> Tensor:
    return square[~torch.eye(len(square), dtype=torch.bool)]


STEPS = (
    Step(
        "a",
        "the cosine of two rows",
        "cosine",
        {f"a = {a}, b = {b}": (a, b) for a, b in (((3, 4), (6, 8)), ((3, 4), (8, -6)), ((3, 4), (0, -5)))},
        (1.0, 0.0, -0.8),
        {
            "This is the inner product: it is not divided by the two lengths.": gives(50, 0, -20),
            "Only the length of `a` divides; a cosine does not depend on either length.": gives(10, 0, -4),
            "Only the length of `b` divides; a cosine does not depend on either length.": gives(5, 0, -4),
            "The squares of the lengths divide: a square root is missing.": gives(0.02, 0, -0.032),
            "This is 1 minus the cosine, a distance: equal directions have cosine 1.": gives(0, 1, 1.8),
            "The sign is lost: opposite directions have cosine -1.": gives(1, 0, 0.8),
        },
        "cos(a, b) = (a . b) / (|a| |b|)",
    ),
    Step(
        "b",
        "the matrix of all similarities",
        "similarities",
        {f"z1 = {z1}, z2 = {z2}, temperature = {TEMPERATURE}": (z1, z2, TEMPERATURE) for z1, z2 in (HANDOUT, THREE)},
        (OF_HANDOUT, OF_THREE),
        {
            "Only one batch meets the other: write both below each other first, [z1; z2], so that all 2B views meet.": (
                _each(lambda got, right: 2 * len(got) == len(right) if got.dim() else False)
            ),
            "The cosines are right, and they are not divided by the temperature.": (
                _each(lambda got, right: near(got, right * TEMPERATURE))
            ),
            "The cosines are right; the temperature multiplies them, and it should divide.": (
                _each(lambda got, right: near(got, right * TEMPERATURE**2))
            ),
            "The diagonal is not the same for all views: a view has cosine 1 with itself, whatever its length. Look at "
            "how rows are normalised: each by its own length.": _views_not_of_length_1,
            "The diagonal is changed. It stays in here: step c leaves it out.": (
                _each(lambda got, right: got.shape == right.shape and near(_off_diagonal(got), _off_diagonal(right)))
            ),
            "The numbers are right and stand in another order: first all rows of `z1`, then all rows of `z2`.": (
                _each(lambda got, right: near(got.flatten().sort()[0], right.flatten().sort()[0]))
            ),
        },
        "s(a, b) = cos(a, b) / T for each a and b of the 2B views [z1; z2]",
    ),
    Step(
        "c",
        "the loss as a loop",
        "loss_by_loop",
        {f"the matrix of step b, {name}": (m,) for name, m in (("two images", OF_HANDOUT), ("three images", OF_THREE))},
        (0.239545, 1.334427),
        {
            "The row itself is among the candidates: leave b = a out of the sum.": gives(0.820075, 1.739885),
            "The positive is missing in the sum: only b = a is left out of it.": gives(-1.306853, 0.975360),
            "The positive is taken from the neighbouring row; it is B rows further on.": gives(2.239545, 2.027760),
            "The positive is taken from the next row; it is B rows further on.": gives(2.239545, 2.081093),
            "The sum over all rows is not divided by their number, 2B.": gives(0.958179, 8.006560),
            "The sum over all 2B rows is divided by B.": gives(0.479090, 2.668853),
            "Only the rows of `z1` have a term: there are 2B rows.": gives(0.239545, 1.064176),
            "Only the rows of `z1` have a term, and the sum is divided by 2B.": gives(0.119772, 0.532088),
            "The sign is the other way round.": gives(-0.239545, -1.334427),
        },
        "L = 1/(2B) sum_a [ log sum_{b != a} exp s(a, b) - s(a, pos(a)) ]",
    ),
)


def tell_steps(begin: Callable[[], None], hint: int) -> bool:
    """Check and print the steps, if there is a steps.py; returns whether one of them gives a wrong value.

    `begin` resets the process before each call.
    """
    if not (HERE / "steps.py").is_file():
        return False
    begin()
    try:
        module = importlib.import_module("steps")
    except Exception as error:
        tell("\n[steps.py]")
        tell_verdict(str(said(error, "import")))
        return False
    wrong = False
    for step in STEPS:
        tell(f"\n[Step {step.letter} of {QUESTION}: {step.title}]")
        got = _got(step, getattr(module, step.function, None), begin)
        if got is None:
            tell("[--not written (optional)--]")
        elif isinstance(got, Failure):
            tell_verdict(str(got))
        else:
            problem = "\n".join(_sentences(step, got, hint))
            wrong |= bool(problem)
            tell_verdict(problem)
    return wrong


def _got(step: Step, function: Any, begin: Callable[[], None]) -> list[Tensor] | Failure | None:
    """The values that a function gives for a step, or what it raises; None if it is not written."""
    if function is None:
        return None
    got = []
    for call in step.calls.values():
        begin()
        try:
            value = function(*(torch.tensor(one).float() if isinstance(one, tuple) else one for one in call))
            got.append(torch.as_tensor(value).detach().double())
        except NotImplementedError:
            return None
        except Exception as error:  # whatever a student's code raises is a result
            return said(error)
    return got


def _sentences(step: Step, got: Sequence[Tensor], hint: int) -> Iterator[str]:
    """Say what came at the first place that is wrong, and as much more as `hint` asks for; nothing if all is right."""
    right = [torch.tensor(value).double() for value in step.right]
    wrong = [row for row in zip(step.calls, got, right, strict=True) if not near(row[1], row[2])]
    if not wrong:
        return
    where, came, wanted = wrong[0]
    yield f"steps.py, {step.function}, {where}:"
    if came.shape != wanted.shape:
        yield f"expected shape {list(wanted.shape)}, received shape {list(came.shape)}"
    else:
        at = tuple((~torch.isclose(came, wanted, rtol=NEAR, atol=NEAR)).nonzero()[0].tolist())
        place = f"row {at[0]}, column {at[1]}: " if at else ""
        yield f"{place}expected {float(wanted[at]):.6g}, received {float(came[at]):.6g}"
    if hint >= KIND:
        yield next((words for words, shows in step.slips.items() if shows(got, right)), UNKNOWN)
    if hint >= FORMULA:
        yield f"    {step.formula}"
