"""Tracks laid in processes of their own, a piece of them to a file: a stopped run goes on with the next piece."""

import functools
import math
from collections.abc import Callable
from pathlib import Path

from tfkws.child_processes import run_in_children
from tfkws.config import FeatureConfig
from tfkws.config.wakeword import WakewordConfig
from tfkws.errors import RunFolderError
from tfkws.run_folder import write_bytes
from tfkws.wakeword.pools import LaidSplit, Spoken, read_spoken
from tfkws.wakeword.rows import Rows, joined, packed, rows_of, unpacked
from tfkws.wakeword.tracks import Track, TrackSettings, lay_track

PIECE = 15  # tracks to a file
TRACKS: dict[LaidSplit, TrackSettings] = {
    "training": TrackSettings(),
    "validation": TrackSettings(snr_db=(5.0, 30.0), gain_db=(-15.0, 5.0), gap_s=(0.1, 2.5), strength=0.6),
}


def lay(
    folder: Path,
    spoken: Path,
    split: LaidSplit,
    config: WakewordConfig,
    features: FeatureConfig,
    workers: int,
    progress: Callable[[int, int], None],
) -> Rows:
    """Lay the tracks of a split that are not there yet, and return the rows of all of them.

    Args:
        folder: receives one file a piece.
        spoken: file of `write_spoken`.
        progress: called with (pieces there, pieces in all).

    Raises:
        RunFolderError: a piece is damaged.
    """
    count = pieces(split, config)
    paths = [folder / f"{split}-{number:04d}.npz" for number in range(count)]
    missing = [number for number, path in enumerate(paths) if not path.exists()]
    jobs = [(lay_piece, (paths[number], spoken, split, number, config.seed, features)) for number in missing]
    done = count - len(missing)
    progress(done, count)
    for _ in run_in_children(jobs, workers) if jobs and workers > 1 else map(_run, jobs):
        done += 1
        progress(done, count)
    return joined(_read(path) for path in paths)


def pieces(split: LaidSplit, config: WakewordConfig) -> int:
    """Return how many pieces a split has."""
    effort = config.effort
    hours = effort.training_hours if split == "training" else effort.validation_hours
    return math.ceil(hours * 3_600 / TRACKS[split].seconds / PIECE)


def lay_piece(path: Path, spoken: Path, split: LaidSplit, number: int, seed: int, features: FeatureConfig) -> None:
    """Lay the tracks of one piece and write their rows."""
    everything = _spoken(spoken)
    tracks = (laid_track(everything, split, number * PIECE + each, seed) for each in range(PIECE))
    write_bytes(path, packed(joined(rows_of(track, features) for track in tracks)))


def laid_track(spoken: Spoken, split: LaidSplit, number: int, seed: int) -> Track:
    """Lay track `number` of a split."""
    return lay_track(spoken.pools(split), spoken.of(split, "noise"), TRACKS[split], seed, "track", split, number)


@functools.lru_cache(maxsize=1)
def _spoken(path: Path) -> Spoken:
    return read_spoken(path)


def _read(path: Path) -> Rows:
    try:
        return unpacked(path.read_bytes())
    except (OSError, ValueError) as error:
        raise RunFolderError(f"{path} is damaged ({error}); remove it and run the same command again.") from error


def _run(job: tuple[Callable[..., None], tuple[object, ...]]) -> None:
    function, arguments = job
    function(*arguments)
