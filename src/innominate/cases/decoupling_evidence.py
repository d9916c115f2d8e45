"""Evidence for and against the claim that a state moves away from others: which themes, groups and channels moved, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from innominate.cases.findings import Check, Number, Sentence, Table
from innominate.cases.theme_changes import ALL, THEMES, Moved, unseen
from innominate.cases.verdicts import judge
from innominate.cases.view import Z90
from innominate.cases.wording import (
    listed,
    mid_sentence,
    pair_key,
    pair_name,
    plural,
    sentence,
    state_in_sentence,
    state_name,
)
from innominate.chances import normal_above
from innominate.ledger import CHANNELS, Library

Turn = tuple[str, dict[str, Any]]  # key of the pair, row of its dated turns
TOLD = 0.05  # parts of channels below are not told
SENDERS = 3  # of sanctions, by name
MOSTLY = 0.6  # share of the moves of all channels from which one channel moved most
_IMPOSED = """
SELECT source, count(*) AS n FROM acts WHERE channel = 'sanctions' AND least(source, target) = ? AND greatest(source, target) = ?
AND year("start") > ? AND year("start") <= ? GROUP BY source ORDER BY source
"""


def slug(name: str) -> str:
    """The name of a group in the keys of its numbers."""
    return name.lower().replace(" ", "-")


def below(value: tuple[float, float]) -> float:
    """Probability that a change, mean and standard deviation, is below nought."""
    return 1.0 - float(normal_above(0.0, value[0], max(value[1], 1e-9)))


def channel_numbers(state: str, own: Moved) -> list[Number]:
    """The parts of channels in the mean change, and in that with each group; without intervals, which only sums have."""
    parts = {"": own.channels, **{f"group.{slug(group)}.": found for group, found in own.by_group.items()}}
    names = {"": state_name(state), **{f"group.{slug(g)}.": f"{state_name(state)} and {g}" for g in own.by_group}}
    return [
        Number(f"{key}channel.{name}", f"{names[key]}: of which {mid_sentence(CHANNELS[name].title)}", part, "change", source=name)
        for key, found in parts.items() for name, part in found.items()
    ]  # fmt: skip


def channel_words(own: Moved, group: str | None = None) -> str:
    """Which channels made a change, the largest first: words with the keys of numbers, or none."""
    found = own.channels if group is None else own.by_group[group]
    key = "" if group is None else f"group.{slug(group)}."
    told = [name for name, part in found.items() if abs(part) >= TOLD]
    if not told:
        return ""
    if _by_one_channel(found):
        return f"Mostly one channel: {mid_sentence(CHANNELS[told[0]].title)} {{{key}channel.{told[0]}}}."
    each = [f"{mid_sentence(CHANNELS[name].title)} {{{key}channel.{name}}}" for name in told[:4]]
    return f"By channel, largest first: {listed(each)}."


def _by_one_channel(parts: dict[str, float]) -> bool:
    """Whether the largest of the channels' parts made most of the change: no other is worth telling, or it outweighs all others."""
    sizes = [abs(part) for part in parts.values()]
    return sizes[0] >= TOLD and (sizes[0] >= MOSTLY * sum(sizes) or all(size < TOLD for size in sizes[1:]))


def sanctions_by(library: Library, own: Moved, first: int, last: int) -> str:
    """Whose sanctions began between the two years, where that channel is told; or nothing."""
    if abs(own.channels.get("sanctions", 0.0)) < TOLD and all(
        abs(found.get("sanctions", 0.0)) < TOLD for found in own.by_group.values()
    ):
        return ""
    imposed: dict[str, int] = {}
    for key in own.pairs:
        for source, count in library.query(_IMPOSED, [*key.split("-"), first, last]).iter_rows():
            imposed[source] = imposed.get(source, 0) + count
    ranked = sorted(imposed.items(), key=lambda item: (-item[1], item[0]))
    named = [(code, count) for code, count in ranked[:SENDERS] if count > 1 or len(ranked) <= SENDERS]
    each = [f"{count} by {state_in_sentence(code)}" for code, count in named]
    rest = ranked[len(named) :]
    if rest:
        others = plural(len(rest), "other")
        each.append(f"one each by {others}" if rest[0][1] == 1 else f"{sum(count for _, count in rest)} by {others}")
    return f"Sanctions between them that began after {first}: {listed(each)}." if each else ""


