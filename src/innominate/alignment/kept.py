"""Fits kept from one command to the next: a library is measured once, however many questions are asked of it.

What is kept lies in the user's own cache folder and is disposable. A fit is taken from there where everything it rests on is
the same to the bit: the tables of the library, years, resolution, channels left out, the files of this package, and the
libraries that do its arithmetic. ``INNOMINATE_CACHE`` names another folder; ``INNOMINATE_CACHE=off`` keeps nothing.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import platform
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa

from innominate.alignment import model
from innominate.alignment.fit import AlignmentFit, fit_panel
from innominate.ledger import Library
from innominate.panel import Panel

MOST = 2 << 30  # bytes kept in all; fits that were asked for longest ago make room
PART, LEFT = ".fit-part", 3600.0  # ending of a file under way, and seconds after which nobody is writing it any more
_ARITHMETIC = ("numpy", "scipy", "numba", "polars", "duckdb")
_NUMPY = {"dtype", "ndarray", "_reconstruct", "_frombuffer", "scalar"}


def kept_fit(
    library: Library,
    years: tuple[int, int],
    resolution: str,
    drop: Sequence[str],
    panel: Callable[[], Panel],
    progress: Callable[[str], None] = lambda step: None,
) -> AlignmentFit:
    """The fit of a library, taken from what is kept or measured and kept.

    Parameters
    ----------
    library, years, resolution, drop, progress : as in :func:`innominate.alignment.fit_alignment`
    panel : makes the observations, where they have to be measured
    """
    folder = cache_folder()
    if folder is None:
        return fit_panel(library, panel(), progress)
    path = folder / f"{_key(library, years, resolution, drop)}.fit"
    found = _read(path, library)
    if found is not None:
        progress("taking what an earlier command measured")
        return found
    fit = fit_panel(library, panel(), progress)
    with suppress(OSError):  # a full or read-only disk: nothing is kept
        _write(path, fit)
        _make_room(folder, path)
    return fit


def cache_folder() -> Path | None:
    """Where fits are kept; None where ``INNOMINATE_CACHE`` is ``off``."""
    named = os.environ.get("INNOMINATE_CACHE", "")
    if named.lower() == "off":
        return None
    if named:
        return Path(named).expanduser()
    import pooch

    return Path(pooch.os_cache("innominate"))


def _key(library: Library, years: tuple[int, int], resolution: str, drop: Sequence[str]) -> str:
    rests_on = (library.fingerprint, *years, resolution, *sorted(set(drop)), _code(), platform.machine())
    return hashlib.sha256("\n".join(map(str, rests_on)).encode()).hexdigest()[:32]


@cache
def _code() -> str:
    """A hash of the package's files and of the versions of the libraries that do its arithmetic."""
    told = hashlib.sha256("\n".join(f"{name} {version(name)}" for name in _ARITHMETIC).encode())
    home = Path(__file__).resolve().parents[1]
    for path in sorted(home.rglob("*")):
        if path.suffix in (".py", ".csv", ".json", ".yaml", ".parquet") and path.is_file():
            told.update(str(path.relative_to(home)).encode())
            told.update(path.read_bytes())
    return told.hexdigest()


def _read(path: Path, library: Library) -> AlignmentFit | None:
    """The fit kept at `path`; None where there is none, or none that can be read."""
    try:
        with pa.CompressedInputStream(str(path), "zstd") as stream:
            panel, parameters, scale, composite, turned = _Unpickler(stream).load()
        os.utime(path)
    except Exception:  # not there, cut short, of another form, or not ours: measured anew and written over
        return None
    return AlignmentFit(library, panel, model.prepare(panel), parameters, scale, composite, turned)


class _Unpickler(pickle.Unpickler):
    """Reads arrays and the package's own dataclasses, and calls nothing else whatever a file asks for."""

    def find_class(self, module: str, name: str) -> Any:
        own = module.startswith("innominate.")
        if not own and not (module.partition(".")[0] == "numpy" and name in _NUMPY):
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a fit")
        found = super().find_class(module, name)
        if own and not hasattr(found, "__dataclass_fields__"):
            raise pickle.UnpicklingError(f"{module}.{name} is no dataclass")
        return found


def _write(path: Path, fit: AlignmentFit) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_suffix(f".{os.getpid()}{PART}")
    try:
        with pa.CompressedOutputStream(str(beside), "zstd") as stream:
            told = (fit.panel, fit.parameters, fit.scale, fit.composite, fit.turned)
            pickle.Pickler(stream, protocol=5).dump(told)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _make_room(folder: Path, newest: Path) -> None:
    """Remove the fits that were asked for longest ago, until at most MOST bytes are kept, and what killed commands left."""
    for path in folder.glob(f"*{PART}"):
        if time.time() - path.stat().st_mtime > LEFT:
            path.unlink(missing_ok=True)
    files = sorted(folder.glob("*.fit"), key=lambda path: (path == newest, path.stat().st_mtime))
    size = sum(path.stat().st_size for path in files)
    for path in files[:-1]:
        if size <= MOST:
            break
        size -= path.stat().st_size
        path.unlink(missing_ok=True)
