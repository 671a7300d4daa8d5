"""The front end against the one that consumers of microWakeWord's files run."""

import numpy as np
import pytest

from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.micro.bands import amplitudes
from tfkws.features.micro.front_end import MicroRows, median, rows_of_clips, to_int16
from tfkws.features.numpy_front_end import StreamingFrontEnd, extract, fit_normalisation

CONFIG = FRONT_ENDS["micro-40x98"]
CHUNK_BYTES = 320  # 10 ms, as pymicro-wakeword feeds


def by_package(signal: np.ndarray) -> np.ndarray:
    """Rows of a signal by pymicro-features: float64 (frames, 40)."""
    package = pytest.importorskip("pymicro_features", reason="pymicro-features is not installed")
    front_end, content, position, rows = package.MicroFrontend(), signal.astype("<i2").tobytes(), 0, []
    while position + CHUNK_BYTES <= len(content):
        made = front_end.process_samples(content[position : position + CHUNK_BYTES])
        position += 2 * made.samples_read
        if made.features:
            rows.append(made.features)
    return np.array(rows)


def streamed(signal: np.ndarray, piece: int = 1_280) -> np.ndarray:
    stream = StreamingFrontEnd(CONFIG)
    return np.concatenate([stream.feed(signal[start : start + piece]) for start in range(0, len(signal), piece)])


def test_equals_the_package_bit_for_bit_on_made_up_clips(clips: np.ndarray) -> None:
    for clip in clips:
        np.testing.assert_array_equal(streamed(clip), by_package(clip))


@pytest.mark.parametrize("amplitude", [1, 30, 1_000, 32_767])
def test_equals_the_package_on_noise_and_squares_of_any_loudness(amplitude: int) -> None:
    rng = np.random.default_rng(amplitude)
    noise = rng.integers(-amplitude, amplitude + 1, 32_000).astype(np.int16)
    square = np.where(np.sin(np.arange(32_000) * 0.3) > 0, amplitude, -amplitude - 1).astype(np.int16)
    for signal in (noise, square, np.full(8_000, -amplitude - 1, np.int16)):
        np.testing.assert_array_equal(streamed(signal), by_package(signal))


@pytest.mark.real_data
def test_equals_the_package_on_real_clips_one_after_the_other(real_clips: np.ndarray) -> None:
    signal = real_clips.reshape(-1)
    np.testing.assert_array_equal(streamed(signal, 9_999), by_package(signal))


@pytest.mark.real_data
def test_a_clip_that_begins_at_its_median_is_nearer_to_the_stream(real_clips: np.ndarray) -> None:
    """The stream has heard the same clip just before; as docs/features.md says."""
    begun_anew, by_median = [], []
    for clip in real_clips[::5]:
        twice = streamed(np.concatenate([clip, clip]), 32_000)
        second = twice[100:]  # 16,000 samples are 100 steps
        begun_anew.append(np.abs(streamed(clip, 16_000) - second).mean())
        by_median.append(np.abs(extract(clip, CONFIG).T - second).mean())
    assert np.mean(by_median) < np.mean(begun_anew) / 3


@pytest.mark.parametrize("piece", [160, 37, 16_000])
def test_pieces_of_any_length_give_the_same_frames(piece: int, clips: np.ndarray) -> None:
    signal = clips[:2].reshape(-1)
    np.testing.assert_array_equal(streamed(signal, piece), streamed(signal, len(signal)))


def test_float_audio_is_the_int16_audio_that_it_came_from(clips: np.ndarray) -> None:
    as_float = clips.astype(np.float32) / 32768
    np.testing.assert_array_equal(to_int16(as_float), clips)
    np.testing.assert_array_equal(extract(as_float, CONFIG), extract(clips, CONFIG))


def test_a_clip_is_a_stream_that_heard_its_median_before(clips: np.ndarray) -> None:
    """Frames as loud as a clip's median, for so long that nothing else is known, and then the clip."""
    clip = clips[0]
    frames = np.lib.stride_tricks.sliding_window_view(clip, 480)[::160]
    middle = np.sort(amplitudes(frames), axis=0)[49]
    np.testing.assert_array_equal(median(amplitudes(frames)), middle)
    begun = MicroRows(from_median=True)
    np.testing.assert_array_equal(np.concatenate([begun(frames), begun(frames)])[:98], extract(clip, CONFIG).T)
    steady = np.repeat(middle[None], 2_000, axis=0).astype(np.int64)
    from tfkws.features.micro.noise import estimates

    settled = estimates(steady, np.zeros(40, np.uint64))[-1] / 1024
    np.testing.assert_allclose(settled, middle, atol=0.2)


def test_a_clip_does_not_depend_on_its_batch(clips: np.ndarray) -> None:
    np.testing.assert_array_equal(rows_of_clips(clips)[3], rows_of_clips(clips[3:4])[0])


def test_maps_are_rows_by_frames_and_never_normalised(clips: np.ndarray) -> None:
    maps = extract(clips, CONFIG)
    assert maps.shape == (len(clips), 40, 98) and maps.dtype == np.float32
    assert fit_normalisation(clips, CONFIG) == CONFIG
    assert maps.min() == 0 and maps.max() > 10


def test_no_frames_leave_the_noise_as_it_was(clips: np.ndarray) -> None:
    frames = np.lib.stride_tricks.sliding_window_view(clips[0], 480)[::160]
    rows, again = MicroRows(), MicroRows()
    assert rows(frames[:0]).shape == (0, 40)
    np.testing.assert_array_equal(rows(frames), again(frames))
