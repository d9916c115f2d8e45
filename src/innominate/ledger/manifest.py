"""The one file that says what a library holds. Replacing it is the moment an import happens.

Every import writes its Parquet files first, under names that carry their content's hash, and then replaces
``library.json`` in one step. A process killed before that step leaves the library as it was; one killed after it has
imported. Files that no manifest names are swept away by the next import.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from innominate.errors import InputError
from innominate.ledger.imported import Entry

FORMAT = 1
NAME = "library.json"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of one dataset as it is stored: table → file below the library's folder.

    ``place`` is the path that a part named after its file came from; "" where the part is named otherwise, or not known.
    """

    dataset: str
    part: str
    form: str
    sha256: str
    adapter_version: int
    files: dict[str, str]
    place: str = ""


@dataclass(slots=True)
class Manifest:
    """All parts held, and the journal of how they came."""

    parts: dict[str, Part] = field(default_factory=dict)
    journal: list[Entry] = field(default_factory=list)

    @staticmethod
    def key(dataset: str, part: str) -> str:
        """The name under which a part stands in :attr:`parts`."""
        return f"{dataset}|{part}"

    def files(self) -> set[str]:
        """Every data file that the library consists of, relative to its folder."""
        return {name for part in self.parts.values() for name in part.files.values()}


def read(folder: Path) -> Manifest:
    """The manifest of the library in `folder`; an :class:`InputError` where there is none or it is of another format."""
    path = folder / NAME
    try:
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{folder}: no library here; `innominate import --library {folder} …` makes one") from None
    except (json.JSONDecodeError, UnicodeDecodeError, OSError) as error:
        raise InputError(f"{path}: this is not a library's manifest ({error})") from None
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        found = raw.get("format") if isinstance(raw, dict) else None
        raise InputError(f"{path}: library format {found!r}; this version of innominate reads format {FORMAT}")
    try:
        return Manifest(
            {key: Part(**part) for key, part in raw["parts"].items()},
            [Entry(**entry) for entry in raw["journal"]],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: this library's manifest is damaged ({error!r})") from None


def write(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest in one step (written aside, synced to disk, renamed)."""
    raw = {
        "format": FORMAT,
        "parts": {key: _plain(part) for key, part in sorted(manifest.parts.items())},
        "journal": [entry.as_dict() for entry in manifest.journal],
    }
    aside = folder / f".{NAME}.{os.getpid()}.{uuid4().hex}"
    with aside.open("w", encoding="utf-8") as stream:
        json.dump(raw, stream, ensure_ascii=False, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(aside, folder / NAME)
    sync_folder(folder)


def _plain(part: Part) -> dict[str, Any]:
    """A part as plain values, without a place that it does not have."""
    return {name: value for name, value in asdict(part).items() if name != "place" or value}


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` durable where the system lets a folder be synced."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
