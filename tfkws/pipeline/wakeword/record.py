"""What a run came to, JSON-ready."""

from pathlib import Path
from typing import Any

from tfkws.config import FeatureConfig, ModelConfig
from tfkws.config.wakeword import WakewordConfig
from tfkws.data.audio.files import SAMPLE_RATE_HZ
from tfkws.detect.rates import HourlyRate
from tfkws.intervals import share_interval
from tfkws.pipeline.wakeword.sources import Sources
from tfkws.pipeline.wakeword.stage_times import Run
from tfkws.pipeline.wakeword.training import Round
from tfkws.wakeword.judging import Operating
from tfkws.wakeword.networks import NetworkCost
from tfkws.wakeword.pools import Spoken


def record_of(
    run: Run,
    config: WakewordConfig,
    engines: tuple[str, ...],
    sources: Sources,
    spoken: Spoken,
    features: FeatureConfig,
    model: ModelConfig,
    cost: NetworkCost,
    rounds: tuple[Round, ...],
    found: Operating,
    bundle: Path,
) -> dict[str, Any]:
    """Return settings, counts, costs, rounds, times, and what the detector does where its threshold was chosen."""
    point = found.point
    return {
        "settings": config.to_dict() | {"engines": list(engines), "effort": config.effort.to_dict()},
        "sources": sorted(sources.to_dict()),
        "utterances": {f"{split} {kind}": len(group) for (split, kind), group in sorted(spoken.groups.items())},
        "window_s": features.clip_samples / SAMPLE_RATE_HZ,
        "model": model.to_dict(),
        "macs": cost.macs,
        "file_bytes": cost.file_bytes,
        "arena_bytes": cost.arena.arena_bytes if cost.arena else None,
        "arena": cost.arena.how if cost.arena else cost.refusal,
        "latency_us": cost.latency_us,
        "bundle": bundle.name,
        "rounds": [vars(each) for each in rounds],
        "detector": found.settings.to_dict(),
        "validation": {
            "source": "synthetic",
            "misses": point.misses,
            "utterances": point.utterances,
            "missed_interval": list(share_interval(point.misses, point.utterances)),
            "false_accepts": HourlyRate(point.false_accepts, point.hours).to_dict(),
        },
        "times": run.times,
    }
