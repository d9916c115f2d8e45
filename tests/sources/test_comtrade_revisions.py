"""Files of UN Comtrade that revise, repeat or contradict one another, and states under two codes in one year."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import replace
from pathlib import Path

import pytest

from innominate.errors import BadFile, InputError
from innominate.ledger import Library
from innominate.sources import import_file
from innominate.sources.comtrade import SOURCE, read_csv_form
from innominate.sources.importing import Outcome
from tests.sources.examples.comtrade import EXAMPLES
from tests.sources.test_comtrade_files import Row, given, held, row


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.create(tmp_path / "library")


def taken(library: Library, folder: Path, name: str, *rows: Row) -> Outcome:
    return import_file(library, given(folder, name, *rows), SOURCE)


def report(year: str = "2021", flow: str = "X", /, **partners: int) -> list[Row]:
    """What Peru reports of a year in million dollars, with its total."""
    values = {**partners, "W00": sum(partners.values())}
    return [row("PER", flow, partner, f"{value}000000", year) for partner, value in values.items()]


def claims(library: Library) -> list[tuple[str, str, int]]:
    return library.query("SELECT dataset, scope, year(first) FROM coverage ORDER BY ALL").rows()


def test_a_revised_report_replaces_the_old_one_and_nothing_else(library: Library, tmp_path: Path) -> None:
    """The revision drops a partner and changes a value; other years, flows and reporters of the old file stay."""
    others = [row("CHL", "X", "PER", "4000000"), row("CHL", "X", "W00", "4000000")]
    old = [*report(CHL=1, KEN=5, BRA=2), *report("2020", CHL=7), *report("2021", "M", CHL=3), *others]
    taken(library, tmp_path, "old.csv", *old)
    found = taken(library, tmp_path, "new.csv", *report(CHL=2, BRA=2))
    assert held(library) == [
        ("CHL", "PER", 2021, 4.0), ("PER", "BRA", 2021, 2.0), ("PER", "CHL", 2020, 7.0), ("PER", "CHL", 2021, 2.0),
    ]  # fmt: skip
    assert held(library, "comtrade/as-imports") == [("CHL", "PER", 2021, 3.0)]
    assert found.entry is not None
    assert [(odd["rows"], odd["refused"]) for odd in found.entry.oddities if "revision" in odd["reason"]] == [
        (2, False)
    ]
    assert claims(library) == [
        ("comtrade/as-exports", "from:CHL", 2021), ("comtrade/as-exports", "from:PER", 2020),
        ("comtrade/as-exports", "from:PER", 2021), ("comtrade/as-imports", "to:PER", 2021),
    ]  # fmt: skip


def test_a_year_revised_twice_and_the_first_file_again(library: Library, tmp_path: Path) -> None:
    for name, partners in (
        ("a.csv", {"CHL": 1, "KEN": 5}),
        ("b.csv", {"CHL": 2, "BRA": 1}),
        ("c.csv", {"CHL": 3, "KEN": 4}),
    ):
        taken(library, tmp_path, name, *report(**partners), *report(f"20{ord(name[0]) - 97:02d}", CHL=1))
    last = [("PER", "CHL", 2021, 3.0), ("PER", "KEN", 2021, 4.0)]
    assert held(library)[3:] == last
    assert [flow[2] for flow in held(library)[:3]] == [2000, 2001, 2002]
    first = replace(EXAMPLES["csv"], name="a.csv", rows=(*report(CHL=1, KEN=5), *report("2000", CHL=1))).write(tmp_path)
    assert import_file(library, first, SOURCE).verdict == "unchanged"
    newer = replace(SOURCE, adapter_version=SOURCE.adapter_version + 1)
    assert import_file(library, first, newer).entry is not None
    assert held(library)[3:] == last, "a file that is read again takes nothing of what revised it"


def test_a_revision_that_no_longer_accounts_for_the_world_claims_nothing(library: Library, tmp_path: Path) -> None:
    taken(library, tmp_path, "old.csv", *report(CHL=1, KEN=5), *report("2020", CHL=7))
    taken(library, tmp_path, "new.csv", *report(CHL=2, _X=4))
    assert claims(library) == [("comtrade/as-exports", "from:PER", 2020)]
    assert held(library) == [("PER", "CHL", 2020, 7.0), ("PER", "CHL", 2021, 2.0)]


@pytest.mark.parametrize(
    "rows",
    [
        [row("PER", "X", "CHL", "2000000")],
        [row("PER", "X", "CHL", "2000000"), row("PER", "X", "W00", "9000000")],
        [*report(CHL=2)[:1], *report("2020", CHL=2)],
    ],
    ids=["no total", "not all partners", "another year is whole"],
)
def test_a_part_of_a_report_that_contradicts_is_refused_in_one_line(
    library: Library, tmp_path: Path, rows: list[Row]
) -> None:
    taken(library, tmp_path, "a.csv", *report(CHL=1, KEN=5))
    before, files = library.fingerprint, sorted((tmp_path / "library").rglob("*.parquet"))
    with pytest.raises(
        BadFile, match=r"b\.csv, row 2: .*PER → CHL.*2\.000000 million USD here and 1\.000000 in a\.csv"
    ) as told:
        taken(library, tmp_path, "b.csv", *rows)
    assert "\n" not in str(told.value)
    assert Library.open(tmp_path / "library").fingerprint == before
    assert sorted((tmp_path / "library").rglob("*.parquet")) == files


def test_a_partner_for_which_the_total_has_no_room_is_revised_away(library: Library, tmp_path: Path) -> None:
    """Kenya's share went to areas not specified; what is small beside rounding, or of a part of a report, stays."""
    taken(library, tmp_path, "a.csv", *report(CHL=1, KEN=5))
    taken(library, tmp_path, "b.csv", *report(CHL=1, _X=5))
    assert held(library) == [("PER", "CHL", 2021, 1.0)]
    taken(library, tmp_path, "c.csv", row("PER", "X", "KEN", "4000000", "2019"), row("PER", "X", "BRA", "5", "2020"))
    taken(library, tmp_path, "d.csv", row("PER", "X", "CHL", "1000000", "2019"), *report("2020", CHL=3))
    assert [flow[1:3] for flow in held(library)] == [
        ("BRA", 2020), ("CHL", 2019), ("CHL", 2020), ("CHL", 2021), ("KEN", 2019),
    ]  # fmt: skip


