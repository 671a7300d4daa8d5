"""Golden vectors: signals by formula, written and read without loss, and a check that notices other answers."""

import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from tfkws.features.front_ends import FRONT_ENDS
from tfkws.tflite.bundle.golden_vectors import (
    ARRAYS,
    FEATURE_TOLERANCE,
    FLOAT_TOLERANCE,
    Golden,
    check_golden,
    make_golden,
    read_golden,
    signals,
    write_golden,
)
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.model import open_model

FEATURES = FRONT_ENDS["mfcc-49x10"]


@pytest.fixture(scope="module")
def model() -> TfliteFile:
    import keras

    from tfkws.tflite.convert.keras_to_tflite import convert
    from tfkws.tflite.recipes import RECIPES

    keras.utils.set_random_seed(1)
    inputs = keras.Input(FEATURES.input_shape)
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3, strides=4)(inputs))
    return convert(keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(x), name="small"), RECIPES["none"])


@pytest.fixture(scope="module")
def golden(model: TfliteFile) -> Golden:
    return make_golden(model, FEATURES)


def test_the_signals_are_a_tone_a_sweep_and_a_noise_that_repeats() -> None:
    tone, _, noise = signals(16_000, 16_000)
    spectrum = np.abs(np.fft.rfft(tone[2_000:4_000]))  # 0.125 s with the gate open: 8 Hz a bin
    assert spectrum.argmax() * 8 == 1_000
    assert not tone[:2_000].any() and not noise[2_000:4_000].any()
    np.testing.assert_array_equal(noise[:509], noise[509:1_018])


def test_golden_vectors_are_read_as_they_were_written(golden: Golden) -> None:
    read = read_golden(write_golden(golden))
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(read, name), getattr(golden, name))
        assert getattr(read, name).dtype == getattr(golden, name).dtype


@pytest.mark.parametrize("name", ["features", "outputs"])
def test_a_deviation_beyond_the_tolerance_is_noticed(name: str, golden: Golden, model: TfliteFile) -> None:
    opened = open_model(model, load_check=False)
    assert check_golden(golden, opened, FEATURES).passed
    moved = getattr(golden, name) + 3 * max(FEATURE_TOLERANCE, FLOAT_TOLERANCE)
    assert not check_golden(replace(golden, **{name: moved}), opened, FEATURES).passed


def test_arrays_of_another_shape_never_pass(golden: Golden, model: TfliteFile) -> None:
    check = check_golden(replace(golden, outputs=golden.outputs[:, :2]), open_model(model, load_check=False), FEATURES)
    assert check.output_error == float("inf") and not check.passed


def test_what_is_no_archive_or_lacks_an_array_is_refused(golden: Golden) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, audio=golden.audio)
    for content in (b"no archive", buffer.getvalue()):
        with pytest.raises(ValueError, match="cannot be read"):
            read_golden(content)


def test_a_header_that_ends_within_a_bracket_is_damage() -> None:
    golden = Golden(np.ones((1, 4), np.int16), np.ones((1, 2), np.float32), np.ones((1, 2), np.float32))
    with zipfile.ZipFile(io.BytesIO(write_golden(golden))) as sound:
        members = {name: sound.read(name) for name in sound.namelist()}
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member.replace(b")", b"(", 1))
    with pytest.raises(ValueError, match="arrays cannot be read"):
        read_golden(raw.getvalue())
