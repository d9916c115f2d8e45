"""Special functions inside compiled kernels, where the processor's vectors are to be used and the C library's are not."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

_MATHS = {"reassoc", "contract", "nsz", "arcp"}
_LEAST, _MOST = 2.3e-308, 1.7e308  # numbers whose bits are exponent and mantissa
_SHIFT, _BIAS = np.uint64(52), np.uint64(1023)
_UP = np.uint64(0x3FF0000000000000 - 0x3FE6A09E667F3BCD)  # from the square root of one half to 1


@njit(cache=True, error_model="numpy", inline="always")
def digamma_lgamma(x):  # type: ignore[no-untyped-def]
    """Digamma and log gamma for x > 0: recurrence by 8 and Stirling's series (Abramowitz and Stegun 6.1.40, 6.3.18)."""
    top, bottom = 0.0, 1.0  # sum and product of 1 / (x + i) and x + i, i = 0 … 7, as one fraction
    for step in range(8):
        top = top * (x + step) + bottom
        bottom *= x + step
    y = x + 8.0
    inverse, log_y = 1.0 / y, math.log(y)
    square = inverse * inverse
    tail = 1 / 12 - square * (
        1 / 120 - square * (1 / 252 - square * (1 / 240 - square * (1 / 132 - square * 691 / 32760)))
    )
    digamma = log_y - 0.5 * inverse - square * tail - top / bottom
    tail = 1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))
    lgamma = (y - 0.5) * log_y - y + 0.91893853320467274178 + inverse * tail - math.log(bottom)
    return digamma, lgamma


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_MATHS)
def weighted_logs(weights, values, room):  # type: ignore[no-untyped-def]
    """Sum of weight × log value, to two units in the last place of each logarithm.

    weights (n,); values (≥ n,) ≥ 0; room (≥ n,) float64 is overwritten. With value = 2^e m, m between the square roots of 1/2
    and 2, log value = e log 2 + 2 artanh s with s = (m - 1) / (m + 1), whose series is summed (Abramowitz and Stegun 4.1.27):
    no branches, so that four values or more go at a time.
    """
    size, bits = weights.shape[0], room.view(np.uint64)
    plain, total, exponents = True, 0.0, 0.0
    for n in range(size):
        room[n] = np.float64(values[n])
        plain &= (room[n] >= _LEAST) & (room[n] <= _MOST)  # false for what is no number
    if not plain:
        for n in range(size):
            total += weights[n] * math.log(room[n])
        return total
    for n in range(size):
        exponent = (bits[n] + _UP) >> _SHIFT
        bits[n] -= (exponent - _BIAS) << _SHIFT
        exponents += weights[n] * (np.float64(np.int64(exponent)) - 1023.0)
    for n in range(size):
        s = (room[n] - 1.0) / (room[n] + 1.0)
        z = s * s
        tail = 1 / 11 + z * (1 / 13 + z * (1 / 15 + z * (1 / 17 + z * (1 / 19 + z / 21))))
        tail = 1 / 3 + z * (1 / 5 + z * (1 / 7 + z * (1 / 9 + z * tail)))
        total += weights[n] * (2 * s + 2 * s * z * tail)
    return total + exponents * math.log(2.0)
