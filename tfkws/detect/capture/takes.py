"""Single utterances cut out of a signal that goes on, each with what is wrong with it."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

FRAME_S = 0.02
_MARGIN_S = 0.2  # kept before and after
_QUIET_AFTER_S = 0.6  # ends an utterance
_SHORTEST_S = 0.15
_FLOOR_OVER_S = 2.0  # the noise is what was quietest in that time
_ABOVE_FLOOR_DB, _LOWEST_DB = 10.0, -60.0  # speech begins so far above the noise, and no lower
_CLEAR_DB, _LOUD_ENOUGH_DB = 15.0, -42.0
_WARM_UP_FRAMES = 10  # before which nobody speaks, since the noise is not known
_FULL_SCALE, _MOST_AT_FULL_SCALE = 0.999, 3
_SILENCE_DB = -120.0

Problem = Literal["", "nothing heard", "too quiet", "clipped", "too long"]


@dataclass(frozen=True)
class Take:
    """An utterance.

    Attributes:
        samples: float32 (n,), a fifth of a second of what is around it included; empty where nothing was heard.
        problem: what is wrong with it; empty where nothing is.
        level_db: of its loudest fifth of a second, dB of full scale.
        noise_db: of what was quietest before it.
    """

    samples: np.ndarray
    problem: Problem
    level_db: float
    noise_db: float


def takes(blocks: Iterable[np.ndarray], rate_hz: int, patience_s: float, longest_s: float) -> Iterator[Take]:
    """Yield the utterances of a signal, as they end; and `nothing heard` when there was none for a while.

    Args:
        blocks: mono float32, any lengths.
        patience_s: how long that while is.
        longest_s: an utterance that goes on for longer is cut there, and too long.
    """
    margin = round(_MARGIN_S / FRAME_S)
    levels: deque[float] = deque(maxlen=round(_FLOOR_OVER_S / FRAME_S))
    before: deque[np.ndarray] = deque(maxlen=margin)
    said: list[np.ndarray] = []
    quiet = waited = 0
    for frame in _frames(blocks, round(rate_hz * FRAME_S)):
        level = level_db(frame)
        floor = min(levels, default=_LOWEST_DB)
        loud = len(levels) >= _WARM_UP_FRAMES and level > max(floor + _ABOVE_FLOOR_DB, _LOWEST_DB)
        if not said:
            waited += 1
            levels.append(level)
            if loud:
                said = [*before, frame]
                quiet = 0
            before.append(frame)
            if not said and waited * FRAME_S >= patience_s:
                waited = 0
                yield Take(np.zeros(0, np.float32), "nothing heard", _SILENCE_DB, floor)
            continue
        said.append(frame)
        quiet = 0 if loud else quiet + 1
        too_long = len(said) * FRAME_S > longest_s + 2 * _MARGIN_S
        if quiet * FRAME_S >= _QUIET_AFTER_S or too_long:
            take = _ended(said, quiet, margin, min(levels), too_long)
            said, waited = [], 0
            before.clear()
            if take is not None:
                yield take
    if said and (take := _ended(said, quiet, margin, min(levels), False)) is not None:
        yield take


def level_db(samples: np.ndarray) -> float:
    """Return the mean power of samples in dB of full scale, -120 for silence."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
    return max(_SILENCE_DB, 10 * np.log10(power)) if power > 0 else _SILENCE_DB


def _ended(said: list[np.ndarray], quiet: int, margin: int, floor: float, too_long: bool) -> Take | None:
    """Return an utterance without the quiet at its end; None for a click."""
    speech = len(said) - quiet - margin
    if speech * FRAME_S < _SHORTEST_S:
        return None
    samples = np.concatenate(said[: len(said) - max(quiet - margin, 0)])
    frames = [level_db(frame) for frame in said]
    level = float(np.sort(frames)[-max(1, round(0.2 / FRAME_S)) :].mean())
    return Take(samples, _problem(samples, level, floor, too_long), level, floor)


def _problem(samples: np.ndarray, level: float, floor: float, too_long: bool) -> Problem:
    if too_long:
        return "too long"
    if np.count_nonzero(np.abs(samples) >= _FULL_SCALE) > _MOST_AT_FULL_SCALE:
        return "clipped"
    if level < _LOUD_ENOUGH_DB or level < floor + _CLEAR_DB:
        return "too quiet"
    return ""


def _frames(blocks: Iterable[np.ndarray], size: int) -> Iterator[np.ndarray]:
    """Yield the signal in frames of one length; the rest at its end is dropped."""
    rest = np.zeros(0, np.float32)
    for block in blocks:
        signal = np.concatenate([rest, block])
        whole = len(signal) // size * size
        yield from signal[:whole].reshape(-1, size)
        rest = signal[whole:]
