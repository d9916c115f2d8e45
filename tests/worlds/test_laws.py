"""The figures of worlds from a file: read back as they were, and refused in one line that names the figure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from innominate.errors import InputError
from innominate.worlds import packaged_laws, read_laws
from innominate.worlds.laws import PACKAGED


def test_figures_are_read_back_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "laws.json"
    file.write_text(packaged_laws().to_json())
    assert read_laws(file) == packaged_laws()
    assert json.loads(packaged_laws().to_json()) == json.loads(PACKAGED.read_text())


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        ("channels.trade.lasting", 1.5, "less than or equal to 1"),
        ("channels.trade.common", -0.1, "greater than or equal to 0"),
        ("channels.trade.persistence", 1, "less than 1"),
        ("channels.trade.base", float("nan"), "finite"),
        ("channels.trade.base", "much", "number"),
        ("channels.trade.spread", float("inf"), "finite"),
        ("channels.trade.activity", -1, "greater than or equal to 0"),
        ("channels.trade.noise", None, "number"),
        ("channels.trade.noise", 0.0, "one value only"),
        ("channels.trade.least", 1e9, "nothing is ever recorded"),
        ("channels.votes.base", 40.0, "most is no bound either"),
        ("channels.votes.public", False, "in public"),
        ("channels.trade.least", -1, "greater than or equal to 0"),
        ("channels.trade.most", 0, "greater than 0"),
        ("channels.trade.public", 1, "boolean"),
        ("channels.trade.kind", "sum", "'count', 'amount', 'level' or 'agreement'"),
        ("channels.trade.kind", "count", "where the ledger has 'amount'"),
        ("channels.trade.channel", "arms", "under the name of trade"),
        ("channels.trade.dataset", "../trade", "match"),
        ("channels.trade.loading", 0.9, "more than one"),
        ("channels.trade.habits", [0.9, 0.9], "more than one"),
        ("channels.trade.habits", [0.1] * 5, "at most 4"),
        ("channels.trade.colour", 1, "unexpected"),
        ("channels.gifts", {"channel": "gifts"}, "field required"),
        ("channels", {}, "no votes"),
        ("ballots.resolutions", 0, "greater than or equal to 1"),
        ("ballots.yes", 1, "less than 1"),
        ("ballots.yes_spread", 0.9, "can scatter"),
        ("ballots.absent", 1.5, "less than or equal to 1"),
        ("ballots.abstain", -0.5, "greater than or equal to 0"),
        ("reference", 0, "greater than 0"),
        ("reference", float("inf"), "finite"),
    ],
)
def test_a_figure_that_cannot_be_is_named(tmp_path: Path, place: str, value: object, reason: str) -> None:
    raw = json.loads(packaged_laws().to_json())
    *path, last = place.split(".")
    inner: dict[str, Any] = raw
    for step in path:
        inner = inner[step]
    inner[last] = value
    file = tmp_path / "laws.json"
    file.write_text(json.dumps(raw))
    with pytest.raises(InputError) as refused:
        read_laws(file)
    told = str(refused.value)
    assert told.startswith(f"{file}: not a file of a world's figures ({place}")
    assert reason in told
    assert "\n" not in told


def test_a_channel_that_the_ledger_does_not_have_is_named(tmp_path: Path) -> None:
    raw = json.loads(packaged_laws().to_json())
    raw["channels"]["gifts"] = {**raw["channels"]["trade"], "channel": "gifts"}
    file = tmp_path / "laws.json"
    file.write_text(json.dumps(raw))
    with pytest.raises(InputError, match=r"channels\.gifts: no channel of the ledger; these are .*trade"):
        read_laws(file)


@pytest.mark.parametrize("text", ["", "{}", "[]", "3", '{"channels": '])
def test_what_is_no_file_of_figures_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "laws.json"
    file.write_text(text)
    with pytest.raises(InputError, match="not a file of a world's figures"):
        read_laws(file)
    with pytest.raises(InputError, match="cannot be read"):
        read_laws(tmp_path / "none.json")
