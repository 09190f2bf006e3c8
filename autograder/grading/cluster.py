"""Workers of a Dask cluster: bytes go out, text comes back, a few at a time."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

Item = TypeVar("Item")
WAIT = 60
"""Seconds for the scheduler to answer, and for the first worker to be there."""
AHEAD = 2
"""Jobs in flight for each thread of the cluster: one runs, one is on its way."""


class ClusterUnavailable(Exception):
    """No scheduler answers at the address, or it has no workers."""


def map_cluster(
    address: str, function: Callable[[bytes], str], items: Sequence[Item], pack: Callable[[Item], bytes]
) -> Iterator[tuple[Item, str | Exception]]:
    """Yield each item with the result of `function` on its bytes, or the exception, in the order of completion.

    Jobs of a lost worker are done by another one; an item that ends several workers gives an exception. Raises
    ClusterUnavailable.
    """
    _reach(address)
    from distributed import Client  # it takes a second to import, and most runs are on one machine

    try:
        client: Any = Client(address, timeout=WAIT, set_as_default=False)  # type: ignore[no-untyped-call]  # Dask's own
        client.wait_for_workers(1, timeout=WAIT)
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterUnavailable(f"{type(error).__name__}: {error}") from error
    with client, _pool_of(client) as pool:
        left = list(reversed(items))
        running: dict[Future[str], Item] = {}
        while left or running:
            while left and len(running) < AHEAD * max(1, sum(client.nthreads().values())):
                item = left.pop()
                running[pool.submit(function, pack(item))] = item
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                problem = future.exception()
                item = running.pop(future)
                yield item, future.result() if problem is None else _as_exception(problem)


@contextmanager
def _pool_of(client: Any) -> Iterator[Any]:
    """Yield the pool for jobs; at an early end nobody waits for jobs in flight."""
    pool = client.get_executor(pure=False)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False)


def _reach(address: str) -> None:
    """Find out at once whether anybody listens: Dask's client would go on trying in the background for ever."""
    try:
        parts = urlsplit(address)
        socket.create_connection((parts.hostname or "", parts.port or 8786), timeout=WAIT).close()
    except (OSError, ValueError) as error:
        raise ClusterUnavailable(str(error)) from error


def _as_exception(error: BaseException) -> Exception:
    return error if isinstance(error, Exception) else RuntimeError(repr(error))
