"""The web application: pages and answers say what the measurement says, while it runs and after, in words where it cannot."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fastapi.testclient import TestClient

from innominate import Library, Study
from innominate.app import application
from innominate.app.measured import Measured
from innominate.brief import drawing, exhibits
from innominate.cases import Case
from innominate.cases.view import Survey
from innominate.cases.wording import show
from innominate.errors import InputError, Outdated
from tests.browser import browser, fits  # noqa: F401  a fixture
from tests.cases.test_findings import findings

YEARS = (2008, 2021)


def ready(client: TestClient) -> TestClient:
    """Wait until the study behind the pages is measured."""
    for _ in range(600):
        told = client.get("/api/status").json()
        assert told["fault"] is None
        if told["ready"]:
            return client
        time.sleep(0.2)
    raise TimeoutError


@pytest.fixture(scope="module")
def study() -> Study:
    return Study(Library.sample(), YEARS)


@pytest.fixture(scope="module")
def client(study: Study) -> Iterator[TestClient]:
    with TestClient(application(study)) as found:
        yield ready(found)


def test_answers_are_those_of_the_study(client: TestClient, study: Study) -> None:
    fit = study.alignment()
    assert client.get("/api/pairs/RUS/CHN").json() == fit.pair("CHN", "RUS").to_dicts()
    assert client.get("/api/years/2009").json() == fit.year(2009).to_dicts()
    assert client.get("/api/unnamed/2009", params={"least": 0.9}).json() == fit.unnamed(2009, 0.9).to_dicts()
    assert client.get("/api/turns/Iran/United%20States").json() == fit.turns("IRN", "USA").to_dicts()
    assert {row["code"] for row in client.get("/api/states").json()} == set(fit.panel.states)
    why = client.get("/api/why/CHN/RUS/2020").json()
    own = fit.pair("CHN", "RUS").filter(pl.col("year") == 2020)["alignment"].item()
    assert sum(item["contribution"] for item in why["contributions"]) == pytest.approx(own, abs=1e-9)
    assert any(item["row_count"] for item in why["contributions"])


def test_a_pair_in_words_and_numbers(client: TestClient, study: Study) -> None:
    page = client.get("/pairs/CHN/RUS", params={"year": 2020}).text
    row = study.alignment().pair("CHN", "RUS").row(by_predicate=pl.col("year") == 2020, named=True)
    for name in ("alignment", "low", "high"):
        assert show(row[name], "alignment") in page
    assert "China–Russia" in page
    assert row["committed"] is False
    assert "no defence commitment" in page
    assert page.count("<figure") == 3
    assert "/api/why/CHN/RUS/2020" in page


def test_what_was_drawn_of_a_pair_is_kept(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    draw = drawing.draw

    def counted(name: str, *told: Any) -> drawing.Drawing:
        drawn.append(name)
        return draw(name, *told)

    monkeypatch.setattr(exhibits, "draw", counted)
    first = client.get("/pairs/FRA/ITA?year=2019").text
    assert drawn == ["path-FRA-ITA", "seen-FRA-ITA", "why-FRA-ITA"]
    assert client.get("/pairs/FRA/ITA?year=2018").status_code == 200
    assert drawn[3:] == ["why-FRA-ITA"]  # a neighbouring year: only what is of the year
    assert client.get("/pairs/ITA/FRA?year=2019").text == first
    assert len(drawn) == 4


def test_a_state_and_its_partners(client: TestClient, study: Study) -> None:
    page = client.get("/states/Iran", params={"year": 2020}).text
    own = study.alignment().year(2020).filter((pl.col("a") == "IRN") | (pl.col("b") == "IRN"))
    listed = re.findall(r'<th scope="row"><a href="/pairs/(\w{3})/(\w{3})\?year=2020">', page)
    assert listed == list(own.select("a", "b").iter_rows())  # all, the nearest first
    charted = re.findall(r'<a tabindex="-1" href="/pairs/(\w{3})/(\w{3})\?year=2020">', page)
    assert set(charted) == set(listed[:15] + listed[-8:])


def test_charts_that_lead_somewhere_are_no_pictures_to_a_screen_reader(client: TestClient) -> None:
    linked = re.findall(r'<figure role="(\w+)"(.*?)</figure>', client.get("/states/Iran?year=2020").text, re.DOTALL)
    assert {role for role, inside in linked if "<a " in inside} == {"group"}
    plain = re.findall(r'<figure role="(\w+)"(.*?)</figure>', client.get("/pairs/CHN/RUS?year=2020").text, re.DOTALL)
    assert {role for role, inside in plain if "<a " not in inside} == {"img"}


def test_the_year_that_a_reader_is_offered_is_one_that_was_seen(client: TestClient, study: Study) -> None:
    page = client.get("/").text
    offered = int(re.findall(r'name="year"[^>]*placeholder="(\d+)"', page)[0])
    told = Survey(study).table.group_by("year").agg((pl.col("channels") >= 3).mean().alias("share"))
    known = told.filter(pl.col("share") >= 0.5)["year"]
    assert offered == (known.max() if len(known) else told["year"].max())


def test_what_no_dataset_of_treaties_covers_is_said_to_be_unknown(client: TestClient, study: Study) -> None:
    untold = study.alignment().year(2010)["committed"].null_count()
    assert untold > 0
    assert f"Of {untold:,} pairs the library does not know" in client.get("/years/2010").text
    assert "whether a defence commitment is in force is not known" in client.get("/pairs/CHN/RUS?year=2010").text
    assert "does not know" not in client.get("/years/2020").text


def test_a_state_that_was_not_there(client: TestClient) -> None:
    page = client.get("/states/SSD", params={"year": 2009}).text
    assert "South Sudan did not exist in 2009; in this study it did in 2011–2021" in page
    assert "<figure" not in page


def test_a_place_that_is_no_state_of_the_study_is_not_said_never_to_have_existed(client: TestClient) -> None:
    for code, name in (("PSE", "Palestine"), ("HKG", "Hong Kong")):
        for page in (f"/states/{code}", f"/pairs/ISR/{code}"):
            told = client.get(page).text
            assert re.search(rf"{name}, [a-zA-Z ]+ in the registry, is not among the states measured", told)
            assert "exist" not in re.sub(r"<[^>]*>", "", told.split("<main")[1])


def test_a_year_that_a_pair_does_not_have_is_said_to_be_another(client: TestClient) -> None:
    page = client.get("/pairs/CHN/SSD", params={"year": 2009}).text
    assert "They did not both exist in 2009: shown is 20" in page
    assert "They did not both" not in client.get("/pairs/CHN/SSD").text


def test_states_that_ended_inside_the_study_can_be_asked_for() -> None:
    with TestClient(application(Study(Library.sample(), (1988, 1993)))) as old:
        ready(old)
        assert "Yugoslavia" in old.get("/").text
        assert "Yugoslavia" in old.get("/states/YUG").text
        assert "<figure" in old.get("/states/YUG").text
        assert old.get("/pair?a=Iraq&b=Yugoslavia&year=1990").text.count("<figure") == 3
        assert "In 1992: alignment" in old.get("/pairs/IRQ/YUG").text  # its last year
        assert old.get("/api/pairs/YUG/IRQ").json()[-1]["year"] == 1992
        assert old.get("/api/why/IRQ/YUG/1990").json()["contributions"]
        gone = old.get("/pairs/DDR/FRA", params={"year": 1992})
        assert "They did not both exist in 1992" in gone.text


def test_a_year_and_the_start(client: TestClient, study: Study) -> None:
    every = study.alignment().year(2020)
    above = every.filter(pl.col("unnamed") >= 0.5).height
    page = client.get("/years/2020").text
    assert f"{above:,} of {every.filter(~pl.col('committed')).height:,} pairs without a defence commitment" in page
    sure = every.filter(pl.col("unnamed") >= 0.9).height
    assert f"{sure:,} of them with a probability of 90% or more. The library measures" in page
    turned = study.alignment().turns().filter(pl.col("year") == 2020).height
    assert (f"{turned:,} pair" in page) if turned else ("No pair turned" in page)
    start = client.get("/").text
    offered = re.findall('<option value="([^"]+)">', start)
    assert offered == sorted(offered)
    assert "/openapi.json</a>" in start
    assert "Unnamed alliances in 20" in start
    assert all(f"/cases/{name}" in start for name in Case.names())
    assert "unga-votes" in start


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/pair?a=Russia&b=China&year=2020", "/pairs/CHN/RUS?year=2020"),
        ("/pair?a=RUS&b=%20china%20", "/pairs/CHN/RUS"),
        ("/state?name=Korea,%20North", "/states/PRK"),
        ("/year?year=2014", "/years/2014"),
    ],
)
def test_forms_lead_to_pages(client: TestClient, asked: str, path: str) -> None:
    answer = client.get(asked, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("/pairs/Chyna/RUS", "did you mean"),
        ("/pairs/CHN/CHN", "two different states"),
        ("/pairs/DDR/FRA", "existed from 1949-10-05 to 1990-10-02"),
        ("/pairs/CHN/RUS?year=1950", "write a year between 2008 and 2021"),
        ("/years/soon", "write a year between"),
        ("/years/%C2%B2", "write a year between"),
        ("/pairs/CHN/RUS?year=" + "9" * 5000, "write a year between"),
        ("/pair?a=&b=", "no state"),
        ("/states/%3Cscript%3Ealert(1)", "no state"),
        ("/cases/none", "the packaged cases are"),
        ("/elsewhere", "no page /elsewhere"),
    ],
)
def test_faults_are_told_in_words(client: TestClient, asked: str, words: str) -> None:
    answer = client.get(asked)
    assert answer.status_code == 404
    assert words in answer.text
    assert "<script" not in answer.text
    assert "Traceback" not in answer.text
    if asked.startswith(("/pairs", "/years")) and "?" not in asked:
        assert words in client.get(f"/api{asked}").json()["error"]


@pytest.mark.parametrize("path", ["/", "/pairs/CHN/RUS", "/states/IRN", "/years/2020", "/elsewhere"])
def test_pages_run_nothing_and_fetch_nothing(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    bare = answer.text.replace("http://www.w3.org/", "")
    assert "http://" not in bare
    assert "https://" not in bare


def test_while_measuring_pages_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()

    def measure(self: Measured) -> None:
        self.job.tell("counting sheep")
        assert gate.wait(60)
        raise InputError("there are no sheep")

    monkeypatch.setattr(Measured, "_measure", measure)
    with TestClient(application(Study(Library.sample(), YEARS))) as early:
        assert "counting sheep" in early.get("/").text
        page, answer = early.get("/pairs/CHN/RUS"), early.get("/api/pairs/CHN/RUS")
        assert (page.status_code, answer.status_code) == (503, 503)
        assert "counting sheep" in page.text
        assert 'http-equiv="refresh"' in page.text
        assert answer.json() == {"error": "counting sheep"}
        assert answer.headers["retry-after"]
        gate.set()
        for _ in range(100):
            if early.get("/api/status").json()["fault"]:
                break
            time.sleep(0.05)
        assert "there are no sheep" in early.get("/").text
        assert 'http-equiv="refresh"' not in early.get("/").text
        assert early.get("/pairs/CHN/RUS").status_code == 500


def test_a_brief_is_computed_once(client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gate, runs, made = threading.Event(), [], findings(tmp_path)

    def run(self: Case, study: Study) -> object:
        runs.append(self.name)
        assert gate.wait(60)
        return made

    monkeypatch.setattr(Case, "run", run)
    path = f"/cases/{Case.names()[0]}"
    assert client.get(path).status_code == 503
    assert client.get(path).status_code == 503
    gate.set()
    for _ in range(300):
        if (answer := client.get(path)).status_code == 200:
            break
        time.sleep(0.1)
    assert 'id="claim-allies"' in answer.text
    assert runs == [Case.names()[0]]


def test_a_brief_that_fails_says_so(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Case, "run", lambda self, study: 1 / 0)
    path = f"/cases/{Case.names()[1]}"
    for _ in range(100):
        if (answer := client.get(path)).status_code != 503:
            break
        time.sleep(0.1)
    assert answer.status_code == 500
    assert "ZeroDivisionError" in answer.text
    assert "our fault" in answer.text


def test_what_failed_is_tried_anew(client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made, path = findings(tmp_path), f"/cases/{Case.names()[1]}"
    monkeypatch.setattr(Case, "run", lambda self, study: made)
    for _ in range(100):
        if (answer := client.get(path)).status_code == 200:
            break
        time.sleep(0.1)
    assert 'id="claim-allies"' in answer.text


def test_the_start_page_stands_while_measuring_ends(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter([False])  # the first who asks is told "not yet", everybody after "done"
    monkeypatch.setattr("innominate.app.measured.Job.well", property(lambda job: next(told, True)))
    answer = client.get("/")
    assert answer.status_code == 200
    assert "This page renews itself" in answer.text


def test_heads_and_queries_that_are_not_valid(client: TestClient) -> None:
    assert client.head("/pairs/CHN/RUS").status_code == 200
    refused = client.get("/api/unnamed/2020", params={"least": "7"})
    assert refused.status_code == 422
    assert "least" in refused.json()["error"]
    assert client.post("/").headers["allow"]


def test_our_own_faults_are_told_in_one_line(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("innominate.app.paired.Paired.shown", lambda *told: 1 / 0)
    answer = client.get("/pairs/CHN/RUS")
    assert answer.status_code == 500
    assert "our fault" in answer.text
    assert "Traceback" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_library_that_changed_asks_for_a_new_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(self: Library, *told: object) -> None:
        raise Outdated("the library has changed")

    with TestClient(application(Study(Library.sample(), (2019, 2020)))) as served:
        ready(served)
        monkeypatch.setattr(Library, "query", changed)
        answer = served.get("/pairs/CHN/RUS")
    assert answer.status_code == 500
    assert "start innominate serve anew" in answer.text


def test_other_resolutions_are_refused() -> None:
    with pytest.raises(InputError, match="month"):
        application(Study(Library.sample(), YEARS, resolution="month"))


def started(*options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from innominate.cli import main; main()", "serve", *options]
    environment = {**os.environ, "COLUMNS": "200", "NUMBA_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def test_the_command_serves_until_interrupted() -> None:
    with started("--port", "0", "--years", "2015:2016") as running:
        assert running.stderr is not None
        try:
            lines = iter(running.stderr.readline, "")
            address = next(found.group(0) for line in lines if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
            for _ in range(100):
                try:
                    with urllib.request.urlopen(address, timeout=30) as answer:
                        assert b"Alliances that have no name" in answer.read()
                    break
                except ConnectionError:
                    time.sleep(0.1)
            running.send_signal(signal.SIGINT)
            assert running.wait(30) == 0
        finally:
            running.kill()


def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with started("--port", str(port)) as running:
            _, told = running.communicate(timeout=60)
    assert running.returncode == 2
    assert f"port {port}" in told.splitlines()[-1]
    assert "Traceback" not in told


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize(("path", "shown"), [("/", 1), ("/pairs/CHN/RUS", 3), ("/states/IRN", 2), ("/years/2020", 1)])
def test_nothing_overflows(
    browser: str,  # noqa: F811
    client: TestClient,
    tmp_path: Path,
    path: str,
    shown: int,
    width: int,
) -> None:
    page = tmp_path / "page.html"
    page.write_text(client.get(path).text, encoding="utf-8")
    fits(browser, page, tmp_path, width, shown)
