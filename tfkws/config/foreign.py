"""What a model made elsewhere does not say about itself, and its owner must tell."""

from dataclasses import dataclass

from tfkws.config.features import FeatureConfig
from tfkws.config.strict import Config, require
from tfkws.config.task import check_labels


@dataclass(frozen=True)
class ForeignModel(Config):
    """What to put into a .tflite file made elsewhere, and what comes out.

    Attributes:
        labels: names of the classes, in the order of the outputs.
        features: the front end it was trained with; of one that takes audio, only length and rate of a clip.
        takes_audio: whether it takes samples in -1..1 instead of feature maps.
        scale, offset: the model receives scale x value + offset: 32768 and 0 for samples of 16 bits.
        logits: whether the outputs are logits, of which the softmax is the answer.
    """

    labels: tuple[str, ...]
    features: FeatureConfig
    takes_audio: bool = False
    scale: float = 1.0
    offset: float = 0.0
    logits: bool = False

    def _check(self) -> None:
        check_labels(self.labels)
        require(self.scale != 0, "ForeignModel.scale must not be 0.")

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one example that audio or front end give: (samples,) or (height, width, 1)."""
        return (self.features.clip_samples,) if self.takes_audio else self.features.input_shape
