"""The search for cyclic garbage comes back as it was, whatever happens inside."""

from __future__ import annotations

import gc

import pytest

from innominate.sweeping import unswept


def unlucky() -> None:
    with unswept():
        assert not gc.isenabled()
        with unswept():
            pass
        assert not gc.isenabled()
        raise ValueError


def test_the_search_is_off_inside_and_on_again_after_an_error() -> None:
    assert gc.isenabled()
    with pytest.raises(ValueError):
        unlucky()
    assert gc.isenabled()
