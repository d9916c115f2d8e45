"""A world: drawn from a seed, written as an ordinary library with its truth beside it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from uuid import uuid4

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.errors import InputError
from innominate.ledger import Imported, Library, TableName
from innominate.worlds import deeds, tables
from innominate.worlds.concealing import Concealed, conceal, hubs
from innominate.worlds.latent import Latent, draw_latent
from innominate.worlds.laws import WorldLaw, packaged_laws, read_laws
from innominate.worlds.pacts import Pacts, choose_pacts
from innominate.worlds.settings import Settings
from innominate.worlds.texts import publish

Mask = NDArray[np.bool_]

WRITTEN = "2000-01-01T00:00:00+00:00"  # time of import in the journal: the same world gives the same bytes
PREFIX = "truth"
ASKED, LAWS = "world.json", "laws.json"  # what a world was asked to be, and the figures of its channels
SAME = 1e-6  # by which processors may differ in what they draw
TRUTHS = ("turns", "blocs", "moves", "pacts", "exchange", "silences", "states")  # beside the alignment itself


@dataclass(frozen=True, slots=True)
class World:
    """A world on disk.

    Attributes
    ----------
    folder : of the library
    settings : it was asked to be; laws : figures of its channels
    latent, pacts : its truth; secret : (T, P) truly allied pairs without a treaty
    rows : rows of acts and votes written
    """

    folder: Path
    settings: Settings
    laws: WorldLaw
    latent: Latent
    pacts: Pacts
    secret: Mask
    rows: int

    @classmethod
    def open(cls, folder: str | Path) -> World:
        """A world that was written before.

        Raises
        ------
        InputError : where `folder` holds none, or one whose truth this version of the package would not draw again
        """
        path = Path(folder).expanduser().absolute()
        try:
            asked = json.loads((path / ASKED).read_text(encoding="utf-8"))
            named = {field.name: asked[field.name] for field in fields(Settings)}
            settings = Settings(**{**named, "modes": tuple(named["modes"])})
        except (OSError, ValueError, KeyError, TypeError):
            raise InputError(f"{path}: no world, or one of another version of the package ({ASKED})") from None
        laws = read_laws(path / LAWS)
        latent, pacts, secret = _drawn(settings, laws)
        (rows,) = Library.open(path).query("SELECT (SELECT count(*) FROM acts) + (SELECT count(*) FROM votes)").row(0)
        world = cls(path, settings, laws, latent, pacts, secret, int(rows))
        told, drawn = world.truth(), _alignment(latent)
        same = told.select("a", "b", "year").equals(drawn.select("a", "b", "year"))
        if not same or ((told["alignment"] - drawn["alignment"]).abs() > SAME).any():
            raise InputError(f"{path}: a world of another version of the package, whose truth is drawn otherwise now")
        return world

    def library(self) -> Library:
        """The library."""
        return Library.open(self.folder)

    def truth(self, name: str = "") -> pl.DataFrame:
        """A file of the truth: alignment, or one of :data:`TRUTHS`.

        Raises
        ------
        InputError : for another name, and for what this world does not have (silences without texts)
        """
        file = self.folder / (f"{PREFIX}-{name}.parquet" if name else f"{PREFIX}.parquet")
        if name and name not in TRUTHS:
            raise InputError(f"truth {name!r}: the allowed values are {', '.join(TRUTHS)}")
        if not file.exists():
            raise InputError(f"{file}: this world has no such truth")
        return pl.read_parquet(file)


def simulate(
    settings: Settings,
    folder: str | Path,
    *,
    laws: WorldLaw | None = None,
    channels: Sequence[str] | None = None,
    replicate: int = 0,
    progress: Callable[[str], None] = lambda step: None,
) -> World:
    """Draw a world and write it as a library, all or nothing.

    Parameters
    ----------
    settings : what it shall be
    folder : new or empty
    laws : figures of the channels; those of the package unless given
    channels : only these, votes among them or not; all unless given
    replicate : another draw of noise, counts and votes with the same truth behind it

    Raises
    ------
    InputError : for a folder that holds something, a world that cannot be, or a channel that the laws do not know
    """
    laws = laws or packaged_laws()
    _check_channels(channels, laws)
    target = _free(Path(folder).expanduser())
    progress("drawing states, blocs, alignment and treaties")
    latent, pacts, secret = _drawn(settings, laws)
    aside = target.with_name(f".{target.name}.{os.getpid()}.{uuid4().hex[:8]}")
    try:
        rows = _write(settings, laws, latent, pacts, secret, aside, channels, replicate, progress)
        if target.exists():
            target.rmdir()
        os.replace(aside, target)
    except OSError as error:
        raise InputError(f"{target}: cannot be written ({error.strerror or error})") from None
    except InputError as error:  # of the ledger, which knows the folder by the name under which it is made
        raise InputError(str(error).replace(str(aside), str(target))) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return World(target, settings, laws, latent, pacts, secret, rows)


def _drawn(settings: Settings, laws: WorldLaw) -> tuple[Latent, Pacts, Mask]:
    """The truth of a world, its treaties, and which pairs are allied without one."""
    latent = draw_latent(settings, laws.reference)
    pacts = choose_pacts(latent, settings.seed, others=settings.pacts)
    return latent, pacts, latent.allied & ~pacts.in_force()


def _check_channels(channels: Sequence[str] | None, laws: WorldLaw) -> None:
    if isinstance(channels, str):
        raise InputError(f"channels {channels!r}: a list of names of channels")
    unknown = [name for name in channels or () if name not in laws.channels]
    if unknown:
        raise InputError(f"channel {unknown[0]!r}: the allowed values are {', '.join(sorted(laws.channels))}")


def _free(folder: Path) -> Path:
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(f"{folder}: a world needs a new or empty folder")
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror or error})") from None
    return folder.absolute()


def _write(
    settings: Settings,
    laws: WorldLaw,
    latent: Latent,
    pacts: Pacts,
    secret: Mask,
    folder: Path,
    channels: Sequence[str] | None,
    replicate: int,
    progress: Callable[[str], None],
) -> int:
    library = Library.create(folder)
    digest = hashlib.sha256((json.dumps(asdict(settings), sort_keys=True) + laws.to_json()).encode()).hexdigest()
    store = _Store(library, digest)
    via = hubs(latent, secret) if settings.conceal > 0 else np.zeros(len(latent.a), dtype=np.intp)
    exchange: list[pl.DataFrame] = []
    rows = 0
    for law, level in deeds.levels(latent, laws, settings.seed, replicate):
        if channels is not None and law.channel not in channels:
            continue
        progress(f"acting: {law.channel}")
        hidden = None
        if settings.conceal > 0 and not law.public:
            hidden = conceal(level, law, secret, via, settings, latent)
        shown = tables.acts(settings, latent, law, level if hidden is None else hidden.left, hidden)
        rows += shown.height
        seen = tables.coverage(settings, latent, law.dataset, law.channel)
        store.add(law.dataset, law.channel, {"acts": shown, "coverage": seen})
        if not law.public:
            exchange.append(_totals(settings, latent, law.channel, level, hidden))
    if channels is None or "votes" in channels:
        progress("voting")
        cast = tables.votes(settings, latent, list(deeds.votes(latent, laws, settings.seed, replicate)))
        seen = tables.coverage(settings, latent, "world-votes", "votes")
        store.add("world-votes", "all", {"votes": cast, "coverage": seen})
        rows += cast.height
    treaties = tables.commitments(settings, latent, pacts)
    surveyed = tables.coverage(settings, latent, "world-treaties", "commitments")
    store.add("world-treaties", "all", {"commitments": treaties, "coverage": surveyed})
    silences = None
    if settings.texts:
        progress("publishing")
        published = publish(settings, latent)
        store.add("world-texts", "all", {"texts": published.texts})
        silences = published.silences
    progress("writing the truth")
    _write_truth(folder, settings, latent, pacts, exchange, silences)
    asked = {**asdict(settings), "channels": channels, "replicate": replicate, "scale": latent.label}
    (folder / ASKED).write_text(json.dumps(asked, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    (folder / LAWS).write_text(laws.to_json(), encoding="utf-8")
    (folder / ".lock").unlink(missing_ok=True)
    return rows


@dataclass(frozen=True, slots=True)
class _Store:
    library: Library
    digest: str

    def add(self, dataset: str, part: str, frames: dict[TableName, pl.DataFrame]) -> None:
        rows = sum(frame.height for frame in frames.values())
        imported = Imported(dataset, frames, rows, rows, part)
        self.library.store(
            imported, file="world", sha256=self.digest, size=0, form="world/simulated", adapter_version=1, time=WRITTEN
        )


def _totals(
    settings: Settings, latent: Latent, channel: str, level: NDArray[np.float64], hidden: Concealed | None
) -> pl.DataFrame:
    """What truly passed between two states in a channel: a, b, channel, year, value, concealed."""
    t, p = np.nonzero(level)
    codes = pl.Series(latent.codes)
    return pl.DataFrame(
        {
            "a": codes.gather(latent.a[p]),
            "b": codes.gather(latent.b[p]),
            "year": (t + settings.first).astype(np.int32),
            "value": level[t, p],
            "concealed": np.zeros(len(t)) if hidden is None else hidden.taken[t, p],
        }
    ).select("a", "b", pl.lit(channel).alias("channel"), "year", "value", "concealed")


def _write_truth(
    folder: Path,
    settings: Settings,
    latent: Latent,
    pacts: Pacts,
    exchange: list[pl.DataFrame],
    silences: pl.DataFrame | None,
) -> None:
    codes = pl.Series(latent.codes)
    frames = {
        "": _alignment(latent),
        "states": pl.DataFrame({"state": codes, "size": latent.size, "x": latent.place[:, 0], "y": latent.place[:, 1]}),
        "blocs": _blocs(latent, codes),
        "moves": _moves(latent, codes),
        "turns": _turns(latent, codes),
        "pacts": _pacts(settings, latent, pacts, codes),
    }
    if exchange:
        frames["exchange"] = pl.concat(exchange)
    if silences is not None:
        frames["silences"] = silences
    for name, frame in frames.items():
        frame.write_parquet(folder / (f"{PREFIX}-{name}.parquet" if name else f"{PREFIX}.parquet"), compression="zstd")


def _alignment(latent: Latent) -> pl.DataFrame:
    """The alignment of every pair and year: a, b, year, alignment, allied."""
    codes = pl.Series(latent.codes)
    t, p = np.nonzero(latent.alive)
    return pl.DataFrame(
        {
            "a": codes.gather(latent.a[p]),
            "b": codes.gather(latent.b[p]),
            "year": latent.years[t],
            "alignment": latent.alignment[t, p],
            "allied": latent.allied[t, p],
        }
    ).sort("a", "b", "year")


def _blocs(latent: Latent, codes: pl.Series) -> pl.DataFrame:
    """Blocs of the states that exist: state, year, bloc (0 is NATO, -1 none)."""
    t, state = np.nonzero(latent.living)
    return pl.DataFrame({"state": codes.gather(state), "year": latent.years[t], "bloc": latent.blocs[t, state]})


def _moves(latent: Latent, codes: pl.Series) -> pl.DataFrame:
    """Moves of existing states between blocs other than NATO: state, year, bloc (the new one)."""
    t, state, bloc = latent.moved.T
    there = latent.living[t, state]
    frame = pl.DataFrame(
        {"state": codes.gather(state[there]), "year": latent.years[t[there]], "bloc": bloc[there].astype(np.int8)}
    )
    return frame.sort("state", "year")


def _turns(latent: Latent, codes: pl.Series) -> pl.DataFrame:
    """Turns of pairs by themselves: a, b, year, change (in alignment)."""
    t, p = latent.turned[:, 0].astype(np.intp), latent.turned[:, 1].astype(np.intp)
    own = latent.alive[t, p] & latent.alive[t - 1, p]  # none happens in the first years
    t, p = t[own], p[own]
    return pl.DataFrame(
        {
            "a": codes.gather(latent.a[p]),
            "b": codes.gather(latent.b[p]),
            "year": latent.years[t],
            "change": latent.turned[own, 2] / latent.scale.unit,
        }
    ).sort("a", "b", "year")


def _pacts(settings: Settings, latent: Latent, pacts: Pacts, codes: pl.Series) -> pl.DataFrame:
    """Every pair and year of allies or treaties: a, b, year, allied, signed, choice, worth."""
    signed = pacts.in_force()
    t, p = np.nonzero((signed | latent.allied) & latent.alive)
    dying = np.zeros_like(signed)
    for pair, end in zip(pacts.pair[pacts.died], pacts.end[pacts.died], strict=True):
        dying[end + 1 :, pair] = True
    choice = np.where(signed, "signed", np.where(dying, "left to die", "avoided"))
    return pl.DataFrame(
        {
            "a": codes.gather(latent.a[p]),
            "b": codes.gather(latent.b[p]),
            "year": (t + settings.first).astype(np.int32),
            "allied": latent.allied[t, p],
            "signed": signed[t, p],
            "choice": choice[t, p],
            "worth": pacts.worth[t, p],
        }
    ).sort("a", "b", "year")
