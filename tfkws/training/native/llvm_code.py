"""Write kernels as LLVM code: whole numbers, floats and vectors of floats with Python's operators, and loops.

A kernel is a function `void(i64 *arguments, i64 thread, i64 threads)`. Its arguments are whole numbers and addresses;
every thread of a team calls it and does its own share.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

INT, FLOAT, BIT = ir.IntType(64), ir.FloatType(), ir.IntType(1)
INT32 = ir.IntType(32)
KERNEL = ir.FunctionType(ir.VoidType(), [INT.as_pointer(), INT, INT])
LOG2_OF_E, LN2_HIGH, LN2_LOW = 1.44269504088896341, 0.693359375, -2.12194440e-4
EXPONENTIAL = (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1)


@dataclass(frozen=True)
class Value:
    """A number of the running kernel.

    Attributes:
        code: the kernel that it belongs to.
        raw: LLVM's value: an i64, a float, or a vector of floats.
    """

    code: "Code"
    raw: Any

    @property
    def lanes(self) -> int:
        """Number of floats; 0 of a whole number."""
        return lanes_of(self.raw.type)

    def __add__(self, other: Any) -> "Value":
        return self._binary(other, "add", "fadd")

    def __sub__(self, other: Any) -> "Value":
        return self._binary(other, "sub", "fsub")

    def __mul__(self, other: Any) -> "Value":
        return self._binary(other, "mul", "fmul")

    def __floordiv__(self, other: Any) -> "Value":
        return self._binary(other, "sdiv", "sdiv")

    def __mod__(self, other: Any) -> "Value":
        return self._binary(other, "srem", "srem")

    def __truediv__(self, other: Any) -> "Value":
        return self._binary(other, "fdiv", "fdiv")

    def _binary(self, other: Any, for_int: str, for_float: str) -> "Value":
        one, two = self.code.alike(self, other)
        method = for_float if one.lanes else for_int
        return Value(self.code, getattr(self.code.builder, method)(one.raw, two.raw))

    def compare(self, sign: str, other: Any) -> Any:
        """Return LLVM's bit, or vector of bits, of a comparison such as "<"."""
        one, two = self.code.alike(self, other)
        builder = self.code.builder
        return (builder.fcmp_ordered if one.lanes else builder.icmp_signed)(sign, one.raw, two.raw)

    def maximum(self, other: Any) -> "Value":
        """Return the larger one of floats, lane by lane."""
        return self._chosen(">", other)

    def minimum(self, other: Any) -> "Value":
        """Return the smaller one of floats or whole numbers, lane by lane."""
        return self._chosen("<", other)

    def _chosen(self, sign: str, other: Any) -> "Value":
        one, two = self.code.alike(self, other)
        return Value(self.code, self.code.builder.select(one.compare(sign, two), one.raw, two.raw))


