"""The reference implementation, bptf, run by its own Python where it is there; nothing is fetched and nothing stands in for it.

Set INNOMINATE_BPTF to the `src` folder of a clone of https://github.com/aschein/bptf, and INNOMINATE_BPTF_PYTHON to a Python
that has numpy, scipy, sparse, tensorly, scikit-learn and tqdm.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from innominate.blocs.tensor import Absent, CountTensor, Floats, whole_cells
from innominate.errors import InputError

_DRIVER = """
import sys, time, numpy as np, sparse
sys.path.insert(0, sys.argv[1])
from bptf import BPTF
if len(sys.argv) > 4: exec(open(sys.argv[4]).read())
given = np.load(sys.argv[2]); shape = tuple(int(n) for n in given["shape"])
data = sparse.COO(given["coordinates"].T, given["counts"].astype(int), shape=shape)
mask = sparse.COO(given["mask"].T, np.ones(len(given["mask"]), dtype=int), shape=shape) if "mask" in given else None
np.random.seed(int(given["seed"])); iterations = int(given["iterations"])
model = BPTF(data_shape=shape, n_components=int(given["components"]), alpha=float(given["alpha"]))
model._init(); times = []; bounds = [float(model._elbo(data, mask=mask))]
for _ in range(iterations):
    began = time.perf_counter()
    for mode in range(len(shape)):
        model._update_variational_params(mode, data, mask); model._update_beta(mode); model._check_mode(mode)
    bounds.append(float(model._elbo(data, mask=mask))); times.append(time.perf_counter() - began)
    if bounds[-1] - bounds[-2] < float(given["tolerance"]) * abs(bounds[-2]): break
each = {f"{name}{m}": table[m] for name, table in (("shape", model.shp_DK_M), ("rate", model.rte_DK_M), ("geometric", model.G_DK_M))
        for m in range(len(shape))}
np.savez(sys.argv[3], times=times, bounds=bounds, **each)
"""


# The same sums over non-zeros as bptf's own, component by component and cell by cell, compiled; nothing else of it is touched.
_COMPILED = """
import math, bptf.bptf
from numba import njit
@njit(error_model="numpy")
def _unfolded(values, coords, stacked, offsets, mode, out):
    product = np.empty(out.shape[1])
    for n in range(len(values)):
        product[:] = values[n]
        for m in range(len(coords)):
            if m != mode: product *= stacked[offsets[m] + coords[m, n]]
        out[coords[mode, n]] += product
@njit(error_model="numpy")
def _at(coords, stacked, offsets, logs, out):
    product = np.empty(stacked.shape[1])
    for n in range(len(out)):
        product[:] = 0.0 if logs else 1.0
        for m in range(len(coords)):
            row = stacked[offsets[m] + coords[m, n]]
            product = product + row if logs else product * row
        top = product.max() if logs else 0.0
        out[n] = top + math.log(np.exp(product - top).sum()) if logs else product.sum()
def _stack(factors):
    offsets = np.concatenate([[0], np.cumsum([len(each) for each in factors])])[:-1]
    return np.concatenate([np.asarray(each, dtype=float) for each in factors]), offsets
def _unfold(tensor, cp_tensor, mode):
    stacked, offsets = _stack(cp_tensor[1]); out = np.zeros(cp_tensor[1][mode].shape)
    _unfolded(tensor.data.astype(float), np.asarray(tensor.coords), stacked, offsets, mode, out)
    return out
def _rates(cp_tensor, coords, logs=False):
    stacked, offsets = _stack(cp_tensor[1]); coords = np.asarray(coords); out = np.empty(coords.shape[1])
    _at(coords, np.log(stacked) if logs else stacked, offsets, logs, out)
    return out
bptf.bptf.unfolding_dot_khatri_rao = _unfold
bptf.bptf.cp_to_tensor_at = _rates
bptf.bptf.log_cp_to_tensor_at = lambda cp_tensor, coords: _rates(cp_tensor, coords, True)
"""


@dataclass(frozen=True, slots=True)
class PeerFit:
    """What bptf found.

    Attributes
    ----------
    shape, rate : for each mode (D_m, K) parameters of its gamma posteriors
    geometric : for each mode (D_m, K) geometric means
    times : (iterations,) seconds of each; bounds (iterations + 1,) its evidence lower bound, without constants
    """

    shape: tuple[Floats, ...]
    rate: tuple[Floats, ...]
    geometric: tuple[Floats, ...]
    times: Floats
    bounds: Floats

    @property
    def means(self) -> tuple[Floats, ...]:
        """For each mode (D_m, K) posterior means."""
        return tuple(a / b for a, b in zip(self.shape, self.rate, strict=True))


@dataclass(frozen=True, slots=True)
class Peer:
    """bptf, and the Python that runs it."""

    source: str
    python: str

    def fit(
        self,
        tensor: CountTensor,
        absent: Absent | None = None,
        *,
        components: int = 50,
        alpha: float = 0.1,
        iterations: int = 200,
        tolerance: float = 1e-4,
        seed: int = 0,
        compiled: bool = False,
    ) -> PeerFit:
        """Fit `tensor` without the cells `absent`; iterations, tolerance and alpha are bptf's own by default.

        It knows neither exposure nor states that cannot act on themselves: an InputError where the tensor has either.
        `compiled` gives its sums over non-zeros to Numba, which its Python must have then: the same results to rounding, in
        a small part of the time, for comparisons in which its time does not count.
        """
        if tensor.loops is not None or any((weights != 1).any() for weights in tensor.exposure):
            raise InputError("bptf knows no exposure and no diagonal: give it plain counts")
        seen = tensor if absent is None else tensor.without(absent)
        more = {} if absent is None else {"mask": whole_cells(tensor, absent)}
        with tempfile.TemporaryDirectory() as folder:
            given, driver, out = (Path(folder, name) for name in ("given.npz", "driver.py", "out.npz"))
            np.savez(given, coordinates=seen.coordinates, counts=seen.counts, shape=tensor.shape, components=components,
                     alpha=alpha, iterations=iterations, tolerance=tolerance, seed=seed, **more)  # type: ignore[arg-type]  # fmt: skip
            driver.write_text(_DRIVER)
            loops = Path(folder, "compiled.py")
            loops.write_text(_COMPILED)
            done = subprocess.run(
                [self.python, str(driver), self.source, str(given), str(out), *([str(loops)] if compiled else [])],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                last = done.stderr.strip().splitlines()[-1:] or ["no message"]
                raise InputError(f"bptf at INNOMINATE_BPTF failed: {last[0]}")
            with np.load(out) as found:
                tables = {
                    name: tuple(found[f"{name}{m}"] for m in range(len(tensor.shape)))
                    for name in ("shape", "rate", "geometric")
                }
                return PeerFit(tables["shape"], tables["rate"], tables["geometric"], found["times"], found["bounds"])


def find_peer() -> Peer | None:
    """bptf where INNOMINATE_BPTF says that it is; None where that is not set. An InputError where it is not there."""
    source = os.environ.get("INNOMINATE_BPTF")
    if not source:
        return None
    if not Path(source, "bptf").is_dir():
        raise InputError(
            f"INNOMINATE_BPTF={source}: there is no folder bptf in it (the src folder of the clone is meant)"
        )
    return Peer(source, os.environ.get("INNOMINATE_BPTF_PYTHON", sys.executable))
