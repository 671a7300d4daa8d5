"""The table of forms."""

import typing

from tfkws.config import ExportForm
from tfkws.tflite.export.forms import FORMS


def test_every_form_that_can_be_asked_for_has_its_row() -> None:
    assert set(FORMS) == set(typing.get_args(ExportForm))
