"""In which form a bundle is handed out, and within which bounds."""

from dataclasses import dataclass
from typing import Any, Literal

from tfkws.config.strict import Config, Positive, without_none

ExportForm = Literal["c", "esphome", "openwakeword", "python"]


@dataclass(frozen=True)
class ExportSettings(Config):
    """How a bundle is exported.

    Attributes:
        to: what takes it (`tfkws.tflite.export.forms.FORMS`).
        max_arena_kib: refuse a network whose arena in TensorFlow Lite Micro is larger.
        author: who made the model, for the manifest of the form esphome.
        website: of the author, for the same; left out where it is not told.
        language: in which the model was trained, for the same, as "en".

    Example:
        >>> ExportSettings(to="python").to_dict()
        {'to': 'python', 'max_arena_kib': None}
    """

    to: ExportForm
    max_arena_kib: Positive | None = None
    author: str | None = None
    website: str | None = None
    language: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON-ready values, without what was not told."""
        return without_none(super().to_dict(), "author", "website", "language")
