"""`tfkws compare`: why one profile is slower than another."""

from pathlib import Path
from typing import Annotated

import typer

from tfkws.cli.terminal.options import Json


def compare(
    first: Annotated[Path, typer.Argument(help="A profile-*.json or layers-*.json of `tfkws profile`.")],
    second: Annotated[Path, typer.Argument(help="Another: of the same network, or of another under equal conditions.")],
    as_json: Json = False,
) -> None:
    """Explain a slow-down: which categories lose, operators below the roofline's knee, cost of calls against work.

    Example: tfkws compare layers-cpu-jax.json layers-gpu-jax.json
    """
    from tfkws.cli.terminal.output import show
    from tfkws.profiling.explain.profile_comparison import compare as compare_profiles
    from tfkws.run_folder import read_json
    from tfkws.views.comparison import comparison_table

    result = compare_profiles(read_json(first), read_json(second)).to_dict()
    show(result, [comparison_table(result), *result["sentences"]], as_json)
