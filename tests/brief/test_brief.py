"""The brief: well-formed, self-contained, safe, and with the numbers of findings.json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from innominate import Case, Study, write_brief
from innominate.brief import charts, series, treaty_bars
from innominate.brief.exhibits import all_exhibits
from innominate.cases import Findings
from innominate.cases.findings import Number
from innominate.cases.wording import show_number
from tests.cases.synthetic import YEARS, Tie, run, study, treaty
from tests.cases.test_findings import CLAIMS, findings
from tests.cases.test_judging import ALLIES, three

VOID = {"meta", "link", "br", "img", "input", "hr"}
LOADING = {"src", "srcset", "data", "poster", "background", "xlink:href", "action", "formaction"}


class Reader(HTMLParser):
    """Checks that tags balance, and collects attributes and the text of numbers."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.numbers: list[tuple[dict[str, str | None], str]] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in VOID:
            self.open.append(tag)
        if "data-number" in found:
            self.numbers.append((found, ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> out of order"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "span" and self.numbers and self.tags[-1][1].get("data-number"):
            self.numbers[-1] = (self.numbers[-1][0], data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    return findings(tmp_path_factory.mktemp("brief"))


@pytest.fixture(scope="module")
def page(found: Findings, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "deep" / "brief.html"
    assert write_brief(found, path) == path
    return path.read_text(encoding="utf-8")


def test_well_formed_with_unique_ids_and_live_anchors(page: str) -> None:
    reader = read(page)
    assert reader.open == []
    assert len(set(reader.ids)) == len(reader.ids)
    targets = [attrs["href"] for tag, attrs in reader.tags if tag == "a" and (attrs.get("href") or "").startswith("#")]
    assert targets
    assert {str(target)[1:] for target in targets} <= set(reader.ids)


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    for tag, attrs in read(page).tags:
        assert tag not in {"script", "iframe", "object", "embed", "base"}
        for name, value in attrs.items():
            if name in LOADING or (name == "href" and tag != "a"):
                assert value is not None
                assert value.startswith(("#", "data:")), (tag, name, value)
            assert not name.startswith("on")
    style = "".join(re.findall(r"<style>(.*?)</style>", page, re.S))
    assert "@import" not in style
    assert "url(" not in style


def test_every_number_is_that_of_findings_json(page: str, found: Findings) -> None:
    plain = json.loads(found.to_json())
    known = {(claim["claim"], number["key"]): number for claim in plain["claims"] for number in claim["numbers"]}
    shown = read(page).numbers
    assert {(attrs["data-claim"], attrs["data-number"]) for attrs, _ in shown} == set(known)
    for attrs, text in shown:
        number = known[(attrs["data-claim"], attrs["data-number"])]
        for name in ("value", "low", "high"):
            exact = attrs[f"data-{name}"]
            assert (float(exact) if exact else None) == number[name]
        assert text == show_number(Number(**number), attrs["data-what"] or "value")


def test_no_heading_skips_a_level(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in read(page).tags if tag in {"h1", "h2", "h3", "h4", "h5", "h6"}]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_figures_speak_and_tables_have_headers(page: str) -> None:
    tags = read(page).tags
    figures = [attrs for tag, attrs in tags if tag == "figure"]
    assert figures
    assert all(attrs.get("role") == "img" and len(attrs.get("aria-label") or "") > 20 for attrs in figures)
    assert all(attrs.get("scope") for tag, attrs in tags if tag == "th")
    assert [attrs["lang"] for tag, attrs in tags if tag == "html"] == ["en-GB"]


def test_size_and_sameness(page: str, found: Findings, tmp_path: Path) -> None:
    assert len(page.encode()) < 2_500_000
    again = write_brief(found, tmp_path / "again.html").read_text(encoding="utf-8")
    assert again == page
    assert str(tmp_path.parent) not in page


def test_downloads_are_inside(page: str, found: Findings) -> None:
    links = [attrs for tag, attrs in read(page).tags if tag == "a" and "download" in attrs]
    assert all((attrs["href"] or "").startswith("data:") for attrs in links)
    names = {attrs["download"] for attrs in links}
    assert {
        "findings.json",
        "pairs.csv",
        "coverage.csv",
        "treaties.csv",
        "allies-numbers.csv",
        "path-BRA-CHL.vl.json",
    } <= names


def test_names_from_files_are_escaped(tmp_path: Path) -> None:
    evil = '<script>alert("x")</script><img src=x onerror=alert(1)> {bad} "quoted" =1+1'
    claim = {**ALLIES, "title": evil, "statement": evil}
    pacts = [treaty("BRA", "CHL", "1990-01-01", name=evil)]
    signed = {"id": "two", "title": evil, "statement": evil, "test": "treaties-in-force", "with": {"signed": "some"}}
    first = {"id": "one", **claim}
    made = run(
        study(tmp_path, three(1.0), pacts), first, claims=[first, signed], title=evil, question=evil, background=evil
    )
    page = write_brief(made, tmp_path / "evil.html").read_text(encoding="utf-8")
    reader = read(page)
    assert not [tag for tag, _ in reader.tags if tag in {"script", "img"}]
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("ties", [three(1.0, channels=1), {"BRA-CHL": Tie(1.0)}, three(-3.0, sd=2.0)])
def test_a_brief_stands_whatever_was_found(tmp_path: Path, ties: dict[str, Tie]) -> None:
    made = run(study(tmp_path, ties, covered=("1900-01-01", "1950-12-31")), CLAIMS[0], claims=CLAIMS, years=list(YEARS))
    page = write_brief(made, tmp_path / "brief.html").read_text(encoding="utf-8")
    assert read(page).open == []
    assert "Not testable" in page
    drawn = all_exhibits(json.loads(made.to_json()))["claims"]
    for claim in made.claims:
        levels = next((table.rows for table in claim.tables if table.name == "levels"), ())
        if len(levels) == 1:  # the bar, and no pair to hold against it
            assert claim.claim not in drawn


def test_waterfalls_end_where_they_should() -> None:
    rows = [
        {"channel": name, "title": name, "contribution": value}
        for name, value in (("(scale)", 0.1), ("a", 0.5), ("b", -0.2), ("c", 0.001))
    ]
    steps = series.waterfall(rows)
    assert steps[-1]["end"] == pytest.approx(sum(float(row["contribution"]) for row in rows))  # type: ignore[arg-type]
    assert [step["kind"] for step in steps] == ["base", "raises", "lowers", "raises", "total"]
    for before, after in pairwise(steps[:-1]):
        assert after["start"] == pytest.approx(before["end"])


@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_labels_keep_their_distance(count: int) -> None:
    placed = sorted(series.spread_labels([0.9 - 0.003 * k for k in range(count)], 0.06, 0.0, 1.0))
    assert all(high - low >= 0.06 - 1e-6 for low, high in pairwise(placed))
    assert -1e-6 <= placed[0] <= placed[-1] <= 1 + 1e-6


def _overlaps(rows: list[dict[str, object]], width: float, first: int, last: int) -> Iterator[tuple[str, str]]:
    scale = (last + 1 - first) / width
    boxes = []
    for row in rows:
        need = 5.5 * len(str(row["label"])) * scale
        at = float(row["at"])  # type: ignore[arg-type]
        if row["label"] and not row["inside"]:
            boxes.append(
                (row["lane"], (at, at + need) if row["align"] == "left" else (at - need, at), str(row["label"]))
            )
    for k, (lane, (low, high), name) in enumerate(boxes):
        for other, (start, end), second in boxes[k + 1 :]:
            if lane == other and low < end and high > start:
                yield name, second


def test_a_treaty_that_is_known_to_a_year_is_not_said_to_have_ended() -> None:
    def told(start: str, end: str | None, known: int | None, *, defence: bool = False) -> dict[str, object]:
        return {"start": start, "end": end, "known_until": known, "defence": defence}

    rows = [
        told("2000-02-09", None, 2018),
        told("1990-01-01", "1996-09-10", None),
        told("1961-07-11", None, 2026, defence=True),
    ]
    spans = {row["label"]: row for row in treaty_bars.treaty_spans(rows, 1985, 2025)}
    assert set(spans) == {
        "Lesser treaty 1990–1996",
        "Lesser treaty since 2000, known to 2018",
        "Defence treaty since 1961",
    }
    known = spans["Lesser treaty since 2000, known to 2018"]
    assert (known["to"], known["open"]) == (2019.0, True)  # the end of 2018
    assert not any(row["open"] for label, row in spans.items() if "known" not in label)
    assert [treaty_bars.known_to(row, 2025) for row in rows] == [2018, None, None]


def test_a_treaty_of_one_year_and_a_part_of_nothing_are_told_plainly() -> None:
    row = {"start": "2012-02-10", "end": "2012-09-27", "known_until": None, "defence": False}
    assert [one["label"] for one in treaty_bars.treaty_spans([row], 1990, 2025)] == ["Lesser treaty 2012"]
    assert [series.signed(value, "raises") for value in (-0.004, 0.004, -0.006)] == ["0.00", "0.00", "−0.01"]


def test_a_year_that_no_line_passes_through_has_a_dot(found: Findings) -> None:
    plain = found.to_dict()
    table = next(one for one in plain["tables"] if one["name"] == "pairs")
    key, channels = plain["pairs"][0], table["columns"].index("channels")
    kept = [row for row in table["rows"] if row[table["columns"].index("key")] == key]
    marks = charts.pair_path(plain, key).to_dict()["vconcat"][0]["layer"]
    assert not any(layer["mark"]["type"] == "point" for layer in marks)
    table["rows"] = kept[:1]
    lone = charts.pair_path(plain, key).to_dict()["vconcat"][0]["layer"]
    assert {"point", "rule"} <= {layer["mark"]["type"] for layer in lone}
    table["rows"] = [[*row[:channels], 9 if place == 3 else 1, *row[channels + 1 :]] for place, row in enumerate(kept)]
    dotted = charts.pair_path(plain, key).to_dict()["vconcat"][0]["layer"]
    assert sum(layer["mark"]["type"] == "point" for layer in dotted) == 1


def test_a_treaty_that_two_datasets_hold_is_told_once_with_the_dates_of_its_force() -> None:
    def row(treaty: str, start: str, end: str | None, known: int | None = None) -> dict[str, object]:
        dataset = "ours" if "=" in treaty else "atop"
        return {"key": "BRA-CHL", "treaty_id": treaty, "start": start, "end": end, "known_until": known, "defence": True,
                "dataset": dataset, "file": f"{dataset}.csv", "row": 1}  # fmt: skip

    signed = [row("atop:9", "1951-09-01", None, 2026), row("pact:x-1951=atop:9", "1952-04-29", None, 2026)]
    only = treaty_bars.once(signed)  # type: ignore[arg-type]
    assert [(one["start"], one["origins"]) for one in only] == [
        ("1952-04-29", ["ours, ours.csv, row 1", "atop, atop.csv, row 1"])
    ]
    assert [one["label"] for one in treaty_bars.treaty_spans(only, 1940, 2025)] == ["Defence treaty since 1952"]
    left = [
        row("pact:x=atop:9", "1952-08-23", "2011-11-16"),
        row("atop:9", "1950-06-17", "2011-11-12"),
        row("pact:x=atop:9", "2023-05-07", None),
    ]
    assert [one["start"] for one in treaty_bars.once(left)] == ["1952-08-23", "2023-05-07"]  # type: ignore[arg-type]
    phases = [
        row("atop:9", "1950-01-01", "1960-01-01"),
        row("atop:9", "1960-01-02", None),
        row("pact:x=atop:9", "1951-01-01", None),
    ]
    assert [one["treaty_id"] for one in treaty_bars.once(phases)] == ["pact:x=atop:9"]  # type: ignore[arg-type]
    differ = [row("atop:9", "1950-01-01", "1980-01-01"), row("pact:x=atop:9", "1951-01-01", None)]
    assert len(treaty_bars.once(differ)) == 2  # type: ignore[arg-type]
    assert len(treaty_bars.once([row("atop:9", "1950-01-01", None), row("atop:10", "1950-01-01", None)])) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [200, 320, 420])
def test_treaty_labels_do_not_run_into_one_another(width: int) -> None:
    spans = [(1942, 1944), (1945, 1950), (1950, 1980), (1990, 1992), (1994, 1996), (2023, 2025)]
    rows = [{"lane": 0, "from": float(a), "to": float(b), "label": f"Defence treaty {a}–{b}"} for a, b in spans]
    placed = treaty_bars.placed_labels(rows, 1940, 2025, width)
    assert list(_overlaps(placed, width, 1940, 2025)) == []


def test_a_brief_of_the_sample_says_at_its_head_what_the_sample_sees(sample_study: Study, tmp_path: Path) -> None:
    case = Case.load("beijing-moscow-pyongyang")
    only = case.spec.model_copy(update={"claims": [one for one in case.spec.claims if one.test == "treaties-in-force"]})
    page = write_brief(Case(only).run(sample_study), tmp_path / "brief.html").read_text(encoding="utf-8")
    head = page[: page.index("<main>")]
    assert "sees little: UN General Assembly votes, troops sent to fight" in head
    assert "trade" not in head.split("sees little")[1].lower()
