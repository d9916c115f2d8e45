"""How a share is printed: what is more than nothing is never shown as nothing, nor less than all as all."""

from __future__ import annotations


def percent(share: float) -> str:
    """A share in whole percent.

    >>> percent(0.47), percent(0.0), percent(0.00003), percent(0.9996), percent(1.0)
    ('47%', '0%', 'under 1%', 'over 99%', '100%')
    """
    told = f"{100 * share:.0f}%"
    if told == "0%" and share > 0:
        return "under 1%"
    return "over 99%" if told == "100%" and share < 1 else told
