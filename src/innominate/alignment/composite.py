"""How much each channel counts in the alignment: what friends do against what rivals do, half and half.

The channels of cooperation and the channels of conflict are the two sides of one balance, and each side is the plain mean of
its channels. Weights are declared, not learned: nothing that is foretold or that states sign enters them.
"""

from __future__ import annotations

from collections.abc import Sequence

from innominate.ledger import CHANNELS


def portions(channels: Sequence[str]) -> list[float]:
    """Weight of each channel; they sum to one. Where one side was never observed, the other is all there is."""
    signs = [CHANNELS[name].valence for name in channels]
    sides = len(set(signs))
    return [1.0 / (sides * signs.count(sign)) for sign in signs]
