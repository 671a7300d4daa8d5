"""`tfkws wakeword`: a detector from a phrase."""

import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tfkws.cli.terminal.field_options import options_of
from tfkws.cli.terminal.options import Json, split_words
from tfkws.config.wakeword import NetworkLimits, WakewordConfig

ROOT = Path("artifacts/wakeword")
OWN, COSTS = "Recordings of your own", "What it may cost"


@options_of(
    WakewordConfig,
    but=("phrase", "sizes"),
    read={"engines": split_words},
    empty=("engines",),
    panels={COSTS: ("model", "front_end")},
)
@options_of(
    NetworkLimits,
    named={"max_latency_us": "max_latency"},
    panels={COSTS: ("max_macs", "max_kib", "max_arena_kib", "max_latency_us")},
)
def wakeword(
    phrase: Annotated[str, typer.Argument(help='What is to be said, such as "hey computer".')],
    config: WakewordConfig,
    limits: NetworkLimits,
    out: Annotated[
        Path | None, typer.Option(help=f"Folder of the run. Default: {ROOT}/PHRASE-seedN, with -quick.")
    ] = None,
    speech: Annotated[
        Path | None,
        typer.Option(
            help="Recorded speech without the phrase: a folder in Speech Commands' layout, or of any audio.",
            rich_help_panel=OWN,
        ),
    ] = None,
    recordings: Annotated[
        Path | None, typer.Option(help="The phrase as you say it; weighs more.", rich_help_panel=OWN)
    ] = None,
    negatives: Annotated[
        Path | None,
        typer.Option(
            help="What a detector was mistaken about, as `tfkws listen --record` keeps it; weighs more.",
            rich_help_panel=OWN,
        ),
    ] = None,
    earlier: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="An earlier run of the phrase, for a short retraining with --negatives or --recordings.",
            rich_help_panel=OWN,
        ),
    ] = None,
    front: Annotated[
        Path | None, typer.Option(help="A search, whose front the network is chosen of.", rich_help_panel=COSTS)
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a detector from a phrase: speech in many voices, training, a threshold for false accepts an hour, a bundle.

    What is done already is not repeated; a run that was stopped goes on by the same command.

    Example: tfkws wakeword "hey computer" --quick
    """
    from tfkws.speech.phrase import parse_phrase

    said = parse_phrase(phrase, config.phonemes or None, config.language)  # before TensorFlow is imported
    from tfkws.cli.terminal.output import say, show
    from tfkws.cli.terminal.progress import TerminalProgress
    from tfkws.pipeline.wakeword.run import make_wakeword
    from tfkws.pipeline.wakeword.sources import Sources
    from tfkws.views.wakeword.detector import detector_table

    config = replace(config, phrase=said.text)
    folder = out or ROOT / folder_name(config)
    sources = Sources(speech, recordings, negatives, front, earlier)
    made = make_wakeword(config, folder, sources, limits, TerminalProgress())
    paths = {"report": str(made.page), "path": str(made.bundle)}
    show(made.record | paths, [detector_table(made.record), *paths.values()], as_json)
    say(f"Next: tfkws listen {shlex.quote(str(made.bundle))}")


def folder_name(config: WakewordConfig) -> str:
    """Name a run's folder by what is said.

    >>> folder_name(WakewordConfig("hey computer", quick=True))
    'hey_computer-seed0-quick'
    """
    plain = re.sub(r"[^a-z0-9]+", "_", config.phrase) or "phrase"
    return f"{plain}-seed{config.seed}" + "-quick" * config.quick
