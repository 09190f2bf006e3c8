"""Every mechanical change of the reference loses points, or is known to change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from autograder.core.rubric import load_rubric
from autograder.core.settings import SOLUTIONS
from autograder.handout.files.annotations import read_stubs
from tests.course import FUNCTIONS, ids, now
from tests.mutation.jury import Fate, Verdict, try_all
from tests.mutation.mutants import Mutant, file_mutants, mutants
from tests.mutation.report import problems, read_equivalent, table

LOSS = '''
class SSLLoss:
    def align_loss(self, z1, z2):
        """Minus the mean cosine."""
        ### Question 1.3: Align loss (10 points)
        ### YOUR CODE HERE (~ 2 lines)
        norm = z1.norm(dim=1) * z2.norm(dim=1)
        return -((z1 * z2).sum(dim=1) / norm).mean()
        ### END OF YOUR CODE

    def other(self, z1):
        return z1 + 1
'''


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    """The verdicts on all mutants, then on one that ends its process, and on the reference itself.

    Mutants of a question that an instructor added are for `make mutants`: a person says which of them are equivalent.
    """
    rubric = load_rubric()
    made = list(mutants([rubric[here] for name, here in ids().items() if name in FUNCTIONS]))
    last = next(mutant for mutant in reversed(made) if mutant.question.id == now("3"))
    source = (SOLUTIONS / last.question.file).read_text("utf-8")
    dead = replace(last, source=source.replace("    model.eval()", "    import os; os._exit(1)"))
    return list(try_all([*made, dead, replace(dead, source=source)], rubric))


def of_loss() -> list[Mutant]:
    (stub,) = read_stubs(LOSS, "criterion.py")
    return list(file_mutants(LOSS, stub))


def test_every_mutant_is_caught_or_equivalent(verdicts: Sequence[Verdict]) -> None:
    mutant_verdicts, listed = verdicts[:-2], read_equivalent()
    found = list(problems(mutant_verdicts, listed))
    assert not found, "\n\n".join(["\n".join(table(mutant_verdicts, listed)), *found])


def test_a_process_that_ends_is_caught_and_the_reference_after_it_survives(verdicts: Sequence[Verdict]) -> None:
    assert [verdict.fate for verdict in verdicts[-2:]] == [Fate.RAISES, Fate.SURVIVES]


@pytest.mark.parametrize(
    "slip",
    [
        "- norm = z1.norm(dim=1) * z2.norm(dim=1)\n+ norm = z1.norm(dim=0) * z2.norm(dim=1)",
        "- norm = z1.norm(dim=1) * z2.norm(dim=1)\n+ norm = z1.norm(dim=1) + z2.norm(dim=1)",
        "- norm = z1.norm(dim=1) * z2.norm(dim=1)\n+ norm = z1.norm(dim=1)",
        "- norm = z1.norm(dim=1) * z2.norm(dim=1)\n+ norm = z1.norm(dim=1) * z1.norm(dim=1)",
        "- norm = z1.norm(dim=1) * z2.norm(dim=1)\n+ pass",
        "- return -((z1 * z2).sum(dim=1) / norm).mean()\n+ return ((z1 * z2).sum(dim=1) / norm).mean()",
        "- return -((z1 * z2).sum(dim=1) / norm).mean()\n+ return -((z1 * z2).sum(dim=1) / norm).sum()",
        "- return -((z1 * z2).sum(dim=1) / norm).mean()\n+ return -((z1 * z2).sum(dim=1) * norm).mean()",
        "- return -((z1 * z2).sum(dim=1) / norm).mean()\n+ return -((z1 * z2.detach()).sum(dim=1) / norm).mean()",
        "- return -((z1 * z2).sum(dim=1) / norm).mean()\n+ return -((z1 * z2).sum(dim=1) / norm)",
        "- return -((z1 * z2).sum(dim=1) / norm).mean()\n+ return (-((z1 * z2).sum(dim=1) / norm).mean(),)",
    ],
)
def test_slips_that_people_make_are_among_the_mutants(slip: str) -> None:
    assert slip in [mutant.difference for mutant in of_loss()]


def test_mutants_are_whole_files_that_differ_in_the_stub_alone() -> None:
    head, tail = LOSS[: LOSS.index("        norm =")], LOSS[LOSS.index("        ### END") :]
    found = of_loss()
    assert len({mutant.source for mutant in found}) == len({mutant.difference for mutant in found}) == len(found)
    for mutant in found:
        assert mutant.function == "SSLLoss.align_loss"
        assert mutant.source.startswith(head) and mutant.source.endswith(tail)
        compile(mutant.source, "criterion.py", "exec")


def test_no_mutant_is_listed_that_is_caught_or_gone_and_none_may_survive_unlisted() -> None:
    caught, survivor, unlisted = of_loss()[:3]
    verdicts = [Verdict(caught, Fate.WRONG), Verdict(survivor, Fate.SURVIVES), Verdict(unlisted, Fate.SURVIVES)]
    listed = {("1.3", mutant): "why" for mutant in (caught.difference, survivor.difference, "- a\n+ b")}
    starts = [problem.partition("\n")[0] for problem in problems(verdicts, listed)]
    assert starts == [
        "A mutant of 1.3 survives every check:",
        "This mutant of 1.3 is caught, though it is listed ('why'):",
        "No mutant of 1.3 is like this any more; take it out of the list:",
    ]
    assert list(table(verdicts, listed))[-1].split() == ["all", "3", "0", "1", "1", "1", "50.0", "%"]
