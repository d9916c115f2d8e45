"""Changes by channel: their sum is the change of the alignment, their variance that of the dense Gaussian."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from innominate.alignment import model
from innominate.alignment.change import changes
from innominate.alignment.composite import portions
from innominate.alignment.fit import AlignmentFit
from innominate.alignment.scale import Scale
from innominate.alignment.turns import Turns
from tests.alignment.naive import dense_posterior
from tests.alignment.simulated import CHANNELS, draw


@pytest.fixture(scope="module")
def fit() -> AlignmentFit:
    drawn = draw(31)
    evidence = model.prepare(drawn.panel)
    told = tuple(  # one class in effect, so that the posterior is one Gaussian
        replace(one, share=np.array([0.998, 0.001, 0.001]), scale=one.scale[[2, 2, 2]], level=one.level[[2, 2, 2]],
                noise=one.noise[[2, 2, 2]])
        for one in drawn.parameters
    )  # fmt: skip
    shape = evidence.channels[0].z.shape
    turned = Turns.none(len(told), shape)
    turned.pace[:, :, 12] = 3.0
    found = model.compose(evidence, told, turned.pace)
    scale = Scale(0.1, 1.6, 0.7, (1990, 2019))
    return AlignmentFit(None, drawn.panel, evidence, told, scale, found, turned)  # type: ignore[arg-type]


def test_changes_sum_to_the_change_of_the_alignment(fit: AlignmentFit) -> None:
    for pair, before, after in ((0, 3, 20), (77, 11, 12), (500, 0, 29)):
        whole = sum(one.mean for one in changes(fit, pair, before, after))
        assert whole == pytest.approx((fit.mean[pair, after] - fit.mean[pair, before]) / 1.5, abs=1e-10)


def test_variances_are_those_of_the_dense_gaussian(fit: AlignmentFit) -> None:
    pair, before, after = 77, 5, 18
    for k, one in enumerate(changes(fit, pair, before, after)):
        channel, found = fit.evidence.channels[k], fit.parameters[k]
        spread = 1 / found.precision(fit.evidence.grid)[0][channel.cell[pair]]
        quiet = 1 - found.persistence[0] ** 2
        steps = np.r_[1.0, np.full(len(spread) - 1, quiet)]
        steps[12] = min(3.0 * quiet, 1.0)
        mean, covariance, *_ = dense_posterior(
            channel.z[pair].astype(float), spread, found.scale[0], found.level[0], found.persistence[0], steps
        )
        turn = np.zeros(len(mean))
        turn[after], turn[before] = found.scale[0], -found.scale[0]
        share = portions(CHANNELS)[k] / 1.5
        assert one.mean == pytest.approx(turn @ mean * share, abs=1e-9)
        assert one.variance == pytest.approx(turn @ covariance @ turn * share**2, abs=1e-9)


def test_what_was_not_seen_is_said_to_be_unseen(fit: AlignmentFit) -> None:
    seen = {one.channel: one.seen for one in changes(fit, 8, 22, 28)}
    assert seen["votes"]
    assert not seen["igo"]  # ended
