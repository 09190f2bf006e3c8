"""`make mutants`: changes the reference mechanically, has each change judged, and shows how many are caught."""

from __future__ import annotations

import time

from autograder.core.rubric import load_rubric
from tests.mutation.jury import try_all
from tests.mutation.mutants import mutants
from tests.mutation.report import problems, read_equivalent, table


def main() -> int:
    """Print the table, and what is not as `equivalent.toml` says; 0 when there is nothing of that."""
    start = time.monotonic()
    rubric, listed = load_rubric(), read_equivalent()
    verdicts = list(try_all(list(mutants(rubric.graded)), rubric))
    print("\n".join(table(verdicts, listed)))
    wrong = list(problems(verdicts, listed))
    print("".join(f"\n{problem}\n" for problem in wrong), end="")
    print(f"\n{len(verdicts)} mutants in {time.monotonic() - start:.0f} s, {len(wrong)} not as they should be.")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
