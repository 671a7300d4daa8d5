"""`tfkws data`: get clips, check them, listen to them."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tfkws.cli.terminal.arguments import Group, folders, renamed
from tfkws.cli.terminal.field_options import options_of
from tfkws.cli.terminal.options import Clips, Json, Out, Protocol, Seed, Words, joined_words, split_words
from tfkws.cli.voices import record, voices
from tfkws.config import SynthesisSettings
from tfkws.config.quickstart import DEFAULT_WORDS
from tfkws.config.speech import PhraseAudition
from tfkws.data.protocols import DEFAULT_PROTOCOL
from tfkws.training.recipes import DEFAULT_RECIPE

app = typer.Typer(cls=Group)


@app.callback()
def data() -> None:
    """Get clips, check them, listen to them."""


@app.command()
@options_of(SynthesisSettings, but=("words",))
def synthesize(
    settings: SynthesisSettings,
    folder: Annotated[
        Path | None, typer.Argument(help="Folder to write; empty, or an earlier run of the same settings.")
    ] = None,
    out: Out = None,
    words: Annotated[
        list[str],
        typer.Option(
            "--words",
            "--word",
            help=f"Words, separated by commas or one an option. Default: {', '.join(DEFAULT_WORDS)}.",
        ),
    ] = [],  # noqa: B006
    as_json: Json = False,
) -> None:
    """Write synthetic speech in the layout of Speech Commands: same settings, same bytes.

    A second run goes on where the first one stopped. Scores on synthetic speech say nothing about people.

    Example: tfkws data synthesize synthetic_speech --words sheila,three,tree --word "hey you" --voices 50
    """
    from tfkws.cli.terminal.output import progress_bar, say, show
    from tfkws.data.prepare.synthesize import synthesize as write

    (folder,) = folders([folder], {"--out": out})
    settings = replace(settings, words=joined_words(words) or DEFAULT_WORDS)
    with progress_bar() as bar:
        task = bar.add_task("synthesise", total=None, note="clips")
        result = write(folder, settings, lambda done, total: bar.update(task, completed=done, total=total))
    show({"folder": str(folder), "clips": result.clips, "written": result.written}, [], as_json)
    say(f"{result.clips} clips of synthetic speech in {folder}, {result.written} of them new.")


@app.command(cls=renamed({"--folder": "--out"}))
def download(
    version: Annotated[str, typer.Argument(help="v0.01 (30 words, 1.5 GB) or v0.02 (35 words, 2.4 GB).")],
    out: Annotated[Path, typer.Option(help="Folder to unpack into.")] = Path("speech_commands"),
    as_json: Json = False,
) -> None:
    """Download Speech Commands (CC BY 4.0), verify its SHA-256, and unpack it; an interrupted run goes on.

    Example: tfkws data download v0.02 --out speech_commands
    """
    from tfkws.cli.terminal.output import progress_bar, say, show
    from tfkws.data.prepare.download import ARCHIVES, download_dataset
    from tfkws.errors import ConfigError

    if version not in ARCHIVES:
        raise ConfigError(f"There is no version {version!r} of Speech Commands; choose one of {', '.join(ARCHIVES)}.")
    with progress_bar() as bar:
        tasks = {stage: bar.add_task(stage, total=None, note="bytes") for stage in ("download", "unpack")}
        update = lambda stage, done, total: bar.update(tasks[stage], completed=done, total=total)  # noqa: E731
        count = download_dataset(ARCHIVES[version], out, update)
    show({"folder": str(out), "files": count}, [], as_json)
    say(f"{count} files in {out}.")


@app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(help="Recordings: WORD/file or WORD/SPEAKER/file; WAV, FLAC, OGG, MP3 ...")],
    folder: Annotated[Path | None, typer.Argument(help="Data folder to write into.")] = None,
    out: Out = None,
    decoder: Annotated[str, typer.Option(help="soundfile, or tensorflow-io where it loads.")] = "soundfile",
    split_by: Annotated[
        str, typer.Option(help="speaker, or file where all are of one person; scores then tell of nobody else.")
    ] = "speaker",
    as_json: Json = False,
) -> None:
    """Convert own recordings of any rate and length to clips; of long ones the loudest second is taken.

    The speaker decides the split: a folder below the word's, or the file's name up to its first `_`.

    Example: tfkws data import my_recordings my_data
    """
    from tfkws.cli.terminal.output import progress_bar, say, show
    from tfkws.data.prepare.import_recordings import check_decoder, check_split_by, import_recordings

    (folder,) = folders([folder], {"--out": out})
    with progress_bar() as bar:
        task = bar.add_task("import", total=None, note="files")
        update = lambda done, total: bar.update(task, completed=done, total=total)  # noqa: E731
        result = import_recordings(source, folder, check_decoder(decoder), update, check_split_by(split_by))
    show({"folder": str(folder), **result.to_dict()}, [], as_json)
    say(f"{result.written} clips written to {folder}, {result.unchanged} were there, {len(result.skipped)} left out.")
    for file, reason in result.skipped:
        say(f"left out: {file}: {reason}")
    for word, speaker in result.one_speaker:
        say(
            f"All recordings of {word} are taken for one speaker's, {speaker!r}, and go into one split. Put those of "
            f"each person into a folder, {source}/{word}/PERSON/, or split by file: --split-by file."
        )


@app.command()
def rooms(
    folder: Annotated[Path | None, typer.Argument(help="Data folder that gets `_room_impulse_responses_`.")] = None,
    data: Clips = None,
    count: Annotated[int, typer.Option(help="How many rooms.")] = 20,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Simulate room responses for augmentation, where a data folder has no measured ones.

    Example: tfkws data rooms speech_commands --count 20
    """
    from tfkws.cli.terminal.output import progress_bar, say, show
    from tfkws.data.clip_index import read_index
    from tfkws.data.prepare.rooms import write_rooms

    (folder,) = folders([folder], {"--data": data})
    read_index(folder)
    with progress_bar() as bar:
        task = bar.add_task("simulate", total=count, note="rooms")
        written = write_rooms(folder, count, seed, lambda done, total: bar.update(task, completed=done))
    show({"folder": str(folder), "rooms": count, "written": written}, [], as_json)
    say(f"{written} new room responses in {folder}.")


