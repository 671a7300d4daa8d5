"""The networks whose training steps are timed, and what every peer is told of one."""

from dataclasses import asdict, dataclass
from typing import Any

INPUT_SHAPE = (40, 32, 1)  # MFCC 40 x 32
CLASSES = 10
BATCH = 50

_NARROW = {
    "widths": {
        "stem_pointwise": 16,
        **{f"stage1_block{n}_{part}": 16 for n in (1, 2, 3) for part in ("sub1_pointwise", "skip")},
        "head_conv1_pointwise": 24,
        "head_conv2": 24,
    }
}


@dataclass(frozen=True)
class TimedNetwork:
    """A network of the registry.

    Attributes:
        name: on the page, and of its record.
        registered: name in the registry.
        variant: parameters of its family.
    """

    name: str
    registered: str
    variant: dict[str, Any]

    def build(self) -> Any:
        """Build the Keras model with fresh weights."""
        from tfkws.models import build_model

        return build_model(self.registered, INPUT_SHAPE, CLASSES, **self.variant)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


NETWORKS = tuple(
    TimedNetwork(name, registered, variant)
    for name, registered, variant in (
        ("kws12", "kws12", {}),
        ("kws10", "kws10", {}),
        ("kws1", "kws1", {}),
        ("seed", "seed_cnn", {}),
        ("MatchboxNet-3x1x64", "matchboxnet_3x1x64", {}),
        ("MatchboxNet-narrow", "matchboxnet_3x1x64", _NARROW),
        ("TC-ResNet8", "tc_resnet8", {}),
        ("BC-ResNet-1", "bc_resnet_1", {}),
        ("DS-CNN", "mlperf_ds_cnn", {}),
    )
)
