"""A library: a folder of Parquet tables, the journal of how they came, and an engine that answers questions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from errno import ENOSPC
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl
from filelock import FileLock

from innominate.errors import InputError, Outdated
from innominate.ledger import manifest as manifests
from innominate.ledger.engine import DuckDBEngine, Engine
from innominate.ledger.imported import Entry, Imported
from innominate.ledger.manifest import Manifest, Part
from innominate.ledger.schemas import TableName, conform
from innominate.ledger.storage import Staged, discard, publish, readable, stage, sweep

SAMPLE = Path(__file__).resolve().parent.parent / "sample" / "library"

_JOURNAL = pl.Schema(
    {
        "import_id": pl.String,
        "time": pl.String,
        "dataset": pl.String,
        "part": pl.String,
        "form": pl.String,
        "file": pl.String,
        "sha256": pl.String,
        "bytes": pl.Int64,
        "adapter_version": pl.Int64,
        "rows": pl.Int64,
        "kept": pl.Int64,
        "refused": pl.Int64,
        "outcome": pl.String,
    }
)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Say in one line where a folder cannot be made or written to; a full disk is no fault of the arguments."""
    try:
        yield
    except OSError as error:
        if error.errno == ENOSPC:
            raise
        raise InputError(f"{folder}: cannot be written ({error.strerror or error})") from None


