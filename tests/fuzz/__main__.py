"""Feeds mutated bytes to everything that reads untrusted ones.

    python -m tests.fuzz --messages 1000000 --others 20000

prints for each target how many, how long, the slowest call and the memory. Exit status 1 at an exception that is not
the target's own, at a call over a second, and at more than 64 MiB.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import time

from tests.fuzz.targets import TARGETS, Target

SLOWEST, MOST = 5.0, 64.0
"""Seconds of CPU for one call (more on a shared core), and MiB by which the process may grow over all of them."""
PIECES = (b"\x00", b"\xff", b"\x7f\xff\xff\xff", b"9" * 40, b"[" * 2000, b"{" * 200, b'"', b"NaN", b"-1", b"1e999")


def mutated(data: bytes, dice: random.Random) -> bytes:
    """A few small changes: bytes turned, cut out, doubled, or replaced by what tends to hurt."""
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 4, 16))):
        at = dice.randrange(len(changed) + 1)
        match dice.randrange(5):
            case 0 if at < len(changed):
                changed[at] ^= 1 << dice.randrange(8)
            case 1:
                del changed[at : at + dice.choice((1, 2, 8, 64))]
            case 2:
                changed[at:at] = changed[at : at + dice.choice((1, 4, 32))]
            case 3:
                changed[at : at + dice.choice((0, 1, 4))] = dice.choice(PIECES)
            case _:
                changed[at : at + 4] = dice.randbytes(4)
    return bytes(changed)


def fuzz(target: Target, count: int, seed: int) -> list[str]:
    """Feed a target; prints a line, and returns what is wrong, a sentence each."""
    dice = random.Random(seed)
    problems: list[str] = []
    slowest, raised = 0.0, 0
    target.call(target.examples[0])
    before = _memory()
    start = time.thread_time()
    for _ in range(count):
        data = mutated(dice.choice(target.examples), dice)
        begin = time.thread_time()
        try:
            target.call(data)
        except target.expected:
            raised += 1
        except BaseException as error:
            problems.append(f"{target.name}: {type(error).__name__}: {error} for {data[:200]!r}")
            if len(problems) > 5:
                break
        slowest = max(slowest, time.thread_time() - begin)
    seconds, grown = time.thread_time() - start, _memory() - before
    figures = f"{count:,} in {seconds:.0f} s, slowest {slowest * 1000:.1f} ms, {grown:.1f} MiB more"
    print(f"{target.name}: {figures}, {raised:,} refused (seed {seed})", flush=True)
    if slowest > SLOWEST:
        problems.append(f"{target.name}: a call took {slowest:.2f} s")
    if grown > MOST:
        problems.append(f"{target.name}: {grown:.0f} MiB")
    return problems


def _memory() -> float:
    """The process's largest size so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Feed every target."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--others", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(2)))
    arguments = parser.parse_args()
    problems = []
    for target in TARGETS:
        count = arguments.messages if target.name == "messages" else arguments.others
        problems += fuzz(target, count, arguments.seed)
    print(*problems, sep="\n", end="\n" if problems else "", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
