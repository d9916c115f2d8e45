"""Eight numbers at a time inside compiled kernels, written like one.

A recursion over periods cannot be vectorised along the periods: each step waits for the one before. Eight pairs side by side can.
:func:`at` reads a number from a vector of numbers and `Lanes` from a matrix with one row a step and one column a pair;
arithmetic and the functions below work on both, so that one text serves for one pair and for eight. LLVM splits `Lanes` into
what the processor has.

For use in compiled kernels only. A matrix is contiguous, of float64, and LANES wide; row numbers are not checked. Everything
here is written out where it is used, without functions of its own, so that kernels compile quickly. Sums and products are rounded one by
one: were they contracted, the same kernel would give other last bits freshly compiled than read from a cache.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

LANES = 8

_NUMBER, _WHOLE, _PLACE = ir.DoubleType(), ir.IntType(64), ir.IntType(32)
_NUMBERS = ir.VectorType(_NUMBER, LANES)
_EVERY = ir.Constant(ir.VectorType(_PLACE, LANES), None)
_ROUNDING = 6755399441055744.0  # 1.5 × 2^52: added to a number it rounds it, and the last bits are the whole number
_LOG2_E, _LN2_HIGH, _LN2_LOW = 1.4426950408889634, 0.693147180369123816490, 1.90821492927058770002e-10
_ROOT_2 = math.sqrt(2.0)
_ARTANH = tuple(2.0 / k for k in range(21, 0, -2))
_EXPONENTIAL = tuple(1.0 / math.factorial(k) for k in range(13, -1, -1))
_ABOVE = (
    3.52624965998911e-02, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931, 220.206867912376,
)  # fmt: skip
_UNDER = (
    8.83883476483184e-02, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831, 793.826512519948,
    440.413735824752,
)  # fmt: skip


class LanesType(types.Type):
    """Numba's type of eight numbers at a time."""

    def __init__(self) -> None:
        super().__init__(name="Lanes")


lanes = LanesType()


@register_model(LanesType)
class _Model(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, _NUMBERS)


class _Written:
    """A number, or Lanes, while a kernel is generated: operators write instructions."""

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder, self.value = builder, value

    def __add__(self, other: Any) -> _Written:
        return self._made(self.builder.fadd(self.value, self._same(other)))

    def __sub__(self, other: Any) -> _Written:
        return self._made(self.builder.fsub(self.value, self._same(other)))

    def __mul__(self, other: Any) -> _Written:
        return self._made(self.builder.fmul(self.value, self._same(other)))

    def __truediv__(self, other: Any) -> _Written:
        return self._made(self.builder.fdiv(self.value, self._same(other)))

    def __neg__(self) -> _Written:
        return self._made(self.builder.fneg(self.value))

    def least(self, other: Any) -> _Written:
        """The smaller of two."""
        return self.where("<", other, self, other)

    def most(self, other: Any) -> _Written:
        """The larger of two."""
        return self.where(">", other, self, other)

    def where(self, order: str, other: Any, held: Any, failed: Any) -> _Written:
        """`held` where it stands in an order to another, elsewhere `failed`."""
        holds = self.builder.fcmp_ordered(order, self.value, self._same(other))
        return self._made(self.builder.select(holds, self._same(held), self._same(failed)))

    def root(self) -> _Written:
        """Square root."""
        kind = self.value.type
        name = "llvm.sqrt.f64" if kind == _NUMBER else f"llvm.sqrt.v{LANES}f64"
        named = cgutils.get_or_insert_function(self.builder.module, ir.FunctionType(kind, [kind]), name)
        return self._made(self.builder.call(named, [self.value]))

    def power(self) -> _Written:
        """e to the power of it: 2^k times the exponential series of what is left, which is at most half of ln 2."""
        x = self.least(700.0).most(-700.0)
        rounded = x * _LOG2_E + _ROUNDING
        whole = rounded - _ROUNDING
        total = _series(_EXPONENTIAL, x - whole * _LN2_HIGH - whole * _LN2_LOW)
        return self._of_bits(self.builder.add(total.bits(), self.builder.shl(rounded.bits(), self._whole(52))))

    def logarithm(self) -> _Written:
        """Natural logarithm: of 2^k m, m between the square roots of 1/2 and 2, k ln 2 + 2 artanh((m - 1) / (m + 1))."""
        k, m = self.exponent(), self.mantissa()
        k = m.where(">", _ROOT_2, k + 1.0, k)
        m = m.where(">", _ROOT_2, m * 0.5, m)
        s = (m - 1.0) / (m + 1.0)
        return k * _LN2_LOW + s * _series(_ARTANH, s * s) + k * _LN2_HIGH

    def unless_zero(self, other: Any) -> _Written:
        """It, or another where it is nought."""
        return self.where("!=", 0.0, self, other)

    def below(self) -> _Written:
        """Share of the normal distribution below it (Hart 1968, Computer Approximations, 5666; West 2005, Wilmott Magazine)."""
        far = self.most(-self).least(37.0)
        tail = (far * far * -0.5).power() * _series(_ABOVE, far) / _series(_UNDER, far)
        return self.where("<", 0.0, tail, -tail + 1.0)

    def mantissa(self) -> _Written:
        """The number from 1 up to 2 that times a power of two is it."""
        kept = self.builder.and_(self.bits(), self._whole(0x000FFFFFFFFFFFFF))
        return self._of_bits(self.builder.or_(kept, self._whole(0x3FF0000000000000)))

    def exponent(self) -> _Written:
        """That power of two, read as the last bits of 2^52, so that no whole number has to become another."""
        shifted = self.builder.lshr(self.bits(), self._whole(52))
        return self._of_bits(self.builder.or_(shifted, self._whole(0x4330000000000000))) - (2.0**52 + 1023.0)

    def bits(self) -> Any:
        """The same as whole numbers."""
        return self.builder.bitcast(self.value, _WHOLE if self.value.type == _NUMBER else ir.VectorType(_WHOLE, LANES))

    def _of_bits(self, bits: Any) -> _Written:
        return self._made(self.builder.bitcast(bits, self.value.type))

    def _whole(self, number: int) -> Any:
        kind = self.bits().type
        return ir.Constant(kind, number if kind == _WHOLE else [number] * LANES)

    def _same(self, other: Any) -> Any:
        if isinstance(other, _Written):
            return other.value
        return ir.Constant(self.value.type, other if self.value.type == _NUMBER else [other] * LANES)

    def _made(self, value: Any) -> _Written:
        return _Written(self.builder, value)