def checks(own: Moved, short: Moved | None, span: int, peers: bool) -> list[Check]:
    """Would the answer stand over another span, in every group, with every theme seen, beside peers?

    Parameters
    ----------
    own : the change over the whole span
    short : over the last `span` years
    peers : whether at least three could be compared
    """
    same = short is not None and (short.total[ALL][0] < 0) == (own.total[ALL][0] < 0)
    signs = {themes[ALL][0] < 0 for themes in own.groups.values()}
    seen = own.seen()
    largest = next(iter(own.channels))
    several = not _by_one_channel(own.channels)
    return [
        Check("Another span", same, sentence(
            f"Over the last {span} years the change has the same sign." if same else f"Over the last {span} years the change has the other sign.")),
        Check("Every group", len(signs) == 1, sentence(
            "Every group of partners moved the same way." if len(signs) == 1 else "The groups of partners did not all move the same way.")),
        Check("Several channels", several, sentence(
            "No single channel made most of the change." if several
            else f"One channel, {mid_sentence(CHANNELS[largest].title)}, made most of the change: the others moved little.")),
        Check("Every theme seen", len(seen) == len(THEMES), sentence(
            "Security, economy and diplomacy were all observed after the first year." if len(seen) == len(THEMES)
            else f"Not observed after the first year: {listed(sorted(set(THEMES) - seen))}.")),
        Check("Peers", peers, sentence(
            "At least three peers could be compared." if peers else "Fewer than three peers could be compared.")),
    ]  # fmt: skip


def both_sides(
    state: str, own: Moved, peers: dict[str, Moved], turns: Sequence[Turn], numbers: Sequence[Number]
) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    """What speaks for a move away, and against it; a change that may be none speaks against."""
    sides: dict[bool, list[Sentence]] = {True: [], False: []}
    name = state_name(state)
    unclear = []
    for theme in sorted(own.seen()):
        verdict = judge(below(own.total[theme]))
        if verdict == "undecided":
            unclear.append(f"in {theme} {{theme.{theme}|full}}")
        else:
            said = sentence(f"{theme.capitalize()} moved by {{theme.{theme}|full}}.", numbers)
            sides[verdict == "supported"].append(said)
    for group, themes in own.groups.items():
        verdict = judge(below(themes[ALL]))
        if verdict == "undecided":
            unclear.append(f"with {group} {{group.{slug(group)}|full}}")
        else:
            sides[verdict == "supported"].append(sentence(f"With {group}: {{group.{slug(group)}|full}}.", numbers))
    if unclear:
        sides[False].append(sentence(f"No clear change: {listed(unclear)}.", numbers))
    deeper = [code for code, one in peers.items() if one.total[ALL][0] < own.total[ALL][0]]
    if deeper:
        each = listed([f"{state_in_sentence(code)} ({{peer.{code}}})" for code in deeper])
        sides[False].append(sentence(f"The same partners lost more with {each}: it is not {name} alone.", numbers))
    elif peers:
        sides[True].append(sentence(f"No comparable power fell more than {name}.", numbers))
    for key, turn in turns:
        up = turn["direction"] == "up"
        text = f"turned {'closer' if up else 'apart'} in {turn['year']}: {{{key}.turn.{turn['year']}|full}}."
        sides[not up].append(sentence(f"{pair_name(key)} {text}", numbers))
    return tuple(sides[True]), tuple(sides[False])


def not_covered(own: Moved, first: int) -> tuple[Sentence, ...]:
    """What the answer leaves open."""
    missing = unseen(list(own.pairs.values()))
    said = [
        "Alignment belongs to a pair: it does not say which of the two moved.",
        "A channel without an observation after the first year adds no change, only uncertainty.",
        "Tariffs, export controls, investment and technology are in no channel of the library.",
    ]
    if missing:
        titles = listed([mid_sentence(title) for title in missing], "or")
        said.insert(0, f"Not observed for any of these pairs after {first}: {titles}.")
    return tuple(sentence(text) for text in said)


def tables(state: str, own: Moved, peers: dict[str, Moved]) -> tuple[Table, ...]:
    """The changes by group and theme of the state and its peers, and by pair."""
    columns = ("state", "name", "group", "theme", "change", "low", "high")
    rows = []
    for code, one in {state: own, **peers}.items():
        for group, themes in {"all groups": one.total, **one.groups}.items():
            for theme, (mean, sd) in themes.items():
                rows.append((code, state_name(code), group, theme, mean, mean - Z90 * sd, mean + Z90 * sd))
    pairs = tuple(
        (key, theme, found.mean[theme], found.variance[theme] ** 0.5, " ".join(found.seen.get(theme, ())))
        for key, found in sorted(own.pairs.items()) for theme in (ALL, *THEMES)
    )  # fmt: skip
    by_channel = tuple(
        (key, name, CHANNELS[name].theme, part)
        for key, found in sorted(own.pairs.items()) for name, part in found.channels.items()
    )  # fmt: skip
    return (
        Table("changes", "Change of alignment by group and theme", columns, tuple(rows)),
        Table(
            "changes_by_pair", "Change of alignment by pair and theme", ("key", "theme", "change", "sd", "channels"), pairs
        ),
        Table("changes_by_channel", "Change of alignment by pair and channel", ("key", "channel", "theme", "change"), by_channel),
    )  # fmt: skip


def alone(state: str, partners: dict[str, list[str]], own: Moved) -> list[str]:
    """Pairs with partners that stand alone in their group."""
    keys = [pair_key(state, states[0]) for states in partners.values() if len(states) == 1]
    return [key for key in keys if key in own.pairs]
