"""A new case file, with comments, that a person fills in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from innominate import states as registry
from innominate.cases.registry import claim_tests
from innominate.cases.wording import listed, state_in_sentence
from innominate.errors import InputError
from innominate.readings.reading import SHAPES

_NAME = re.compile(r"^[a-z0-9][a-z0-9-]{0,80}$")
_BLANK = re.compile(r"<[^<>]+>", re.DOTALL)
MOST_STATES = 12
_FORM = """\
# A case for innominate: a question, some states, and claims that are put to tests.
#
#   innominate case check {name}.yaml                 # is the file right?
#   innominate run {name}.yaml --library DIR          # answer it: out/brief.html
#
# Replace what stands in <angle brackets>; lines that begin with # are remarks and may go.
# States are ISO 3166-1 codes ({codes}). A key that is misspelt is refused, with the nearest right one.

name: {name}
title: {title}
question: {question}
background: >-
  <Two or three sentences: why this is asked, and what is commonly said.>
states: [{states}]          # every pair of them is a pair of the case; at most {most}
comparisons:{comparisons}
years: [{first}, {last}]       # the years measured

claims:
  # Every claim names a test. The tests there are:
{tests}
  - id: act-as-allies
    title: {each} acts as allies do      # a statement: the verdict stands beside it
    statement: >-
      {names} do for one another what pairs of NATO members do.
    test: acts-as-allies
    with:
      since: {since}              # first year judged
      before: [{before_first}, {before_last}]    # the years compared with
      channels: 5              # how many channels must have looked at a pair before a year counts
      # joint_treaty: absent   # adds "and no treaty with a defence clause binds them all"

  - id: nothing-signed
    title: Nothing is signed
    statement: No treaty with a defence clause binds {pairs}.
    test: treaties-in-force
    with:
      signed: none             # none, some or all of the pairs
      obligation: defence

  - id: closing-ranks             # about the first two states; write one for every pair that is asked about
    title: {a} and {b} are closing ranks
    statement: >-
      {a} and {b} draw closer in security, and not by trade alone.
    test: readings             # rival explanations, weighed on the same trajectories
    with:
      claimed: closing-ranks
      early: [{before_first}, {before_last}]     # means over these years ...
      late: [{since}, {last}]      # ... and over these are compared
      channels: 5
      # A reading holds where all that it expects holds. `what` is a quantity of a pair: alignment, security, economy,
      # diplomacy, gap (conduct over what is usual for what is signed), commitment or a single channel, as in
      # "security {code_a}-{code_b}"; or a flow, as in "arms {code_a}>{code_b}". `is` is one of
{shapes}
      # `than` is the other quantity, `by` a margin, `level` for above and below. Units: 0 is the median pair of states
      # and 1 the median NATO pair; for single channels and flows, spreads over all pairs or flows.
      readings:
        - id: closing-ranks
          title: {a} and {b} are closing ranks
          rationale: <What those who hold this would point to, in fairness to them.>
          expects:
            - {{what: alignment {code_a}-{code_b}, is: rises, by: 0.1}}
            - {{what: security {code_a}-{code_b}, is: rises, by: 0.1}}
        - id: business
          title: It is business, not alliance
          rationale: <The same for this one.>
          expects:
            - {{what: economy {code_a}-{code_b}, is: rises, by: 0.1}}
            - {{what: security {code_a}-{code_b}, is: does-not-rise, by: 0.1}}
        - id: nothing-new
          title: Nothing has changed
          rationale: <And for this one.>
          expects:
            - {{what: alignment {code_a}-{code_b}, is: flat, by: 0.1}}
