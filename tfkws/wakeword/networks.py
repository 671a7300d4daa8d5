"""Which network hears a phrase: the known good small ones, best first, and what each may cost."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import inf

from tfkws.config import FeatureConfig, ModelConfig
from tfkws.config.wakeword import NetworkLimits
from tfkws.cost.micro_structures import MicroArena
from tfkws.errors import ConfigError
from tfkws.units import format_bytes

# The first is what published detectors were made with; the others follow by MACs.
KNOWN: tuple[ModelConfig, ...] = (
    ModelConfig("tc_resnet8"),
    ModelConfig("matchboxnet_3x1x64"),
    ModelConfig("matchboxnet_3x1x64", {"channels": 32}),
    ModelConfig("bc_resnet_1"),
    ModelConfig("tc_resnet8", {"width": 0.5}),
)
# For microWakeWord's front end: what ESPHome runs, three frames at a time.
MICRO_STEP = 3
KNOWN_ON_STREAMS: tuple[ModelConfig, ...] = (ModelConfig("mixednet"), ModelConfig("mixednet_32"))
SHORTEST_S, LONGEST_S = 1.0, 2.0
ROOM_S = 0.4  # before and after the phrase, together


@dataclass(frozen=True)
class NetworkCost:
    """What a network costs.

    Attributes:
        macs: of a window.
        file_bytes: of its int8 file.
        arena: what TensorFlow Lite Micro asks for to run that file; None where it cannot.
        refusal: why it cannot, in a sentence.
        latency_us: µs of an answer, where it was timed.
    """

    macs: float
    file_bytes: int
    arena: MicroArena | None
    refusal: str = ""
    latency_us: float | None = None

    @property
    def sizes(self) -> str:
        """Its file and arena in words, and where the arena comes from or why there is none."""
        arena = f"arena {format_bytes(self.arena.arena_bytes)}, {self.arena.how}" if self.arena else self.refusal
        return f"int8 {format_bytes(self.file_bytes)}, {arena}"


def known_for(features: FeatureConfig) -> tuple[ModelConfig, ...]:
    """Return the known networks for a front end, best first."""
    return KNOWN_ON_STREAMS if features.kind == "micro" else KNOWN


def within(cost: NetworkCost, limits: NetworkLimits) -> bool:
    """Return whether a network keeps to all limits; one without an arena keeps to none on it."""
    pairs = (
        (cost.macs, limits.max_macs),
        (cost.file_bytes / 1024, limits.max_kib),
        (cost.arena.arena_kib if cost.arena else inf, limits.max_arena_kib),
        (cost.latency_us or 0.0, limits.max_latency_us),
    )
    return all(limit is None or known <= limit for known, limit in pairs)


def first_within(
    candidates: Iterator[ModelConfig] | tuple[ModelConfig, ...],
    cost_of: Callable[[ModelConfig], NetworkCost],
    limits: NetworkLimits,
) -> tuple[ModelConfig, NetworkCost]:
    """Return the first of `candidates` that keeps to the limits, with its cost.

    Raises:
        ConfigError: none does.
    """
    cheapest: list[tuple[NetworkCost, ModelConfig]] = []
    for model in candidates:
        cost = cost_of(model)
        if within(cost, limits):
            return model, cost
        cheapest.append((cost, model))
    least, smallest = min(cheapest, key=lambda pair: pair[0].macs)
    raise ConfigError(
        f"No network is within the limits; the smallest tried, {smallest.name}, takes {least.macs:,.0f} MACs, "
        f"{least.sizes.rstrip('.')}. Allow more, or give the front of a search by --front."
    )


def fitted(features: FeatureConfig, longest_s: float) -> FeatureConfig:
    """Return the front end with windows that hold a phrase of this length and a little more, 1 to 2 s.

    Windows for networks that take a stream by steps of frames are filled by these, so that no frame is left unread.

    Args:
        longest_s: length of the phrase as slow speakers say it.
    """
    seconds = min(max(longest_s + ROOM_S, SHORTEST_S), LONGEST_S)
    samples = round(seconds * 10) * features.sample_rate_hz // 10
    frames = 1 + (samples - features.window_samples) // features.hop_samples
    if features.kind == "micro":
        frames += (features.frames - frames) % MICRO_STEP
        samples = features.window_samples + (frames - 1) * features.hop_samples
    return replace(features, clip_samples=samples, frames=frames)
