"""Downloads, against a server of our own on this machine that misbehaves as it is told."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep
from urllib.parse import parse_qs, urlsplit

import pytest

from innominate.errors import InputError
from innominate.sources import Remote, Source, download
from innominate.sources.download import fetch

CONTENT = bytes(range(256)) * 8192  # 2 MiB


@dataclass
class Site:
    """What the server has, what it does wrong, and what it was asked."""

    files: dict[str, bytes] = field(default_factory=lambda: {"/data.csv": CONTENT})
    ranges: bool = True
    length: bool = True
    etag: str | None = '"one"'
    drop_after: list[int] = field(default_factory=list)  # bytes after which the next answers break off
    answers: list[int] = field(default_factory=list)  # states with which the next requests are refused
    retry_after: str | None = None
    silence: float = 0.0  # seconds before an answer
    packed: bool = False
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def ranges_asked(self) -> list[str | None]:
        return [headers.get("Range") for _, headers in self.asked]


class Handler(BaseHTTPRequestHandler):
    site: Site

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        site, path = self.site, urlsplit(self.path).path
        site.asked.append((self.path, dict(self.headers)))
        sleep(site.silence)
        if path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", path.removeprefix("/moved"))
            self.end_headers()
        elif site.answers:
            self.send_response(site.answers.pop(0))
            if site.retry_after:
                self.send_header("Retry-After", site.retry_after)
            self.end_headers()
        elif path in site.files:
            self._send(site.files[path])
        else:
            self.send_error(404)

    def _send(self, content: bytes) -> None:
        site, wanted, start = self.site, self.headers.get("Range"), 0
        if wanted and site.ranges and self.headers.get("If-Range", site.etag) == site.etag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(content)}")
                self.end_headers()
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        if site.etag:
            self.send_header("ETag", site.etag)
        if site.length:
            self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        body = content[start:]
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(body[: site.drop_after.pop(0)] if site.drop_after else body)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server on this machine, and no waiting between attempts."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(download, "BACKOFF", 0.0)
    served = Site()
    handler = type("Bound", (Handler,), {"site": served})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        served.address = f"http://127.0.0.1:{server.server_address[1]}"  # type: ignore[attr-defined]
        yield served
        server.shutdown()
        thread.join()


def _source(site: Site, path: str = "/data.csv", name: str = "data.csv", sha256: str | None = None) -> Source:
    address = path if path.startswith("doi:") else f"{site.address}{path}"  # type: ignore[attr-defined]
    remote = Remote(address, name, "made-up", sha256)
    return Source("made-up", "Made up", "nobody", "https://example.org/home", "none", "none", 1, (), remotes=(remote,))


def _left(folder: Path) -> set[str]:
    return {path.name for path in (folder / "made-up").iterdir()} - {".lock"}


def test_a_file_arrives_whole_and_nothing_else_stays(site: Site, tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    found = fetch(_source(site), tmp_path / "new" / "cache", lambda *each: told.append(each))
    assert found == [tmp_path / "new" / "cache" / "made-up" / "data.csv"]
    assert found[0].read_bytes() == CONTENT
    assert _left(tmp_path / "new" / "cache") == {"data.csv"}
    assert told[0] == ("data.csv", 0, len(CONTENT))
    assert told[-1] == ("data.csv", len(CONTENT), len(CONTENT))
    assert [so_far for _, so_far, _ in told] == sorted(so_far for _, so_far, _ in told)


def test_the_right_checksum_is_taken_and_not_asked_for_again(site: Site, tmp_path: Path) -> None:
    source = _source(site, sha256=hashlib.sha256(CONTENT).hexdigest())
    fetch(source, tmp_path)
    fetch(source, tmp_path)
    assert len(site.asked) == 1
    (tmp_path / "made-up" / "data.csv").write_bytes(b"spoilt")
    assert fetch(source, tmp_path)[0].read_bytes() == CONTENT


def test_a_wrong_checksum_keeps_nothing(site: Site, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="checksum") as caught:
        fetch(_source(site, sha256="0" * 64), tmp_path)
    assert _left(tmp_path) == set()
    assert "innominate import made-up" in str(caught.value)


def test_an_absent_file_is_said_at_once(site: Site, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        fetch(_source(site, "/gone.csv"), tmp_path)
    said = str(caught.value)
    assert "/gone.csv" in said
    assert "404" in said
    assert "https://example.org/home" in said
    assert "\n" not in said
    assert len(site.asked) == 1
    assert _left(tmp_path) == set()


def test_a_broken_connection_is_taken_up_where_it_broke(site: Site, tmp_path: Path) -> None:
    site.drop_after = [1_000_000, 500_000]
    found = fetch(_source(site, sha256=hashlib.sha256(CONTENT).hexdigest()), tmp_path)
    assert found[0].read_bytes() == CONTENT
    first, second, third = site.ranges_asked()
    assert first is None
    assert second is not None
    assert third is not None
    assert 0 < int(second[6:-1]) <= 1_000_000 < int(third[6:-1]) <= 1_500_000
    assert site.asked[1][1]["If-Range"] == '"one"'
    assert _left(tmp_path) == {"data.csv"}


def test_a_later_call_goes_on_from_the_part(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    site.drop_after = [1_000_000]
    with pytest.raises(InputError, match="connection"):
        fetch(_source(site), tmp_path)
    assert _left(tmp_path) == {"data.csv.part", "data.csv.part.json"}
    assert fetch(_source(site), tmp_path)[0].read_bytes() == CONTENT
    asked = site.ranges_asked()[1]
    assert asked is not None
    assert int(asked[6:-1]) > 0
    assert _left(tmp_path) == {"data.csv"}


def test_a_server_without_ranges_is_asked_for_everything_again(site: Site, tmp_path: Path) -> None:
    site.ranges = False
    site.drop_after = [1_000_000]
    assert fetch(_source(site), tmp_path)[0].read_bytes() == CONTENT
    assert len(site.asked) == 2


@pytest.mark.parametrize("etag", ['"two"', None])
def test_a_file_that_changed_meanwhile_is_not_patched_together(
    site: Site, tmp_path: Path, etag: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    site.etag = None if etag is None else site.etag
    site.drop_after = [1_000_000]
    with pytest.raises(InputError):
        fetch(_source(site), tmp_path)
    monkeypatch.setattr(download, "ATTEMPTS", 5)
    site.files["/data.csv"], site.etag = b"new" * 700_000, etag
    assert fetch(_source(site), tmp_path)[0].read_bytes() == b"new" * 700_000


def test_a_file_that_shrank_below_the_part_starts_over(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    site.drop_after = [1_000_000]
    with pytest.raises(InputError):
        fetch(_source(site), tmp_path)
    monkeypatch.setattr(download, "ATTEMPTS", 5)
    site.files["/data.csv"] = b"short"
    assert fetch(_source(site), tmp_path)[0].read_bytes() == b"short"


def test_a_part_that_is_complete_already(site: Site, tmp_path: Path) -> None:
    source = _source(site)
    home = tmp_path / "made-up"
    home.mkdir()
    (home / "data.csv.part").write_bytes(CONTENT)
    noted = {"url": source.remotes[0].url, "validator": '"one"', "total": len(CONTENT)}
    (home / "data.csv.part.json").write_text(json.dumps(noted))
    assert fetch(source, tmp_path)[0].read_bytes() == CONTENT
    assert site.ranges_asked() == [f"bytes={len(CONTENT)}-"]


@pytest.mark.parametrize("note", [None, "nonsense", '{"url": "http://elsewhere/", "validator": null, "total": 5}'])
def test_a_part_of_unknown_origin_is_thrown_away(site: Site, tmp_path: Path, note: str | None) -> None:
    home = tmp_path / "made-up"
    home.mkdir()
    (home / "data.csv.part").write_bytes(b"of something else")
    if note is not None:
        (home / "data.csv.part.json").write_text(note)
    assert fetch(_source(site), tmp_path)[0].read_bytes() == CONTENT
    assert site.ranges_asked() == [None]


def test_a_server_that_does_not_say_how_long_the_file_is(site: Site, tmp_path: Path) -> None:
    site.length = False
    told: list[int | None] = []
    assert fetch(_source(site), tmp_path, lambda name, so_far, total: told.append(total))[0].read_bytes() == CONTENT
    assert set(told) == {None}


def test_redirects_are_followed_also_when_resuming(site: Site, tmp_path: Path) -> None:
    site.drop_after = [1_000_000]
    assert fetch(_source(site, "/moved/data.csv"), tmp_path)[0].read_bytes() == CONTENT
    assert [path for path, _ in site.asked] == ["/moved/data.csv", "/data.csv"] * 2
    assert site.ranges_asked()[3] is not None


def test_troubles_that_pass_are_waited_out(site: Site, tmp_path: Path) -> None:
    site.answers = [503, 429, 500]
    assert fetch(_source(site), tmp_path)[0].read_bytes() == CONTENT
    assert len(site.asked) == 4


def test_a_server_may_ask_for_patience(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(download.time, "sleep", lambda seconds: waited.append(seconds))
    site.answers, site.retry_after = [429, 503], "7"
    fetch(_source(site), tmp_path)
    assert waited == [7.0, 7.0]
    site.answers, site.retry_after = [429], "100000"
    fetch(replace(_source(site), name="other"), tmp_path)
    assert max(waited) == download.PATIENCE


def test_attempts_are_bounded(site: Site, tmp_path: Path) -> None:
    site.answers = [503] * 50
    with pytest.raises(InputError, match=r"503.*tried 5 times"):
        fetch(_source(site), tmp_path)
    assert len(site.asked) == download.ATTEMPTS


def test_silence_is_not_waited_for_without_end(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "TIMEOUT", (0.2, 0.2))
    monkeypatch.setattr(download, "ATTEMPTS", 2)
    site.silence = 0.6
    with pytest.raises(InputError, match="in time"):
        fetch(_source(site), tmp_path)


def test_nobody_answers(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 2)
    source = _source(site)
    nobody = replace(source.remotes[0], url="http://127.0.0.1:9/data.csv")
    with pytest.raises(InputError, match="no connection"):
        fetch(replace(source, remotes=(nobody,)), tmp_path)


def test_a_file_without_checksum_is_kept_until_asked_for_again(site: Site, tmp_path: Path) -> None:
    fetch(_source(site), tmp_path)
    site.files["/data.csv"] = b"newer"
    assert fetch(_source(site), tmp_path)[0].read_bytes() == CONTENT
    assert fetch(_source(site), tmp_path, again=True)[0].read_bytes() == b"newer"
    site.files.clear()
    with pytest.raises(InputError):
        fetch(_source(site), tmp_path, again=True)
    assert (tmp_path / "made-up" / "data.csv").read_bytes() == b"newer"
    assert _left(tmp_path) == {"data.csv"}


def test_a_dataverse_gives_tables_as_they_were_deposited(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [
        {"dataFile": {"id": 11, "filename": "votes.tab", "originalFileName": "votes.csv"}},
        {"dataFile": {"id": 12, "filename": "events.tab.zip"}},
    ]
    site.files = {
        "/api/datasets/:persistentId/": json.dumps({"data": {"latestVersion": {"files": listed}}}).encode(),
        "/api/access/datafile/11": b"as deposited",
        "/api/access/datafile/12": b"packed",
    }
    monkeypatch.setattr(download, "DATAVERSES", {"10.7910/DVN": site.address})  # type: ignore[attr-defined]
    votes = fetch(_source(site, "doi:10.7910/DVN/ABCDEF/votes.csv", "votes.csv"), tmp_path)
    assert votes[0].read_bytes() == b"as deposited"
    asked = urlsplit(site.asked[0][0])
    assert parse_qs(asked.query) == {"persistentId": ["doi:10.7910/DVN/ABCDEF"]}
    assert site.asked[1][0].endswith("?format=original")
    events = fetch(_source(site, "doi:10.7910/DVN/ABCDEF/events.tab.zip", "events.tab.zip"), tmp_path)
    assert events[0].read_bytes() == b"packed"
    with pytest.raises(InputError, match=r"holds no file 'other.csv' \(it holds events.tab.zip, votes.csv\)"):
        fetch(_source(site, "doi:10.7910/DVN/ABCDEF/other.csv", "other.csv"), tmp_path)
    site.files["/api/datasets/:persistentId/"] = b"<html>"
    with pytest.raises(InputError, match="lists no files"):
        fetch(_source(site, "doi:10.7910/DVN/ABCDEF/more.csv", "more.csv"), tmp_path)


def test_a_source_without_address_says_where_to_go(site: Site, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"https://example.org/home.*innominate import made-up"):
        fetch(replace(_source(site), remotes=()), tmp_path)
    assert site.asked == []


@pytest.mark.parametrize("name", ["../escaped.csv", "a/b.csv", ".hidden", ""])
def test_a_name_that_is_no_file_name_is_refused(site: Site, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="no file name"):
        fetch(_source(site, name=name), tmp_path)


def test_a_folder_that_cannot_be_made(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(InputError, match="cannot be made"):
        fetch(_source(site), tmp_path / "file")
