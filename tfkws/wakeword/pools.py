"""Everything that may be laid on tracks, by split and kind, and kept in one file."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from tfkws.errors import RunFolderError
from tfkws.run_folder import write_bytes
from tfkws.strict_arrays import read_arrays
from tfkws.wakeword.tracks import Pool

Kind = Literal["phrase", "own", "near", "sentence", "recorded", "kept", "noise"]
LaidSplit = Literal["training", "validation"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SPLITS: tuple[LaidSplit, ...] = get_args(LaidSplit)
MOST_BYTES = 1 << 33

# How often an utterance of a kind is laid, in training and where the threshold is chosen: there, what sounds like the
# phrase is said as seldom as people say it.
SHARES: dict[LaidSplit, dict[Kind, float]] = {
    "training": {"phrase": 0.3, "own": 0.15, "near": 0.1, "sentence": 0.25, "recorded": 0.3, "kept": 0.15},
    "validation": {"phrase": 0.06, "own": 0.03, "near": 0.003, "sentence": 0.4, "recorded": 0.5, "kept": 0.1},
}


@dataclass(frozen=True)
class Spoken:
    """Utterances int16 (n,) by split and kind."""

    groups: Mapping[tuple[LaidSplit, Kind], Sequence[np.ndarray]]

    def of(self, split: LaidSplit, *kinds: Kind) -> list[np.ndarray]:
        """Return the utterances of a split and some kinds."""
        return [samples for kind in kinds for samples in self.groups.get((split, kind), ())]

    def with_more(self, others: Mapping[tuple[LaidSplit, Kind], Sequence[np.ndarray]]) -> "Spoken":
        """Return these and further ones."""
        keys = {*self.groups, *others}
        return Spoken({key: [*self.groups.get(key, ()), *others.get(key, ())] for key in keys})

    def pools(self, split: LaidSplit) -> list[Pool]:
        """Return what is laid in a split, and how often; own recordings of the phrase are the phrase."""
        found = []
        for kind, share in SHARES[split].items():
            utterances = self.groups.get((split, kind), ())
            if len(utterances):
                found.append(Pool("phrase" if kind == "own" else kind, utterances, share))
        return found


def write_spoken(path: Path, spoken: Spoken) -> None:
    """Write everything to one file, whole or not at all."""
    arrays = {}
    for (split, kind), group in spoken.groups.items():
        if not group:
            continue
        arrays[f"{split}.{kind}.samples"] = np.concatenate([np.zeros(0, np.int16), *group])
        arrays[f"{split}.{kind}.lengths"] = np.array([len(samples) for samples in group], np.int64)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    write_bytes(path, buffer.getvalue())


def read_spoken(path: Path) -> Spoken:
    """Read what `write_spoken` wrote.

    Raises:
        RunFolderError: it is missing or damaged.
    """
    try:
        arrays = read_arrays(path, MOST_BYTES)
        return Spoken(dict(_groups(arrays)))
    except (OSError, ValueError, KeyError) as error:
        raise RunFolderError(f"{path} is damaged ({error}); remove it and run the same command again.") from error


def _groups(
    arrays: Mapping[str, np.ndarray],
) -> Iterator[tuple[tuple[LaidSplit, Kind], list[np.ndarray]]]:
    for split in SPLITS:
        for kind in KINDS:
            if f"{split}.{kind}.lengths" in arrays:
                ends = np.cumsum(arrays[f"{split}.{kind}.lengths"])[:-1]
                yield (split, kind), np.split(arrays[f"{split}.{kind}.samples"], ends)
