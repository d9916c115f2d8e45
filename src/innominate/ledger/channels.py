"""The channels through which states act, their themes, and how each is observed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from innominate.errors import InputError

Theme = Literal["security", "economy", "diplomacy"]
Kind = Literal["agreement", "count", "amount", "level", "share"]


@dataclass(frozen=True, slots=True)
class Channel:
    """One kind of act.

    Attributes
    ----------
    name : as it stands in the ``channel`` column
    title : for people
    theme : security, economy or diplomacy
    kind : how a pair-period is observed: ``agreement`` (of votes), ``count`` (of dated acts), ``amount`` (a positive
        sum), ``level`` (a state of affairs that lasts, e.g. joint memberships), ``share`` (of one count in another)
    unit : of the values
    valence : +1 where more of it is what allies do, -1 where more of it is what rivals do
    measured : whether it is an observation of alignment. Volumes of conflict events are not (they grow with
        attention; their share in all events is), nor are channels that see one state's or one body's partners only,
        from which no excess over both states' activity can be told, nor asylum, which friends and enemies give
    """

    name: str
    title: str
    theme: Theme
    kind: Kind
    unit: str
    valence: Literal[1, -1] = 1
    measured: bool = True

    @property
    def signed(self) -> bool:
        """Whether its values may lie below zero: log-odds of shares may, counts, amounts and levels may not."""
        return self.kind == "share"


_ALL = (
    Channel("votes", "UN General Assembly votes", "diplomacy", "agreement", "resolutions"),
    Channel("vetoes", "Security Council vetoes", "diplomacy", "count", "vetoes", measured=False),
    Channel("igo", "Joint membership of intergovernmental organisations", "diplomacy", "level", "organisations"),
    Channel("missions", "Diplomatic missions", "diplomacy", "level", "rank of mission"),
    Channel("visits", "High-level visits and meetings", "diplomacy", "count", "meetings", measured=False),
    Channel("verbal-cooperation", "Verbal cooperation in events", "diplomacy", "count", "events"),
    Channel("verbal-conflict", "Verbal conflict in events", "diplomacy", "count", "events", -1, measured=False),
    Channel("material-cooperation", "Material cooperation in events", "economy", "count", "events"),
    Channel("material-conflict", "Material conflict in events", "security", "count", "events", -1, measured=False),
    Channel("conflict-share", "Share of conflict in events", "security", "share", "log-odds", -1),
    Channel("arms", "Arms transfers", "security", "amount", "million TIV"),
    Channel("defence-agreements", "Defence cooperation agreements", "security", "level", "agreements in force"),
    Channel("exercises", "Joint military exercises", "security", "count", "exercises"),
    Channel("troop-support", "Troops sent to fight on the other's side", "security", "count", "conflict-years"),
    Channel("troops-stationed", "Troops stationed", "security", "level", "persons", measured=False),
    Channel("disputes", "Militarised interstate disputes", "security", "count", "disputes", -1),
    Channel("war", "Interstate armed conflict", "security", "count", "conflict-years", -1),
    Channel("trade", "Trade in goods", "economy", "amount", "million USD"),
    Channel("aid", "Aid", "economy", "amount", "million EUR", measured=False),
    Channel("sanctions", "Sanctions", "economy", "level", "sanctions in force", -1),
    Channel("refugees", "Refugees given asylum", "economy", "level", "persons", measured=False),
)

CHANNELS: dict[str, Channel] = {channel.name: channel for channel in _ALL}


def channel(name: str) -> Channel:
    """The channel called `name`; an :class:`InputError` names the channels there are."""
    try:
        return CHANNELS[name]
    except KeyError:
        raise InputError(f"there is no channel {name!r}; the channels are {', '.join(CHANNELS)}") from None


def channels_of(theme: str) -> tuple[str, ...]:
    """The measured channels of a theme; an :class:`InputError` names the themes there are."""
    if theme not in get_args(Theme):
        raise InputError(f"there is no theme {theme!r}; the themes are {', '.join(get_args(Theme))}")
    return tuple(one.name for one in _ALL if one.theme == theme and one.measured)
