"""The same factorisation on a GPU (or whatever JAX finds): needs the extra ``jax``; results agree to rounding.

One allocation pass per iteration as in :mod:`innominate.blocs.kernels`, by gathers and segment sums over slices of the
non-zeros, so that memory stays bounded; gammas, exposures and priors follow in double precision.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

import numpy as np

from innominate.blocs.factorisation import (
    Factorisation,
    Settings,
    Workspace,
    finish,
    prepare,
    prior_bound,
    start,
    update_mode,
    update_prior,
)
from innominate.blocs.tensor import Absent, CountTensor
from innominate.errors import InputError

_SLICE = 1 << 18  # non-zeros at a time


def available() -> bool:
    """Whether JAX can be imported."""
    return importlib.util.find_spec("jax") is not None


def _modules() -> tuple[Any, Any]:
    if not available():
        raise InputError("the GPU path needs JAX: pip install 'innominate[jax]'")
    jax, numpy = importlib.import_module("jax"), importlib.import_module("jax.numpy")
    jax.config.update("jax_enable_x64", True)
    return jax, numpy


def _pass(modes: int, rows: int) -> Any:
    """The compiled pass: (slices, M) coordinates of stacked rows, counts and factors → sums (D, K) and log-likelihood."""
    jax, jnp = _modules()

    def one(carry: Any, piece: Any) -> Any:
        factors, sums, told = carry
        places, counts = piece
        share = factors[places[:, 0]]
        for m in range(1, modes):
            share = share * factors[places[:, m]]
        total = share.sum(axis=1)
        real = counts > 0
        share = share * jnp.where(real, counts / jnp.where(real, total, 1.0), 0.0)[:, None]
        for m in range(modes):
            sums = sums.at[places[:, m]].add(share)
        told = told + jnp.where(real, counts * jnp.log(jnp.where(real, total, 1.0)), 0.0).sum()
        return (factors, sums, told), None

    def run(factors: Any, places: Any, counts: Any) -> Any:
        empty = (factors, jnp.zeros((rows, factors.shape[1])), jnp.zeros(()))
        (_, sums, told), _ = jax.lax.scan(one, empty, (places, counts))
        return sums, told

    return jax.jit(run)


def _slices(tensor: CountTensor, offsets: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates (S, L, M) as stacked rows and counts (S, L); the last slice is filled with empty counts."""
    places = tensor.coordinates + np.asarray(offsets[:-1], dtype=np.int32)
    length = min(_SLICE, max(1, len(places)))
    lacking = -len(places) % length
    places = np.pad(places, ((0, lacking), (0, 0)))
    return places.reshape(-1, length, places.shape[1]), np.pad(tensor.counts, (0, lacking)).reshape(-1, length)


def factorise_jax(tensor: CountTensor, settings: Settings | None = None, absent: Absent | None = None) -> Factorisation:
    """:func:`innominate.blocs.factorisation.factorise` with the pass over the non-zeros in JAX; one start."""
    _, jnp = _modules()
    chosen = settings or Settings()
    work = prepare(tensor, chosen, absent)
    start(work, chosen.seed)
    seen = tensor.without(absent) if absent is not None else tensor
    run = _pass(len(tensor.shape), work.layout.offsets[-1])
    places, counts = (jnp.asarray(each) for each in _slices(seen, work.layout.offsets))

    def iterate() -> float:
        sums, told = run(jnp.asarray(work.factors, dtype=jnp.float64), places, counts)
        work.allocated[:] = np.asarray(sums)
        _update(work, chosen)
        return float(told)

    bounds = list[float]()
    iterate()
    rest, scale = prior_bound(work), _scaled(work)
    for _ in range(chosen.iterations):
        bounds.append(rest + scale + iterate())
        rest, scale = prior_bound(work), _scaled(work)
        back = len(bounds) - 1 - chosen.patience
        if back >= 0 and bounds[-1] - bounds[back] <= chosen.tolerance * chosen.patience * abs(bounds[-1]):
            return finish(work, np.array(bounds), True)
    return finish(work, np.array(bounds), False)


def _scaled(work: Workspace) -> float:
    return float(work.layout.marginals @ work.log_scale)


def _update(work: Workspace, settings: Settings) -> None:
    for mode in range(len(work.layout.offsets) - 1):
        update_mode(work, mode)
        update_prior(work, mode, settings.alpha is None)
