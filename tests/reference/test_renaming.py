"""Tests of autograder/reference/renaming.py: what of sources and pages is rewritten for one year's students."""

from __future__ import annotations

import pytest

from autograder.core.errors import AutograderError
from autograder.reference.renaming import in_code, reword, vary

CALLS = (("Loss.f", (("z1", "h1"), ("z2", "h2"), ("m", "decay"))),)
SOURCE = '''\
class Loss:
    def f(self, z1, z2, m=0.5):
        """Of `z1` and z2; m is `--m`, not z12 or self.z1."""
        scaled = self.z1 * z1  # z1 again
        return g(scaled, z2, m)

    def other(self, z1):
        return z1
'''


def test_names_change_inside_the_function_and_nowhere_else() -> None:
    varied = vary(SOURCE, CALLS, {"return g(": "return h("}, "a.py")
    assert varied.splitlines()[1:5] == [
        "    def f(self, h1, h2, decay=0.5):",
        '        """Of `h1` and h2; decay is `--m`, not z12 or self.z1."""',
        "        scaled = self.z1 * h1  # h1 again",
        "        return h(scaled, h2, decay)",
    ]
    assert varied.splitlines()[5:] == SOURCE.splitlines()[5:]


def test_a_text_must_be_there_exactly_once() -> None:
    with pytest.raises(AutograderError, match=r"a\.py has 0 times what a variant replaces: 'beta'"):
        reword("alpha", {"beta": "gamma"}, "a.py")
    with pytest.raises(AutograderError, match="2 times"):
        reword("alpha alpha", {"alpha": "beta"}, "a.py")


def test_code_spans_of_the_handout_follow() -> None:
    text = "`Loss.f(self, z1, z2)` takes `z1`; z1 in words, `--m`"
    assert in_code(text, CALLS) == "`Loss.f(self, h1, h2)` takes `h1`; z1 in words, `--m`"
    assert in_code("`z1` of another question", CALLS) == "`z1` of another question"
