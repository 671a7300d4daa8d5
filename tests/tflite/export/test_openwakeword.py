"""openWakeWord has no place for a front end of one's own."""

import pytest
from fake_bundles import loudness_bundle

from tfkws.config import ExportSettings
from tfkws.errors import ConversionError
from tfkws.tflite.export.forms import exported


def test_it_is_refused_with_the_reason_and_a_way() -> None:
    with pytest.raises(ConversionError, match=r"speech embedding.* takes 1 x 49 x 10 x 1 of mfcc-49x10.*`tfkws serve`"):
        exported(loudness_bundle(), ExportSettings(to="openwakeword"))
