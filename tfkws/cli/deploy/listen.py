"""`tfkws listen`: hear a bundle's words in a microphone, a file or a pipe."""

import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tfkws.cli.terminal.field_options import Changes, options_of
from tfkws.cli.terminal.interrupts import accepted, exit_code
from tfkws.config import DetectorConfig
from tfkws.config.detector import ListenConfig

if TYPE_CHECKING:  # hold NumPy and the runtime back
    from tfkws.detect.detector import Detector
    from tfkws.detect.live.ear import Event
    from tfkws.detect.live.listening import Listening, Source, Status


@options_of(DetectorConfig, but=("found",))
@options_of(ListenConfig)
def listen(
    changes: Changes[DetectorConfig],
    settings: ListenConfig,
    bundles: Annotated[list[Path] | None, typer.Argument(help="One or more .kws bundles.")] = None,
    device: Annotated[str, typer.Option(help="Number of a microphone or part of its name.")] = "",
    list_devices: Annotated[bool, typer.Option("--list", help="List the microphones and end.")] = False,
    wav: Annotated[Path | None, typer.Option(help="Listen to a file, as fast as it goes.")] = None,
    stdin: Annotated[bool, typer.Option("--stdin", help="Listen to raw samples, or a WAV, on standard input.")] = False,
    live: Annotated[bool, typer.Option("--live", help="A file or pipe does not wait, as a microphone.")] = False,
    record: Annotated[Path | None, typer.Option(help="Folder for the audio around hits and near misses.")] = None,
    on_detect: Annotated[str, typer.Option(help="Program to start: 'notify-send {label}', {score}, {time}.")] = "",
    threads: Annotated[int, typer.Option(help="Threads for each network.")] = 1,
    as_json: Annotated[
        bool, typer.Option("--json", help="A JSON line an event; reads settings as JSON lines.")
    ] = False,
) -> None:
    """Hear words in a microphone, a file or a pipe, until it ends or Ctrl-C.

    Detector settings are those of the bundle unless an option says otherwise; keys change them while it runs.

    Example: tfkws listen kws10-int8.kws --record heard --near-miss 0.3
    """
    if list_devices:
        _show_devices(as_json)
        return
    from tfkws.errors import ConfigError
    from tfkws.pipeline.listen import open_detectors, open_source

    if not bundles:
        raise ConfigError("Nothing to listen with; give a .kws bundle, or --list for the microphones.")
    detectors = open_detectors(bundles, changes.to, threads)
    pipe = sys.stdin.buffer if stdin else None
    source = open_source(detectors, settings, wav=wav, stdin=pipe, device=device, live=live)
    _listen(detectors, source, settings, record, on_detect, _Output(source, detectors, as_json, pipe is None))


def _listen(
    detectors: "Mapping[str, Detector]", source: "Source", settings: ListenConfig, record: Path | None, on_detect: str,
    output: "_Output",
) -> None:  # fmt: skip
    """Listen and print; Ctrl-C ends it as the end of the signal does, with exit code 130."""
    from tfkws.detect.live.ear import Heard
    from tfkws.detect.live.listening import Listening
    from tfkws.detect.live.on_detect import OnDetect

    command = OnDetect(on_detect) if on_detect else None

    def take(event: "Event") -> None:
        output.event(event)
        if command and isinstance(event, Heard) and not event.near_miss:
            command.start(event)

    listening = Listening(detectors, source, settings, take, output.status, record)
    code = 0
    with output.opened(listening):
        try:
            status = listening.run()
        except KeyboardInterrupt as interrupt:
            accepted()
            code = exit_code(interrupt)
            status = listening.status()
    if command:
        command.wait(timeout_s=1.0)
    output.end(status)
    if code:
        raise typer.Exit(code)


class _Output:
    """Prints what is heard: JSON lines for programs, a live panel in a terminal, plain lines elsewhere."""

    def __init__(self, source: "Source", detectors: "Mapping[str, Detector]", as_json: bool, reads_stdin: bool) -> None:
        self._source, self._detectors, self._as_json = source, detectors, as_json
        self._reads_stdin = reads_stdin  # and not the audio
        self._panel: Any = None

    def opened(self, listening: "Listening") -> AbstractContextManager[Any]:
        """Show the panel and read settings while this is open."""
        from tfkws.cli.terminal.live_listening import LivePanel, keys_to, lines_to

        stack = ExitStack()
        if self._as_json:
            self._print_line({"event": "listening", "source": self._source.name, "detectors": list(self._detectors)})
            stack.enter_context(lines_to(self._line) if self._reads_stdin else nullcontext())
        elif self._source.live and sys.stderr.isatty():
            self._panel = stack.enter_context(LivePanel(self._source.name, self._detectors))
            stack.enter_context(keys_to(self._key(listening)) if self._reads_stdin else nullcontext())
        return stack

    def event(self, event: "Event") -> None:
        """Print an event."""
        from tfkws.cli.terminal.live_listening import event_line
        from tfkws.cli.terminal.output import print_text
        from tfkws.detect.live.ear import Chunk
        from tfkws.pipeline.listen import event_record

        if self._as_json:
            self._print_line(event_record(event))
        elif isinstance(event, Chunk):
            sys.stdout.write(f"{int(bool(event.words))}\n")
            sys.stdout.flush()
        elif self._panel:
            self._panel.heard(event)
        elif self._detectors[event.ear].settings.chunk_ms is None:
            print_text(event_line(event))
            sys.stdout.flush()

    def status(self, status: "Status") -> None:
        """Draw the panel, if there is one."""
        if self._panel:
            self._panel.show(status)

    def end(self, status: "Status") -> None:
        """Print the summary."""
        from tfkws.cli.terminal.output import say, show
        from tfkws.pipeline.listen import summary_of
        from tfkws.views.hearing.listening import listening_table

        summary = summary_of(status, self._source, self._detectors)
        if self._as_json:
            self._print_line(summary)
        else:
            show(summary, [listening_table(summary)], as_json=False)
        if status.problem:
            say(status.problem)

    def _print_line(self, record: Mapping[str, Any]) -> None:
        from tfkws.cli.terminal.output import print_json_line

        print_json_line(record)

    def _line(self, line: str) -> None:
        """Change every detector's settings as a line of JSON says."""
        from tfkws.detect.live.controls import by_line
        from tfkws.errors import ConfigError

        try:
            for detector in self._detectors.values():
                detector.settings = by_line(detector.settings, line)
        except ConfigError as error:
            self._print_line({"event": "error", "message": str(error)})

    def _key(self, listening: "Listening") -> Callable[[str], None]:
        from tfkws.detect.live.controls import QUIT, by_key

        def act(key: str) -> None:
            if key == QUIT:
                listening.stop()
            for detector in self._detectors.values():
                detector.settings = by_key(detector.settings, key)

        return act


def _show_devices(as_json: bool) -> None:
    import dataclasses

    from tfkws.cli.terminal.output import show
    from tfkws.detect.capture.microphone import list_devices
    from tfkws.views.hearing.listening import devices_table

    devices = [dataclasses.asdict(device) for device in list_devices()]
    show(devices, [devices_table(devices)], as_json)
