"""Which layers a kernel serves by its own name, where the trace tells nothing else.

XLA runs neighbouring instructions as a CUDA graph ("command buffer"), and the trace then names the graph in the place
of the instruction. A fusion's kernel still bears the name of the fusion, "loop_add_fusion_3" for "loop_add_fusion.3".
But equal fusions share one kernel, named after the first of them (so in the H100's records of kws12, whose last three
normalisations are "loop_maximum_fusion_3"): which of them ran cannot be told, so such a kernel is given to the layers
of all.
"""

import re
from collections.abc import Mapping

from tfkws.profiling.trace.hlo import Instruction, Layers, computations_of

FUSION = "fusion"
_NO_LETTER = re.compile(r"\W")  # which no name of a kernel has


def layers_by_kernel_name(program: str, known: Mapping[str, Layers]) -> dict[str, Layers]:
    """Return the positions of the layers of every fusion, by the name of its kernel.

    Args:
        program: text of an optimized HLO module.
        known: layers by instruction, as `tfkws.profiling.trace.hlo.layers_by_instruction` finds them.
    """
    computations = computations_of(program)
    fusions = [item for items in computations.values() for item in items if item.opcode == FUSION]
    served: dict[object, set[int]] = {}
    for item in fusions:
        served.setdefault(_form(item, computations), set()).update(known[item.name])
    return {_NO_LETTER.sub("_", item.name): frozenset(served[_form(item, computations)]) for item in fusions}


def _form(item: Instruction, computations: Mapping[str, list[Instruction]]) -> object:
    """Return what equal fusions have in common: shapes and kinds of all they compute, coarser than XLA's own test."""
    inner = [each for name in item.computations for each in computations.get(name, ())]
    return item.shape, tuple((each.opcode, each.shape) for each in inner)
