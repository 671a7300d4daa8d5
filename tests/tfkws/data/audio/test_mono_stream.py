import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from tfkws.data.audio.mono_stream import MonoStream, mix_down
from tfkws.errors import AudioError


@settings(deadline=None, max_examples=20)
@given(
    st.sampled_from([8_000, 11_025, 44_100, 48_000, 96_000]), st.lists(st.integers(0, 5_000), min_size=1, max_size=8)
)
def test_blocks_leave_no_seam(rate: int, sizes: list[int]) -> None:
    signal = np.sin(np.arange(sum(sizes)) / 17).astype(np.float32)
    stream = MonoStream(rate, 16_000)
    parts = [stream.feed(part) for part in np.split(signal, np.cumsum(sizes)[:-1])]
    found = np.concatenate([*parts, stream.finish()])
    whole = soxr.ResampleStream(rate, 16_000, 1, dtype="float32").resample_chunk(signal, last=True)
    np.testing.assert_allclose(found, whole, atol=1e-5)


def test_a_tone_stays_a_tone_and_nothing_above_half_the_rate_stays() -> None:
    time = np.arange(48_000) / 48_000
    for hertz, expected in ((1_000, 0.5), (12_000, 0.0)):
        stream = MonoStream(48_000, 16_000)
        found = np.concatenate([stream.feed(np.sin(2 * np.pi * hertz * time)), stream.finish()])
        assert len(found) == 16_000
        assert np.mean(found[2_000:-2_000] ** 2) == pytest.approx(expected, abs=1e-3)


def test_channels_are_averaged_and_integers_scaled() -> None:
    block = np.array([[16_384, -16_384], [32_767, 32_767]], np.int16)
    np.testing.assert_allclose(mix_down(block), [0.0, 0.99997], atol=1e-4)
    np.testing.assert_allclose(mix_down(np.array([1 << 30], np.int32)), [0.5])
    assert mix_down(np.zeros((3, 2))).dtype == np.float32


def test_what_is_far_beyond_full_scale_is_no_audio() -> None:
    found = mix_down(np.array([[1e38, 1e38], [0.5, 0.25], [np.inf, 0.0]], np.float32))
    np.testing.assert_array_equal(found, np.array([np.nan, 0.375, np.nan], np.float32))


def test_one_rate_passes_unchanged() -> None:
    stream = MonoStream(16_000, 16_000)
    block = np.array([0.1, np.nan, -0.2], np.float32)
    np.testing.assert_array_equal(stream.feed(block), block)
    assert len(stream.finish()) == 0


def test_one_bad_sample_does_not_stay_in_the_filter() -> None:
    stream = MonoStream(48_000, 16_000)
    block = np.full(4_800, np.nan, np.float32)
    found = np.concatenate([stream.feed(block), stream.feed(np.full(4_800, 0.5, np.float32)), stream.finish()])
    assert np.isfinite(found).all()
    assert found[-500:-300] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("rate", [0, 100, 1_000_000])
def test_rates_that_no_audio_has(rate: int) -> None:
    with pytest.raises(AudioError, match=f"{rate} samples a second"):
        MonoStream(rate, 16_000)
