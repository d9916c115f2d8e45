"""What one state can gain from another: the kinds of gain, their themes, and how keepers of ledgers may call them."""

from __future__ import annotations

from dataclasses import dataclass

from innominate.ledger.channels import Theme


@dataclass(frozen=True, slots=True)
class Gain:
    """One kind of gain.

    Attributes
    ----------
    name : as it stands in the ``kind`` column of acts
    title : for people
    theme : security, economy or diplomacy
    also : other words for it that a ledger may use
    """

    name: str
    title: str
    theme: Theme
    also: tuple[str, ...] = ()


_ALL = (
    Gain("arms", "Arms", "security", ("munitions", "weapons", "ammunition", "missiles", "military-equipment")),
    Gain("troops", "Troops", "security", ("soldiers", "forces", "military-personnel")),
    Gain("technology", "Technology", "security", ("military-technology", "know-how", "space-technology")),
    Gain("money", "Money", "economy", ("finance", "cash", "income", "loans", "grants", "aid", "revenue")),
    Gain("energy", "Energy", "economy", ("oil", "coal", "gas", "fuel", "electricity", "refined-petroleum")),
    Gain("food", "Food", "economy", ("grain", "rice", "flour", "food-aid")),
    Gain("labour", "Labour", "economy", ("labor", "workers")),
    Gain("goods", "Goods", "economy", ("trade", "merchandise", "imports", "exports")),
    Gain("diplomatic-cover", "Diplomatic cover", "diplomacy", ("cover", "diplomatic-support", "veto", "vetoes")),
    Gain("recognition", "Recognition and rank", "diplomacy", ("rank", "status", "summit", "visit", "visits")),
)
GAINS: dict[str, Gain] = {gain.name: gain for gain in _ALL}
_ALSO = {word: gain.name for gain in _ALL for word in (gain.name, *gain.also)}


def gain_named(word: str) -> str | None:
    """The kind of gain that a word stands for; None where it is none.

    >>> gain_named("Diplomatic cover"), gain_named("oil"), gain_named("statement")
    ('diplomatic-cover', 'energy', None)
    """
    return _ALSO.get("-".join(word.lower().replace("_", " ").replace("-", " ").split()))


def nearest_gain(word: str) -> str | None:
    """The kind that a misspelt word probably means; None where none is near."""
    from rapidfuzz import process

    found = process.extractOne("-".join(word.lower().split()), list(_ALSO), score_cutoff=84)
    return _ALSO[found[0]] if found else None
