"""Times of a bundle in samples."""

from dataclasses import replace

import pytest
from fake_bundles import loudness_bundle
from micro_bundles import micro_bundle

from tfkws.config import DetectorConfig
from tfkws.errors import ConversionError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.tflite.export.script_settings import check_for_script, settings_of


def test_windows_are_taken_whole() -> None:
    settings = settings_of(replace(loudness_bundle(), detector=DetectorConfig(hop_ms=50, window_ms=220, threshold=0.8)))
    assert (settings["take"], settings["hop"], settings["first_end"]) == (16_000, 800, 16_000)
    assert settings["average"] == 5  # answers that end within 220 ms, at 0, 50, 100, 150 and 200 ms
    assert (settings["rest"], settings["threshold"], settings["words"]) == (16_000, 0.8, [[1, "loud"]])
    assert settings["padding"] == 0


def test_a_centred_front_end_is_padded() -> None:
    assert settings_of(replace(loudness_bundle(), features=FRONT_ENDS["mfcc-40x32"]))["padding"] == 1024


def test_chunks_are_refused() -> None:
    with pytest.raises(ConversionError, match="judges chunks"):
        check_for_script(replace(loudness_bundle(), detector=DetectorConfig(chunk_ms=500)))


def test_microwakewords_front_end_is_taken_on_streams_alone() -> None:
    check_for_script(micro_bundle())
    with pytest.raises(ConversionError, match="takes a whole window anew every time; convert the model with --stream"):
        check_for_script(replace(loudness_bundle(), features=micro_bundle().features))
