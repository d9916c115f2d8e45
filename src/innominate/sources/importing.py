"""From files to a library: one file by name of its source, or everything that a folder holds and we recognise."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from innominate.errors import BadFile, InputError
from innominate.ledger import Entry, Library
from innominate.ledger.manifest import Manifest
from innominate.sources.peeking import peek, unreadable
from innominate.sources.registry import source as find_source
from innominate.sources.registry import sources
from innominate.sources.spec import Form, Peek, Source

Verdict = Literal["stored", "replaced", "unchanged", "left out", "unrecognised", "refused"]
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file.

    Attributes
    ----------
    file : path as given or found
    verdict : stored, replaced or unchanged (it is in the library); left out (the same data come in a better file);
        unrecognised (no source knows it); refused (a source knows it and it is at fault)
    reason : why, where it was not taken; beside what, where a file of the same name came from elsewhere
    entry : the journal's line, where it was
    """

    file: Path
    verdict: Verdict
    source: str = ""
    form: str = ""
    reason: str = ""
    entry: Entry | None = None


def import_file(library: Library, path: Path, source: Source | None = None) -> Outcome:
    """Import one file, all or nothing.

    Parameters
    ----------
    library : where to
    path : the file
    source : which source it is of; None to find out. Raises :class:`BadFile` where it is at fault or unknown.
    """
    known = [source] if source is not None else list(sources().values())
    look = peek(path)
    match = recognise(look, known)
    if match is None:
        raise BadFile(path.name, _unrecognised(look, source))
    return _import_as(library, path, *match)


def _unrecognised(look: Peek, source: Source | None) -> str:
    """Why a file is of no source, or not of `source`, as far as its first bytes tell; damaged ones are refused at once."""
    fault = unreadable(look)
    if fault:
        return fault
    if source is None:
        return "no source recognises this file; `innominate import SOURCE FILE` says what is wrong with it"
    forms = "; ".join(form.describes for form in source.forms)
    lacks = next((form.lacks(look) for form in source.forms if form.lacks is not None), "")
    why = lacks or {"parquet": "it is a Parquet file", "zip": "it is a zip archive"}.get(look.kind, "")
    return f"not a file of {source.name} ({forms})" + (f": {why}" if why else "")


def recognise(look: Peek, known: Iterable[Source]) -> tuple[Source, Form] | None:
    """The source and form that a file is of, the preferred form first; None where none of `known` recognises it."""
    found = [(form.preference, src.name, src, form) for src in known for form in src.forms if form.recognise(look)]
    if not found:
        return None
    _, _, src, form = min(found, key=lambda item: item[:2])
    return src, form


def _import_as(library: Library, path: Path, src: Source, form: Form) -> Outcome:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return _take(library, path, src, form, digest, path.stat().st_size)


def _take(library: Library, path: Path, src: Source, form: Form, digest: str, size: int) -> Outcome:
    parts, told = library.manifest.parts, (f"{src.name}/{form.name}", digest)
    replaces = {key for key, part in parts.items() if (part.form, part.sha256) == told}
    for part in (parts[key] for key in sorted(replaces)):
        whole = all((library.folder / name).exists() for name in part.files.values())
        if whole and part.adapter_version == src.adapter_version:
            return Outcome(path, "unchanged", src.name, form.name, "the same file by the same adapter is held already")
    if form.read_as is None:
        place, name, imported = "", "", form.read(path)
    else:
        replaces.add(Manifest.key(src.name, _marked(path)))
        place, name = str(path.resolve()), _name_for(library, src.name, path, replaces)
        imported = form.read_as(path, name)
    among = form.beside
    entry = library.store(
        imported,
        file=path.name,
        sha256=digest,
        size=size,
        form=f"{src.name}/{form.name}",
        adapter_version=src.adapter_version,
        place=place,
        replaces=replaces,
        beside=None if among is None else lambda held, read: among(held, read, digest),
    )
    verdict: Verdict = "replaced" if entry.outcome == "replaced" else "stored"
    return Outcome(path, verdict, src.name, form.name, _beside(library, src.name, path, name), entry)


def _name_for(library: Library, dataset: str, path: Path, replaces: Collection[str]) -> str:
    """The name of a part that is called after its file: with its folder where a file from elsewhere has the name."""
    own = path.resolve()
    folders = own.parent.parts
    names = ["/".join((*folders[len(folders) - depth :], _stem(path))) for depth in range(len(folders))]
    held = {name: library.held(dataset, name) for name in names}
    mine = [name for name, part in held.items() if part is not None and part.place == str(own)]
    free = [
        name for name, part in held.items() if part is None or not part.place or Manifest.key(dataset, name) in replaces
    ]
    return [*mine, *free, str(own)][0]


