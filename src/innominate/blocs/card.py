"""Components as cards: who, to whom, what, when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from innominate.blocs.exposed import exposed
from innominate.blocs.tensor import CountTensor, Floats

ROOTS = (
    "statement", "appeal", "intent to cooperate", "consult", "diplomatic cooperation", "material cooperation", "aid", "yield",
    "investigate", "demand", "disapprove", "reject", "threaten", "protest", "show of force", "reduce relations", "coerce",
    "assault", "fight", "mass violence",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """One component.

    Attributes
    ----------
    number : from 1, the heaviest first
    acts, share : expected acts of the component, and their share of all
    top : mode → its foremost labels with their share in the component
    course : mode "period" → share of the component in every period (T,), None where nothing was observed
    """

    number: int
    acts: float
    share: float
    top: dict[str, list[tuple[str, float]]]
    course: list[float | None]

    @property
    def title(self) -> str:
        """The card in a line."""
        who, whom = (", ".join(name for name, _ in self.top.get(mode, [])[:3]) for mode in ("source", "target"))
        what = ", ".join(name for name, _ in self.top.get("action", [])[:2])
        return f"{self.number}. {who} → {whom}" + (f": {what}" if what else "")


def cards(tensor: CountTensor, means: Sequence[Floats], most: int = 12, labels: int = 8) -> list[Card]:
    """The heaviest components of a factorisation or sparse core, given its means (each D_m, K)."""
    stacked = np.ascontiguousarray(np.concatenate(means))
    seen = exposed(tensor)
    sums = [seen.sums(m, stacked) for m in range(len(means))]
    shares = [
        each * seen.totals(m, stacked, sums) for m, each in enumerate(means)
    ]  # expected acts by row and component
    acts = shares[0].sum(axis=0)
    found = []
    for number, k in enumerate(np.argsort(-acts, kind="stable")[:most], 1):
        parts = {mode: each[:, k] / max(acts[k], 1e-300) for mode, each in zip(tensor.modes, shares, strict=True)}
        top = {
            mode: [
                (_wording(mode, tensor.labels[m][d]), float(parts[mode][d]))
                for d in np.argsort(-parts[mode], kind="stable")[:labels]
            ]
            for m, mode in enumerate(tensor.modes)
        }
        course = _course(tensor, parts["period"]) if "period" in parts else []
        found.append(Card(number, float(acts[k]), float(acts[k] / acts.sum()), top, course))
    return found


def _course(tensor: CountTensor, share: Floats) -> list[float | None]:
    seen = tensor.exposure[tensor.mode("period")].sum(axis=0) > 0
    return [float(value) if observed else None for value, observed in zip(share, seen, strict=True)]


def _wording(mode: str, label: str) -> str:
    if mode == "action" and label.isdigit():
        return ROOTS[int(label) - 1]
    return label.replace("-", " ") if mode == "action" else label
