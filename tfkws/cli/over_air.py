"""`tfkws over-air`: detections in hours of audio, composed or recorded."""

from pathlib import Path
from typing import Annotated

import typer

from tfkws.cli.terminal.arguments import Group, folders
from tfkws.cli.terminal.field_options import Changes, options_of
from tfkws.cli.terminal.options import Clips, Json, Out, split_words
from tfkws.config import DetectorConfig
from tfkws.config.hearing.over_air import CountingConfig, TimelineConfig
from tfkws.config.hearing.simulation import AcousticsConfig, DeviceConfig, TrialsConfig

CLEAN = "clean"
LOG = ".jsonl"

app = typer.Typer(cls=Group)


@app.callback()
def over_air() -> None:
    """False accepts an hour and misses, over hours of audio."""


def read_ratios(text: str) -> tuple[float | None, ...]:
    """Read ratios of speech to noise: 'clean,20,10' is no noise, 20 dB and 10 dB; empty text means the default ones.

    Raises:
        ConfigError: one is neither a number nor `clean`.
    """
    return tuple(map(_ratio, split_words(text))) or TimelineConfig(words=("any",)).snr_db


def _ratio(text: str) -> float | None:
    from tfkws.errors import ConfigError

    if text == CLEAN:
        return None
    try:
        return float(text)
    except ValueError:
        raise ConfigError(f"--snr-db takes numbers and {CLEAN}, separated by commas. Received {text!r}.") from None


