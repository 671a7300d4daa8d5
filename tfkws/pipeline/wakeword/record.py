"""What a run came to, JSON-ready: the parts of its record, from which the report is made."""

from collections.abc import Sequence
from typing import Any

from tfkws.config import FeatureConfig, ModelConfig
from tfkws.config.wakeword import NetworkLimits, WakewordConfig
from tfkws.data.audio.files import SAMPLE_RATE_HZ
from tfkws.detect.rates import HourlyRate
from tfkws.detect.threshold_curve import CurvePoint, outline, threshold_for_rate
from tfkws.errors import DataError
from tfkws.intervals import share_interval
from tfkws.pipeline.wakeword.detector import Converted
from tfkws.pipeline.wakeword.sources import Sources
from tfkws.pipeline.wakeword.speech import Said
from tfkws.wakeword.networks import NetworkCost
from tfkws.wakeword.pools import SPLITS, Spoken

RATES = (0.1, 0.5, 1.0, 2.0, 5.0)  # false accepts an hour, at which misses are told
MOST_POINTS = 60  # of the curve


def asked(config: WakewordConfig, engines: tuple[str, ...], sources: Sources, limits: NetworkLimits) -> dict[str, Any]:
    """Return what was asked for; of a user's folders that they were given, not where they are."""
    settings = config.to_dict() | {"engines": list(engines), "effort": config.effort.to_dict()}
    return {"settings": settings, "limits": limits.to_dict(), "sources": sorted(sources.to_dict())}


def said(spoken: Spoken, voices: list[dict[str, Any]]) -> dict[str, Any]:
    """Return how many utterances there are of each kind, and whose voices.

    Args:
        voices: of `voices_of`.
    """
    counts = {f"{split} {kind}": len(group) for (split, kind), group in sorted(spoken.groups.items())}
    return {"utterances": counts, "voices": voices}


def voices_of(everything: Sequence[Said]) -> list[dict[str, Any]]:
    """Count voices and utterances of each synthesiser, those of training and of validation apart."""
    found: dict[str, dict[str, Any]] = {}
    for engine in sorted({each.request.voice.engine for each in everything}):
        mine = [each for each in everything if each.request.voice.engine == engine]
        voices = {split: {each.request.voice for each in mine if each.split == split} for split in SPLITS}
        counts = {split: len({each.request for each in mine if each.split == split}) for split in SPLITS}
        found[engine] = {"voices": {split: len(voices[split]) for split in SPLITS}, "utterances": counts}
    return [{"engine": engine, **counts} for engine, counts in found.items()]


def network_of(features: FeatureConfig, model: ModelConfig, cost: NetworkCost) -> dict[str, Any]:
    """Return the network, what its window is and what it costs."""
    return {
        "window_s": features.clip_samples / SAMPLE_RATE_HZ,
        "model": model.to_dict(),
        "macs": cost.macs,
        "file_bytes": cost.file_bytes,
        "arena_bytes": cost.arena.arena_bytes if cost.arena else None,
        "arena": cost.arena.how if cost.arena else cost.refusal,
        "latency_us": cost.latency_us,
    }


def heard(converted: Converted, per_hour: float) -> dict[str, Any]:
    """Return what the int8 file does on validation tracks: as it is set, at other rates, and the curve, thinned.

    Args:
        per_hour: false accepts an hour that were asked for.
    """
    found = converted.found
    points = outline(found.points, MOST_POINTS)
    return {
        "bundle": converted.bundle.name,
        "gate": converted.gate,
        "detector": found.settings.to_dict(),
        "validation": {"source": "synthetic", **counted(found.point)},
        "rates": [at_rate(found.points, rate) for rate in sorted({*RATES, per_hour})],
        "curve": [
            {"threshold": each.threshold, "false_accepts": each.false_accepts, "misses": each.misses} for each in points
        ],
    }


def at_rate(points: Sequence[CurvePoint], per_hour: float) -> dict[str, Any]:
    """Return the threshold for a rate of false accepts and what it costs; without one where none gives the rate."""
    try:
        point = threshold_for_rate(points, per_hour)
    except DataError:
        return {"wanted_per_hour": per_hour, "threshold": None}
    return {"wanted_per_hour": per_hour, "threshold": point.threshold, **counted(point)}


def counted(point: CurvePoint) -> dict[str, Any]:
    """Return misses and false accepts of a threshold with their intervals."""
    return {
        "misses": point.misses,
        "utterances": point.utterances,
        "missed_interval": list(share_interval(point.misses, point.utterances)),
        "false_accepts": HourlyRate(point.false_accepts, point.hours).to_dict(),
    }
