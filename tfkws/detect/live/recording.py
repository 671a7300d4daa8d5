"""Keeping the audio around what was heard, as WAV files that a later training can take."""

import io
import re
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import soundfile

from tfkws.config.detector import ListenConfig
from tfkws.detect.live.ear import Heard
from tfkws.detect.live.ring_buffer import RingBuffer
from tfkws.run_folder import append_jsonl, write_bytes

INDEX = "index.jsonl"
HITS, NEAR_MISSES = "hits", "near-misses"


@dataclass(frozen=True)
class _Wanted:
    """Audio to keep, from `begin` to before `end`, once it is there."""

    heard: Heard
    begin: int
    end: int
    when: datetime


class Recorder:
    """Writes DIR/hits/LABEL/*.wav and DIR/near-misses/LABEL/*.wav, 16-bit mono, and a line for each in DIR/index.jsonl.

    A disk that is full or read-only ends the recording and nothing else.

    Attributes:
        written: files so far.
        problem: why recording ended; empty while it goes on.
    """

    def __init__(self, folder: Path, ring: RingBuffer, sample_rate_hz: int, settings: ListenConfig) -> None:
        self.folder, self.written, self.problem = folder, 0, ""
        self._ring, self._rate, self._settings = ring, sample_rate_hz, settings
        self._wanted: deque[_Wanted] = deque()

    def keep(self, heard: Heard) -> None:
        """Note that the audio around what was heard is wanted."""
        end = heard.detection.end_sample
        begin = max(0, end - self._samples(self._settings.before_ms))
        self._wanted.append(_Wanted(heard, begin, end + self._samples(self._settings.after_ms), datetime.now(UTC)))

    def write_ready(self, ended: bool = False) -> None:
        """Write what is there by now, all of it where the signal `ended`."""
        while self._wanted and not self.problem and (ended or self._wanted[0].end <= self._ring.written):
            wanted = self._wanted.popleft()
            try:
                self._write(wanted)
            except OSError as error:
                reason = error.strerror or str(error)
                self.problem = f"{self.folder} cannot be written ({reason}); nothing is recorded any more."

    def _write(self, wanted: _Wanted) -> None:
        stretch = self._ring.read(wanted.begin, wanted.end)
        detection = wanted.heard.detection
        group = self.folder / (NEAR_MISSES if wanted.heard.near_miss else HITS) / _name(detection.label)
        group.mkdir(parents=True, exist_ok=True)
        stamp = wanted.when.strftime("%Y%m%dT%H%M%S")
        file = _unused(group, f"{stamp}-{detection.end_sample}-{round(1000 * detection.score):04d}")
        write_bytes(file, _wav(stretch.samples, self._rate))
        self._note(file, wanted)
        self.written += 1

    def _note(self, file: Path, wanted: _Wanted) -> None:
        detection = wanted.heard.detection
        line = {
            "file": file.relative_to(self.folder).as_posix(),
            "label": detection.label,
            "score": round(detection.score, 4),
            "near_miss": wanted.heard.near_miss,
            "detector": wanted.heard.ear,
            "time": wanted.when.isoformat(timespec="milliseconds"),
            "at_s": round((detection.end_sample - wanted.begin) / self._rate, 3),
        }
        append_jsonl(self.folder / INDEX, line)

    def _samples(self, milliseconds: float) -> int:
        return round(milliseconds * self._rate / 1_000)


def _wav(samples: np.ndarray, rate: int) -> bytes:
    """Samples as a 16-bit WAV file."""
    file = io.BytesIO()
    soundfile.write(file, np.clip(np.nan_to_num(samples), -1, 1), rate, subtype="PCM_16", format="WAV")
    return file.getvalue()


def _name(label: str) -> str:
    """A label as the name of a folder, whatever is in it."""
    return re.sub(r"[^\w-]+", "_", label).strip("_")[:80] or "word"


def _unused(folder: Path, stem: str) -> Path:
    """The first of stem.wav, stem-2.wav, ... that does not exist."""
    names = (folder / f"{stem}{suffix}.wav" for suffix in ("", *(f"-{n}" for n in range(2, 1_000))))
    return next(path for path in names if not path.exists())
