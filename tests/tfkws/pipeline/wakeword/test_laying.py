from pathlib import Path

import numpy as np
import pytest

from tfkws.config.wakeword import Effort, WakewordConfig
from tfkws.errors import RunFolderError
from tfkws.features.front_ends import get_front_end
from tfkws.pipeline.wakeword.laying import PIECE, TRACKS, laid_track, lay, pieces
from tfkws.wakeword.pools import Spoken, write_spoken

FEATURES = get_front_end("logmel-40x98")
CONFIG = WakewordConfig("computer", sizes=Effort(training_hours=0.3, validation_hours=0.1))


def spoken() -> Spoken:
    rng = np.random.default_rng(0)

    def clips(count: int) -> list[np.ndarray]:
        return [rng.normal(0, 3_000, 9_000).astype(np.int16) for _ in range(count)]

    return Spoken({(split, kind): clips(3) for split in ("training", "validation") for kind in ("phrase", "near")})


def test_pieces_fill_the_hours() -> None:
    seconds = pieces("training", CONFIG) * PIECE * TRACKS["training"].seconds
    assert 0.3 * 3_600 <= seconds < 0.3 * 3_600 + PIECE * TRACKS["training"].seconds


def test_a_stopped_run_lays_only_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "spoken.npz"
    write_spoken(file, spoken())
    told: list[tuple[int, int]] = []
    rows = lay(tmp_path, file, "training", CONFIG, FEATURES, 1, lambda done, total: told.append((done, total)))
    assert told == [(0, 2), (1, 2), (2, 2)]
    assert len(rows.begins) == 2 * PIECE + 1
    (tmp_path / "training-0001.npz").unlink()
    told.clear()
    again = lay(tmp_path, file, "training", CONFIG, FEATURES, 1, lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]
    assert np.array_equal(again.values, rows.values)
    assert np.array_equal(again.words, rows.words)


def test_a_damaged_piece_is_named(tmp_path: Path) -> None:
    file = tmp_path / "spoken.npz"
    write_spoken(file, spoken())
    (tmp_path / "validation-0000.npz").write_bytes(b"PK")
    with pytest.raises(RunFolderError, match=r"validation-0000\.npz is damaged"):
        lay(tmp_path, file, "validation", CONFIG, FEATURES, 1, lambda done, total: None)


def test_tracks_of_seeds_and_splits_differ() -> None:
    tracks = [laid_track(spoken(), split, 0, seed) for split in ("training", "validation") for seed in (0, 1)]
    assert len({track.audio.tobytes() for track in tracks}) == 4
