"""The manifest of a task: exactly which clips it is made of, by content.

Scores of different manifests do not compare.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tfkws.config import TaskConfig


@dataclass(frozen=True)
class ManifestRow:
    """One clip: "word/name.wav", its label, and the SHA-256 of its 16,000 samples (little-endian int16)."""

    file: str
    label: str
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a task was made of.

    Attributes:
        task: protocol, words and seed.
        labels: class labels in order.
        splits: the clips of each split that was loaded, in order.
        skipped: (file, reason) of what the folder holds and cannot be used.
        noise_files: names of the background noises; `generated_...` where the folder has none.
        synthetic_speech: whether the folder holds synthesised speech.
        split_by_file: whether clips of one person may lie in several splits, so that scores say nothing about others.
    """

    task: TaskConfig
    labels: tuple[str, ...]
    splits: dict[str, tuple[ManifestRow, ...]]
    skipped: tuple[tuple[str, str], ...]
    noise_files: tuple[str, ...]
    synthetic_speech: bool
    split_by_file: bool = False

    @cached_property
    def split_digests(self) -> dict[str, str]:
        """Digest of each split: equal for equal clips under equal labels in equal order."""
        return {name: _digest(self.labels, rows) for name, rows in self.splits.items()}

    @property
    def digest(self) -> str:
        """Digest of all splits that were loaded, 16 hexadecimal digits."""
        text = "\n".join(f"{name} {digest}" for name, digest in sorted(self.split_digests.items()))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def counts(self) -> dict[str, dict[str, int]]:
        """Count the clips of each label in each split."""
        found = {name: Counter(row.label for row in rows) for name, rows in self.splits.items()}
        return {name: {label: count[label] for label in self.labels} for name, count in found.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values; a clip is [file, label, sha256]."""
        return {
            "digest": self.digest,
            "split_digests": self.split_digests,
            "task": self.task.to_dict(),
            "labels": list(self.labels),
            "synthetic_speech": self.synthetic_speech,
            **({"split_by_file": True} if self.split_by_file else {}),
            "counts": self.counts(),
            "skipped": [{"file": file, "reason": reason} for file, reason in self.skipped],
            "noise_files": list(self.noise_files),
            "splits": {n: [[row.file, row.label, row.sha256] for row in rows] for n, rows in self.splits.items()},
        }


def _digest(labels: tuple[str, ...], rows: tuple[ManifestRow, ...]) -> str:
    lines = [" ".join(labels), *(f"{row.file} {row.label} {row.sha256}" for row in rows)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