def test_files_of_the_same_states_and_other_flows_do_not_replace_one_another(library: Library, tmp_path: Path) -> None:
    taken(library, tmp_path, "a.csv", row("PER", "X", "CHL", "1000000"), row("KEN", "X", "USA", "2000000"))
    taken(library, tmp_path, "b.csv", row("PER", "X", "USA", "3000000"), row("KEN", "X", "CHL", "4000000"))
    assert [flow[3] for flow in held(library)] == [4.0, 2.0, 1.0, 3.0]


def test_of_two_imports_at_once_the_second_sees_the_first(library: Library, tmp_path: Path) -> None:
    """Both open the library before either has stored."""
    other = Library.open(tmp_path / "library")
    taken(library, tmp_path, "a.csv", *report(CHL=1, KEN=5))
    with pytest.raises(BadFile, match=r"in a\.csv, which the library holds"):
        taken(other, tmp_path, "b.csv", row("PER", "X", "CHL", "2000000"))
    third = Library.open(tmp_path / "library")
    taken(library, tmp_path, "c.csv", row("BRA", "X", "PER", "6000000"))
    taken(third, tmp_path, "d.csv", row("BRA", "X", "PER", "6000000"), row("BRA", "X", "KEN", "1000000"))
    assert len(held(Library.open(tmp_path / "library"))) == 4


def test_a_damaged_part_is_told_and_reading_its_file_again_restores_it(library: Library, tmp_path: Path) -> None:
    path = given(tmp_path, "a.csv", *report(CHL=1, KEN=5))
    import_file(library, path, SOURCE)
    for stored in (tmp_path / "library" / "acts").glob("*.parquet"):
        stored.unlink()
    with pytest.raises(InputError, match=r"missing; importing comtrade .* again restores it"):
        taken(library, tmp_path, "b.csv", row("BRA", "X", "PER", "6000000"))
    import_file(library, path, SOURCE)
    assert len(held(library)) == 2


def numbered(folder: Path, name: str, *rows: tuple[int, str, int, float], year: int = 1990, kind: str = "H5") -> Path:
    """A bulk file with numbers of areas: reporter, flow, partner, value; ``name`` ends in .gz: packed."""
    stream = io.StringIO()
    lines = csv.writer(stream, lineterminator="\n")
    lines.writerow(
        ["typeCode", "freqCode", "period", "reporterCode", "flowCode", "partnerCode", "classificationCode", "cmdCode", "primaryValue"]
    )  # fmt: skip
    for a, flow, b, value in rows:
        lines.writerow(["C", "A", year, a, flow, b, kind, "TOTAL", value])
    path = folder / name
    content = stream.getvalue().encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


PERU, CHILE, GERMANY, WEST_GERMANY = 604, 152, 276, 280


def flows(path: Path) -> list[tuple[object, ...]]:
    acts = read_csv_form(path).tables["acts"].drop_nulls("value")
    return acts.select("source", "target", "value").sort("source", "target").rows()


def test_trade_with_a_state_under_its_former_code_is_added_to_that_under_its_present_one(tmp_path: Path) -> None:
    rows = [(PERU, "X", GERMANY, 1e6), (PERU, "X", WEST_GERMANY, 2e6), (PERU, "X", CHILE, 4e6), (PERU, "X", 0, 7e6)]
    path = numbered(tmp_path, "bulk.csv.gz", *rows)
    assert flows(path) == [("PER", "CHL", 4.0), ("PER", "DEU", 3.0)]
    found = read_csv_form(path)
    assert found.tables["coverage"]["scope"].to_list() == ["from:PER"]
    assert (found.rows, found.kept) == (4, 3)
    assert [(odd.rows, odd.refused) for odd in found.oddities if "two codes" in odd.reason] == [(2, False)]
    sudan = [(PERU, "X", 736, 1e6), (PERU, "X", 729, 2e6), (PERU, "X", 728, 5e6)]
    assert flows(numbered(tmp_path, "sudan.csv", *sudan, year=2011)) == [("PER", "SDN", 3.0), ("PER", "SSD", 5.0)]


