"""The stage of `tfkws data record`: ask for a phrase, listen, check what came, write it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from tfkws.config.detector import ListenConfig
from tfkws.config.speech import RecordingSettings
from tfkws.data.audio.files import SAMPLE_RATE_HZ, to_int16, write_clip
from tfkws.detect.capture.files import file_blocks, stream_blocks
from tfkws.detect.capture.takes import Problem, Take, takes
from tfkws.errors import AudioError, ConfigError
from tfkws.run_folder import write_new
from tfkws.speech.phrase import Phrase

_MOST_SILENCES = 3  # in a row
_ADVICE: dict[Problem, str] = {
    "nothing heard": "nothing was heard; speak closer, or look whether the microphone is muted",
    "too quiet": "that was too quiet; speak up, or come closer",
    "clipped": "that was too loud for the microphone; go back a little, or turn it down",
    "too long": "that was too long; say the phrase alone, and wait for the next line",
}
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Recorded:
    """What was recorded.

    Attributes:
        folder: of this speaker and phrase.
        written: files of this run.
        takes: that are there now.
        wanted: that shall be there.
        refused: utterances that were asked for again.
    """

    folder: Path
    written: int
    takes: int
    wanted: int
    refused: int

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {**vars(self), "folder": str(self.folder)}


def open_signal(wav: Path | None, stdin: BinaryIO | None, device: str) -> Iterator[np.ndarray]:
    """Open what is recorded from, at 16 kHz: a file, a pipe, or a microphone.

    Raises:
        AudioError: there is no such file or microphone.
        ConfigError: a file and a pipe are both given.
        RuntimeUnavailableError: PortAudio is not installed.
    """
    if wav is not None and stdin is not None:
        raise ConfigError("--wav and --stdin are two sources; give one of them.")
    if wav is not None:
        return file_blocks(wav, SAMPLE_RATE_HZ)
    if stdin is not None:
        return stream_blocks(stdin, ListenConfig(), SAMPLE_RATE_HZ)
    from tfkws.detect.capture.microphone import Microphone, find_device

    return Microphone(find_device(device), SAMPLE_RATE_HZ).blocks()


def record(
    phrase: Phrase, folder: Path, settings: RecordingSettings, blocks: Iterable[np.ndarray], tell: Tell
) -> Recorded:
    """Ask for the phrase until there are as many good takes as wanted; each is a file, written at once.

    They lie in `folder/PHRASE/SPEAKER/NUMBER.wav`, as `tfkws data import` and `tfkws wakeword --recordings` take them.

    Args:
        blocks: the signal, mono float32 at 16 kHz.
        tell: is given each line for the person who speaks.

    Raises:
        AudioError: nothing was heard, three times in a row; or the signal ended before a single good take.
        OSError: the folder cannot be written.
    """
    target = folder / phrase.text / settings.speaker
    target.mkdir(parents=True, exist_ok=True)
    before = there = len(list(target.glob("*.wav")))
    refused = silences = 0
    heard = takes(blocks, SAMPLE_RATE_HZ, settings.patience_s, settings.longest_s)
    while there < settings.takes:
        tell(f'Say "{phrase.text}" ({there + 1} of {settings.takes})')
        take = next(heard, None)
        if take is None:
            break
        silences = silences + 1 if take.problem == "nothing heard" else 0
        if silences == _MOST_SILENCES:
            raise AudioError(
                f"Nothing was heard for {settings.patience_s * silences:g} s; choose another microphone by --device "
                "(`tfkws listen --list` names them), or turn it up."
            )
        if take.problem:
            refused += not silences
            tell(f"  {_ADVICE[take.problem]}.")
            continue
        there += 1
        name = _write(target, there, take)
        seconds = len(take.samples) / SAMPLE_RATE_HZ
        tell(f"  {name}: {seconds:.1f} s, {take.level_db:.0f} dB, noise {take.noise_db:.0f} dB.")
    if there == 0:
        raise AudioError("The recording ended before the phrase was heard once; record for longer, or louder.")
    return Recorded(target, there - before, there, settings.takes, refused)


def _write(folder: Path, number: int, take: Take) -> str:
    """Write a take under the first free number; return its name."""
    samples = to_int16(take.samples)
    while not write_new(folder / f"{number:03d}.wav", partial(_write_samples, samples)):
        number += 1
    return f"{number:03d}.wav"


def _write_samples(samples: np.ndarray, path: Path) -> None:
    write_clip(path, samples)
