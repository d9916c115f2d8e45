"""Fetching a source's files from their producer: checked, resumed where the server can, retried a few times.

Pooch names and verifies the files; it does not resume, so the transfer itself is ours. What has arrived so far stays
beside the file as ``NAME.part`` until it is complete, and a later call goes on from there.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import requests
from filelock import FileLock

from innominate.errors import InputError
from innominate.sources.spec import Remote, Source

Progress = Callable[[str, int, int | None], None]  # name, bytes so far, bytes in all (None: the server does not say)

ATTEMPTS = 5
BACKOFF = 1.0  # seconds before the second attempt; doubles with each
PATIENCE = 60.0  # seconds at most between attempts
TIMEOUT = (15.0, 60.0)  # seconds to connect, and between two pieces
CHUNK = 1 << 18
DATAVERSES = {"10.7910/DVN": "https://dataverse.harvard.edu"}
_AGENT = {"User-Agent": "innominate", "Accept-Encoding": "identity"}
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})  # states of a server that may pass


class _PassingError(Exception):
    """Something that may go better at the next attempt; `wait` is how long the server asks us to wait."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


class _FinalError(Exception):
    """Something that no further attempt changes."""


@dataclass(slots=True)
class _Part:
    """What is known of a file of which a part is here."""

    url: str
    validator: str | None = None  # strong ETag or date of last change, by which the server knows the same content
    total: int | None = None


def fetch(source: Source, folder: Path, progress: Progress | None = None, *, again: bool = False) -> list[Path]:
    """Download every file of `source` into ``folder/<source's name>/``.

    Parameters
    ----------
    source : which dataset
    folder : where to; made where it does not exist
    progress : called with (name, bytes so far, bytes in all or None)
    again : whether to download files that are here already and whose content the producer does not keep fixed

    Returns
    -------
    The files, in the order of ``source.remotes``. A file that is here already (with the right checksum, where one is
    known) is not downloaded. Whatever goes wrong raises an :class:`InputError` of one line that names the address, the
    reason and the way out; nothing unverified is kept under the file's name.
    """
    if not source.remotes:
        raise InputError(
            f"{source.name}: there is no fixed address to download from; "
            f"get the file from {source.home} and run `innominate import {source.name} FILE`"
        )
    home = Path(folder).expanduser() / source.name
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{home}: cannot be made ({error.strerror or error})") from None
    with FileLock(str(home / ".lock"), timeout=3600):
        return [_retrieve(source, remote, home, progress or _quiet, again) for remote in source.remotes]


def _quiet(name: str, so_far: int, total: int | None) -> None:
    pass


def _retrieve(source: Source, remote: Remote, home: Path, progress: Progress, again: bool) -> Path:
    import pooch

    if not remote.name or Path(remote.name).name != remote.name or remote.name.startswith("."):
        raise InputError(f"{source.name}: {remote.name!r} is no file name")
    target = home / remote.name
    aside = target.with_name(f"{target.name}.old")
    if again and remote.sha256 is None and target.exists():
        target.replace(aside)
    pooch.get_logger().setLevel(logging.ERROR)

    def transfer(url: str, output: str, _: Any) -> None:
        _transfer(_located(url), target, progress).replace(output)

    try:
        known = f"sha256:{remote.sha256}" if remote.sha256 else None
        pooch.retrieve(remote.url, known, fname=target.name, path=home, downloader=transfer)
    except (_PassingError, _FinalError, requests.RequestException) as error:
        raise InputError(_explained(source, remote, str(error))) from None
    except ValueError:  # pooch, of a checksum that differs
        reason = "what arrived has another checksum than the producer's file"
        raise InputError(_explained(source, remote, reason)) from None
    except OSError as error:
        raise InputError(_explained(source, remote, f"cannot write to {home} ({error.strerror or error})")) from None
    finally:
        if aside.exists():
            aside.unlink() if target.exists() else aside.replace(target)
    return target


def _explained(source: Source, remote: Remote, reason: str) -> str:
    said = " ".join(reason.split()) or "no answer"
    return (
        f"{remote.url}: {said}; download it by hand from {source.home} and run `innominate import {source.name} FILE`"
    )


def _transfer(url: str, target: Path, progress: Progress) -> Path:
    """The complete content of `url` in ``NAME.part``, going on from what is there."""
    part = target.with_name(f"{target.name}.part")
    note = target.with_name(f"{target.name}.part.json")
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _attempt(url, part, note, lambda so_far, total: progress(target.name, so_far, total))
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
            failure = _PassingError(_plain(error))
        except _PassingError as error:
            failure = error
        else:
            note.unlink(missing_ok=True)
            return part
        if attempt < ATTEMPTS:
            time.sleep(min(max(BACKOFF * 2 ** (attempt - 1), failure.wait), PATIENCE))
    raise _PassingError(f"{failure} (tried {ATTEMPTS} times)")


