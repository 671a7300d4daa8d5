"""The kernels by which threads work together: a list of kernels, begun together, and waiting for the next list.

Threads that wait never come back to Python, so none waits for the interpreter's lock while another holds it.
"""

import ctypes
from typing import Any

from llvmlite import ir

from tfkws.training.native.compiler import lanes
from tfkws.training.native.llvm_code import INT, INT32, KERNEL, Code, Value

SPINS = 2_000  # looks before a waiting thread gives way to others
YIELDS = 2_000  # times it gives way before it sleeps
SLEEP_US = 300  # while nothing is to do

LIST, LENGTH, COUNTER = 1, 2, 3  # places of the shared numbers; the first counts lists


def run_list(module: Any, name: str) -> None:
    """Write the kernel that runs a list of kernels, all threads beginning each one together.

    Arguments: list (pairs: kernel, its arguments), its length, a counter that all threads share.
    """
    code = Code(module, name, lanes())
    steps, count, counter = code.arguments(3)
    with code.loop(0, count) as number:
        function = code.builder.inttoptr(code.load_whole(steps, number * 2).raw, KERNEL.as_pointer())
        given = code.builder.inttoptr(code.load_whole(steps, number * 2 + 1).raw, INT.as_pointer())
        code.builder.call(function, [given, code.thread.raw, code.threads.raw])
        _wait_for_all(code, counter)
    code.finish()


def lead(module: Any, name: str) -> None:
    """Write what the leading thread does: hand a list to all others, and run it with them.

    Arguments: the shared numbers, of which list, length and counter are set.
    """
    run = _list_runner(module, name)
    code = Code(module, name, lanes())
    shared = code.argument(0)
    code.builder.atomic_rmw("add", code.address(shared, 0, INT), ir.Constant(INT, 1), "acq_rel")
    code.builder.call(run, [code.address(shared, LIST, INT), code.thread.raw, code.threads.raw])
    code.finish()


def follow(module: Any, name: str) -> None:
    """Write what every other thread does, without end: wait for a list, and run its share.

    Arguments: the shared numbers.
    """
    run = _list_runner(module, name)
    code = Code(module, name, lanes())
    builder, shared = code.builder, code.argument(0)
    forever = code.function.append_basic_block()
    before = builder.block
    builder.branch(forever)
    builder.position_at_end(forever)
    done = builder.phi(INT)
    done.add_incoming(ir.Constant(INT, 0), before)
    seen = _wait(code, shared, lambda number: builder.icmp_signed("==", number, done), sleeps=True)
    builder.call(run, [code.address(shared, LIST, INT), code.thread.raw, code.threads.raw])
    done.add_incoming(seen, builder.block)
    builder.branch(forever)


def _list_runner(module: Any, name: str) -> Any:
    run_list(module, f"{name}_list")
    return module.globals[f"{name}_list"]


def _wait_for_all(code: Code, counter: Value) -> None:
    """Count this thread in, and wait until as many have come as there are threads."""
    builder = code.builder
    one = ir.Constant(INT, 1)
    before = builder.atomic_rmw("add", code.address(counter, 0, INT), one, "acq_rel")
    goal = builder.mul(builder.add(builder.sdiv(before, code.threads.raw), one), code.threads.raw)
    _wait(code, counter, lambda number: builder.icmp_signed("<", number, goal), sleeps=False)


def _wait(code: Code, place: Value, too_early: Any, sleeps: bool) -> Any:
    """Look at a shared number until it is no longer too early; give way after a while, and sleep after longer."""
    builder, function = code.builder, code.function
    start, check = builder.block, function.append_basic_block()
    again, after = function.append_basic_block(), function.append_basic_block()
    builder.branch(check)
    builder.position_at_end(check)
    looks = builder.phi(INT)
    looks.add_incoming(ir.Constant(INT, 0), start)
    seen = builder.load_atomic(code.address(place, 0, INT), "acquire", 8)
    builder.cbranch(too_early(seen), again, after)
    builder.position_at_end(again)
    more = builder.add(looks, ir.Constant(INT, 1))
    with builder.if_then(builder.icmp_signed(">", more, ir.Constant(INT, SPINS))):
        _call_system(builder, "sched_yield", [])
    if sleeps:
        with builder.if_then(builder.icmp_signed(">", more, ir.Constant(INT, SPINS + YIELDS))):
            _call_system(builder, "usleep", [SLEEP_US])
    looks.add_incoming(more, builder.block)
    builder.branch(check)
    builder.position_at_end(after)
    return seen


def _call_system(builder: Any, name: str, numbers: list[int]) -> None:
    address = system_function(name)
    if address:
        kind = ir.FunctionType(INT32, [INT32] * len(numbers))
        given = [ir.Constant(INT32, number) for number in numbers]
        builder.call(builder.inttoptr(ir.Constant(INT, address), kind.as_pointer()), given)


def system_function(name: str) -> int:
    """Return where a function of the system's C library lies; 0 where it has none."""
    try:
        return ctypes.cast(getattr(ctypes.CDLL(None), name), ctypes.c_void_p).value or 0
    except (AttributeError, OSError, TypeError):
        return 0
