"""The sentences of a check's outcome: for public checks with values, inputs and formula, for hidden ones without."""

from __future__ import annotations

import numpy as np

from autograder.checks.compare import Difference
from autograder.core.outcomes import Outcome
from autograder.core.records import Array, Case, CodeError

# Formulas in the notation of the handout, for the functions that students write.
FORMULAS = {
    "1.1": "z1 = f(x1); z2 = f'(x2) with the momentum encoder f', f(x2) without; p1 = h(z1), p2 = h(z2) with the "
    "predictor h, None without",
    "1.2": "L = 1/(2B) Σ_a [ log Σ_{b≠a} exp s(a, b) − s(a, pos(a)) ] over the 2B views, s(a, b) = cos(a, b) / T",
    "1.3": "L = −1/B Σ_i cos(z1_i, z2_i)",
    "1.4": "θ' ← m·θ' + (1 − m)·θ for every parameter θ' of the momentum encoder and θ of the encoder",
    "2": "the most frequent label among the K training columns with the largest inner products; equal counts go to the "
    "smallest label; returned is how many of these are the query's own label",
    "3": "every parameter but fc.weight and fc.bias is frozen; fc.weight ~ N(0, 0.01²), fc.bias = 0; eval mode; "
    "returned are [fc.weight, fc.bias]",
    "B1": "L = 1/B Σ_i [ log( exp s(q_i, k_i) + Σ_j exp s(q_i, u_j) ) − s(q_i, k_i) ], u_j the columns of the queue, "
    "s(a, b) = cos(a, b) / T; enqueue writes the keys into the columns from ptr on, around the end, and moves ptr",
    "B2": "L = Σ_i (1 − C_ii)² + λ Σ_{i≠j} C_ij², C = Z1ᵀ Z2 / B, every feature standardised over the batch "
    "(variance + 1e-5)",
    "B3": "directpred: U diag(√(s / s_max) + ε) Uᵀ, s clipped at 0; directcopy: F / ‖F‖₂ + ε I",
    "B4": "L = mean over images of −mean cos(y1_i, x2_j) − mean cos(y2_j, x1_i), over pixels i, j whose centres are "
    "nearer than threshold times the larger cell diagonal",
    "B5": "a_j = |cos(v_j, W v_j)|, v_j the eigenvectors of the correlation, largest eigenvalue first; 0 where "
    "W v_j = 0",
}
UNJUDGED = {
    Outcome.HOLDS: "Holds, but has no points while the value is wrong.",
    Outcome.NOT_JUDGED: "Not judged: the value is wrong.",
}
_SMALL = 64
"""The most entries of all inputs together that are still shown."""


def failure_text(case: Case, value: str, difference: Difference, public: bool) -> str:
    """The text about a value that is not the expected one."""
    if not public:
        return f"{difference.sentence(value)} (hidden inputs: {case.name})."
    lines = [difference.shown(value), _inputs(case)]
    if case.question in FORMULAS:
        lines.append(f"Asked for: {FORMULAS[case.question]}")
    return "\n".join(line for line in lines if line)


def error_text(error: CodeError) -> str:
    """The text if there is no value: the student's own error, or the stub's sentence."""
    if error.kind == "unfilled":
        return f"{error.message.removeprefix('NotImplementedError: ').rstrip('.')}."
    return f"{error.message}\n{error.trace}".rstrip()


def first_line(text: str) -> str:
    """The short text if the whole one is shown elsewhere."""
    return text.partition("\n")[0]


def _inputs(case: Case) -> str:
    """The inputs of a case, if they are few enough to follow on paper."""
    if sum(array.size for array in case.arrays.values()) > _SMALL:
        return ""
    given = [f"{name} = {_written(array)}" for name, array in case.arrays.items()]
    given += [f"{name} = {value}" for name, value in case.params.items() if isinstance(value, (int, float))]
    return "Inputs: " + ", ".join(given)


def _written(array: Array) -> str:
    text = np.array2string(array, separator=", ", threshold=_SMALL + 1, max_line_width=10_000, precision=4)
    return " ".join(text.split())