def _series(coefficients: tuple[float, ...], x: _Written) -> _Written:
    """A polynomial, the highest power first."""
    total = x * coefficients[0] + coefficients[1]
    for coefficient in coefficients[2:]:
        total = total * x + coefficient
    return total


def _filled(builder: Any, number: Any) -> Any:
    """Lanes full of one number."""
    none = ir.Constant(_NUMBERS, ir.Undefined)
    return builder.shuffle_vector(builder.insert_element(none, number, _PLACE(0)), none, _EVERY)


def _generated(build: Callable[..., _Written]) -> Callable[..., Any]:
    """The code of a function of numbers and Lanes; beside Lanes a number stands for eight."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        several, given = lanes in sig.args, []
        for kind, value in zip(sig.args, args, strict=True):
            number = value if kind == lanes else context.cast(builder, value, kind, types.float64)
            given.append(_Written(builder, _filled(builder, number) if several and kind != lanes else number))
        return build(*given).value

    return generate


def _operator(function: Any, build: Callable[[_Written, _Written], _Written]) -> None:
    """Give an operator its meaning for Lanes, or Lanes and a number."""
    couples = [(lanes, lanes), (lanes, types.float64), (types.float64, lanes)]
    cases = [signature(lanes, *couple) for couple in couples]
    infer_global(function)(type(f"Lanes{function.__name__}", (ConcreteTemplate,), {"cases": cases}))
    for couple in couples:
        lower_builtin(function, *couple)(_generated(build))


for _operation, _in_place, _build in (
    (operator.add, operator.iadd, lambda a, b: a + b),
    (operator.sub, operator.isub, lambda a, b: a - b),
    (operator.mul, operator.imul, lambda a, b: a * b),
    (operator.truediv, operator.itruediv, lambda a, b: a / b),
):
    _operator(_operation, _build)
    _operator(_in_place, _build)


def _kind(*given: Any) -> Any:
    """What a function of numbers and Lanes gives."""
    return lanes if lanes in given else types.float64


@intrinsic
def least(typing, x, y):  # type: ignore[no-untyped-def]
    """The smaller of two, entry by entry."""
    return _kind(x, y)(x, y), _generated(lambda x, y: x.least(y))


@intrinsic
def most(typing, x, y):  # type: ignore[no-untyped-def]
    """The larger of two, entry by entry."""
    return _kind(x, y)(x, y), _generated(lambda x, y: x.most(y))


@intrinsic
def root(typing, x):  # type: ignore[no-untyped-def]
    """Square root."""
    return _kind(x)(x), _generated(lambda x: x.root())


@intrinsic
def power(typing, x):  # type: ignore[no-untyped-def]
    """e to the power of x, to two units in the last place; x is cut at ±700."""
    return _kind(x)(x), _generated(lambda x: x.power())


@intrinsic
def logarithm(typing, x):  # type: ignore[no-untyped-def]
    """Natural logarithm to two units in the last place; x positive, normal and finite."""
    return _kind(x)(x), _generated(lambda x: x.logarithm())


@intrinsic
def unless_zero(typing, x, y):  # type: ignore[no-untyped-def]
    """x, or y where x is nought."""
    return _kind(x, y)(x, y), _generated(lambda x, y: x.unless_zero(y))


@intrinsic
def below(typing, x):  # type: ignore[no-untyped-def]
    """Share of the standard normal distribution below x, to 3e-16; beyond seven spreads tails err by a millionth of themselves."""
    return _kind(x)(x), _generated(lambda x: x.below())


@intrinsic
def mantissa(typing, x):  # type: ignore[no-untyped-def]
    """The number from 1 up to 2 that times a power of two is x; x positive, normal and finite."""
    return _kind(x)(x), _generated(lambda x: x.mantissa())


@intrinsic
def exponent(typing, x):  # type: ignore[no-untyped-def]
    """That power of two."""
    return _kind(x)(x), _generated(lambda x: x.exponent())


@intrinsic
def total(typing, x):  # type: ignore[no-untyped-def]
    """The sum of eight numbers, pair by pair; of one number itself."""

    def generate(context, builder, sig, args):  # type: ignore[no-untyped-def]
        value, width = args[0], LANES
        while sig.args[0] == lanes and width > 1:
            width //= 2
            nothing = ir.Constant(value.type, ir.Undefined)
            low, high = (
                builder.shuffle_vector(value, nothing, ir.Constant(ir.VectorType(_PLACE, width), list(places)))
                for places in (range(width), range(width, 2 * width))
            )
            value = builder.fadd(low, high)
        return builder.extract_element(value, _PLACE(0)) if sig.args[0] == lanes else value

    return types.float64(x), generate


@intrinsic
def at(typing, array, row):  # type: ignore[no-untyped-def]
    """The number at a place of a vector, or the Lanes in a row of a matrix."""
    made = array.dtype if array.ndim == 1 else lanes

    def generate(context, builder, sig, args):  # type: ignore[no-untyped-def]
        return builder.load(_place(context, builder, sig.args[0], *args), align=8)

    return made(array, types.int64), generate


@intrinsic
def put(typing, array, row, value):  # type: ignore[no-untyped-def]
    """Write what :func:`at` reads."""

    def generate(context, builder, sig, args):  # type: ignore[no-untyped-def]
        builder.store(args[2], _place(context, builder, sig.args[0], *args[:2]), align=8)
        return context.get_dummy_value()

    return types.void(array, types.int64, array.dtype if array.ndim == 1 else lanes), generate


@intrinsic
def like(typing, array, number):  # type: ignore[no-untyped-def]
    """A number as :func:`at` would read it from an array."""

    def generate(context, builder, sig, args):  # type: ignore[no-untyped-def]
        return args[1] if sig.return_type == types.float64 else _filled(builder, args[1])

    return (types.float64 if array.ndim == 1 else lanes)(array, types.float64), generate


def _place(context: Any, builder: Any, kind: Any, value: Any, row: Any) -> Any:
    """Pointer to an entry of a vector, or to a row of a matrix as Lanes."""
    if kind.dtype != types.float64 or kind.layout != "C" or kind.ndim > 2:
        raise TypeError(f"{kind}: a contiguous vector or matrix of float64 is wanted")
    data = context.make_array(kind)(context, builder, value).data
    if kind.ndim == 1:
        return builder.gep(data, [row], inbounds=True)
    first = builder.gep(data, [builder.mul(row, _WHOLE(LANES))], inbounds=True)
    return builder.bitcast(first, _NUMBERS.as_pointer())
