"""Threads on this machine, each with a worker of its own: the work itself is done in the workers' processes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, ExitStack
from typing import TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")
MakeWorker = Callable[[], AbstractContextManager[Callable[[Item], Done]]]


def map_local(make_worker: MakeWorker[Item, Done], items: Sequence[Item], jobs: int) -> Iterator[Done]:
    """Yield what the workers return, in the order in which it is done; at most `jobs` items at a time.

    Each thread makes its worker when it gets its first item. The first exception of a worker ends the map; so does
    leaving it early. Either way items under way are given up and every worker is closed.
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
        try:
            for future in as_completed([pool.submit(work, item) for item in items]):
                yield future.result()
        finally:
            stopping.set()
            pool.shutdown(wait=False, cancel_futures=True)
            workers.close()  # what is under way ends at once: its worker is gone
            pool.shutdown(wait=True)
