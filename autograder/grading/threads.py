"""Runs threads on this machine, each with a worker of its own, whose process does the work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed, wait
from contextlib import AbstractContextManager, ExitStack
from typing import TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")
PATIENCE = 1.0
"""Seconds in which a worker can notice that it is given up; one that is unpacking an archive may not notice."""
MakeWorker = Callable[[], AbstractContextManager[Callable[[Item], Done]]]


def map_local(
    make_worker: MakeWorker[Item, Done], items: Sequence[Item], jobs: int, give_up: Callable[[], None]
) -> Iterator[Done]:
    """Yield the workers' results in the order of completion; at most `jobs` items are worked on at a time.

    Each thread makes its worker when it gets its first item. The first exception of a worker ends the map; so does
    leaving it early. Either way `give_up` is called, which must end everything that a worker can be waiting for,
    because closing a waiting worker does not wake it. Then every worker is closed.
    """
    local = threading.local()
    stopping = threading.Event()
    with ExitStack() as workers:

        def work(item: Item) -> Done:
            if stopping.is_set():
                raise InterruptedError
            if not hasattr(local, "worker"):
                local.worker = workers.enter_context(make_worker())
            done: Done = local.worker(item)
            return done

        pool = ThreadPoolExecutor(max_workers=max(1, min(jobs, len(items))))
        futures = []
        try:
            futures += [pool.submit(work, item) for item in items]
            for future in as_completed(futures):
                yield future.result()
        except BaseException:  # Ctrl-C as well as an error of a worker's
            stopping.set()
            pool.shutdown(wait=False, cancel_futures=True)
            give_up()
            wait([future for future in futures if not future.cancelled()], PATIENCE)
            raise
        pool.shutdown()
