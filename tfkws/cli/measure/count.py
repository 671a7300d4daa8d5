"""What `tfkws benchmark` and `tfkws profile` do on emulated targets: count instructions, and never tell a time."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tfkws.errors import ConfigError

if TYPE_CHECKING:
    from tfkws.tflite.benchmark.instructions import InstructionCount


def refuse_times(target: str, given: Mapping[str, bool]) -> None:
    """Refuse options that only mean something for times; `given` is option to whether it differs from its default.

    Raises:
        ConfigError: one is given.
    """
    foreign = [option for option, is_given in given.items() if is_given]
    if foreign:
        raise ConfigError(
            f"{target} is emulated: it counts instructions on one thread and measures no time. Leave out "
            f"{', '.join(foreign)}."
        )


def count_models(
    models: list[Path], target: str, kernels: str, record: Path | None, operators: bool
) -> list["InstructionCount"]:
    """Count, and write instructions-*.json beside each model."""
    from tfkws.cli.terminal.output import waiting
    from tfkws.run_folder import write_json
    from tfkws.tflite.benchmark.instructions import count_instructions, result_name
    from tfkws.tflite.targets.open import open_target

    results = []
    with open_target(target, record=record) as session:
        for model in models:
            with waiting(f"Counting the instructions of {model} on {target} ..."):
                results.append(count_instructions(model, session, kernels, operators))
            path = model.parent / result_name(model, kernels, target, operators)
            write_json(path, results[-1].to_dict())
    return results


def print_counts(names: list[str], results: list["InstructionCount"]) -> None:
    """Print one row a model."""
    from tfkws.cli.terminal.output import print_table
    from tfkws.units import format_count

    base = results[0].mix.all
    rows = [
        (
            name, format_count(result.mix.all), _per_mac(result.instructions_per_mac), f"{result.mix.all / base:.3f}",
            format_count(result.mix.vector_arithmetic),
            format_count(result.mix.vector_memory + result.mix.scalar_memory), _outputs(result),
        )
        for name, result in zip(names, results, strict=True)
    ]  # fmt: skip
    columns = ("model", "instructions", "per MAC", "ratio", "vector", "loads, stores", "outputs")
    print_table(f"Instructions of one inference: {_where(results[0])}", columns, rows, right=columns[1:6])
    _print_foot(results)


def print_operators(result: "InstructionCount") -> None:
    """Print one row an operator."""
    from tfkws.cli.terminal.output import print_table
    from tfkws.units import format_count, format_percent

    rows = [
        (
            row.index, row.opcode, row.name, format_count(row.mix.all), format_percent(row.share),
            "" if row.macs is None else format_count(row.macs), _per_mac(row.instructions_per_mac),
            format_count(row.mix.vector_arithmetic), format_count(row.mix.vector_memory + row.mix.scalar_memory),
        )
        for row in result.operators
    ]  # fmt: skip
    columns = ("", "operator", "layer", "instructions", "share", "MACs", "per MAC", "vector", "loads, stores")
    print_table(f"{result.model}, instructions by operator: {_where(result)}", columns, rows, right=columns[3:])
    typer.echo(
        f"Whole: {format_count(result.mix.all)} instructions, of which the call takes "
        f"{format_count(result.call_instructions)}; the operators sum to {100 * (result.difference or 0):+.2f} % of "
        f"the rest. Outputs: {_outputs(result)}."
    )
    _print_foot([result])


def _where(result: "InstructionCount") -> str:
    return (
        f"{result.target} by {result.emulator}, litert {result.runtime_version}, {result.kernels} kernels. "
        "A count, not a time"
    )


def _print_foot(results: list["InstructionCount"]) -> None:
    repeats, spread = len(results[0].repeats), max(result.spread for result in results)
    typer.echo(f"{repeats} counted inferences differ by {100 * spread:.4f} % at most.")


def _per_mac(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _outputs(result: "InstructionCount") -> str:
    if result.outputs is None:
        return "not compared"
    if result.outputs.identical:
        return f"bit-identical with {result.outputs.reference_architecture}"
    return f"within {result.outputs.largest_difference:.1e} of {result.outputs.reference_architecture}"
