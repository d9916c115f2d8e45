"""How much each channel counts in the alignment: half way between two sides of one balance and all channels alike.

What friends do and what rivals do are two sides, and there are fewer channels of conflict. To count every channel alike would
let friendly volume drown a quarrel; to balance the sides would let four channels decide as much as ten. The weight of a
channel is the mean of the two. Weights are declared, not learned: nothing that is foretold or that states sign enters them.
"""

from __future__ import annotations

from collections.abc import Sequence

from innominate.ledger import CHANNELS


def portions(channels: Sequence[str]) -> list[float]:
    """Weight of each channel; they sum to one. Where one side was never observed, the other is all there is."""
    signs = [CHANNELS[name].valence for name in channels]
    sides = len(set(signs))
    return [0.5 / (sides * signs.count(sign)) + 0.5 / len(signs) for sign in signs]
