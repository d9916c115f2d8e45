"""The tables of a weighing."""

from __future__ import annotations

import math

from innominate.cases.findings import Cell, Table
from innominate.cases.readings_evidence import Judged, omission_words, quantity_words
from innominate.readings.mass import Mass

OMITTED = 40  # omissions listed, strongest first


def all_tables(judged: Judged) -> tuple[Table, ...]:
    """Readings, expectations, sensitivity, diagnostic evidence, what would change the judgement."""
    found = (_readings(judged), _expectations(judged))
    return (*found, _sensitivity(judged), _omissions(judged), _turnings(judged)) if judged.variants else found


def _readings(judged: Judged) -> Table:
    columns = (
        "reading", "title", "claimed", "prior", "prior_error", "posterior", "posterior_error", "factor", "low", "high",
        "probability", "tested", "left_out",
    )  # fmt: skip
    chances = judged.weighed.probabilities()
    rows: list[tuple[Cell, ...]] = []
    for one in judged.weighed.supports:
        name = one.reading.name
        rows.append(
            (name, one.reading.title, name == judged.claimed, one.prior.value, one.prior.error, one.posterior.value,
             one.posterior.error, one.factor, *one.bounds, chances.get(name), len(one.tested), len(one.left_out))
        )  # fmt: skip
    held = judged.weighed
    before, after = held.none_prior, held.none_posterior
    rows.append(
        ("none", "None of them", False, before.value, before.error, after.value, after.error, held.none_factor, None, None,
         chances.get("none"), 0, 0)
    )  # fmt: skip
    return Table(
        "readings", "Readings: masses, Bayes factors (interval: Monte Carlo) and probabilities", columns, tuple(rows)
    )


def _expectations(judged: Judged) -> Table:
    columns = ("reading", "expectation", "prior", "posterior", "factor", "factor_given_those_before")
    rows: list[tuple[Cell, ...]] = []
    for one in judged.weighed.supports:
        own = [(each, before, after) for name, each, before, after in judged.singles if name == one.reading.name]
        steps = _conditional(one.prior, one.posterior)
        for (each, before, after), given in zip(own, steps, strict=True):
            rows.append((one.reading.name, each.text, before.value, after.value, after.value / before.value, given))
        rows += [(one.reading.name, each.text, None, None, None, None) for each in one.left_out]
    return Table(
        "expectations", "What each reading expects, one by one; empty: could not be judged", columns, tuple(rows)
    )


def _conditional(prior: Mass, posterior: Mass) -> list[float | None]:
    """The factor of every expectation given those before it; their product is the reading's factor."""
    found: list[float | None] = []
    before = after = 1.0
    for low, high in zip(prior.steps, posterior.steps, strict=True):
        found.append(high / after / (low / before) if after > 0 and low > 0 else None)
        before, after = low, high
    return found


def _sensitivity(judged: Judged) -> Table:
    names = [one.name for one in judged.weighed.readings]
    columns = ("changed", "how", "best", "probability", *(f"factor_{name}" for name in names))
    rows: list[tuple[Cell, ...]] = [
        (one.kind, one.name, one.best, one.probabilities.get(judged.claimed), *(one.factors[name] for name in names))
        for one in judged.variants
    ]
    return Table("sensitivity", "The readings weighed in other ways", columns, tuple(rows))


def _omissions(judged: Judged) -> Table:
    columns = ("about", "channel", "year", "observations", "left_out", "shift", "probability")
    rows: list[tuple[Cell, ...]] = [
        (one.about, one.channel, one.year, one.count, omission_words(one), one.shift, judged.without(one))
        for one in judged.omissions[:OMITTED]
    ]
    title = "The most diagnostic evidence: log odds of the claimed reading, less those without it"
    return Table("diagnostic", title, columns, tuple(rows))


def _turnings(judged: Judged) -> Table:
    columns = ("quantity", "words", "first", "last", "by", "now", "then")
    rows: list[tuple[Cell, ...]] = [
        (one.quantity.text, quantity_words(one.quantity), one.span.first, one.span.last,
         one.by if one.by is not None and math.isfinite(one.by) else None, one.now, one.then)
        for one in judged.turnings
    ]  # fmt: skip
    return Table(
        "turning", "What would change the judgement (empty: no change of that quantity alone)", columns, tuple(rows)
    )
