"""Requests spoken on all cores: grouped by voice, each group in one go, kept on disk, in the form that clips have."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfkws.child_processes import ChildDiedError, Job, run_in_children
from tfkws.data.audio.files import SAMPLE_RATE_HZ, resample, to_int16
from tfkws.data.prepare.synthetic_clip import loud_span
from tfkws.errors import SynthesisError
from tfkws.speech.requests import Request, Speech
from tfkws.speech.utterance_cache import read_group, write_group
from tfkws.speech.voices import find_engine

Progress = Callable[[int, int], None]
_PEAK = 0.95
_FADE = 80  # samples, 5 ms


@dataclass(frozen=True)
class Utterance:
    """What a voice said.

    Attributes:
        request: what was asked for.
        samples: int16 (n,), 16 kHz, silence cut off both ends.
        start: number of the first sample of what was said; before it lie the words of `before`.
        end: of the sample after its last; after it lie those of `after`.
    """

    request: Request
    samples: np.ndarray
    start: int
    end: int

    def cut(self) -> np.ndarray:
        """Return the samples of what was said, without the words around it."""
        return self.samples[self.start : self.end]


def speak_all(
    requests: Sequence[Request], cache: Path | None, workers: int, progress: Progress | None = None
) -> Iterator[Utterance]:
    """Say all requests, and yield each when it is done; those in the cache come first.

    Requests of a voice are said in groups, in their order: what an engine makes of one may depend on the others of its
    group. The same list gives the same utterances, however often it was interrupted.

    Args:
        requests: what is to be said.
        cache: folder that utterances are kept in; None keeps nothing.
        workers: processes; 1 speaks in this one.
        progress: called with (utterances there, utterances in all).

    Raises:
        ConfigError: there is no such engine.
        RuntimeUnavailableError: an engine is not installed, or its files were not fetched.
        SynthesisError: an engine failed; what it said before is kept.
    """
    groups = _groups(requests)
    for engine in dict.fromkeys(group[0].voice.engine for group in groups):
        find_engine(engine)
    done = 0
    for group in _spoken_groups(groups, cache, workers):
        done += len(group)
        if progress is not None:
            progress(done, len(requests))
        yield from group


def speak_group(group: Sequence[Request], cache: Path | None) -> list[Utterance]:
    """Say requests of one voice in this process, and keep them. Raises as `speak_all`."""
    speeches = find_engine(group[0].voice.engine).speak(group)
    utterances = [_utterance(request, speech) for request, speech in zip(group, speeches, strict=True)]
    if cache is not None:
        write_group(cache, group, [(each.samples, each.start, each.end) for each in utterances])
    return utterances


def _spoken_groups(groups: Sequence[list[Request]], cache: Path | None, workers: int) -> Iterator[list[Utterance]]:
    missing = []
    for group in groups:
        kept = read_group(cache, group) if cache is not None else None
        if kept is None:
            missing.append(group)
        else:
            yield [Utterance(request, *part) for request, part in zip(group, kept, strict=True)]
    if workers <= 1:
        for group in missing:
            yield speak_group(group, cache)
        return
    missing.sort(key=lambda group: find_engine(group[0].voice.engine).together)  # the slow engines first
    jobs: list[Job] = [(speak_group, (group, cache)) for group in missing]
    try:
        yield from run_in_children(jobs, workers)
    except ChildDiedError:
        raise SynthesisError("A process of a speech engine died; run the same command again to go on.") from None


def _groups(requests: Sequence[Request]) -> list[list[Request]]:
    """Return requests of each voice, in their order, as many together as its engine takes."""
    by_voice: dict[str, list[Request]] = {}
    for request in requests:
        by_voice.setdefault(request.voice.id, []).append(request)
    groups = []
    for same in by_voice.values():
        size = find_engine(same[0].voice.engine).together
        groups += [same[first : first + size] for first in range(0, len(same), size)]
    return groups


def _utterance(request: Request, speech: Speech) -> Utterance:
    """Resample, trim, and bring the peak to just below full scale, since engines differ in loudness."""
    samples = resample(speech.samples, speech.rate_hz, SAMPLE_RATE_HZ)
    scale = SAMPLE_RATE_HZ / speech.rate_hz
    first, last = loud_span(samples)
    samples = samples[first:last]
    peak = float(np.abs(samples).max(initial=0.0))
    if peak == 0.0:
        raise SynthesisError(
            f"{request.voice.engine} gave no sound for {request.phrase.text!r}; choose another phrase."
        )
    samples = _faded(samples * np.float32(_PEAK / peak))
    start = min(max(round(speech.start * scale) - first, 0), len(samples))
    end = min(max(round(speech.end * scale) - first, start), len(samples))
    return Utterance(request, to_int16(samples), start, end)


def _faded(samples: np.ndarray) -> np.ndarray:
    """Let the ends, which may be cuts, rise and fall within 5 ms."""
    faded = samples.copy()
    count = min(_FADE, len(samples) // 2)
    ramp = np.linspace(0, 1, count, dtype=np.float32)
    faded[:count] *= ramp
    faded[len(faded) - count :] *= ramp[::-1]
    return faded
