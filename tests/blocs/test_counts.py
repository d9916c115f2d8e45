"""Count tensors from a small library written by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from innominate.blocs.counting import Question, counts
from innominate.blocs.exposed import exposure_at
from innominate.errors import InputError
from innominate.ledger import Imported, Library, empty


def act(
    number,
    source,
    target,
    day,
    code,
    dataset="events/one",
    channel="verbal-cooperation",
    value=1.0,
    directed=True,
    unit="events",
):
    return {
        "act_id": f"a{number}", "source": source, "target": target, "start": day, "end": day, "channel": channel, "code": code,
        "directed": directed, "value": value, "unit": unit, "dataset": dataset, "file": "f", "row": number, "note": None,
    }  # fmt: skip


def seen(first, last, dataset="events/one", scope="all", channels=("verbal-cooperation", "material-conflict")):
    return [
        {"dataset": dataset, "channel": channel, "scope": scope, "first": first, "last": last} for channel in channels
    ]


@pytest.fixture
def library(tmp_path):
    acts = [
        act(1, "AAA", "BBB", date(2020, 1, 5), "036"),
        act(2, "AAA", "BBB", date(2020, 1, 9), "040", value=2.0),
        act(3, "BBB", "AAA", date(2020, 2, 1), "190", channel="material-conflict"),
        act(4, "CCC", "AAA", date(2020, 5, 1), "036", dataset="events/two"),
        act(5, "DDD", "AAA", date(2020, 5, 1), "036", dataset="events/two"),  # not in its scope
        act(6, "AAA", "CCC", date(2020, 1, 20), "030", value=None),  # it happened, who knows how often
        act(
            7,
            "AAA",
            "DDD",
            date(2020, 3, 1),
            "X1",
            channel="exercises",
            directed=False,
            value=9.0,
            dataset="drills",
            unit="exercises",
        ),
    ]
    coverage = [
        *seen(date(2020, 1, 1), date(2020, 2, 14)),
        *seen(date(2020, 5, 1), date(2020, 5, 31), "events/two", "among:AAA BBB CCC", ("verbal-cooperation",)),
    ]
    for part, name in enumerate(("events/one", "events/two", "drills")):
        tables = {
            "acts": pl.DataFrame([row for row in acts if row["dataset"] == name], schema=empty("acts").schema),
            "coverage": pl.DataFrame(
                [row for row in coverage if row["dataset"] == name], schema=empty("coverage").schema
            ),
        }
        held = Library.create(tmp_path / "library")
        held.store(Imported(dataset=name, part="all", tables=tables, rows=9, kept=9, oddities=()), file=f"f{part}", sha256="0" * 64,
                   size=1, form="test", adapter_version=1)  # fmt: skip
    return Library.open(tmp_path / "library")


def cell(tensor, *names):
    where = [tensor.labels[m].index(name) for m, name in enumerate(names)]
    found = (tensor.coordinates == where).all(axis=1)
    return float(tensor.counts[found].sum())


def test_counts_by_root_and_month(library):
    tensor = counts(library, Question(dataset="events"))
    assert tensor.labels[0] == ("AAA", "BBB", "CCC", "DDD")
    assert tensor.labels[3] == tuple(f"2020-0{m}" for m in range(1, 6))
    assert cell(tensor, "AAA", "BBB", "03", "2020-01") == 1
    assert cell(tensor, "AAA", "BBB", "04", "2020-01") == 2
    assert cell(tensor, "CCC", "AAA", "03", "2020-05") == 1
    assert (tensor.total, tensor.outside) == (6.0, 1.0)  # the act of DDD lies outside the scope


def test_exposure_is_the_share_of_days_in_scope(library):
    tensor = counts(library, Question(dataset="events"))

    def exposure(*names):
        return exposure_at(tensor, np.array([[tensor.labels[m].index(name) for m, name in enumerate(names)]]))[0]

    assert exposure("AAA", "DDD", "03", "2020-01") == 1
    assert exposure("AAA", "DDD", "19", "2020-02") == pytest.approx(14 / 29)
    assert exposure("AAA", "BBB", "03", "2020-03") == 0
    assert exposure("AAA", "BBB", "03", "2020-05") == 1
    assert exposure("AAA", "DDD", "03", "2020-05") == 0  # out of scope
    assert exposure("AAA", "BBB", "19", "2020-05") == 0  # that part saw no conflict
    assert exposure("AAA", "BBB", "07", "2020-01") == 0  # nobody claims to have seen material cooperation


def test_modes_and_actions_as_asked(library):
    quad = counts(library, Question(dataset="events/one", action="quad", modes=("source", "action"), resolution="year"))
    assert quad.modes == ("source", "action")
    assert cell(quad, "AAA", "verbal-cooperation") == 4
    yearly = counts(library, Question(dataset="events/one", modes=("source", "target", "period"), resolution="year"))
    assert cell(yearly, "AAA", "BBB", "2020") == 3
    assert yearly.exposure[0][0, 0] > 0


def test_undirected_acts_count_once_each_way(library):
    drills = counts(
        library, Question(action="channel", channels=("exercises",), modes=("source", "target"), resolution="year")
    )
    assert cell(drills, "AAA", "DDD") == cell(drills, "DDD", "AAA") == 1


def test_what_has_no_value_is_no_zero(library):
    monthly = counts(library, Question(modes=("source", "target")))
    assert cell(monthly, "AAA", "CCC") == 1
    flows = [
        act(8, "AAA", "BBB", date(2020, 1, 1), None, "flows", "trade", unit="million USD"),
        act(9, "AAA", "CCC", date(2020, 1, 1), None, "flows", "trade", None, unit="million USD"),
    ]
    tables = {"acts": pl.DataFrame(flows, schema=empty("acts").schema)}
    library.store(Imported(dataset="flows", part="all", tables=tables, rows=2, kept=2, oddities=()), file="flows.csv",
                  sha256="0" * 64, size=1, form="test", adapter_version=1)  # fmt: skip
    trade = Question(modes=("source", "target"), action="channel", channels=("trade",), resolution="year")
    with pytest.raises(InputError, match=r"flows has acts without a value \(1\)"):
        counts(library, trade)


def test_bad_questions_are_refused(library):
    with pytest.raises(InputError, match="name two or more"):
        Question(modes=("source",))
    with pytest.raises(InputError, match="only event channels"):
        Question(channels=("exercises",))
    with pytest.raises(InputError, match="allowed values are"):
        Question(action="theme")
    with pytest.raises(InputError, match="no acts to count"):
        counts(library, Question(dataset="nothing"))
    with pytest.raises(InputError, match="no acts to count"):
        counts(library, Question(dataset="events", years=(1900, 1901)))