def test_the_same_trade_under_both_codes_counts_once(tmp_path: Path) -> None:
    equal = [(PERU, "X", GERMANY, 2e6), (PERU, "X", WEST_GERMANY, 2e6)]
    assert flows(numbered(tmp_path, "a.csv", *equal)) == [("PER", "DEU", 2.0)]
    within = [(PERU, "X", GERMANY, 3e6), (PERU, "X", WEST_GERMANY, 2e6), (PERU, "X", CHILE, 4e6), (PERU, "X", 0, 7e6)]
    assert flows(numbered(tmp_path, "b.csv", *within)) == [("PER", "CHL", 4.0), ("PER", "DEU", 3.0)]


def test_two_reports_of_one_state_that_differ_are_unknown_and_claim_nothing(tmp_path: Path) -> None:
    one = [(WEST_GERMANY, "X", PERU, 2e6), (WEST_GERMANY, "X", 0, 2e6)]
    same = [(GERMANY, "X", PERU, 2e6), (GERMANY, "X", 0, 2e6)]
    assert flows(numbered(tmp_path, "a.csv", *one, *same)) == [("DEU", "PER", 2.0)]
    more = [(GERMANY, "X", PERU, 3e6), (GERMANY, "X", 0, 3e6), (PERU, "X", CHILE, 1e6)]
    found = read_csv_form(numbered(tmp_path, "b.csv", *one, *more))
    assert found.tables["acts"].select("source", "target").rows() == [("PER", "CHL")]
    assert found.tables["coverage"].is_empty()
    assert (found.rows, found.kept) == (5, 1)


def test_the_same_total_in_two_classifications_counts_once(tmp_path: Path) -> None:
    rows = [(PERU, "X", CHILE, 4e6)]
    one = numbered(tmp_path, "a.csv", *rows).read_text()
    other = numbered(tmp_path, "b.csv", *rows, kind="S4").read_text().split("\n", 1)[1]
    path = tmp_path / "both.csv"
    path.write_text(one + other)
    assert flows(path) == [("PER", "CHL", 4.0)]
    path.write_text(one + other.replace("4000000", "5000000"))
    with pytest.raises(BadFile, match=r"row 3: .*PER.*CHL.*stands twice with 4,000,000 and 5,000,000"):
        read_csv_form(path)
    path.write_text(one + one.split("\n", 1)[1])
    with pytest.raises(BadFile, match=r"row 3: .*stands twice"):
        read_csv_form(path)
    path.write_text(one + one.split("\n", 1)[1].replace("4000000.0", ""))
    with pytest.raises(BadFile, match=r"row 3: .*PER.*CHL.*stands twice with 4,000,000 and no value"):
        read_csv_form(path)


def test_a_revision_that_is_cut_short_leaves_the_library_as_it_was(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The manifest cannot be written: neither the new report nor the shortened old part counts."""
    taken(library, tmp_path, "old.csv", *report(CHL=1, KEN=5), *report("2020", CHL=7))
    before = Library.open(tmp_path / "library")

    def fails(*_: object) -> None:
        raise RuntimeError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr("innominate.ledger.manifest.write", fails)
        with pytest.raises(RuntimeError, match="the disk is gone"):
            taken(library, tmp_path, "new.csv", *report(CHL=2))
    after = Library.open(tmp_path / "library")
    assert after.fingerprint == before.fingerprint
    assert held(after) == [("PER", "CHL", 2020, 7.0), ("PER", "CHL", 2021, 1.0), ("PER", "KEN", 2021, 5.0)]
    taken(after, tmp_path, "new.csv", *report(CHL=2))
    assert held(after) == [("PER", "CHL", 2020, 7.0), ("PER", "CHL", 2021, 2.0)]
    named = after.manifest.files()
    assert {str(path.relative_to(after.folder)) for path in after.folder.rglob("*.parquet")} == named


@pytest.mark.parametrize(
    "newer",
    [{"CHL": 2, "KEN": 5}, {"CHL": 2}, {"CHL": 1}, {"CHL": 2, "KEN": 5, "BRA": 1}],
    ids=["the same flows", "a partner less", "a partner less and no other value", "a partner more"],
)
def test_an_outdated_file_that_comes_again_changes_nothing(
    library: Library, tmp_path: Path, newer: dict[str, int]
) -> None:
    """A folder is imported again and again, and the older file stands last in it."""
    old, new = given(tmp_path, "z-old.csv", *report(CHL=1, KEN=5)), given(tmp_path, "a-new.csv", *report(**newer))
    for path in (old, new):
        import_file(library, path, SOURCE)
    expected = [("PER", partner, 2021, float(value)) for partner, value in sorted(newer.items())]
    assert held(library) == expected
    for path in (new, old, new, old):
        import_file(library, path, SOURCE)
        assert held(library) == expected
        assert claims(library)[:1] == [("comtrade/as-exports", "from:PER", 2021)]
    assert import_file(library, old, SOURCE).verdict == "unchanged"
