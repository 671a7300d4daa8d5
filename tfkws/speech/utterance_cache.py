"""Utterances on disk: a file holds a group that was said in one go; its name is a hash of all that it depends on."""

import hashlib
import importlib.metadata
import json
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import numpy as np

from tfkws.run_folder import whole_file
from tfkws.speech.engines.table import ENGINES
from tfkws.speech.requests import Request

_VERSION = 1  # of how utterances are made; raised when the same request gives other samples

Part = tuple[np.ndarray, int, int]  # int16 samples, and where what was said begins and ends in them


def read_group(cache: Path, group: Sequence[Request]) -> list[Part] | None:
    """Return what was kept of a group; None where there is nothing, or the file is damaged."""
    try:
        with _path(cache, group).open("rb") as file, np.load(file, allow_pickle=False) as kept:
            samples, spans = kept["samples"], kept["spans"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    fits = samples.dtype == np.int16 and samples.ndim == 1 and spans.shape == (len(group), 4)
    if not fits or spans.dtype != np.int64 or not _in_order(spans, len(samples)):
        return None
    return [(samples[first:last], int(start), int(end)) for first, start, end, last in spans]


def write_group(cache: Path, group: Sequence[Request], parts: Sequence[Part]) -> None:
    """Keep a group, whole or not at all; a full disk keeps nothing, and stops nobody."""
    lasts = np.cumsum([len(samples) for samples, _, _ in parts])
    spans = [(last - len(samples), start, end, last) for last, (samples, start, end) in zip(lasts, parts, strict=True)]
    with suppress(OSError), whole_file(_path(cache, group)) as partial, partial.open("wb") as file:
        np.savez(file, samples=np.concatenate([part[0] for part in parts]), spans=np.array(spans, np.int64))


def _in_order(spans: np.ndarray, count: int) -> bool:
    first, start, end, last = spans.T
    inside = (first >= 0) & (last <= count) & (start >= 0) & (start <= end) & (end <= last - first)
    return bool(np.all(inside))


def _path(cache: Path, group: Sequence[Request]) -> Path:
    described = [asdict(request) for request in group]
    content = json.dumps([_VERSION, _made_by(group[0].voice.engine), described], sort_keys=True)
    name = hashlib.sha256(content.encode()).hexdigest()[:24]
    return cache / group[0].voice.engine / name[:2] / f"{name}.npz"


@lru_cache(maxsize=8)
def _made_by(engine: str) -> list[str]:
    """Return the releases of what speaks: of our code, and of the packages that do it."""
    releases = [str(ENGINES[engine].version)]
    for package in ENGINES[engine].packages:
        with suppress(importlib.metadata.PackageNotFoundError):
            releases.append(importlib.metadata.version(package))
    return releases
