"""The dense textbook version of Poisson factorisation, one einsum a step: what the kernels must agree with."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln


@dataclass
class Naive:
    """Dense updates in the order of innominate.blocs.factorisation; exposure is dense too, 0 where a cell is not observed."""

    counts: np.ndarray
    exposure: np.ndarray
    means: list
    logs: list
    alpha: float
    beta: list

    def __post_init__(self) -> None:
        letters = "abcdef"[: self.counts.ndim]
        self.full = ",".join(f"{x}k" for x in letters) + f"->{letters}k"

    def product(self, factors: list) -> np.ndarray:
        return np.einsum(self.full, *factors)

    def iterate(self) -> None:
        share = self.product([np.exp(log) for log in self.logs])
        total = share.sum(axis=-1)
        self.allocated = share * (self.counts / np.where(total > 0, total, 1))[..., None]
        self.shapes, self.rates = list(self.means), list(self.means)
        for mode in range(self.counts.ndim):
            others = tuple(m for m in range(self.counts.ndim) if m != mode)
            ones = [np.ones_like(each) if m == mode else each for m, each in enumerate(self.means)]
            self.shapes[mode] = self.alpha + self.allocated.sum(axis=others)
            self.rates[mode] = self.alpha * self.beta[mode] + (self.product(ones) * self.exposure[..., None]).sum(
                axis=others
            )
            self.means[mode] = self.shapes[mode] / self.rates[mode]
            self.logs[mode] = digamma(self.shapes[mode]) - np.log(self.rates[mode])
            self.beta[mode] = 1 / self.means[mode].mean()

    def bound(self) -> float:
        seen = self.counts > 0
        inner = self.product([np.exp(log) for log in self.logs]).sum(axis=-1)
        value = (self.counts[seen] * np.log(inner[seen] * self.exposure[seen]) - gammaln(self.counts[seen] + 1)).sum()
        value -= (self.product(self.means).sum(axis=-1) * self.exposure).sum()
        for mode in range(self.counts.ndim):
            a, b, log, mean = self.shapes[mode], self.rates[mode], self.logs[mode], self.means[mode]
            prior = self.alpha * self.beta[mode]
            value += (self.alpha * math.log(prior) - gammaln(self.alpha) + (self.alpha - 1) * log - prior * mean).sum()
            value -= (a * np.log(b) - gammaln(a) + (a - 1) * log - b * mean).sum()
        return float(value)
