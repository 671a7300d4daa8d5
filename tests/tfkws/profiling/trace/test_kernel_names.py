"""Layers by the names of kernels, on a program with fusions that are equal and one that is not."""

from tfkws.profiling.trace.hlo import layers_by_instruction
from tfkws.profiling.trace.kernel_names import layers_by_kernel_name


def fusion(number: int, layer: int, shape: str, root: str) -> tuple[str, str]:
    """A computation and the instruction that calls it, of one layer."""
    path = f'metadata={{op_name="jit(network)/tfkws.{layer}/x"}}'
    inner = (
        f"%fused.{number} (p: f32[8]) -> {shape} {{\n  %p.{number} = f32[8]{{0}} parameter(0)\n"
        f"  ROOT %r.{number} = {shape}{{0}} {root}(%p.{number}), {path}\n}}\n"
    )
    return inner, f"  %loop_fusion.{number} = {shape}{{0}} fusion(%x), kind=kLoop, calls=%fused.{number}, {path}\n"


PARTS = [
    fusion(1, 0, "f32[8]", "tanh"), fusion(2, 4, "f32[8]", "tanh"), fusion(3, 5, "f32[8]", "exponential"),
    fusion(4, 6, "f32[9]", "tanh"),
]  # fmt: skip
PROGRAM = (
    "".join(inner for inner, _ in PARTS)
    + "ENTRY %main (x: f32[8]) -> f32[8] {\n  %x = f32[8]{0} parameter(0)\n"
    + "".join(call for _, call in PARTS)
    + "  ROOT %out = f32[8]{0} add(%loop_fusion.1, %loop_fusion.2)\n}\n"
)


def test_a_kernel_belongs_to_the_layers_of_all_fusions_that_are_equal() -> None:
    found = layers_by_kernel_name(PROGRAM, layers_by_instruction(PROGRAM))
    assert found == {
        "loop_fusion_1": {0, 4}, "loop_fusion_2": {0, 4}, "loop_fusion_3": {5}, "loop_fusion_4": {6},
    }  # fmt: skip


def test_what_is_no_fusion_has_no_kernel_of_its_name() -> None:
    assert layers_by_kernel_name("ENTRY %main (x: f32[8]) -> f32[8] {\n  %x = f32[8]{0} parameter(0)\n}\n", {}) == {}
