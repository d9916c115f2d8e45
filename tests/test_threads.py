"""Kernels on threads: every part once, whatever their number; faults come out; a forked child has threads of its own."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import numba
import numpy as np
import pytest

from innominate.threads import ENOUGH, in_parts


@pytest.fixture(autouse=True)
def _two_threads() -> Iterator[None]:
    before = numba.get_num_threads()
    numba.set_num_threads(min(2, numba.config.NUMBA_NUM_THREADS))
    yield
    numba.set_num_threads(before)


@numba.njit(nogil=True)
def _count(begin: int, stop: int, stride: int, done: np.ndarray) -> None:
    for part in range(begin, stop, stride):
        done[part] += 1


@pytest.mark.parametrize("parts", [0, 1, 2, 3, 64, 1001])
@pytest.mark.parametrize("operations", [None, 0, ENOUGH + 1])
def test_every_part_is_done_once(parts: int, operations: int | None) -> None:
    done = np.zeros(parts, dtype=np.int64)
    in_parts(_count, parts, done, operations=operations)
    assert (done == 1).all()


def test_little_work_is_done_where_it_was_asked_for() -> None:
    ran = set[int]()

    def kernel(begin: int, stop: int, stride: int) -> None:
        ran.add(threading.get_ident())

    in_parts(kernel, 8, operations=10)
    assert ran == {threading.get_ident()}


def test_a_fault_in_any_part_comes_out() -> None:
    def kernel(begin: int, stop: int, stride: int) -> None:
        if 3 in range(begin, stop, stride):
            raise ArithmeticError("part 3")

    with pytest.raises(ArithmeticError, match="part 3"):
        in_parts(kernel, 4)


def test_a_forked_child_has_threads_of_its_own() -> None:
    done = np.zeros(64, dtype=np.int64)
    in_parts(_count, 64, done)  # the parent's threads exist
    child = os.fork()
    if child == 0:
        fresh = np.zeros(64, dtype=np.int64)
        in_parts(_count, 64, fresh)
        os._exit(0 if (fresh == 1).all() else 3)
    for _ in range(200):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            assert os.waitstatus_to_exitcode(status) == 0
            return
        threading.Event().wait(0.05)
    os.kill(child, 9)
    os.waitpid(child, 0)
    pytest.fail("the child waits for threads that only its parent has")
