"""A class made by hand: each way for a question to go, and names that students might choose to annoy."""

from __future__ import annotations

import pytest

from autograder.checks.explain import UNJUDGED
from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import Diagnosis, Excerpt, Question, QuestionResult, Result, Rubric, Status

MISMATCH = """\
the loss of B = 4, D = 3 at temperature 0.5 differs
expected  1.0549
received  1.3863
The difference is 0.3314; at most 1.1e-05 is allowed in float32."""

EXCERPTS = (
    Excerpt("1.2", "criterion.py", ((41, "    def contrastive_loss(self):"), (60, "        return sim.mean()"))),
    Excerpt("2", "validation.py", ((20, "def KNN(features, labels):"), (21, "    <b>"), (22, "    while True:"))),
)

NASTY = "<script>alert(1)</script>\x1b[31m\u202egrade\n\ud800"
"""Everything at once: HTML, an ANSI escape, a bidi override, a line end, half a surrogate pair."""


def check(name: str, points: float, of: float, message: str = "", *, public: bool = False) -> CheckResult:
    """Make a check that passed with all its points, or failed with fewer."""
    return CheckResult(name, Outcome.PASSED if points == of else Outcome.FAILED, points, of, public, message)


def question(asked: Question, *checks: CheckResult, **more: object) -> QuestionResult:
    """Make the result of a question from its checks."""
    score = sum(one.points for one in checks)
    return QuestionResult(asked.id, asked.title, score, asked.points, checks, **more)  # type: ignore[arg-type]


def all_points(rubric: Rubric, but: tuple[QuestionResult, ...] = ()) -> tuple[QuestionResult, ...]:
    """Give every core question all its points, except those in `but`."""
    other = {result.id: result for result in but}
    return tuple(
        other.get(q.id)
        or question(
            q, check("values", q.points / 2, q.points / 2, public=True), check("gradient", q.points / 2, q.points / 2)
        )
        for q in rubric.graded
        if q.id in other or not q.bonus
    )


@pytest.fixture
def rubric() -> Rubric:
    """The questions of the homework, with one bonus question."""
    rows = [
        ("1.1", "Forward propagation", "model_factory.py", 10),
        ("1.2", "Contrastive loss", "criterion.py", 20),
        ("1.3", "Align loss", "criterion.py", 10),
        ("1.4", "Momentum update", "main.py", 10),
        ("2", "k-NN evaluation", "validation.py", 10),
        ("3", "Linear evaluation", "main_linclis.py", 10),
    ]
    core = [Question(*row) for row in rows]
    report = Question("4", "Report", "report.ipynb", 30, manual=True)
    return Rubric((*core, report, Question("B1", "Key queue", "criterion.py", 5, bonus=True)), seed="goldens")


@pytest.fixture
def mixed(rubric: Rubric) -> Result:
    """One question wrong, one that ran out of time, one with advice, and a bonus question."""
    loss = question(
        rubric["1.2"],
        check("contrastive loss without predictor", 0, 5, MISMATCH, public=True),
        check("gradient with respect to both views", 0, 5, "The gradient has the wrong sign in 12 of 24 entries."),
        check("temperatures from 0.07 to 1", 5, 8, "Right for 3 of 6 temperatures."),
        CheckResult("the loss is a 0-d tensor", Outcome.HOLDS, 0, 1, False, UNJUDGED[Outcome.HOLDS]),
        CheckResult("the inputs are left as they were", Outcome.NOT_JUDGED, 0, 1, False, UNJUDGED[Outcome.NOT_JUDGED]),
        diagnosis=(
            Diagnosis("keeps_self", "The view itself is still in its own denominator: mask the diagonal of `sim`."),
            Diagnosis(
                "one_view", "Only the first view is averaged over; the mean goes over all `2B` rows.", certain=False
            ),
        ),
    )
    knn = question(
        rubric["2"],
        CheckResult("counts for K = 1 to 5", Outcome.COULD_NOT_RUN, 0, 4, True, ""),
        CheckResult("labels absent from the batch", Outcome.COULD_NOT_RUN, 0, 6, False, ""),
        error="KNN was still running after 60 s and was stopped.\nvalidation.py, line 22, in KNN: while True:",
    )
    forward = question(
        rubric["1.1"],
        check("all outputs", 5, 5, public=True),
        check("batch norm sees one view at a time", 5, 5),
        advisories=("The online encoder also runs on `im_aug2`, and its output is not used: a wasted pass.",),
    )
    hint = "Line 167 of model_factory.py: look at the comparison in this line. One small change there is enough."
    change = (
        "@@ -166,3 +166,3 @@\n     size = self.queue.shape[1]\n-    if len(keys) < size:\n+    if len(keys) > size:"
    )
    queue = question(
        rubric["B1"],
        check("wraps around", 2.5, 2.5),
        check("too many keys", 0, 2.5, "No ValueError was raised."),
        diagnosis=(Diagnosis("*one edit*", hint, change=change),),
    )
    questions = all_points(rubric, (forward, loss, knn, queue))
    return Result("ada_lovelace", Status.PROBLEM, 70, 3.2, questions, "f1", excerpts=EXCERPTS)


@pytest.fixture
def results(rubric: Rubric, mixed: Result) -> list[Result]:
    """A small class, in no order."""
    unfilled = tuple(
        question(
            q,
            CheckResult("values", Outcome.NOT_ATTEMPTED, 0, q.points, True, f"Question {q.id} is not implemented yet."),
        )
        for q in rubric.graded
        if not q.bonus
    )
    align = question(
        rubric["1.3"],
        check("values", 0, 5, "expected a 0-d tensor, received shape [1]", public=True),
        check("gradient", 2.5, 5),
        diagnosis=(Diagnosis("sign", "The sign is the other way round: the loss falls as the views agree."),),
    )
    keeps_self = next(one for one in mixed.questions if one.id == "1.2")
    import_error = "criterion.py could not be imported: SyntaxError: '(' was never closed (criterion.py, line 41)"
    return [
        Result("turing", Status.OK, 70, 2.0, all_points(rubric), "f2"),
        mixed,
        Result("hopper", Status.OK, 70, 2.0, all_points(rubric, (align,)), "f3"),
        Result("noether", Status.OK, 70, 2.0, all_points(rubric, (keeps_self,)), "f4"),
        Result("untouched", Status.OK, 70, 1.1, unfilled, "f5"),
        Result("empty.zip", Status.PROBLEM, 70, 0.0, (), "f6", message=f"Nothing in it can be read.\n{import_error}"),
        Result("=cmd()", Status.ERROR, 70, 0.0, (), "f7", message="The grader's worker was lost twice."),
        Result(NASTY, Status.OK, 70, 2.0, all_points(rubric), "f8", message=NASTY),
    ]
