"""The page of a brief, put together from the findings as they stand in findings.json and from nothing else."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from innominate.brief import blocs, charts, exhibits, series
from innominate.brief.signed import signed
from innominate.brief.templating import environment, uri
from innominate.cases.findings import Findings, Number
from innominate.cases.view import WELL_COVERED
from innominate.cases.wording import places, show, show_interval, show_number

VERDICTS = {
    "supported": "Supported",
    "contradicted": "Contradicted",
    "undecided": "Undecided",
    "not testable": "Not testable",
}


def render(findings: Findings) -> str:
    """The brief as HTML."""
    content = findings.to_json()
    plain = json.loads(content)
    bloc_section = blocs.section(plain)
    return environment().get_template("brief.html").render(
        f=plain,
        claims=[_claim(claim) for claim in plain["claims"]],
        exhibits=exhibits.all_exhibits(plain),
        blocs=bloc_section,
        bloc_drawings=blocs.drawings(bloc_section),
        verdicts=VERDICTS,
        treaties=signed(plain),
        downloads=_downloads(plain),
        json_uri=uri(content, "application/json"),
        least=WELL_COVERED,
        rows_by_file=_rows_by_file,
        taller=charts.alignment_domain(plain, "comparison") != charts.alignment_domain(plain, "case"),
        years_explained={row["key"]: row["year"] for row in series.table(plain, "contributions")},
    )  # fmt: skip


def _claim(claim: Mapping[str, Any]) -> dict[str, Any]:
    """A claim with its numbers as objects, and a function that tells its sentences with numbers marked."""
    numbers = {number["key"]: Number(**number) for number in claim["numbers"]}

    def tell(sentence: Mapping[str, str]) -> Markup:
        parts = [
            escape(before) + (_marked(claim["claim"], numbers[key], what) if key else Markup())
            for before, key, what in places(sentence["pattern"])
        ]
        return Markup().join(parts)

    def mark(key: str, what: str = "value") -> Markup:
        return _marked(claim["claim"], numbers[key], what)

    return {**claim, "numbers": list(numbers.values()), "tell": tell, "mark": mark, "ties": _ties(claim)}


def _marked(claim: str, number: Number, what: str) -> Markup:
    """A number as printed, with its exact values as they stand in findings.json."""
    return Markup(
        '<span class="n" data-claim="{}" data-number="{}" data-unit="{}" data-value="{}" data-low="{}" data-high="{}" '
        'data-what="{}">{}</span>'
    ).format(
        claim,
        number.key,
        number.unit,
        *("" if value is None else value for value in (number.value, number.low, number.high)),
        what,
        show_number(number, what),
    )


def _ties(claim: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = series.table({"claims": [claim]}, "unnamed_ties", claim["claim"])
    return [
        {
            **row,
            "shown": show(row["alignment"], "alignment"),
            "interval": show_interval(Number("", "", row["alignment"], "alignment", row["low"], row["high"])),
            "chance": show(row["probability"], "probability"),
        }
        for row in rows
    ]


def _rows_by_file(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows behind a claim, one entry a dataset and file, each with its pairs and channels."""
    files: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        entry = files.setdefault(
            (row["dataset"], row["file"]), {"dataset": row["dataset"], "file": row["file"], "rows": []}
        )
        entry["rows"].append(row)
    return [{**entry, "count": sum(row["count"] for row in entry["rows"])} for _, entry in sorted(files.items())]


def _downloads(findings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every table as CSV inside a data URI."""
    found = [_download(table, "") for table in findings["tables"]]
    for claim in findings["claims"]:
        numbers = {
            "name": "numbers",
            "title": f"Numbers: {claim['title']}",
            "columns": ["key", "label", "value", "low", "high", "unit", "of", "source"],
        }
        rows = [[number[name] for name in numbers["columns"]] for number in claim["numbers"]]
        found.append(_download({**numbers, "rows": rows}, claim["claim"]))
        behind = [
            [*row.values()] for row in ({**one, "refs": " ".join(map(str, one["refs"]))} for one in claim["rows"])
        ]
        if claim["rows"]:
            named = {"name": "rows", "title": f"Rows behind: {claim['title']}", "columns": list(claim["rows"][0])}
            found.append(_download({**named, "rows": behind}, claim["claim"]))
        found += [_download(table, claim["claim"]) for table in claim["tables"]]
    return found


def _download(table: Mapping[str, Any], claim: str) -> dict[str, Any]:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table["columns"])
    writer.writerows([[_safe(cell) for cell in row] for row in table["rows"]])
    name = f"{claim}-{table['name']}.csv" if claim else f"{table['name']}.csv"
    address = uri(stream.getvalue().encode(), "text/csv;charset=utf-8")
    return {"name": name, "title": table["title"], "rows": len(table["rows"]), "uri": address}


def _safe(cell: Any) -> Any:
    """Text that a spreadsheet would take for a formula, made harmless."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t") else cell
