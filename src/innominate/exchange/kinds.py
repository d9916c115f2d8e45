"""Which acts are gains: from channels and codes to kinds of gain.

An act whose keeper says what the target gains (``kind``) is taken at its word, except in channels that take rather than
give (sanctions, disputes, conflict) and for exercises, which are held together. For the others the channel decides, and
for events in the news the CAMEO code (Schrodt 2012): meeting and consulting (040-046), praise, verbal defence and
rallying of support (051-053), recognition (054). Reports of aid (071-074) are left out: between pairs that give one another
nothing, they are mostly talk of aid that machines took for aid.
Asylum given to refugees is no gain of the state from which they fled, and is left out; so are votes, which two states
cast side by side rather than give, and every channel of conflict.
"""

from __future__ import annotations

from dataclasses import dataclass

from innominate.ledger import CHANNELS, GAINS

HAND_KEPT = "acts-csv/"  # datasets of ledgers kept by hand start so
# datasets whose parts tell of the same flows (both sides' reports, months and their year, chapters and their headings,
# registers of one state and the whole): each part is a measure of its own, while the parts of any other dataset add up
REPORTS = ("comtrade/", "comtrade-goods/", "sipri-arms/")
NEWS = "events"  # the unit of counts of events in the news
COUNTED = "acts"  # the unit of what is counted rather than measured
COUNTS = ("acts", "meetings", "visits", "vetoes", "votes", "events", "exercises", "statements")


@dataclass(frozen=True, slots=True)
class Rule:
    """Acts of a channel, where given with a code that starts so, are gains of a kind."""

    channel: str
    kind: str
    codes: tuple[str, ...] = ()


RULES = (
    Rule("arms", "arms"),
    Rule("aid", "arms", ("military",)),
    Rule("aid", "money"),
    Rule("troops-stationed", "troops"),
    Rule("troop-support", "troops"),
    Rule("trade", "goods"),
    Rule("vetoes", "diplomatic-cover"),
    Rule("missions", "recognition"),
    Rule("visits", "recognition"),
    Rule("verbal-cooperation", "recognition", ("04", "054")),
    Rule("verbal-cooperation", "diplomatic-cover", ("051", "052", "053")),
)
TAKING = (*(name for name, channel in CHANNELS.items() if channel.valence < 0), "exercises")
RUNNING = ", not additive"  # so ends the unit of one of several counts of the same flow
BOTH_WAYS = ", both ways"  # so ends the unit of what two states exchange: a total of both directions, and nobody's gift
LEVELS = ("troops-stationed", "missions")  # channels whose acts are states of affairs: averaged over time, not summed
LEVEL_KINDS = ("labour",)


def kind_sql() -> str:
    """A SQL expression over acts: the kind of gain, null where an act is none."""
    named = ", ".join(f"'{name}'" for name in GAINS)
    cases = "\n".join(f"WHEN {_where(rule)} THEN '{rule.kind}'" for rule in RULES)
    taking = ", ".join(f"'{name}'" for name in TAKING)
    return f"CASE WHEN channel IN ({taking}) THEN NULL WHEN kind IN ({named}) THEN kind\n{cases} END"


def _where(rule: Rule) -> str:
    if not rule.codes:
        return f"channel = '{rule.channel}'"
    codes = " OR ".join(f"starts_with(lower(code), '{code}')" for code in rule.codes)
    return f"channel = '{rule.channel}' AND ({codes})"


def unit_sql() -> str:
    """A SQL expression over acts: the unit, one name for everything that a ledger kept by hand merely counts."""
    counts = ", ".join(f"'{name}'" for name in COUNTS)
    return f"""CASE WHEN starts_with(dataset, '{HAND_KEPT}') AND lower(unit) IN ({counts}) THEN '{COUNTED}'
        WHEN channel = 'trade' AND NOT directed THEN unit || '{BOTH_WAYS}' ELSE unit END"""


def name_sql() -> str:
    """A SQL expression over acts: the name under which a dataset's amounts add up."""
    apart = " OR ".join(f"starts_with(dataset, '{prefix}')" for prefix in (HAND_KEPT, *REPORTS))
    return f"CASE WHEN {apart} THEN dataset ELSE split_part(dataset, '/', 1) END"


def level_sql() -> str:
    """A SQL expression over acts with their kind (``gain``): whether they are levels."""
    channels = ", ".join(f"'{name}'" for name in LEVELS)
    kinds = ", ".join(f"'{name}'" for name in LEVEL_KINDS)
    return f"(channel IN ({channels}) OR gain IN ({kinds}))"
