"""Compiled kernels on several threads.

A kernel that gives up Python's lock runs beside others on ordinary threads. Numba's own parallel loops do the same, but are
many times as slow to compile where the loop is long, and their idle threads spin.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from numba import get_num_threads

ENOUGH = 1 << 20  # operations from which several threads pay


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="kernel")


os.register_at_fork(after_in_child=_pool.cache_clear)  # a forked child has no threads but its own


def in_parts(kernel: Callable[..., object], parts: int, *arguments: Any, operations: int | None = None) -> None:
    """Run ``kernel(first, stop, step, *arguments)`` so that every part in ``range(parts)`` is done once.

    Parameters
    ----------
    kernel : compiled with ``nogil=True``; works through the parts ``range(first, stop, step)``, each of which writes where no
        other part does, so that the number of threads (that of Numba) changes no bit
    operations : roughly how many; where they are few one thread does them, since on a busy machine waiting for others takes longer
    """
    threads = min(get_num_threads(), parts) if operations is None or operations > ENOUGH else 1
    if threads <= 1:
        kernel(0, parts, 1, *arguments)
        return
    running = [_pool(threads).submit(kernel, first, parts, threads, *arguments) for first in range(threads)]
    for one in running:
        one.result()
