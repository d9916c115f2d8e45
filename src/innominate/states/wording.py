"""What we say when a state cannot be found: dates, neighbours in time, and the nearest spellings."""

from __future__ import annotations

import datetime as dt

from innominate.states.registry import ENDLESS, Registry, registry
from innominate.states.resolution import Miss, When, days
from innominate.states.spelling import fold

_WORTH_SAYING = 60.0


def suggest(text: str, n: int = 3) -> list[str]:
    """Give the codes of the states whose names or codes are most like ``text``.

    Parameters
    ----------
    text : a misspelt name or code
    n : at most so many

    Returns
    -------
    list of str
        codes, best first; fewer than ``n`` where nothing more is near
    """
    from rapidfuzz import fuzz, process

    wanted = fold(str(text))
    if not wanted or n < 1:
        return []
    known = registry()
    choices = {str(key): uses[0].code for key, uses in known.claims["name"].items()}
    choices.update({code.casefold(): code for code in known.states})
    ranked = process.extract(wanted, list(choices), scorer=fuzz.ratio, limit=8 * n, score_cutoff=_WORTH_SAYING)
    return list(dict.fromkeys(choices[key] for key, _, _ in ranked))[:n]


def unmeasured(code: str) -> str | None:
    """Why a place that datasets name is not among the states that are measured; None where it is one, or unknown."""
    place = registry().states.get(code)
    if place is None or place.kind == "state":
        return None
    what = "an observer of the United Nations" if place.kind == "observer" else "a territory"
    return f"{place.name}, {what} in the registry, is not among the states measured"


def _called(code: str, known: Registry) -> str:
    return f"{known.states[code].name} ({code})"


def _listed(parts: list[str], last: str) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def _existed(code: str, known: Registry) -> str:
    spans = [
        f"since {span.start}" if span.end == ENDLESS else f"from {span.start} to {span.end}"
        for span in known.existence[code]
    ]
    return _listed(spans, "and")


def _neighbours(code: str, when: dt.date, known: Registry) -> str:
    """Name the successors of a state that has ended, or the predecessors of one that has yet to begin."""
    ended = when > known.existence[code][0].start
    links = (known.successors if ended else known.predecessors).get(code, ())
    if ended:
        links = tuple(link for link in links if link.kind != "separated")
    if not links:
        return ""
    others = list(dict.fromkeys(_called(link.code, known) for link in links))
    noun = ("successor" if ended else "predecessor") + ("s" if len(others) > 1 else "")
    return f"; {noun}: {_listed(others, 'and')}"


def _absence(code: str, when: When, known: Registry) -> str:
    """Say when a state existed, or, if it did exist, that it went by another name or code."""
    span = days(when if when is not None else dt.date.max)
    if known.exists(code, span):
        return f"{_called(code, known)} was so called at other times only"
    return f"{_called(code, known)} existed {_existed(code, known)}{_neighbours(code, span.start, known)}"


def explain(value: str | int, when: When, system: str, miss: Miss) -> str:
    """Word a miss in one line."""
    known = registry()
    shown = repr(value if len(str(value)) <= 80 else str(value)[:77] + "...")
    if miss.reason == "unknown":
        near = [_called(code, known) for code in suggest(str(value))]
        kind = "" if system == "any" else f" in the system {system}"
        return f"{shown} is no state we know{kind}" + (f"; did you mean {_listed(near, 'or')}?" if near else "")
    if miss.reason == "ambiguous":
        several = _listed([f"{_called(code, known)}, {_existed(code, known)}" for code in miss.codes], "or")
        return f"{shown} may mean {several}; " + ("give a year" if when is None else "say which")
    parts = [_absence(code, when, known) for code in miss.codes]
    near = [_called(code, known) for code in suggest(str(value)) if code not in miss.codes]
    hint = "" if any("cessor" in part for part in parts) or not near else f"; did you mean {_listed(near, 'or')}?"
    return f"{shown} is no state in {when}: {'; '.join(parts)}{hint}"
