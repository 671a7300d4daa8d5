"""How long a device takes from a whole chunk to the answer: timed here, or read from a benchmark's record."""

import time
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config.strict import read
from tfkws.detect.detector import Detector
from tfkws.errors import DataError
from tfkws.run_folder import read_json

TIMED_WINDOWS = 30
WARM_UP_WINDOWS = 3


def timed_latency_s(detector: Detector) -> float:
    """Return the median time that front end, network and decision take here for one window, in seconds.

    The detector is reset before and after.
    """
    detector.reset()
    audio = np.random.default_rng(0).normal(0, 0.1, detector.window_samples).astype(np.float32)
    hop = audio[-detector.hop_samples :]
    detector.skip(audio[: -len(hop)])
    seconds = []
    for _ in range(WARM_UP_WINDOWS + TIMED_WINDOWS):
        began = time.perf_counter()
        detector.answers(hop)
        seconds.append(time.perf_counter() - began)
    detector.reset()
    return float(np.median(seconds[WARM_UP_WINDOWS:]))


def recorded_latency_s(path: Path) -> float:
    """Return the median of a `benchmark-*.json`, in seconds: the network alone, without front end.

    Raises:
        RunFolderError: there is no such file, or it is not JSON.
        DataError: it is no record of a benchmark, or one of a GPU in software.
    """
    record: Any = read_json(path)
    latency = record.get("latency") if isinstance(record, dict) else None
    median_us = latency.get("median_us") if isinstance(latency, dict) else None
    if not isinstance(median_us, int | float) or isinstance(median_us, bool) or not 0 < median_us < 1e9:
        raise DataError(f"{path} is no record of `tfkws benchmark`: it holds no median of a latency.")
    acceleration = read(dict[str, Any], record.get("acceleration") or {}, "acceleration")
    if read(dict[str, Any], acceleration.get("adapter") or {}, "adapter").get("software"):
        raise DataError(f"{path} was measured on a software adapter, whose times say nothing about a device.")
    return median_us / 1e6
