"""`tfkws data voices` and `tfkws data record`: speech from text, and one's own."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from tfkws.cli.terminal.field_options import options_of
from tfkws.cli.terminal.options import Json
from tfkws.config.speech import RecordingSettings


def voices(
    fetch: Annotated[
        list[str], typer.Option("--fetch", help="Engines whose files are fetched, by commas or one an option; or all.")
    ] = [],  # noqa: B006
    as_json: Json = False,
) -> None:
    """Say which speech engines are here, and fetch the files of those whose voices come in no Python package.

    Files go into the cache folder once, are checked by SHA-256, and take 190 MB in all.

    Example: tfkws data voices --fetch kokoro,piper
    """
    from tfkws.cli.terminal.options import joined_words
    from tfkws.cli.terminal.output import progress_bar, show
    from tfkws.speech.fetch.voices import FETCHED, engine_states, fetch_voices, to_fetch
    from tfkws.views.clips import engines_table

    wanted = joined_words(fetch)
    with progress_bar() as bar:
        for engine in FETCHED if wanted == ("all",) else map(to_fetch, wanted):
            fetch_voices(engine, told_by(bar, bar.add_task(engine, total=None, note="packages")))
    states = [state.to_dict() for state in engine_states()]
    show(states, [engines_table(states)], as_json)


def told_by(bar: Any, task: Any) -> Callable[[str, int, int], None]:
    """Return what moves a task of a progress bar."""
    return lambda file, done, total: bar.update(task, completed=done, total=total)


@options_of(RecordingSettings)
def record(
    settings: RecordingSettings,
    phrase: Annotated[str, typer.Argument(help="What is to be said, such as 'hey computer'.")] = "",
    out: Annotated[Path, typer.Option(help="Folder of recordings; each phrase and speaker gets its own below.")] = Path(
        "recordings"
    ),
    device: Annotated[str, typer.Option(help="Number of a microphone or part of its name.")] = "",
    wav: Annotated[Path | None, typer.Option(help="Take a recording in place of a microphone.")] = None,
    stdin: Annotated[bool, typer.Option("--stdin", help="Take raw samples, or a WAV, on standard input.")] = False,
    as_json: Json = False,
) -> None:
    """Record a phrase with a prompt, check its level, trim it and write one file a take; a second run goes on.

    Too quiet, clipped or too long takes are asked for again.

    Example: tfkws data record "hey computer" --speaker anna --takes 10
    """
    from tfkws.cli.terminal.output import say, show
    from tfkws.pipeline.record import open_signal
    from tfkws.pipeline.record import record as make
    from tfkws.speech.phrase import parse_phrase

    said = parse_phrase(phrase)
    blocks = open_signal(wav, sys.stdin.buffer if stdin else None, device)
    result = make(said, out, settings, blocks, say)
    show(result.to_dict(), [], as_json)
    say(f"{result.takes} of {result.wanted} takes in {result.folder}, {result.written} of them new.")
    if result.takes < result.wanted:
        say("The signal ended; run the same command again to go on.")
    say(f"Next: tfkws wakeword {said.text!r} --recordings {result.folder.parent.parent}")
