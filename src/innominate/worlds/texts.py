"""What states publish in a world: readouts of talks with formulas, and formulas that go silent on a known day.

Talks carry formulas, each with its own habit; courtesy meetings are short and carry none. In most series one formula is
dropped for good at a planted date, in some another is edited into a new wording; the others go on, with chance gaps.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from innominate import states as registry
from innominate.worlds.latent import Latent
from innominate.worlds.settings import Settings, stream

ISSUERS, A_YEAR, COURTESY = 6, 9, 0.25  # states that publish, readouts of each a year, share that are courtesy meetings
DROPPED, EDITED = 0.8, 0.4  # probabilities that a series drops a formula, and that it edits one
HABIT = (0.85, 0.99)  # how often a formula is used where it is owed

FORMULAS = (
    "Both sides reaffirmed their commitment to the complete demilitarisation of the strait.",
    "The parties stressed that sovereignty and territorial integrity must be respected by all.",
    "They called for the full implementation of the resolutions of the assembly.",
    "The two leaders voiced support for open and predictable trade between the regions.",
    "Both governments welcomed the resumption of talks under the six-party framework.",
    "The ministers underlined the central role of the inspection agency.",
    "They agreed that differences should be settled by dialogue and consultation.",
    "The sides confirmed that the border agreement remains in force without change.",
)
EDITS = (
    "Both sides took note of the situation around the strait and its security concerns.",
    "The parties stressed that the legitimate concerns of every country deserve attention.",
    "They recalled the resolutions of the assembly where these are applicable.",
    "The two leaders voiced support for secure and resilient trade among partners.",
    "Both governments took a positive view of contacts in various formats.",
    "The ministers exchanged views on the work of the inspection agency.",
    "They agreed that differences should be handled with restraint.",
    "The sides confirmed that the border agreement will be reviewed in due course.",
)
OPENINGS = (
    "The foreign minister met the visiting delegation in the capital.",
    "The president received the envoy for talks at the government house.",
    "The prime minister held a telephone conversation with the counterpart.",
    "A working meeting took place on the margins of the conference.",
)
FILLER = (
    "They discussed cooperation in agriculture and rural development.",
    "Projects in transport and energy were reviewed in detail.",
    "An exchange of students will be widened next year.",
    "The health ministries will sign a memorandum in the spring.",
    "Regional developments were considered at some length.",
    "The chambers of commerce will meet again before the summer.",
    "Experts on both sides will prepare a list of measures.",
    "The delegation visited a factory and a museum.",
    "Cultural weeks are planned in several cities.",
    "Fisheries and the environment were on the agenda as well.",
)


@dataclass(frozen=True, slots=True)
class Published:
    """Texts of a world.

    Attributes
    ----------
    texts : in the ledger's schema
    silences : series, issuer, kind (dropped or edited), phrase, new (its later wording), last_used, first_missed
    """

    texts: pl.DataFrame
    silences: pl.DataFrame


def publish(settings: Settings, latent: Latent) -> Published:
    """Draw the texts of the biggest states."""
    issuers = np.argsort(-latent.size, kind="stable")[:ISSUERS]
    documents: list[dict[str, object]] = []
    planted: list[dict[str, object]] = []
    for issuer in sorted(int(k) for k in issuers):
        own, silences = _series(settings, latent, issuer)
        documents += own
        planted += silences
    frame = pl.DataFrame(documents).with_row_index("row", offset=1)
    texts = frame.with_columns(
        pl.col("row").cast(pl.Int64), pl.lit("en").alias("language"), pl.lit("world-texts").alias("dataset"),
        pl.lit("world").alias("file"),
    )  # fmt: skip
    schema = {
        "series": pl.String, "issuer": pl.String, "kind": pl.String, "phrase": pl.String, "new": pl.String,
        "last_used": pl.Date, "first_missed": pl.Date,
    }  # fmt: skip
    return Published(texts, pl.DataFrame(planted, schema=schema))


def _series(settings: Settings, latent: Latent, issuer: int) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    code = latent.codes[issuer]
    random = stream(settings.seed, "texts", code)
    days = _days(settings, code, random)
    courtesy = random.random(len(days)) < COURTESY
    habit = random.uniform(*HABIT, len(FORMULAS))
    order = random.permutation(len(FORMULAS))
    talks = np.flatnonzero(~courtesy)
    turn = {}
    if len(talks) >= 24:
        if random.random() < DROPPED:
            turn[int(order[0])] = ("dropped", int(talks[int(random.uniform(0.35, 0.65) * len(talks))]))
        if random.random() < EDITED:
            turn[int(order[1])] = ("edited", int(talks[int(random.uniform(0.35, 0.65) * len(talks))]))
    partners = {
        int(year): np.flatnonzero(living & (np.arange(len(living)) != issuer))
        for year, living in zip(latent.years, latent.living, strict=True)
    }
    documents: list[dict[str, object]] = []
    used = np.zeros((len(days), len(FORMULAS)), dtype=bool)
    for d, day in enumerate(days):
        said, used[d] = _body(d, bool(courtesy[d]), habit, turn, random)
        partner = latent.codes[int(random.choice(partners[day.year]))]
        documents.append(
            {
                "doc_id": f"{code}-{d + 1:04d}", "issuer": code, "series": f"readouts-{code}", "about": [partner], "date": day,
                "kind": "courtesy" if courtesy[d] else "talks", "title": f"Readout {d + 1} of {registry.get(code).name}",
                "body": said, "url": None,
            }
        )  # fmt: skip
    return documents, _planted(code, days, used, talks, turn)


def _days(settings: Settings, code: str, random: np.random.Generator) -> list[date]:
    start = date(settings.first, 1, 1)
    length = (date(settings.last, 12, 31) - start).days
    offsets = np.sort(random.choice(length, min(A_YEAR * settings.periods, length), replace=False))
    return [day for day in (start + timedelta(days=int(k)) for k in offsets) if code in registry.alive(day.year)]


def _body(
    place: int, courtesy: bool, habit: np.ndarray, turn: dict[int, tuple[str, int]], random: np.random.Generator
) -> tuple[str, np.ndarray]:
    """One document and which formulas stand in it."""
    says = (random.random(len(FORMULAS)) < habit) & (not courtesy)
    words = [str(random.choice(OPENINGS))]
    filler = list(random.choice(FILLER, 1 if courtesy else int(random.integers(2, 6)), replace=False))
    for k in range(len(FORMULAS)):
        if not says[k]:
            continue
        kind, since = turn.get(k, ("", place + 1))
        if place < since:
            words.append(FORMULAS[k])
        else:
            says[k] = False
            if kind == "edited":
                words.append(EDITS[k])
    return " ".join([*words, *map(str, filler)]), says


def _planted(
    code: str, days: list[date], used: np.ndarray, talks: np.ndarray, turn: dict[int, tuple[str, int]]
) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for k, (kind, since) in sorted(turn.items()):
        before = np.flatnonzero(used[:, k])
        found.append(
            {
                "series": f"readouts-{code}", "issuer": code, "kind": kind, "phrase": FORMULAS[k],
                "new": EDITS[k] if kind == "edited" else None, "last_used": days[int(before[-1])] if len(before) else None,
                "first_missed": days[int(talks[talks >= since][0])],
            }
        )  # fmt: skip
    return found
