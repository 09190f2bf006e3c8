"""Each system call that the filter refuses is refused by the filter, under the number that the kernel's headers give.

The filter of the tests refuses with an error that no call gives, so that nothing else can be taken for it.
"""

from __future__ import annotations

import errno
import json
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.sandbox import seccomp

MACHINE = platform.machine()
HEADERS = {"x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "aarch64": "/usr/include/asm-generic/unistd.h"}
NEWER = {"fchmodat2": 452, "setxattrat": 463, "removexattrat": 466}
"""Calls that a distribution's headers may not know yet; new ones have the same number everywhere."""
MACHINES = ("x86_64", "aarch64")
"""The columns of the filter's tables."""
COLUMN = MACHINES.index(MACHINE) if MACHINE in MACHINES else 0
NAMES = [name for name, numbers in seccomp._REFUSED.items() if numbers[COLUMN] is not None]
PRETENDED = [name for name, numbers in seccomp._PRETENDED.items() if numbers[COLUMN] is not None]
NOBODY, SIGCHLD, THREAD = -1, 17, 0x00010000
OTHERS = {
    "kill": (1, 0),
    "tgkill": (1, 1, 0),
    "rt_sigqueueinfo": (1, 0, 0),
    "rt_tgsigqueueinfo": (1, 1, 0, 0),
    "sched_setaffinity": (1, 0, 0),
    "prlimit64": (1, 7, 0, 0),
    "clone": (SIGCHLD, 0, 0, 0, 0),
}
"""Calls that are refused for other processes, or in one form."""
REFUSED = errno.EDOM
PROBE = f"""
import ctypes, errno, json, os, sys, types
from autograder.sandbox import seccomp

seccomp.errno = types.SimpleNamespace(EPERM={REFUSED}, ENOSYS=errno.ENOSYS)
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(38, 1, 0, 0, 0)
seccomp.restrict()
told = {{}}
for name, number, arguments in json.loads(sys.argv[1]):
    ctypes.set_errno(0)
    status = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(one) for one in arguments))
    told[name] = ctypes.get_errno() if status == -1 else 0
print(json.dumps(told))
"""


def numbers(machine: str) -> Mapping[str, int]:
    """The kernel's own table."""
    try:
        text = Path(HEADERS[machine]).read_text()
    except (OSError, KeyError):
        pytest.skip(f"the kernel's headers for {machine} are not here (Debian: apt install linux-libc-dev)")
    found = re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)", text, re.MULTILINE)
    return {**NEWER, **{name: int(number) for name, number in found}}


@pytest.fixture(scope="module")
def told() -> Mapping[str, int]:
    """The result of each call in a process with the filter: 0, or the number of an error."""
    if not seccomp.available():
        pytest.skip("there are no seccomp filters here")
    known = numbers(MACHINE)
    calls = [(name, known[name], [NOBODY] * 6) for name in (*NAMES, *PRETENDED, "clone3") if name in known]
    calls += [(name, known[name], arguments) for name, arguments in OTHERS.items()]
    if MACHINE == "x86_64":
        calls.append(("a call of the x32 kind", known["getpid"] | 0x40000000, []))
    command = [sys.executable, "-c", PROBE, json.dumps(calls)]
    done = subprocess.run(command, capture_output=True, text=True, start_new_session=True)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("machine", MACHINES)
def test_the_numbers_are_the_kernels(machine: str) -> None:
    known = numbers(machine)
    tables = (seccomp._REFUSED, seccomp._PRETENDED, seccomp._OF_SELF, seccomp._OF_SELF_OR_0, seccomp._CLONE)
    here = {name: both[MACHINES.index(machine)] for table in tables for name, both in table.items()}
    assert here == {name: known.get(name) if number is not None else None for name, number in here.items()}
    assert {name for name in seccomp._PRETENDED if name in known} == {
        name for name in seccomp._PRETENDED if here[name] is not None
    }


@pytest.mark.parametrize("name", [*NAMES, *OTHERS])
def test_it_is_refused(told: Mapping[str, int], name: str) -> None:
    assert errno.errorcode.get(told[name]) == errno.errorcode[REFUSED]


@pytest.mark.parametrize("name", PRETENDED)
def test_it_seems_to_succeed(told: Mapping[str, int], name: str) -> None:
    """It does even with arguments that the kernel would not take."""
    if name not in told:
        pytest.skip("there is no such call here")
    assert told[name] == 0


def test_the_other_kinds(told: Mapping[str, int]) -> None:
    assert told["clone3"] == errno.ENOSYS
    assert told.get("a call of the x32 kind", REFUSED) == REFUSED


def test_what_is_for_oneself_goes_through() -> None:
    """Else everything might be refused, and no attack would show it."""
    code = PROBE.replace(
        "json.loads(sys.argv[1])", "[(n, m, [os.getpid(), *a]) for n, m, a in json.loads(sys.argv[1])]"
    )
    known = numbers(MACHINE)
    calls = [
        ("kill", known["kill"], [0]),
        ("prlimit64", known["prlimit64"], [7, 0, 0]),
        ("getpid", known["getpid"], []),
    ]
    done = subprocess.run([sys.executable, "-c", code, json.dumps(calls)], capture_output=True, text=True)
    assert json.loads(done.stdout) == dict.fromkeys(("kill", "prlimit64", "getpid"), 0), done.stderr