def _attempt(url: str, part: Path, note: Path, progress: Callable[[int, int | None], None]) -> None:
    known = _remembered(url, part, note)
    offset = part.stat().st_size if part.exists() else 0
    headers = dict(_AGENT)
    if offset:
        headers["Range"] = f"bytes={offset}-"
        if known.validator:
            headers["If-Range"] = known.validator
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
        if answer.status_code == 416:
            if known.total == offset:
                return
            part.unlink(missing_ok=True)
            raise _PassingError("the server's file has changed while a part of it was here")
        _refuse(answer)
        if offset and not _continues(answer, offset, known):
            if answer.status_code == 206:
                part.unlink(missing_ok=True)
                raise _PassingError("the server went on at another place than asked for")
            offset = 0  # the whole content comes again
        total = _total(answer, offset)
        resumable = url if not _encoded(answer) else ""
        note.write_text(json.dumps(asdict(_Part(resumable, _validator(answer), total))), encoding="utf-8")
        arrived = _write(answer, part, offset, total, progress)
    if total is not None and arrived < total:
        raise _PassingError(f"the connection ended after {arrived} of {total} bytes")
    if total is not None and arrived > total:
        part.unlink(missing_ok=True)
        raise _PassingError(f"{arrived} bytes arrived where {total} were announced")


def _write(
    answer: requests.Response, part: Path, offset: int, total: int | None, progress: Callable[[int, int | None], None]
) -> int:
    arrived = offset
    with part.open("ab" if offset else "wb") as stream:
        progress(arrived, total)
        for piece in answer.iter_content(CHUNK):
            stream.write(piece)
            arrived += len(piece)
            progress(arrived, total)
    return arrived


def _remembered(url: str, part: Path, note: Path) -> _Part:
    """What was noted of the part that is here; a part of another address, or without a note, is thrown away."""
    try:
        known = _Part(**json.loads(note.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        known = _Part("")
    if known.url != url:
        part.unlink(missing_ok=True)
    return known


def _refuse(answer: requests.Response) -> None:
    if answer.status_code in _PASSING:
        asked = answer.headers.get("Retry-After", "")
        raise _PassingError(
            f"the server answers {answer.status_code} {answer.reason}", float(asked) if asked.isdigit() else 0
        )
    if answer.status_code not in (200, 206):
        raise _FinalError(f"the server answers {answer.status_code} {answer.reason}")


def _continues(answer: requests.Response, offset: int, known: _Part) -> bool:
    """Whether the answer is the rest of the same content."""
    if answer.status_code != 206:
        return False
    span = answer.headers.get("Content-Range", "")
    starts = span.removeprefix("bytes ").partition("-")[0] == str(offset)
    return starts and (known.validator is not None or _total(answer, offset) == known.total)


def _total(answer: requests.Response, offset: int) -> int | None:
    if answer.status_code == 206:
        size = answer.headers.get("Content-Range", "").rpartition("/")[2]
        return int(size) if size.isdigit() else None
    size = answer.headers.get("Content-Length", "")
    return int(size) if size.isdigit() and not _encoded(answer) else None


def _encoded(answer: requests.Response) -> bool:
    """Whether the content is packed for the way, so that its bytes are not those of the file."""
    return answer.headers.get("Content-Encoding", "identity") != "identity"


def _validator(answer: requests.Response) -> str | None:
    tag = answer.headers.get("ETag")
    return tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified")


def _plain(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "the server did not answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection was lost"
    return "no connection to the server"


def _located(url: str) -> str:
    """The http(s) address of `url`, which may be ``doi:PREFIX/SUFFIX/FILE`` of a data repository."""
    if not url.startswith("doi:"):
        return url
    doi, _, name = url.removeprefix("doi:").rpartition("/")
    for prefix, server in DATAVERSES.items():
        if doi.startswith(prefix):
            return _in_dataverse(server, doi, name)
    from pooch.downloaders import doi_to_repository

    try:
        found: str = doi_to_repository(doi).download_url(file_name=name)
    except ValueError as error:
        raise _FinalError(str(error)) from None
    return found


def _in_dataverse(server: str, doi: str, name: str) -> str:
    """The address of a file of a Dataverse: tables that it has converted are asked for as they were deposited."""
    listing = f"{server}/api/datasets/:persistentId/?persistentId=doi:{doi}"
    with requests.get(listing, headers=_AGENT, timeout=TIMEOUT) as answer:
        _refuse(answer)
        try:
            files = [entry["dataFile"] for entry in answer.json()["data"]["latestVersion"]["files"]]
        except (ValueError, KeyError, TypeError):
            raise _FinalError(f"{server} lists no files of doi:{doi}") from None
    for field, suffix in (("originalFileName", "?format=original"), ("filename", "")):
        for file in files:
            if file.get(field) == name:
                return f"{server}/api/access/datafile/{file['id']}{suffix}"
    held = ", ".join(sorted(str(file.get("originalFileName") or file.get("filename")) for file in files)[:8])
    raise _FinalError(f"doi:{doi} holds no file {name!r} (it holds {held})")