@app.command()
def check(
    folder: Annotated[Path | None, typer.Argument(help="Folder in the layout of Speech Commands.")] = None,
    data: Clips = None,
    as_json: Json = False,
) -> None:
    """Look for unreadable, clipped, silent, cut or duplicate clips, wrong rates, small words and empty splits.

    Example: tfkws data check speech_commands
    """
    from tfkws.cli.terminal.output import progress_bar, show
    from tfkws.data.prepare.check import check_folder
    from tfkws.views.clips import problems_table

    (folder,) = folders([folder], {"--data": data})
    with progress_bar() as bar:
        task = bar.add_task("check", total=None, note="clips")
        report = check_folder(folder, lambda done, total: bar.update(task, completed=done, total=total)).to_dict()
    show(report, [problems_table(str(folder), report)], as_json)


@app.command()
def info(
    folder: Annotated[Path | None, typer.Argument(help="Folder in the layout of Speech Commands.")] = None,
    data: Clips = None,
    as_json: Json = False,
) -> None:
    """Count clips and speakers of each word and split.

    Example: tfkws data info speech_commands
    """
    from dataclasses import asdict

    from tfkws.cli.terminal.output import say, show
    from tfkws.data.clip_index import read_index
    from tfkws.data.prepare.check import count_words
    from tfkws.views.clips import words_table

    (folder,) = folders([folder], {"--data": data})
    index = read_index(folder)
    counts = [asdict(count) for count in count_words(index)]
    show(counts, [words_table(str(folder), counts)], as_json)
    if index.left_out:
        say(f"{len(index.left_out)} left out; `tfkws data check` names them.")
    if index.is_split_by_file:
        say("Split by file: one person may be in several splits, and scores say nothing about other people.")


@app.command()
@options_of(
    PhraseAudition, but=("seed",), read={"engines": split_words}, empty=("engines",),
    panels={"Of a phrase": ("phrase", "phonemes", "language", "engines", "voices", "negatives")},
)  # fmt: skip
def audition(
    said: PhraseAudition,
    data: Annotated[Path | None, typer.Option("--data", help="Folder in the layout of Speech Commands.")] = None,
    folder: Annotated[Path | None, typer.Argument(help="Folder to write WAV files into.")] = None,
    out: Out = None,
    task: Protocol = DEFAULT_PROTOCOL,
    words: Words = [],  # noqa: B006
    recipe: Annotated[str, typer.Option(help="The recipe whose augmentation is used.")] = DEFAULT_RECIPE,
    clips: Annotated[int, typer.Option(help="How many clips.")] = 10,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Write clips to be listened to: of training, as they are and as augmentation changes them, or of a phrase.

    Of a phrase: said by each speech engine, what sounds like it, and sentences; index.csv says what each file is.

    Example: tfkws data audition --data speech_commands --task commands listen_here

    Example: tfkws data audition --phrase "hey computer" listen_here
    """
    from tfkws.cli.terminal.options import read_task
    from tfkws.cli.terminal.output import say, show
    from tfkws.config import AugmentConfig
    from tfkws.data.prepare.audition import audition as write
    from tfkws.data.task_data import load_task
    from tfkws.errors import ConfigError
    from tfkws.training.recipes import get_recipe

    (folder,) = folders([folder], {"--out": out})
    if said.phrase:
        _audition_phrase(replace(said, seed=seed), folder, as_json)
        return
    if data is None:
        raise ConfigError("There is nothing to listen to; give --data FOLDER, or --phrase 'hey computer'.")
    loaded = load_task(data, read_task(task, words), splits=("training",))
    written = write(loaded, get_recipe(recipe).augment or AugmentConfig(), folder, clips=clips, seed=seed)
    show({"folder": str(folder), "files": [path.name for path in written]}, [], as_json)
    say(f"{len(written)} files in {folder}.")


def _audition_phrase(settings: PhraseAudition, folder: Path, as_json: bool) -> None:
    from tfkws.cli.terminal.output import progress_bar, say, show
    from tfkws.speech.audition import INDEX, audition_phrase

    with progress_bar() as bar:
        task = bar.add_task("speak", total=None, note="utterances")
        heard = audition_phrase(settings, folder, lambda done, total: bar.update(task, completed=done, total=total))
    show({"folder": str(folder), "files": [one.file for one in heard]}, [], as_json)
    say(f"{len(heard)} files in {folder}; {INDEX} says what each is.")


app.command()(voices)
app.command()(record)
