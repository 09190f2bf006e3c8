"""What is global in a process, put back for each case: no answer depends on what another file or case has set."""

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


@dataclass(frozen=True)
class State:
    """The state in which every case begins."""

    folder: str
    warnings: list[Any]
    signals: dict[int, Any]
    recursion: int
    numpy: Any

    @classmethod
    def of_this_process(cls) -> State:
        """As it is before any student code has run."""
        signals = {int(one): signal.getsignal(one) for one in (signal.SIGINT, signal.SIGALRM, signal.SIGTERM)}
        return cls(os.getcwd(), list(warnings.filters), signals, sys.getrecursionlimit(), np.geterr())

    def reset(self, seed: int, threads: int) -> None:
        """Put it back, whatever the student's code did to the libraries; `threads` are torch's inside one operation."""
        _reset_torch(threads)
        torch.default_generator.manual_seed(seed)  # torch.manual_seed also walks every accelerator: 0.5 ms
        np.random.seed(seed)
        random.seed(seed)
        np.seterr(**self.numpy)
        warnings.filters[:] = self.warnings  # type: ignore[index]  # a list, whatever the stubs say
        sys.setrecursionlimit(self.recursion)
        decimal.setcontext(decimal.DefaultContext.copy())
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self.signals.items():
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler)
        sys.settrace(None)
        sys.setprofile(None)
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
