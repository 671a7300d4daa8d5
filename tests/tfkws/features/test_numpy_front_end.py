"""The front ends against librosa and against a transform written out as a sum."""

from dataclasses import replace

import numpy as np
import pytest

from tfkws.config import FeatureConfig
from tfkws.errors import ConfigError, DataError
from tfkws.features import numpy_front_end
from tfkws.features.front_ends import FRONT_ENDS, get_front_end
from tfkws.features.mel import cosine_transform, hz_to_mel, mel_filters, mel_to_hz
from tfkws.features.numpy_front_end import StreamingFrontEnd, extract, fit_normalisation, frame_count

SHAPES = {"mfcc-40x32": (40, 32), "logmel-32x32": (32, 32), "logmel-40x98": (40, 98), "mfcc-49x10": (49, 10)}
SPECTRAL = {name: config for name, config in FRONT_ENDS.items() if config.kind != "micro"}
EACH = pytest.mark.parametrize("config", SPECTRAL.values(), ids=SPECTRAL)


def librosa_map(clip: np.ndarray, config: FeatureConfig) -> np.ndarray:
    """The same by librosa in float64; its `melspectrogram` cannot frame 480 samples for a transform of 512."""
    librosa = pytest.importorskip("librosa")
    samples = clip.astype(np.float64) / 32768
    if config.centred:
        samples = np.pad(samples, config.window_samples // 2)
    window = librosa.filters.get_window("hann", config.window_samples, fftbins=True)
    frames = librosa.util.frame(samples, frame_length=config.window_samples, hop_length=config.hop_samples, axis=0)
    power = np.abs(np.fft.rfft(frames * window, config.fft_length)) ** 2
    filters = librosa.filters.mel(
        sr=16_000, n_fft=config.fft_length, n_mels=config.bands, fmin=20, fmax=8000, htk=True, norm=None
    )
    bands = np.log(power @ filters.T + 1e-6 * np.sum(window**2))
    rows = librosa.feature.mfcc(S=bands.T, n_mfcc=config.rows) if config.kind == "mfcc" else bands.T
    return rows.T if config.time_first else rows


@pytest.mark.parametrize(("name", "shape"), SHAPES.items())
def test_shapes_are_those_of_the_papers(name: str, shape: tuple[int, int], clips: np.ndarray) -> None:
    config = get_front_end(name)
    maps = extract(clips, config)
    assert maps.shape == (len(clips), *shape) and maps.dtype == np.float32
    assert config.input_shape == (*shape, 1)
    assert frame_count(16_000, config) == config.frames


@EACH
def test_agrees_with_librosa(config: FeatureConfig, clips: np.ndarray) -> None:
    for clip in clips:
        np.testing.assert_allclose(extract(clip, config), librosa_map(clip, config), atol=1e-3)


@pytest.mark.real_data
@EACH
def test_agrees_with_librosa_on_real_clips(config: FeatureConfig, real_clips: np.ndarray) -> None:
    for clip in real_clips[::10]:
        np.testing.assert_allclose(extract(clip, config), librosa_map(clip, config), atol=2e-4)


def test_centred_front_end_is_librosas_own_mfcc(clips: np.ndarray) -> None:
    """The whole chain by librosa's one call, with the conventions that the documentation names."""
    librosa = pytest.importorskip("librosa")
    power = librosa.feature.melspectrogram(
        y=clips[0].astype(np.float64) / 32768,
        sr=16_000,
        n_fft=2048,
        hop_length=512,
        center=True,
        pad_mode="constant",
        n_mels=40,
        fmin=20,
        fmax=8000,
        htk=True,
        norm=None,
    )
    expected = librosa.feature.mfcc(S=np.log(power + 1e-6 * 768), n_mfcc=40)
    np.testing.assert_allclose(extract(clips[0], FRONT_ENDS["mfcc-40x32"]), expected, atol=1e-3)


def test_one_frame_by_the_definition(clips: np.ndarray) -> None:
    """A log-mel frame from sums alone: window, transform, triangles."""
    config = FRONT_ENDS["logmel-40x98"]
    samples = clips[1][160 * 30 :][:480] / 32768
    n, k = np.arange(480), np.arange(257)
    window = 0.5 * (1 - np.cos(2 * np.pi * n / 480))
    power = np.abs((samples * window * np.exp(-2j * np.pi * np.outer(k, n) / 512)).sum(axis=1)) ** 2
    mels = np.linspace(2595 * np.log10(1 + 20 / 700), 2595 * np.log10(1 + 8000 / 700), 42)
    edges = 700 * (10 ** (mels / 2595) - 1)
    for band in (0, 7, 39):
        weights = np.interp(k * 31.25, edges[band : band + 3], [0, 1, 0], left=0, right=0)
        expected = np.log(weights @ power + 1e-6 * np.sum(window**2))
        assert extract(clips[1], config)[band, 30] == pytest.approx(expected, abs=1e-4)


def test_digital_silence_is_the_floor_everywhere() -> None:
    maps = extract(np.zeros(16_000, np.int16), FRONT_ENDS["logmel-32x32"])
    np.testing.assert_allclose(maps, np.log(1e-6 * 768), rtol=1e-6)


def test_white_noise_at_the_floor_doubles_a_bins_power() -> None:
    """What the floor is said to be: -60 dBFS of white noise leaves as much in one bin."""
    noise = np.random.default_rng(0).normal(0, 1e-3, 16_000 * 50).astype(np.float32)
    config = FRONT_ENDS["logmel-32x32"]
    bins_a_band = mel_filters(config).sum(axis=0)
    power = np.exp(extract(noise, config)).mean(axis=1) / (1e-6 * 768)
    np.testing.assert_allclose(power, 1 + bins_a_band, rtol=0.05)


@EACH
def test_int16_and_float_are_the_same(config: FeatureConfig, clips: np.ndarray) -> None:
    np.testing.assert_array_equal(extract(clips, config), extract(clips.astype(np.float32) / 32768, config))


@EACH
def test_a_clip_does_not_depend_on_its_batch(config: FeatureConfig, clips: np.ndarray) -> None:
    batch = extract(np.stack([clips[:6], clips[2:8]]), config)
    assert batch.shape[:2] == (2, 6)
    np.testing.assert_allclose(batch[1, 0], extract(clips[2], config), atol=1e-5)


def test_cosine_transform_is_orthonormal() -> None:
    basis = cosine_transform(40, 40)
    np.testing.assert_allclose(basis.T @ basis, np.eye(40), atol=1e-12)


def test_mel_scale() -> None:
    assert hz_to_mel(1000.0) == pytest.approx(999.99, abs=0.01)
    np.testing.assert_allclose(mel_to_hz(hz_to_mel(np.array([0.0, 440.0, 8000.0]))), [0, 440, 8000], atol=1e-9)


@EACH
def test_every_band_sees_a_bin(config: FeatureConfig) -> None:
    assert (mel_filters(config).max(axis=0) > 0.1).all()


def test_refusals() -> None:
    with pytest.raises(ConfigError, match="no front end"):
        get_front_end("mfcc-13")
    with pytest.raises(ConfigError, match="at least 480 samples"):
        extract(np.zeros(479, np.int16), FRONT_ENDS["logmel-40x98"])
    with pytest.raises(ConfigError):
        replace(FRONT_ENDS["logmel-40x98"], high_hz=9000.0)


@pytest.mark.parametrize("piece_samples", [320, 1, 37, 5000, 16_000])
@EACH
def test_same_frames_in_pieces(config: FeatureConfig, piece_samples: int, clips: np.ndarray) -> None:
    if piece_samples == 1:
        clips = clips[:1]
    signal = clips[: 1 if piece_samples == 1 else 3].reshape(-1)
    stream = StreamingFrontEnd(config)
    rows = [stream.feed(signal[start : start + piece_samples]) for start in range(0, len(signal), piece_samples)]
    rows.append(stream.finish())
    whole = extract(signal, config)
    np.testing.assert_allclose(np.concatenate(rows), whole if config.time_first else whole.T, atol=1e-5)


def test_frames_come_as_soon_as_they_are_complete() -> None:
    stream = StreamingFrontEnd(FRONT_ENDS["logmel-40x98"])
    assert [len(stream.feed(np.zeros(160, np.int16))) for _ in range(5)] == [0, 0, 1, 1, 1]


@EACH
def test_normalised_rows_have_mean_zero_and_deviation_one(config: FeatureConfig, clips: np.ndarray) -> None:
    fitted = fit_normalisation(clips[:5], config)
    rows = np.moveaxis(extract(clips[:5], fitted), 2 if config.time_first else 1, -1).reshape(-1, config.rows)
    np.testing.assert_allclose(rows.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(rows.std(axis=0), 1, atol=1e-3)
    assert FeatureConfig.from_dict(fitted.to_dict()) == fitted


def test_normalising_again_replaces_the_old_values(clips: np.ndarray) -> None:
    config = FRONT_ENDS["mfcc-49x10"]
    once = fit_normalisation(clips[:5], config)
    assert fit_normalisation(clips[:5], once) == once


def test_a_row_that_never_changes_keeps_a_finite_scale() -> None:
    fitted = fit_normalisation(np.zeros((2, 16_000), np.int16), FRONT_ENDS["logmel-40x98"])
    assert set(fitted.row_std) == {0.01}


def test_many_clips_are_sampled_evenly(monkeypatch: pytest.MonkeyPatch, clips: np.ndarray) -> None:
    config = FRONT_ENDS["mfcc-49x10"]
    audio = np.stack([clips[0], clips[1], clips[2], clips[3], clips[4]])
    monkeypatch.setattr(numpy_front_end, "MOST_CLIPS", 3)
    assert fit_normalisation(audio, config) == fit_normalisation(audio[[0, 2, 4]], config)


def test_no_clips_are_refused() -> None:
    with pytest.raises(DataError, match="there are none"):
        fit_normalisation(np.zeros((0, 16_000), np.int16), FRONT_ENDS["mfcc-49x10"])