def _stem(path: Path) -> str:
    """The name of a file or folder without its ending; of ``.``, that of the folder it is."""
    return path.stem or path.resolve().stem


def _marked(path: Path) -> str:
    """The name that version 2 of the texts' adapter gave the part of this file: with a mark of where it lies."""
    return f"{path.stem}-{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]}"


def _beside(library: Library, dataset: str, path: Path, name: str) -> str:
    """What is said of a file that does not have its own name alone; "" of any other."""
    first = library.held(dataset, _stem(path))
    if first is None or name in ("", _stem(path)):
        return ""
    what = "what is corrected" if path.is_dir() else "a corrected file"
    return f"kept as {dataset}/{name}: {dataset}/{_stem(path)} is {first.place}; put {what} there to replace it"


def import_files(library: Library, name: str, paths: Iterable[Path]) -> Iterator[Outcome]:
    """Import files of the source called `name`, one after the other; the first at fault stops.

    A source whose table comes with the package needs no file.
    """
    src = find_source(name)
    chosen = list(paths) or [packaged_file(src)]
    for path in chosen:
        if path.is_dir():
            yield import_pages(library, path, src)
            continue
        if not path.is_file():
            raise InputError(f"{path}: no such file")
        yield import_file(library, path, src)


def import_pages(library: Library, folder: Path, source: Source) -> Outcome:
    """Import a folder as one whole, all or nothing, where the source has a form called ``folder``."""
    form = next((form for form in source.forms if form.name == "folder"), None)
    if form is None:
        raise InputError(f"{folder}: {source.name} takes files, not folders")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    whole = hashlib.sha256()
    for path in files:
        with path.open("rb") as stream:
            whole.update(f"{path.relative_to(folder)} {hashlib.file_digest(stream, 'sha256').hexdigest()}\n".encode())
    return _take(library, folder, source, form, whole.hexdigest(), sum(path.stat().st_size for path in files))


def packaged_file(source: Source) -> Path:
    """Where the table of our own that comes with the package lies."""
    if source.packaged is None:
        raise InputError(f"{source.name} does not come with innominate; import a file of it")
    return Path(__file__).resolve().parent.parent / source.packaged


def import_packaged(library: Library) -> list[Outcome]:
    """Import the tables that come with the package, as every folder import that takes anything does unasked."""
    known = [source for source in sources().values() if source.packaged is not None]
    return [import_file(library, packaged_file(source), source) for source in known]


def import_folder(library: Library, folder: Path, progress: Progress = lambda name: None) -> list[Outcome]:
    """Import everything below `folder` that a source recognises; faulty files are refused one by one, with reasons.

    The packaged tables come with it, unless nothing was taken.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    outcomes: list[Outcome] = []
    matched: list[tuple[Path, Source, Form]] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")):
        try:
            look = peek(path)
        except BadFile as error:
            outcomes.append(Outcome(path, "refused", reason=error.reason))
            continue
        match = recognise(look, sources().values())
        if match is None:
            reason = "the file is empty" if look.kind == "empty" else "no source recognises it"
            outcomes.append(Outcome(path, "unrecognised", reason=reason))
        else:
            matched.append((path, *match))
    for path, src, form, better in _preferred(matched):
        progress(path.name)
        if better is not None:
            reason = f"supplies the same as {better.name}"
            outcomes.append(Outcome(path, "left out", src.name, form.name, reason))
            continue
        try:
            outcomes.append(_import_as(library, path, src, form))
        except BadFile as error:
            where = f"row {error.row}: " if error.row is not None else ""
            outcomes.append(Outcome(path, "refused", src.name, form.name, where + error.reason))
    taken = any(outcome.entry or outcome.verdict == "unchanged" for outcome in outcomes)
    return [*import_packaged(library), *outcomes] if taken else outcomes


def _preferred(matched: list[tuple[Path, Source, Form]]) -> Iterator[tuple[Path, Source, Form, Path | None]]:
    """Each match with the file that supplies the same better, if there is one."""
    best: dict[str, Path] = {}
    for path, src, form in sorted(matched, key=lambda item: (item[2].preference, str(item[0]))):
        if form.accumulates:
            yield path, src, form, None
            continue
        better = best.setdefault(form.supplies or src.name, path)
        yield path, src, form, (None if better == path else better)
