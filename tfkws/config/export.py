"""In which form a bundle is handed out, and within which bounds."""

from dataclasses import dataclass
from typing import Literal

from tfkws.config.strict import Config, Positive

ExportForm = Literal["c", "openwakeword", "python"]


@dataclass(frozen=True)
class ExportSettings(Config):
    """How a bundle is exported.

    Attributes:
        to: what takes it (`tfkws.tflite.export.forms.FORMS`).
        max_arena_kib: refuse a network whose arena in TensorFlow Lite Micro is larger.

    Example:
        >>> ExportSettings(to="python").to_dict()
        {'to': 'python', 'max_arena_kib': None}
    """

    to: ExportForm
    max_arena_kib: Positive | None = None
