"""One detector: made or gone on with, let hear all audio, exported; its record."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.phrase.audio import Heard
from benchmarks.phrase.exports import exports
from benchmarks.phrase.hearing import score, score_file
from benchmarks.phrase.kinds import Kind
from benchmarks.phrase.locks import locked
from benchmarks.phrase.own_voice import OwnVoice, laid_out, own_voice
from benchmarks.phrase.synthetic import synthetic_name
from benchmarks.records import commit, say
from tfkws.data.audio.blocks import file_digest
from tfkws.pipeline.parts.progress import StageProgress
from tfkws.tflite.bundle.archive import read_bundle
from tfkws.tflite.targets.machine import read_machine

VERSION = 2  # of records; a detector whose record is older is made anew
Record = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where everything lies.

    Attributes:
        words: folder of clips in Speech Commands' layout.
        phrases: folder of recorded phrases with an index.
        work: of audio and detectors, shared by processes beside each other.
    """

    words: Path
    phrases: Path
    work: Path

    @property
    def audio(self) -> Path:
        """Folder of what detectors hear."""
        return self.work / "audio"

    def run(self, kind: Kind) -> Path:
        """Folder of one detector."""
        return self.work / "runs" / kind.name

    def lock(self, kind: Kind) -> Path:
        """File that is locked as long as a detector is made."""
        return self.run(kind).with_suffix(".lock")


class Said(StageProgress):
    """Says each stage as a line."""

    def stage(self, title: str) -> None:
        """Say its title."""
        say(f"  {title}")


def make(kind: Kind, place: Place, every: Sequence[Heard]) -> Record:
    """Make one detector, let it hear everything, export it, and return its record."""
    own = own_voice(kind.phrase, kind.seed, place.words, place.phrases) if kind.part == "recordings" else None
    made = _trained(kind, place, own)
    times: dict[str, dict[str, float]] = {}
    with _timed(times, "judging"):
        say("  Hear everything")
        recorded = score(made.bundle, every, place.audio, own.files if own else ())
        synthetic = score_file(made.bundle, place.audio / f"{synthetic_name(kind.phrase)}.flac")
    with _timed(times, "exports"):
        exported = exports(made.bundle)
    return {
        "version": VERSION,
        "run": kind.name,
        "part": kind.part,
        "commit": commit(),
        "bundle_sha256": file_digest(made.bundle),
        "machine": read_machine().to_dict(),
        **made.record,
        "int8_bytes": len(read_bundle(made.bundle).model.content),
        "measured_arena_bytes": measured_arena(exported),
        "exports": exported,
        "own_voice": {"files": list(own.files), "speaker": own.speaker} if own else None,
        "recorded": recorded,
        "synthetic": synthetic,
        "benchmark_times": times,
    }


def measured_arena(exported: dict[str, dict[str, Any]]) -> int | None:
    """Return the arena that TensorFlow Lite Micro asked for; None where no form was measured in it."""
    facts = [each["facts"] for each in exported.values() if each["made"]]
    return next((each["arena_bytes"] for each in facts if "arena_bytes" in each), None)


def _trained(kind: Kind, place: Place, own: OwnVoice | None) -> Any:
    """Train, or go on; what recordings are added to is made before, where it is not there."""
    import keras

    from tfkws.pipeline.wakeword.run import make_wakeword
    from tfkws.pipeline.wakeword.sources import Sources

    keras.backend.clear_session()
    sources = Sources(speech=place.words.resolve() if kind.part == "speech" else None)
    if own is not None:
        earlier = replace(kind, part="text")
        with locked(place.lock(earlier)):
            _trained(earlier, place, None)
        recordings = laid_out(own, place.work / "recordings" / kind.name)
        sources = Sources(recordings=recordings.resolve(), earlier=place.run(earlier).resolve())
    say(f"  {kind.name}: train, or go on")
    return make_wakeword(kind.config, place.run(kind), sources, progress=Said())


@contextmanager
def _timed(times: dict[str, dict[str, float]], name: str) -> Iterator[None]:
    """Note seconds, and CPU seconds of this process and of its children."""
    begun, cpu = time.monotonic(), _cpu_s()
    yield
    times[name] = {"seconds": round(time.monotonic() - begun, 1), "cpu_seconds": round(_cpu_s() - cpu, 1)}


def _cpu_s() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system
