"""In which form a bundle is handed out, and within which bounds."""

from dataclasses import dataclass
from typing import Literal

from tfkws.config.strict import Config

ExportForm = Literal["python"]


@dataclass(frozen=True)
class ExportSettings(Config):
    """How a bundle is exported.

    Attributes:
        to: what takes it (`tfkws.tflite.export.forms.FORMS`).

    Example:
        >>> ExportSettings(to="python").to_dict()
        {'to': 'python'}
    """

    to: ExportForm
