"""Case files: the packaged ones load; a faulty one is one clear line with file, key path and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from innominate import BadFile, Case, InputError
from innominate.cases import claim_tests

GOOD = """
name: mine
title: Mine
question: Is it so?
states: [BRA, CHL, PER]
comparisons: [[USA, JPN]]
years: [1990, 2020]
claims:
  - id: one
    title: One
    statement: It is so.
    test: acts-as-allies
    with: {since: 2015, before: [2000, 2014]}
"""


def test_packaged_cases_load_and_are_named_after_their_files() -> None:
    assert "beijing-moscow-pyongyang" in Case.names()
    for name in Case.names():
        assert Case.load(name).name == name


def test_a_good_file_loads_from_a_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD)
    case = Case.load(path)
    assert case.years == (1990, 2020)
    assert Case.load(str(path)) == case


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("BRA, CHL", "BRA, CHI", ("states[1]", "CHI", "did you mean")),
        ("BRA, CHL", "BRA, BRA", ("states", "stands twice")),
        ("[USA, JPN]", "[USA, USA]", ("comparisons[0]", "two different states")),
        ("[1990, 2020]", "[2020, 1990]", ("years", "comes after")),
        ("[1990, 2020]", "[1990, later]", ("years.last", "'later'")),
        ("question:", "qestion:", ("qestion", "did you mean 'question'")),
        ("title: Mine", "", ("title", "missing")),
        ("acts-as-allies", "act-as-allies", ("claims[0].test", "did you mean 'acts-as-allies'")),
        ("since: 2015", "sinse: 2015", ("claims[0].with", "since")),
        ("since: 2015", "since: soon", ("claims[0].with.since", "'soon'")),
        ("since: 2015", "since: 2010", ("claims[0].with", "not before since")),
        ("before: [2000, 2014]", "before: 2014", ("claims[0].with.before",)),
        ("id: one", "id: One claim", ("claims[0].id",)),
        ("title: Mine", "title: Mine\ntitle: Yours", ("'title' stands twice",)),
        ("title: Mine", "title: &t Mine\nbackground: *t", ("aliases",)),
        ("title: Mine", "title: [Mine", ("not valid YAML", "row")),
        ("title: Mine", "title: !!python/object/apply:os.getcwd []", ("not valid YAML",)),
        ("states: [BRA, CHL, PER]", "states: BRA", ("states", "list")),
        ("    statement:", "    statment:", ("claims[0].statment", "did you mean 'statement'")),
    ],
)
def test_faults_are_one_line_naming_file_key_and_reason(
    tmp_path: Path, old: str, new: str, says: tuple[str, ...]
) -> None:
    path = tmp_path / "mine.yaml"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(BadFile) as error:
        Case.load(path)
    message = str(error.value)
    assert message.startswith("mine.yaml")
    assert "\n" not in message
    for words in says:
        assert words in message


@pytest.mark.parametrize("content", [b"", b"just text", b"[1, 2]", b"\xff\xfe\x00", b"a: b: c", b"{" * 5000])
def test_things_that_are_no_case_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "thing.yaml"
    path.write_bytes(content)
    with pytest.raises(BadFile, match=r"^thing\.yaml") as error:
        Case.load(path)
    assert "\n" not in str(error.value)


def test_unknown_names_get_suggestions(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean beijing-moscow-pyongyang"):
        Case.load("bejing-moscow-pyongyang")
    with pytest.raises(InputError, match="no such case file"):
        Case.load(tmp_path / "absent.yaml")
    with pytest.raises(InputError, match="a folder"):
        Case.load(tmp_path)


def test_every_test_is_documented() -> None:
    for test in claim_tests().values():
        assert test.run.__doc__
        assert test.parameters.__doc__
        assert len(test.rule) > 100