class Code:
    """The body of one kernel, written statement by statement.

    Args:
        module: LLVM module that gets the function.
        name: of the function.
        lanes: floats of a vector register.
    """

    def __init__(self, module: Any, name: str, lanes: int) -> None:
        self.module = module
        self.function = ir.Function(module, KERNEL, name)
        self.builder = ir.IRBuilder(self.function.append_basic_block())
        self.lanes = lanes
        arguments, thread, threads = self.function.args
        self._arguments = arguments
        self.thread, self.threads = Value(self, thread), Value(self, threads)

    def argument(self, number: int) -> Value:
        """Return one of the kernel's arguments, a whole number or an address."""
        return Value(self, self.builder.load(self.builder.gep(self._arguments, [ir.Constant(INT, number)])))

    def arguments(self, count: int) -> list[Value]:
        """Return the first `count` arguments."""
        return [self.argument(number) for number in range(count)]

    def whole(self, value: int) -> Value:
        """Return a whole number that is known now."""
        return Value(self, ir.Constant(INT, value))

    def number(self, value: float, lanes: int = 1) -> Value:
        """Return a float that is known now, in every lane."""
        one = ir.Constant(FLOAT, float(value))
        return Value(self, one if lanes == 1 else ir.Constant(vector(lanes), [one] * lanes))

    def as_float(self, whole: Value) -> Value:
        """Return a whole number as a float."""
        return Value(self, self.builder.sitofp(whole.raw, FLOAT))

    def splat(self, one: Value, lanes: int) -> Value:
        """Repeat a float in every lane."""
        if lanes == 1:
            return one
        nothing = ir.Constant(vector(lanes), ir.Undefined)
        first = self.builder.insert_element(nothing, one.raw, ir.Constant(INT32, 0))
        places = ir.Constant(ir.VectorType(INT32, lanes), [ir.Constant(INT32, 0)] * lanes)
        return Value(self, self.builder.shuffle_vector(first, nothing, places))

    def alike(self, one: Any, two: Any) -> tuple[Value, Value]:
        """Return two operands of one type; numbers of Python and single floats follow the wider operand."""
        wider = one if isinstance(one, Value) else two
        if isinstance(one, Value) and isinstance(two, Value) and two.lanes > one.lanes:
            wider = two
        return self._as(one, wider.lanes), self._as(two, wider.lanes)

    def _as(self, operand: Any, lanes: int) -> Value:
        if not isinstance(operand, Value):
            return self.number(operand, lanes) if lanes else self.whole(operand)
        return self.splat(operand, lanes) if operand.lanes == 1 and lanes > 1 else operand

    # -- memory

    def address(self, base: Value, offset: Any, kind: Any = FLOAT) -> Any:
        """Return LLVM's pointer to an element `offset` after the address `base`."""
        pointer = self.builder.inttoptr(base.raw, kind.as_pointer())
        return self.builder.gep(pointer, [self._as(offset, 0).raw])

    def load_whole(self, base: Value, offset: Any = 0) -> Value:
        """Read an i64."""
        return Value(self, self.builder.load(self.address(base, offset, INT)))

    def load(self, base: Value, offset: Any = 0, lanes: int = 1, mask: Any = None) -> Value:
        """Read floats; lanes that `mask` leaves out become zero."""
        pointer = self.address(base, offset)
        if lanes == 1:
            return Value(self, self.builder.load(pointer))
        pointer = self.builder.bitcast(pointer, vector(lanes).as_pointer())
        if mask is None:
            raw = self.builder.load(pointer)
            raw.align = 4
            return Value(self, raw)
        kinds = [pointer.type, INT32, mask.type, vector(lanes)]
        function = self._intrinsic(f"llvm.masked.load.v{lanes}f32.p0", vector(lanes), kinds)
        nothing = ir.Constant(vector(lanes), None)
        return Value(self, self.builder.call(function, [pointer, ir.Constant(INT32, 4), mask, nothing]))

    def store(self, value: Value, base: Value, offset: Any = 0, mask: Any = None) -> None:
        """Write floats; lanes that `mask` leaves out stay as they are in memory."""
        pointer = self.address(base, offset)
        if value.lanes == 1:
            self.builder.store(value.raw, pointer)
            return
        pointer = self.builder.bitcast(pointer, value.raw.type.as_pointer())
        if mask is None:
            self.builder.store(value.raw, pointer).align = 4
            return
        kinds = [value.raw.type, pointer.type, INT32, mask.type]
        function = self._intrinsic(f"llvm.masked.store.v{value.lanes}f32.p0", ir.VoidType(), kinds)
        self.builder.call(function, [value.raw, pointer, ir.Constant(INT32, 4), mask])

    def first_lanes(self, count: Value) -> Any:
        """Return the mask of the first `count` lanes of a vector, all of them where there are fewer."""
        wide = ir.VectorType(INT, self.lanes)
        numbers = ir.Constant(wide, [ir.Constant(INT, i) for i in range(self.lanes)])
        nothing = ir.Constant(wide, ir.Undefined)
        first = self.builder.insert_element(nothing, count.raw, ir.Constant(INT32, 0))
        places = ir.Constant(ir.VectorType(INT32, self.lanes), [ir.Constant(INT32, 0)] * self.lanes)
        return self.builder.icmp_signed("<", numbers, self.builder.shuffle_vector(first, nothing, places))

    # -- arithmetic

    def multiply_add(self, one: Value, two: Value, sum_so_far: Value) -> Value:
        """Return one * two + sum, rounded once."""
        kind = sum_so_far.raw.type
        function = self._intrinsic(f"llvm.fma.{suffix(kind)}", kind, [kind] * 3)
        raw = [self._as(value, sum_so_far.lanes).raw for value in (one, two, sum_so_far)]
        return Value(self, self.builder.call(function, raw))

    def sum_of_lanes(self, value: Value) -> Value:
        """Add up a vector, by halves."""
        if value.lanes == 1:
            return value
        function = self._intrinsic(f"llvm.vector.reduce.fadd.v{value.lanes}f32", FLOAT, [FLOAT, value.raw.type])
        zero = ir.Constant(FLOAT, -0.0)
        return Value(self, self.builder.call(function, [zero, value.raw], fastmath=("reassoc",)))

    def square_root(self, value: Value) -> Value:
        """Return the square root."""
        kind = value.raw.type
        return Value(self, self.builder.call(self._intrinsic(f"llvm.sqrt.{suffix(kind)}", kind, [kind]), [value.raw]))

    def exponential(self, value: Value) -> Value:
        """Return e to the value, within 2e-7 of it; values beyond -87 and 88 count as those.

        2 to a whole number times a polynomial, with the coefficients of Cephes' `expf`.
        """
        lanes = value.lanes
        value = value.maximum(-87.0).minimum(88.0)
        wholes = ir.VectorType(INT32, lanes) if lanes > 1 else INT32
        kind = value.raw.type
        rounded = self._intrinsic(f"llvm.rint.{suffix(kind)}", kind, [kind])
        power = Value(self, self.builder.call(rounded, [(value * LOG2_OF_E).raw]))
        rest = value - power * LN2_HIGH - power * LN2_LOW
        total = self.number(EXPONENTIAL[0], lanes)
        for coefficient in EXPONENTIAL[1:]:
            total = self.multiply_add(total, rest, self.number(coefficient, lanes))
        total = self.multiply_add(total * rest, rest, rest) + 1.0
        exponent = self.builder.fptosi(power.raw, wholes)
        moved = [ir.Constant(wholes, [constant] * lanes if lanes > 1 else constant) for constant in (127, 23)]
        bits = self.builder.shl(self.builder.add(exponent, moved[0]), moved[1])
        return total * Value(self, self.builder.bitcast(bits, kind))

    def select(self, bits: Any, one: Value, two: Any) -> Value:
        """Return `one` where the bits are set, else `two`."""
        one, other = self.alike(one, two)
        return Value(self, self.builder.select(bits, one.raw, other.raw))

    def _intrinsic(self, name: str, result: Any, kinds: Sequence[Any]) -> Any:
        known = self.module.globals.get(name)
        return known or ir.Function(self.module, ir.FunctionType(result, kinds), name)

    # -- control

    @contextmanager
    def loop(self, first: Any, end: Any, step: int = 1) -> Iterator[Value]:
        """Run the body for first, first + step and so on, below `end`."""
        first, end = self._as(first, 0), self._as(end, 0)
        before, head = self.builder.block, self.function.append_basic_block()
        body, after = self.function.append_basic_block(), self.function.append_basic_block()
        self.builder.branch(head)
        self.builder.position_at_end(head)
        place = self.builder.phi(INT)
        place.add_incoming(first.raw, before)
        self.builder.cbranch(self.builder.icmp_signed("<", place, end.raw), body, after)
        self.builder.position_at_end(body)
        yield Value(self, place)
        place.add_incoming(self.builder.add(place, ir.Constant(INT, step)), self.builder.block)
        self.builder.branch(head)
        self.builder.position_at_end(after)

    def fold(
        self,
        first: Any,
        end: Any,
        start: Sequence[Value],
        body: Callable[[Value, list[Value]], Sequence[Value]],
        step: int = 1,
    ) -> list[Value]:
        """Carry values through a loop: `body` gets the place and the values so far, and returns the next ones."""
        first, end = self._as(first, 0), self._as(end, 0)
        before, head = self.builder.block, self.function.append_basic_block()
        inside, after = self.function.append_basic_block(), self.function.append_basic_block()
        self.builder.branch(head)
        self.builder.position_at_end(head)
        place = self.builder.phi(INT)
        place.add_incoming(first.raw, before)
        carried = [self.builder.phi(value.raw.type) for value in start]
        for phi, value in zip(carried, start, strict=True):
            phi.add_incoming(value.raw, before)
        self.builder.cbranch(self.builder.icmp_signed("<", place, end.raw), inside, after)
        self.builder.position_at_end(inside)
        values = body(Value(self, place), [Value(self, phi) for phi in carried])
        place.add_incoming(self.builder.add(place, ir.Constant(INT, step)), self.builder.block)
        for phi, value in zip(carried, values, strict=True):
            phi.add_incoming(value.raw, self.builder.block)
        self.builder.branch(head)
        self.builder.position_at_end(after)
        return [Value(self, phi) for phi in carried]

    @contextmanager
    def when(self, bit: Any) -> Iterator[None]:
        """Run the body where a bit is set."""
        with self.builder.if_then(bit):
            yield

    def share(self, count: Value) -> tuple[Value, Value]:
        """Return the first item of this thread's share of `count` items, and the end of it."""
        return count * self.thread // self.threads, count * (self.thread + 1) // self.threads

    def finish(self) -> None:
        """End the kernel."""
        self.builder.ret_void()


def vector(lanes: int) -> Any:
    """LLVM's type of `lanes` floats."""
    return ir.VectorType(FLOAT, lanes)


def lanes_of(kind: Any) -> int:
    """Number of floats of an LLVM type; 0 of a whole number."""
    if isinstance(kind, ir.VectorType):
        return int(kind.count)
    return 1 if isinstance(kind, ir.FloatType) else 0


def suffix(kind: Any) -> str:
    """How LLVM's intrinsics name a type of floats."""
    return f"v{kind.count}f32" if isinstance(kind, ir.VectorType) else "f32"
