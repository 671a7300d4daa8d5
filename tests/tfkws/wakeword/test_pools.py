from pathlib import Path

import numpy as np
import pytest

from tfkws.errors import RunFolderError
from tfkws.wakeword.pools import Spoken, read_spoken, write_spoken


def spoken() -> Spoken:
    def clips(*values: int) -> list[np.ndarray]:
        return [np.full(10 * value, value, np.int16) for value in values]

    return Spoken(
        {("training", "phrase"): clips(1, 2), ("training", "own"): clips(3), ("validation", "sentence"): clips(4, 5)}
    )


def test_everything_comes_back_from_its_file(tmp_path: Path) -> None:
    write_spoken(tmp_path / "spoken.npz", spoken().with_more({("validation", "kept"): []}))
    again = read_spoken(tmp_path / "spoken.npz")
    assert {key: [each.tolist() for each in group] for key, group in again.groups.items()} == {
        key: [each.tolist() for each in group] for key, group in spoken().groups.items()
    }


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "spoken.npz"
    path.write_bytes(b"PK")
    with pytest.raises(RunFolderError, match="remove it and run the same command again"):
        read_spoken(path)


def test_own_recordings_are_laid_as_the_phrase() -> None:
    pools = spoken().pools("training")
    assert [pool.kind for pool in pools] == ["phrase", "phrase"]
    assert len(spoken().pools("validation")) == 1


def test_more_is_added_to_what_is_there() -> None:
    more = spoken().with_more({("training", "own"): [np.zeros(5, np.int16)], ("training", "noise"): []})
    assert len(more.of("training", "own")) == 2
    assert len(more.of("training", "phrase", "own")) == 4
