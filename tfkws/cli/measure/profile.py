"""`tfkws profile` and `tfkws compare`: where the time of one inference goes, and why one profile is slower."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tfkws.cli.measure.options import OldProgram, Program, Shapes, is_given, program_of, refuse
from tfkws.cli.terminal.arguments import Group, tell_new_spelling
from tfkws.cli.terminal.field_options import options_of
from tfkws.cli.terminal.options import Imports, Json, Record, Target, TargetPython
from tfkws.config import LayerSettings, OperatorSettings
from tfkws.config.measurement import BENCHMARK_MODEL
from tfkws.errors import ConfigError

if TYPE_CHECKING:
    from tfkws.profiling.measure.gpu_operators import GpuProfile
    from tfkws.tflite.profile.op_table import OpProfile

FILES = (".tflite", ".kws")
OPERATORS = "operators"
LAYERS = "layers"
ON_GPU = ("litert-gpu", "litert-gpu-half")


class OldProfile(Group):
    """Lets `tfkws profile FILE` and `tfkws profile NETWORK` stand for one version, with the new spelling on stderr."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in where it is left out."""
        return super().parse_args(ctx, with_command(args))


def with_command(args: list[str]) -> list[str]:
    """Return the arguments with `operators` or `layers` in front, where neither is there."""
    if not args or args[0] in (OPERATORS, LAYERS, "--help", "-h"):
        return args
    of_file = any(arg.endswith(FILES) or arg == "--benchmark-binary" for arg in args)
    if of_file:
        tell_new_spelling("tfkws profile FILE", f"tfkws profile {OPERATORS} FILE")
    else:
        tell_new_spelling("tfkws profile NETWORK", f"tfkws profile {LAYERS} NETWORK")
    return [OPERATORS if of_file else LAYERS, *args]


app = typer.Typer(cls=OldProfile)


@app.callback()
def profile() -> None:
    """Time each operator of a converted file, or each layer of a network."""


@app.command(OPERATORS)
@options_of(OperatorSettings)
def operators(
    context: typer.Context,
    model: Annotated[Path, typer.Argument(help="A .tflite file or a .kws bundle.")],
    settings: OperatorSettings,
    shape: Shapes = None,
    program: Program = None,
    benchmark_binary: OldProgram = None,
    target: Target = "local",
    python: TargetPython = "",
    record: Record = None,
    as_json: Json = False,
) -> None:
    """Time each operator, with its multiply-accumulates, bytes and rate; writes profile-*.json beside the model.

    With --runtime litert-gpu on a GPU; what cannot be told apart there is one row. With --target on a device.
    Profiled times are no latencies: `tfkws benchmark` measures those.

    Example: tfkws profile operators artifacts/models/RUN/int8.tflite
    """
    from tfkws.cli.terminal.output import waiting
    from tfkws.output_folder import shown_all_the_same
    from tfkws.pipeline.profile.on_target import profile_on_target, refuse_emulated
    from tfkws.pipeline.profile.operators import profile_by_gpu, profile_by_program, profile_operators

    refuse_emulated(target)
    runtime, binary = program_of(settings.runtime, program, benchmark_binary)
    show_result = partial(_show_operators, as_json=as_json)
    with shown_all_the_same(show_result), waiting(f"Profiling {model} ..."):
        result: OpProfile | GpuProfile
        if runtime == BENCHMARK_MODEL:
            refuse(context, f"{BENCHMARK_MODEL} has no use for", "method", "python", "record")
            result = profile_by_program(model, settings, binary, shapes=shape or (), target=target)
        elif runtime in ON_GPU:
            refuse(context, f"{runtime} has no use for", "kernels", "python", "record")
            if target != "local":
                raise ConfigError(f"{runtime} profiles a GPU of this machine; leave out --runtime or --target.")
            result = profile_by_gpu(model, settings, shape or ())
        elif target != "local" or record:
            settings = settings if is_given(context, "method") else replace(settings, method="submodels")
            result = profile_on_target(model, settings, target, python=python, record=record, shapes=shape or ())
        else:
            refuse(context, "This machine is profiled by the Python that runs here; leave out", "python")
            result = profile_operators(model, settings, shapes=shape or ())
    show_result(result)


