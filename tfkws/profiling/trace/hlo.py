"""Which layers each instruction of a program compiled by XLA serves, read from the program's text.

XLA keeps with an instruction the path of name scopes that it came from. A fusion holds instructions of several layers,
and an instruction that the compiler made itself holds no path: it belongs to the layer whose weights it reads, as the
transposition of a kernel does, or else to the layer that reads what it computes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tfkws.profiling.trace.scopes import position_in

Layers = frozenset[int]

# Instructions without work: what stands in a fusion only to bring a value there.
_FREE = frozenset(
    [
        "parameter",
        "constant",
        "bitcast",
        "broadcast",
        "iota",
        "reshape",
        "tuple",
        "get-tuple-element",
        "after-all",
        "optimization-barrier",
    ]
)
_INSTRUCTION = re.compile(r"^\s*(?:ROOT )?%?(?P<name>[\w.\-]+) = (?P<rest>.*)$")
_COMPUTATION = re.compile(r"^(?:ENTRY )?%?(?P<name>[\w.\-]+) \(.*\{$")
_OPCODE = re.compile(r" (?P<opcode>[a-z][\w\-]*)\((?P<operands>[^)]*)\)")
_REFERENCE = re.compile(r"%([\w.\-]+)")
_CALLED = re.compile(
    r"(?:calls|body|condition|branch_computations|called_computations|to_apply)=(\{[^}]*\}|%?[\w.\-]+)"
)
_LAYOUT = re.compile(r"\{[^}]*\}|/\*[^*]*\*/")
_PATH = re.compile(r'op_name="([^"]*)"')
# They run a computation for every element, whose path may be that of another instruction like it.
_APPLIES_EACH = frozenset({"reduce", "reduce-window", "map", "sort", "scatter", "select-and-scatter", "all-reduce"})


@dataclass(frozen=True)
class Instruction:
    """One line of a program.

    Attributes:
        shape: of its result, with the number type and without the layout.
        path: of name scopes; empty where the compiler kept none.
        operands: names of the instructions that it reads.
        computations: names of those that it runs.
    """

    name: str
    opcode: str
    shape: str
    path: str
    operands: tuple[str, ...]
    computations: tuple[str, ...]


def layers_by_instruction(program: str) -> dict[str, Layers]:
    """Return the positions of the layers that each instruction serves; none where that cannot be told.

    Args:
        program: text of an optimized HLO module, whose layers stand in scopes of `scoped_network`.
    """
    computations = computations_of(program)
    every = {item.name: item for items in computations.values() for item in items}
    known = {name: _inside(item, computations, set()) or _named(item) for name, item in every.items()}
    readers: dict[str, set[str]] = {}
    for item in every.values():
        for operand in item.operands:
            readers.setdefault(operand, set()).add(item.name)
    for items in computations.values():
        for item in items:
            known[item.name] = known[item.name] or _of_weights(item, every, known)
        for item in reversed(items):
            known[item.name] = known[item.name] or _of_readers(readers.get(item.name, set()), known)
    return known


def computations_of(program: str) -> dict[str, list[Instruction]]:
    """Return the instructions of each computation of a program, by its name, in order."""
    found: dict[str, list[Instruction]] = {}
    items: list[Instruction] = []
    for line in program.splitlines():
        if opened := _COMPUTATION.match(line):
            items = found.setdefault(opened["name"], [])
        elif (read := _INSTRUCTION.match(line)) and (called := _OPCODE.search(" " + _without_type(read["rest"]))):
            items.append(_instruction(read["name"], called, read["rest"]))
    return found


def _without_type(text: str) -> str:
    """Leave out the type before an opcode; that of a tuple has spaces inside its parentheses."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter in "({") - (letter in ")}")
        if letter == " " and depth == 0:
            return text[place + 1 :]
    return text


def _instruction(name: str, called: re.Match[str], text: str) -> Instruction:
    path = _PATH.search(text)
    groups = [] if called["opcode"] in _APPLIES_EACH else _CALLED.findall(text)
    return Instruction(
        name=name,
        opcode=called["opcode"],
        shape=_LAYOUT.sub("", text.removesuffix(_without_type(text))).strip(),
        path=path[1] if path else "",
        operands=tuple(_REFERENCE.findall(called["operands"])),
        computations=tuple(computation for group in groups for computation in re.findall(r"[\w.\-]+", group)),
    )


def _named(item: Instruction) -> Layers:
    position = position_in(item.path)
    return frozenset() if position is None else frozenset({position})


def _inside(item: Instruction, computations: Mapping[str, Sequence[Instruction]], seen: set[str]) -> Layers:
    """Layers of the work in the computations that an instruction runs."""
    layers: set[int] = set()
    for name in item.computations:
        if name not in seen:
            seen.add(name)
            for inner in computations.get(name, ()):
                if inner.opcode not in _FREE:
                    layers |= _inside(inner, computations, seen) or _named(inner)
    return frozenset(layers)


def _of_weights(item: Instruction, every: Mapping[str, Instruction], known: Mapping[str, Layers]) -> Layers:
    """The layers whose weights an instruction reads, directly or through instructions without work."""
    layers: set[int] = set()
    for operand in item.operands:
        source = every.get(operand)
        while source is not None and source.opcode in ("bitcast", "copy", "transpose", "reshape") and source.operands:
            source = every.get(source.operands[0])
        if source is not None and source.opcode == "parameter":
            layers |= known[source.name]
    return frozenset(layers)


def _of_readers(readers: set[str], known: Mapping[str, Layers]) -> Layers:
    """The layers of all that read it, where they are the same for each."""
    served = {known[name] for name in readers}
    return served.pop() if len(served) == 1 else frozenset()