@app.command()
@options_of(
    TimelineConfig,
    empty=("snr_db", "words"),
    spelled={"words": ("--words", "--word")},
    read={"words": split_words, "snr_db": read_ratios, "rooms": split_words},
    helps={
        "words": "The wake words, separated by commas or one an option; their clips are never laid as other words.",
        "snr_db": "Ratios of speech to noise in dB, in turns, as clean,20,10, which is the default.",
        "split": "Whose clips are laid: speakers of validation or testing, or all, for clips that no training heard.",
    },
)
def compose(
    settings: TimelineConfig,
    clips: Annotated[
        Path | None, typer.Argument(metavar="DATA", help="Folder in the layout of Speech Commands.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="OUT", help="Folder to write; empty, or an earlier run of the same settings."),
    ] = None,
    data: Clips = None,
    out: Out = None,
    sentences: Annotated[Path | None, typer.Option(help="Folder of recordings without the wake words.")] = None,
    noise_folder: Annotated[Path | None, typer.Option(help="Folder of noises. Default: the data folder's.")] = None,
    room_folder: Annotated[Path | None, typer.Option(help="Folder of responses. Default: the data folder's.")] = None,
    as_json: Json = False,
) -> None:
    """Lay clips, sentences, noises and rooms on a labelled timeline of any length: same settings, same bytes.

    Writes for each hour the audio, a label track of the wake words, and a JSON of everything that is said.

    Example: tfkws over-air compose speech_commands night --words happy --hours 2 --without-word
    """
    from tfkws.cli.terminal.output import progress_bar, say, show
    from tfkws.detect.timeline.recordings import gather
    from tfkws.pipeline.over_air.compose import compose_folder

    clips, folder = folders([clips, folder], {"--data": data, "--out": out})
    material = gather(clips, settings, sentences, noise_folder, room_folder)
    with progress_bar() as bar:
        task = bar.add_task("compose", total=settings.hours, note="hours")
        done = compose_folder(material, folder, settings, lambda hours, _: bar.update(task, completed=hours))
    show({"folder": str(folder), **done.to_dict()}, [], as_json)
    length = f"{settings.hours:g} h in {len(done.files)} files of {folder}"
    say(f"{length} ({done.kept} were there), {done.utterances} words.")
    if done.training_speakers:
        say(f"{done.training_speakers} speakers belong to the training split: a detector trained here knows them.")


@app.command()
@options_of(CountingConfig)
@options_of(DetectorConfig, only=("hop_ms", "window_ms", "threshold", "refractory_ms"))
def score(
    bundle: Annotated[Path, typer.Argument(help="A .kws file; or, alone, a log of trials (.jsonl).")],
    counting: CountingConfig,
    changes: Changes[DetectorConfig],
    audio: Annotated[
        list[Path] | None,
        typer.Argument(help="Audio files, each with its label track (.txt) behind or beside it, or folders of them."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the result. Default: beside the bundle.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Put the threshold that was found into the bundle.")] = False,
    as_json: Json = False,
) -> None:
    """Count false accepts an hour and missed words as a device would, with intervals, by source, noise and room.

    A label track has start, end and label in seconds on each line, with tabs, as Audacity exports it. A log of trials,
    as `over-air simulate` writes it or people in a room do by hand, is scored as paper A does.

    Example: tfkws over-air score kws10-int8.kws kitchen.flac kitchen.txt --false-accepts-per-hour 0.5
    """
    from tfkws.cli.terminal.output import progress_bar, say, show
    from tfkws.pipeline.over_air.labelled_audio import pair_files
    from tfkws.pipeline.over_air.score import score_bundle
    from tfkws.views.hearing.long_audio import long_audio_parts

    if bundle.suffix == LOG and not audio:
        _score_log(bundle, as_json)
        return
    files = pair_files(audio or [])
    with progress_bar() as bar:
        task = bar.add_task("listen", total=None, note="hours")
        advance = lambda done, total: bar.update(task, completed=round(done, 2), total=round(total, 2))  # noqa: E731
        result = score_bundle(bundle, files, counting, changes.to, out, write, advance)
    show(result.values, long_audio_parts(result.values), as_json)
    say(f"Written to {result.path}." + (f" {bundle} has the new threshold." if write else ""))


def _score_log(log: Path, as_json: bool) -> None:
    from tfkws.cli.terminal.output import show
    from tfkws.pipeline.over_air.score_log import score_log
    from tfkws.views.hearing.simulation import counted_trials_table

    scored = score_log(log)
    show(scored, [counted_trials_table(scored)], as_json)


@app.command()
@options_of(TrialsConfig)
@options_of(AcousticsConfig)
@options_of(DeviceConfig)
def simulate(
    bundles: Annotated[list[Path], typer.Argument(help=".kws files; all meet the same voices, room and noise.")],
    trials: TrialsConfig,
    acoustics: AcousticsConfig,
    device: DeviceConfig,
    word: Annotated[str, typer.Option(help="That the subjects say. Default: the bundle's only word.")] = "",
    data: Annotated[
        Path | None, typer.Option(help="Speech Commands' layout: real voices. Default: synthesised ones.")
    ] = None,
    response: Annotated[Path | None, typer.Option(help="File of a room response. Default: a made-up room.")] = None,
    noise: Annotated[Path | None, typer.Option(help="File of a noise. Default: the data folder's, or made up.")] = None,
    benchmark: Annotated[Path | None, typer.Option(help="A benchmark-*.json, whose median is the latency.")] = None,
    out: Annotated[Path, typer.Option(help="Folder of results and logs.")] = Path("artifacts/over-air"),
    as_json: Json = False,
) -> None:
    """Simulate paper A's over-the-air test: people say the word in sentences to a device whose inference takes time.

    Writes simulation-BUNDLE.json and, with every answer, simulation-BUNDLE.jsonl, which `over-air score` reads.

    Example: tfkws over-air simulate kws10-int8.kws --data speech_commands --latency-ms 3674
    """
    from tfkws.cli.terminal.output import show
    from tfkws.cli.terminal.progress import TerminalProgress
    from tfkws.pipeline.over_air.simulate import Simulation
    from tfkws.pipeline.over_air.simulate import simulate as run
    from tfkws.views.hearing.simulation import simulations_table, trials_table

    plan = Simulation(trials, acoustics, device, word, data, response, noise, benchmark)
    results = run(bundles, plan, out, TerminalProgress())
    tables = [trials_table(results[0])] if len(results) == 1 else []
    show(results, [*tables, simulations_table(results)], as_json)
