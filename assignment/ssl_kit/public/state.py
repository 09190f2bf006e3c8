"""Resets the global state of a process for each case, so that no answer depends on another file or case.

`handout build` copies this file next to the probes, so that `check.py` does the same.
"""

from __future__ import annotations

import decimal
import os
import random
import signal
import sys
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

_DEVICES = ("cpu", "cuda")
_SIGNALS = ("SIGINT", "SIGALRM", "SIGTERM")


@dataclass(frozen=True)
class State:
    """The state in which every case begins."""

    folder: str
    warnings: list[Any]
    signals: dict[int, Any]
    recursion: int
    numpy: Any
    watched: tuple[Any, Any]
    """The functions that watch each line and each call: a debugger's, for instance."""

    @classmethod
    def of_this_process(cls) -> State:
        """The state of this process, to be called before any student code has run."""
        known = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
        signals = {int(one): signal.getsignal(one) for one in known}
        watched = (sys.gettrace(), sys.getprofile())
        return cls(os.getcwd(), list(warnings.filters), signals, sys.getrecursionlimit(), np.geterr(), watched)

    def reset(self, seed: int, threads: int) -> None:
        """Reset it, whatever the student's code did to the libraries; `threads` are torch's inside one operation."""
        _reset_torch(threads)
        torch.default_generator.manual_seed(seed)  # torch.manual_seed also walks every accelerator: 0.5 ms
        np.random.seed(seed)
        random.seed(seed)
        np.seterr(**self.numpy)
        warnings.filters[:] = self.warnings  # type: ignore[index]  # a list, whatever the stubs say
        sys.setrecursionlimit(self.recursion)
        decimal.setcontext(decimal.DefaultContext.copy())
        if hasattr(signal, "setitimer"):  # as everywhere but on Windows, where students run this too
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self.signals.items():
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler)
        sys.settrace(self.watched[0])
        sys.setprofile(self.watched[1])
        if os.getcwd() != self.folder:
            os.chdir(self.folder)


def _reset_torch(threads: int) -> None:
    torch.set_default_dtype(torch.float32)
    torch.set_default_device(None)
    torch.set_grad_enabled(True)
    torch.set_num_threads(threads)
    if torch.are_deterministic_algorithms_enabled():  # to set it imports a compiler, which takes a second
        torch.use_deterministic_algorithms(False)
    torch.autograd.set_detect_anomaly(False)
    for device in _DEVICES:
        torch.set_autocast_enabled(device, False)