class Library:
    """A folder of Parquet tables with its journal.

    Open one with :meth:`open`, make one with :meth:`create`; :meth:`sample` is the embedded one. Tables are read
    through :meth:`query` (SQL over ``acts``, ``votes``, ``resolutions``, ``commitments``, ``texts``, ``figures``,
    ``coverage`` and ``journal``); :meth:`store` is the only way in.
    """

    def __init__(self, folder: Path, manifest: Manifest, new: bool = False) -> None:
        self.folder = folder
        self.manifest = manifest
        self._new = new
        self._engine: Engine | None = None

    @classmethod
    def open(cls, folder: str | Path) -> Self:
        """The library in `folder`. Raises :class:`InputError` where there is none."""
        path = Path(folder).expanduser()
        return cls(path, manifests.read(path))

    @classmethod
    def create(cls, folder: str | Path) -> Self:
        """The library in `folder`, made empty where there is none yet."""
        library = cls.begin(folder)
        if library._new:
            with _writing(library.folder):
                library.folder.mkdir(parents=True, exist_ok=True)
                with cls._lock(library.folder):
                    if not (library.folder / manifests.NAME).exists():
                        manifests.write(library.folder, Manifest())
        return cls.open(library.folder)

    @classmethod
    def begin(cls, folder: str | Path) -> Self:
        """The library in `folder`; where there is none yet, one that begins with what is first stored.

        Raises :class:`InputError` where a library cannot stand.
        """
        path = Path(folder).expanduser()
        with _writing(path):
            if path.exists() and not path.is_dir():
                raise InputError(f"{path}: not a folder")
            if (path / manifests.NAME).exists():
                return cls.open(path)
            if path.exists() and any(not entry.name.startswith(".") for entry in path.iterdir()):
                raise InputError(f"{path}: neither a library nor an empty folder")
        return cls(path, Manifest(), new=True)

    @classmethod
    def sample(cls) -> Self:
        """The embedded sample: pair-by-year figures from sources that allow redistribution. Needs no download."""
        return cls.open(SAMPLE)

    @staticmethod
    def _lock(folder: Path) -> FileLock:
        return FileLock(str(folder / ".lock"), timeout=600)

    @property
    def is_sample(self) -> bool:
        """Whether this is the embedded sample."""
        return self.folder == SAMPLE

    @property
    def fingerprint(self) -> str:
        """A short hash of everything held: equal fingerprints mean equal tables."""
        named = "\n".join(f"{key} {sorted(part.files.items())}" for key, part in sorted(self.manifest.parts.items()))
        return hashlib.sha256(named.encode()).hexdigest()[:16]

    @property
    def engine(self) -> Engine:
        """The engine over the tables as they stood when the library was opened or last stored to."""
        if self._engine is None:
            files: dict[TableName, list[Path]] = {}
            for _, part in sorted(self.manifest.parts.items()):
                for table, name in part.files.items():
                    files.setdefault(table, []).append(self.folder / name)  # type: ignore[arg-type]
            self._engine = DuckDBEngine(files, self.journal())
        return self._engine

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pl.DataFrame:
        """Rows of `sql` over the library's tables; ``?`` marks a parameter.

        Raises :class:`Outdated` where another process changed the library, :class:`InputError` where a file of it is
        missing or damaged.
        """
        try:
            return self.engine.query(sql, parameters)
        except Exception:
            fault = self._fault()
            if fault is None:
                raise
            raise fault from None

    def _fault(self) -> InputError | None:
        """What is wrong with the files of the library, if anything."""
        named = self.manifest.files()
        absent = {name for name in named if not (self.folder / name).exists()}
        if absent:
            missing = sorted(absent & manifests.read(self.folder).files())
            if not missing:
                return Outdated(f"{self.folder}: the library has changed since it was opened; open it again")
            return InputError(
                f"{self.folder / missing[0]}: this file of the library is missing; {self._remedy(missing[0])}"
            )
        for name in sorted(named):
            if not readable(self.folder / name):
                why = f"this file of the library is damaged; delete it, and {self._remedy(name)}"
                return InputError(f"{self.folder / name}: {why}")
        return None

    def _remedy(self, name: str) -> str:
        owner = next(part for part in self.manifest.parts.values() if name in part.files.values())
        return f"importing {owner.dataset} ({owner.part}) again restores it"

    def journal(self) -> pl.DataFrame:
        """Every import: when, what, from which file, how many rows kept and refused."""
        rows = [{name: getattr(entry, name) for name in _JOURNAL} for entry in self.manifest.journal]
        return pl.DataFrame(rows, schema=_JOURNAL)

    def datasets(self) -> list[str]:
        """Names of the datasets held."""
        return sorted({part.dataset for part in self.manifest.parts.values()})

    def held(self, dataset: str, part: str = "all") -> Part | None:
        """What is stored for one part of a dataset, if anything."""
        return self.manifest.parts.get(Manifest.key(dataset, part))

    def read(self, name: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows of one data file of the library; :class:`InputError` where it is missing or damaged."""
        try:
            return pl.read_parquet(self.folder / name, columns=None if columns is None else list(columns))
        except Exception:
            fault = self._fault()
            if fault is None:
                raise
            raise fault from None

    def store(
        self,
        imported: Imported,
        *,
        file: str,
        sha256: str,
        size: int,
        form: str,
        adapter_version: int,
        time: str | None = None,
        place: str = "",
        replaces: Collection[str] = (),
        beside: Callable[[Library, Imported], Imported] | None = None,
    ) -> Entry:
        """Store what a source read from one file, all or nothing.

        It replaces the same part of the same dataset, parts of it that the file holds entirely (``imported.replaces``), and the
        parts whose keys (:meth:`Manifest.key`) are in ``replaces``: what was read of the same file before, under other names.
        Parts in ``imported.changes`` are stored anew in the same step.

        ``time`` is the journal's time of import (ISO 8601), now unless given. ``place`` is where a part named after its
        file came from: it replaces no other part from another place (:class:`Outdated`: somebody took the name meanwhile).
        ``beside`` says what of `imported` is stored beside what the library holds; it is asked under the library's lock, of
        the library as it is then, so that of two imports at once the second sees what the first has stored.
        """
        with _writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        staged = [] if beside else self._stage(imported, file)
        try:
            with self._lock(self.folder):
                begun = not self._new or (self.folder / manifests.NAME).exists()
                current = manifests.read(self.folder) if begun else Manifest()
                if beside is not None:
                    imported = beside(Library(self.folder, current), imported)
                    staged = self._stage(imported, file)
                key = Manifest.key(imported.dataset, imported.part)
                whole = {Manifest.key(imported.dataset, part) for part in imported.replaces}
                held = {key, *whole, *replaces} & current.parts.keys()
                if place and key in held.difference(replaces) and current.parts[key].place not in ("", place):
                    raise Outdated(f"{file}: the name {imported.part} was taken meanwhile; import the file again")
                files = publish(self.folder, [item for part, item in staged if part == imported.part])
                entry = Entry(
                    import_id=f"{len(current.journal) + 1:06d}",
                    time=time or datetime.now(UTC).isoformat(timespec="seconds"),
                    dataset=imported.dataset,
                    part=imported.part,
                    form=form,
                    file=file,
                    sha256=sha256,
                    bytes=size,
                    adapter_version=adapter_version,
                    rows=imported.rows,
                    kept=imported.kept,
                    refused=imported.rows - imported.kept,
                    outcome="replaced" if held else "stored",
                    oddities=[
                        {"reason": odd.reason, "rows": odd.rows, "refused": odd.refused, "first": list(odd.first)}
                        for odd in imported.oddities
                    ],
                    stored={name: frame.height for name, frame in imported.tables.items() if frame.height},
                )
                for part in imported.changes:
                    changed = publish(self.folder, [item for owner, item in staged if owner == part])
                    old = current.parts[Manifest.key(imported.dataset, part)]
                    current.parts[Manifest.key(imported.dataset, part)] = replace(old, files=changed)
                for replaced in held:
                    del current.parts[replaced]
                current.parts[key] = Part(imported.dataset, imported.part, form, sha256, adapter_version, files, place)
                current.journal.append(entry)
                manifests.write(self.folder, current)
                sweep(self.folder, keep=current.files())
        finally:
            discard(item for _, item in staged)
        self.close()
        self.manifest, self._new = current, False
        return entry

    def _stage(self, imported: Imported, file: str) -> list[tuple[str, Staged]]:
        """Write aside what an import brings and changes: the part of each file, and the file."""
        staged: list[tuple[str, Staged]] = []
        try:
            for part, tables in ((imported.part, imported.tables), *imported.changes.items()):
                fitting = {name: conform(name, frame, file) for name, frame in tables.items() if frame.height}
                with _writing(self.folder):
                    staged += [(part, item) for item in stage(self.folder, f"{imported.dataset}--{part}", fitting)]
        except BaseException:
            discard(item for _, item in staged)
            raise
        return staged

    def close(self) -> None:
        """Close the engine; the next question opens it anew."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
