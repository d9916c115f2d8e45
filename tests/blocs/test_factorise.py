"""Factorisation against the dense textbook version, and what must not change it."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from innominate.blocs.exposed import expected_counts, exposed, exposure_at
from innominate.blocs.factorisation import Settings, factorise, gamma_shape, iterate, prepare, prior_bound, start
from innominate.blocs.heldout import random_mask, score
from innominate.blocs.tensor import Absent, from_arrays
from innominate.errors import InputError
from tests.blocs.naive import Naive

SHAPES = [(7, 9), (6, 6, 5), (6, 6, 4, 5), (3, 4, 2, 3, 5)]


def sparse(shape, seed=0, scale=0.5, loops=None, exposure=None):
    counts = np.random.default_rng(seed).poisson(np.random.default_rng(seed + 1).gamma(0.3, scale / 0.3, shape))
    if loops:
        counts[np.arange(shape[0]), np.arange(shape[0])] = 0
    if exposure is not None:
        counts[np.einsum(_blocks(len(shape)), *exposure) == 0] = 0
    where = np.argwhere(counts)
    return from_arrays(where, counts[counts > 0], shape, loops=loops, exposure=exposure), counts


def _blocks(modes):
    letters = "acdef"[:modes]
    return ",".join(f"b{x}" for x in letters) + f"->{letters}"


def exposures(shape, seed=3):
    random = np.random.default_rng(seed)
    weights = [random.uniform(0.2, 1, (2, size)) * (random.random((2, size)) < 0.8) for size in shape]
    weights[-1][:] = 0
    weights[-1][0, :2], weights[-1][1, 2:] = 0.7, 1.0
    return weights


@pytest.mark.parametrize("kind", ["plain", "exposure", "loops", "absent"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_agrees_with_dense(shape, kind):
    weights = exposures(shape) if kind in ("exposure", "absent") else None
    loops = (0, 1) if kind in ("loops", "absent") and shape[0] == shape[1] else None
    tensor, counts = sparse(shape, loops=loops, exposure=weights)
    dense = np.ones(shape) if weights is None else np.einsum(_blocks(len(shape)), *weights)
    if loops:
        dense[np.arange(shape[0]), np.arange(shape[0])] = 0
    absent = None
    if kind == "absent":
        modes = (0, 1, len(shape) - 1) if len(shape) > 2 else (0, 1)
        cells = np.argwhere(np.random.default_rng(5).random([shape[m] for m in modes]) < 0.2)
        absent = Absent(modes, cells.astype(np.int32))
        grid = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), axis=-1).reshape(-1, len(shape))
        hidden = absent.covers(grid.astype(np.int32)).reshape(shape)
        dense, counts = np.where(hidden, 0, dense), np.where(hidden, 0, counts)
    settings = Settings(4, 0.3)
    work = prepare(tensor, settings, absent)
    start(work, 1)
    means = [work.mean[work.rows(m)].copy() for m in range(len(shape))]
    naive = Naive(counts, dense, means, [np.log(mean) for mean in means], 0.3, list(work.beta))
    for _ in range(12):
        iterate(work, settings)
        naive.iterate()
        for m in range(len(shape)):
            np.testing.assert_allclose(work.shape[work.rows(m)], naive.shapes[m], rtol=1e-8)
            np.testing.assert_allclose(work.rate[work.rows(m)], naive.rates[m], rtol=1e-8)
    rest = prior_bound(work)
    assert rest + iterate(work, settings) == pytest.approx(naive.bound(), rel=1e-9)


@pytest.mark.parametrize("alpha", [0.1, None])
@pytest.mark.parametrize("precision", ["double", "single"])
def test_bound_never_falls(alpha, precision):
    tensor, _ = sparse((12, 12, 5, 9), seed=4, scale=1.5, loops=(0, 1))
    fit = factorise(tensor, Settings(6, alpha, iterations=300, precision=precision, tolerance=0))
    slack = 1e-10 if precision == "double" else 1e-6
    assert (np.diff(fit.bounds) >= -slack * abs(fit.bound)).all()


def test_order_of_nonzeros_and_duplicates_change_nothing():
    tensor, _ = sparse((8, 8, 4, 6), seed=2, scale=2)
    order = np.random.default_rng(0).permutation(len(tensor.counts))
    halves = np.concatenate([tensor.coordinates[order], tensor.coordinates])
    values = np.concatenate([tensor.counts[order] - 0.25 * tensor.counts[order], 0.25 * tensor.counts])
    again = from_arrays(halves, values, tensor.shape)
    a, b = (factorise(each, Settings(5, iterations=40)) for each in (tensor, again))
    assert a.bounds.tobytes() == b.bounds.tobytes()


def test_order_of_states_changes_nothing():
    tensor, _ = sparse((9, 7, 5), seed=6, scale=2)
    order = np.random.default_rng(1).permutation(9)
    moved = tensor.coordinates.copy()
    moved[:, 0] = order[moved[:, 0]]
    settings = Settings(4)
    one, two = prepare(tensor, settings), prepare(from_arrays(moved, tensor.counts, tensor.shape), settings)
    start(one, 0)
    start(two, 0)
    rows = np.concatenate([order, np.arange(9, two.mean.shape[0])])  # the same start, in the other order of states
    for name in ("factors", "log_scale", "mean"):
        getattr(two, name)[rows] = getattr(one, name)
    for work in (one, two):
        work.exposed_sums[:] = [work.exposed.sums(m, work.mean) for m in range(3)]
        work.beta[:] = 1
        for _ in range(30):
            iterate(work, settings)
    np.testing.assert_allclose(two.shape[rows], one.shape, rtol=1e-7)


@pytest.mark.parametrize(
    ("coordinates", "counts", "components"),
    [
        (np.zeros((0, 3)), [], 3),  # nothing at all
        ([[1, 2, 3]], [1], 3),  # one event
        ([[0, 1, 2], [3, 2, 1], [0, 0, 0]], [1e6, 3e6, 1], 2),
        ([[0, 1, 2], [3, 2, 1]], [2, 5], 40),  # more components than counts
    ],
    ids=["empty", "one event", "millions", "many components"],
)
def test_extremes(coordinates, counts, components):
    tensor = from_arrays(np.asarray(coordinates, dtype=int).reshape(-1, 3), np.asarray(counts, dtype=float), (5, 4, 6))
    fit = factorise(tensor, Settings(components, 0.1, iterations=200))
    assert np.isfinite(fit.bounds).all()
    assert (np.diff(fit.bounds) >= -1e-9 * abs(fit.bound)).all()
    if len(counts) and max(counts) > 100:
        expected = expected_counts(tensor, fit.means)
        assert expected[tensor.counts > 100] == pytest.approx(tensor.counts[tensor.counts > 100], rel=0.01)
    assert fit.means[0][4].max() <= fit.means[0].max()  # a state without acts stays at its prior


def test_tiny_shapes_do_not_underflow():
    tensor, _ = sparse((10, 10, 6, 8), seed=8, scale=0.02)
    for precision in ("double", "single"):
        fit = factorise(tensor, Settings(8, 0.006, iterations=100, precision=precision))
        assert np.isfinite(fit.bounds).all()


def test_absent_cells_are_not_zeros():
    """Rates of the rows that nobody looked at come from the others, not from zeros."""
    random = np.random.default_rng(0)
    rates = np.einsum("ak,bk,ck->abc", *(random.gamma(2, 1, (n, 1)) for n in (20, 20, 12)))
    counts = random.poisson(rates)
    tensor = from_arrays(np.argwhere(counts), counts[counts > 0], counts.shape, modes=("source", "target", "period"))
    absent = random_mask(tensor, 0.3, 1)
    fit = factorise(tensor, Settings(1), absent)
    where = tuple(absent.cells.T)
    told = expected_counts(tensor, fit.means, absent.cells).sum()
    assert told == pytest.approx(rates[where].sum(), rel=0.03)
    zeros = factorise(tensor.without(absent), Settings(1))
    assert score(tensor, absent, fit.means).log_likelihood > score(tensor, absent, zeros.means).log_likelihood + 100


def test_score_is_the_poisson_likelihood():
    from scipy.stats import poisson

    tensor, counts = sparse((6, 6, 3, 5), loops=(0, 1), exposure=exposures((6, 6, 3, 5)))
    cells = np.argwhere(np.random.default_rng(1).random((6, 6, 5)) < 0.3).astype(np.int32)
    absent = Absent((0, 1, 3), cells)
    means = [np.random.default_rng(m).gamma(1, 1, (n, 2)) for m, n in enumerate(tensor.shape)]
    grid = np.argwhere(np.ones(tensor.shape)).astype(np.int32)
    grid = grid[absent.covers(grid) & (grid[:, 0] != grid[:, 1])]
    grid = grid[exposure_at(tensor, grid) > 0]
    dense = poisson.logpmf(counts[tuple(grid.T)], expected_counts(tensor, means, grid)).sum()
    assert score(tensor, absent, means).log_likelihood == pytest.approx(dense, rel=1e-9)


def test_several_starts_keep_the_best():
    tensor, _ = sparse((12, 12, 6), seed=3, scale=2)
    single = [factorise(tensor, Settings(5, seed=seed)).bound for seed in range(3)]
    assert factorise(tensor, Settings(5, starts=3)).bound == max(single)


def test_threads_do_not_matter():
    code = (
        "import numpy as np; from innominate.blocs.tensor import from_arrays; from innominate.blocs.factorisation import *;"
        "r = np.random.default_rng(0); x = r.integers(0, 40, (90_000, 4)); y = np.ones(90_000);"
        "f = factorise(from_arrays(x, y, (40,) * 4), Settings(10, iterations=5));"
        "import hashlib; print(hashlib.sha256(f.bounds.tobytes() + f.shape[0].tobytes()).hexdigest())"
    )
    prints = set()
    for threads in (1, 2, 3):
        environment = {**os.environ, "NUMBA_NUM_THREADS": str(threads)}
        run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        prints.add(run.stdout)
    assert len(prints) == 1


def test_shape_of_gammas_is_recovered():
    from scipy.special import digamma

    for shape in (0.02, 0.3, 4.0, 60.0):
        assert gamma_shape(np.log(shape) - digamma(shape)) == pytest.approx(shape, rel=1e-6)


def test_bad_arguments_are_refused():
    with pytest.raises(InputError, match="outside the tensor"):
        from_arrays(np.array([[5, 0]]), np.ones(1), (5, 2))
    with pytest.raises(InputError, match="finite and not negative"):
        from_arrays(np.array([[0, 0]]), np.array([np.nan]), (5, 2))
    with pytest.raises(InputError, match="cannot occur"):
        from_arrays(np.array([[1, 1]]), np.ones(1), (5, 5), loops=(0, 1))
    with pytest.raises(InputError, match="allowed values are double, single"):
        Settings(precision="half")
    tensor, _ = sparse((4, 4, 3), loops=(0, 1))
    with pytest.raises(InputError, match="both modes of the states"):
        exposed(tensor, Absent((2,), np.zeros((1, 1), dtype=np.int32)))