def _show_operators(result: "OpProfile | GpuProfile", as_json: bool) -> None:
    from tfkws.cli.terminal.output import show, warn
    from tfkws.profiling.measure.gpu_operators import GpuProfile
    from tfkws.views.gpu_operators import gpu_sentences, gpu_tables
    from tfkws.views.operators import operator_table

    values = result.to_dict()
    on_gpu = isinstance(result, GpuProfile)
    show(values, [*gpu_tables(values), *gpu_sentences(values)] if on_gpu else [operator_table(values)], as_json)
    for warning in result.warnings:
        warn(f"Warning: {warning}")


@app.command(LAYERS)
@options_of(LayerSettings, but=("warmup_passes", "seconds"), spelled={"passes": ("--passes", "--runs")})
def layers(
    network: Annotated[Path, typer.Argument(help="A .keras file, a model folder, or a name of the zoo.")],
    settings: LayerSettings,
    input_size: Annotated[str, typer.Option(help="HEIGHTxWIDTH for a name of the zoo. Default: its paper's.")] = "",
    classes: Annotated[int | None, typer.Option(help="Classes for a name of the zoo. Default: its paper's.")] = None,
    inputs: Annotated[
        Path | None, typer.Option("--input", help=".npy of maps (n, h, w, 1). Default: noise by seed.")
    ] = None,
    per_layer: Annotated[bool, typer.Option("--per-layer", help="Print each layer, not only categories.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder of the results. Default: the model's own.")] = None,
    imports: Imports = [],  # noqa: B006
    as_json: Json = False,
) -> None:
    """Time each Keras layer on whatever backend is active; writes layers-*.json and one CSV a repeat.

    On a GPU, by the device's own trace of the whole compiled network; what layers called one by one take, as a
    framework's hooks see it, stands beside it.

    Example: tfkws profile layers kws10 --device cpu
    """
    from tfkws.cli.models import read_shape
    from tfkws.cli.terminal.output import say, show, waiting
    from tfkws.pipeline.profile.layers import KerasSource, profile_keras
    from tfkws.views import layer_trace
    from tfkws.views.layers import category_table, layer_table

    source = KerasSource(network, read_shape(input_size) if input_size else None, classes)
    with waiting(f"Timing the layers of {network} ..."):
        result = profile_keras(source, settings, inputs, out)
    say(f"{result.path} keeps every repeat; CSV files beside it hold the layers called by themselves.")
    if settings.device == "cpu" and result.hooks.roofline is None:
        say("The processor's limits (roofline) are left out: they are measured through ai-edge-litert.")
    values = (result.trace or result.hooks).to_dict()
    tables = [layer_trace.trace_table, layer_trace.class_table] if result.trace else [layer_table, category_table]
    show(values, [table(values) for table in (tables if per_layer else tables[1:])], as_json)


def compare(
    first: Annotated[
        Path, typer.Argument(help="A profile-*.json or layers-*.json of `tfkws profile`; or a .tflite or .kws file.")
    ],
    second: Annotated[Path, typer.Argument(help="Another: of the same network, or of another under equal conditions.")],
    as_json: Json = False,
) -> None:
    """Explain a slow-down: which categories lose, operators below the roofline's knee, cost of calls against work.

    Model files are profiled first, as `tfkws profile operators` does.

    Example: tfkws compare layers-cpu-jax.json layers-gpu-jax.json
    """
    from tfkws.cli.terminal.output import show, waiting
    from tfkws.pipeline.compare import compare_files
    from tfkws.views.comparison import comparison_sentences, comparison_table, operators_table

    with waiting(f"Comparing {first} with {second} ..."):
        result = compare_files(first, second)
    sentences = comparison_sentences(result)
    beside = [operators_table(result)] if result.operators else []
    show(result.to_dict() | {"sentences": sentences}, [*beside, comparison_table(result), *sentences], as_json)