"""


def skeleton(
    name: str,
    states: Sequence[str],
    years: tuple[int, int],
    *,
    since: int | None = None,
    compare: Sequence[tuple[str, str]] = (),
    title: str = "",
    question: str = "",
) -> str:
    """A case file about some states, valid as it stands, in which a person fills in the words.

    Parameters
    ----------
    name : a-z, 0-9 and -
    states : codes, two or more
    years : first and last
    since : first year judged; by default the last third of the years
    compare : pairs shown beside the case's
    title, question : made from the states where empty

    Raises
    ------
    InputError : the name, the states or the years will not do
    """
    since = _checked(name, states, years, since, compare)
    first, last = years
    names = [state_in_sentence(code) for code in states]
    a, b = names[0], names[1]
    pairs = "the two" if len(names) == 2 else f"any two of {listed(names)}"
    return _FORM.format(
        name=name,
        codes=", ".join(f"{code} for {label}" for code, label in zip(states[:3], names, strict=False)),
        title=_quoted(title or _upper(listed(names, "and"))),
        question=_quoted(question or f"Do {listed(names)} act as allies, whatever they have or have not signed?"),
        states=", ".join(states),
        most=MOST_STATES,
        comparisons=_comparisons(compare),
        first=first,
        last=last,
        since=since,
        before_first=max(first, since - 10),
        before_last=since - 1,
        tests="\n".join(f"  #   {test}: {summary}" for test, summary in _tests()),
        each="The pair" if len(names) == 2 else "Each pair",
        names=_upper(listed(names)),
        pairs=pairs,
        a=_upper(a),
        b=b,
        code_a=min(states[0], states[1]),
        code_b=max(states[0], states[1]),
        shapes="\n".join(f"      #   {', '.join(SHAPES[k : k + 6])}" for k in range(0, len(SHAPES), 6)),
    )


def unfilled(text: str) -> list[tuple[int, str]]:
    """The lines of a case file in which something still stands in angle brackets for a person to fill in, with their numbers.

    >>> unfilled("name: x\\nbackground: <why this is asked>\\n# <a remark>")
    [(2, 'background: <why this is asked>')]
    """
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    return [(number, line) for number, line in lines if not line.startswith("#") and _BLANK.search(line)]


def filled(text: str) -> str:
    """The text of a case file as a brief prints it: nothing where it is still to be filled in."""
    return "" if _BLANK.fullmatch(text.strip()) else text


def _checked(
    name: str, states: Sequence[str], years: tuple[int, int], since: int | None, compare: Sequence[tuple[str, str]]
) -> int:
    if not _NAME.match(name):
        raise InputError(f"the name {name!r}: write it in a-z, 0-9 and -, e.g. tehran-damascus")
    if len(set(states)) != len(states):
        raise InputError("a state stands twice")
    if not 2 <= len(states) <= MOST_STATES:
        raise InputError(f"a case is about 2 to {MOST_STATES} states, not {len(states)}")
    first, last = years
    if last - first < 5:
        raise InputError(f"the years {first}:{last} are too few to compare spans in; give six or more")
    since = last - max((last - first) // 3, 2) if since is None else since
    if not first + 2 <= since <= last:
        raise InputError(f"since {since}: give a year from {first + 2} to {last}")
    gone = [code for code in dict.fromkeys((*states, *sum(compare, ()))) if not _lived(code, first, last)]
    if gone:
        raise InputError(f"{listed([state_in_sentence(code) for code in gone])} did not exist in {first}-{last}")
    return since


def _lived(code: str, first: int, last: int) -> bool:
    return any(registry.exists(code, year) for year in range(first, last + 1))


def _comparisons(pairs: Sequence[tuple[str, str]]) -> str:
    if not pairs:
        return " []              # pairs shown beside them, e.g. [[USA, JPN], [CHN, PAK]]"
    return "".join(f"\n  - [{a}, {b}]" for a, b in pairs)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _quoted(text: str) -> str:
    """Text as a YAML scalar on one line."""
    import json

    return json.dumps(" ".join(text.split()), ensure_ascii=False)


def _tests() -> list[tuple[str, str]]:
    """Every test and what it judges."""
    found = []
    for name, test in claim_tests().items():
        summary = (test.run.__doc__ or "").strip().split("\n\n")[0].split("\n")[0]
        found.append((name, summary[:1].lower() + summary[1:].rstrip(".")))
    return found
