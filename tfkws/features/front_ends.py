"""The front ends by name. All take one second of 16 kHz mono audio.

Conventions of all but microWakeWord's (`tfkws.features.micro`), with librosa's names: Hann window (periodic), `center`
pads with zeros, power spectrum (`power=2`), mel scale of HTK (`htk=True`), triangles of height 1 (`norm=None`), 20 to
8,000 Hz, natural logarithm of (power + floor), and for the cepstra an orthonormal DCT-II (`dct_type=2, norm="ortho"`).
The floor is what white noise at -60 dBFS leaves in one bin: 1e-6 times the sum of the squared window.
"""

from tfkws.config import FeatureConfig
from tfkws.errors import ConfigError, did_you_mean

DEFAULT_FRONT_END = "mfcc-40x32"

FRONT_ENDS: dict[str, FeatureConfig] = {
    # Paper B, section IV: 40 bands, 128 ms frames, 32 ms stride, one second: 40 x 32.
    "mfcc-40x32": FeatureConfig(
        name="mfcc-40x32",
        kind="mfcc",
        window_samples=2048,
        hop_samples=512,
        fft_length=2048,
        bands=40,
        rows=40,
        frames=32,
        centred=True,
    ),
    # Paper A's training setup: n_fft 2048, hop 512, 32 mel bands: 32 x 32.
    "logmel-32x32": FeatureConfig(
        name="logmel-32x32",
        kind="log_mel",
        window_samples=2048,
        hop_samples=512,
        fft_length=2048,
        bands=32,
        rows=32,
        frames=32,
        centred=True,
    ),
    # The usual 30 ms window every 10 ms: 40 x 98.
    "logmel-40x98": FeatureConfig(
        name="logmel-40x98",
        kind="log_mel",
        window_samples=480,
        hop_samples=160,
        fft_length=512,
        bands=40,
        rows=40,
        frames=98,
        centred=False,
    ),
    # MLPerf Tiny's keyword spotting: 30 ms window every 20 ms, ten cepstra, time first: 49 x 10.
    "mfcc-49x10": FeatureConfig(
        name="mfcc-49x10",
        kind="mfcc",
        window_samples=480,
        hop_samples=320,
        fft_length=512,
        bands=40,
        rows=10,
        frames=49,
        centred=False,
        time_first=True,
    ),
    # microWakeWord's, which ESPHome and Home Assistant Voice compute: whole numbers, noise taken off, gain by band.
    "micro-40x98": FeatureConfig(
        name="micro-40x98",
        kind="micro",
        window_samples=480,
        hop_samples=160,
        fft_length=512,
        bands=40,
        rows=40,
        frames=98,
        centred=False,
        low_hz=125.0,
        high_hz=7500.0,
    ),
}


def get_front_end(name: str) -> FeatureConfig:
    """Return a front end by name.

    Raises:
        ConfigError: there is none of that name.
    """
    if name not in FRONT_ENDS:
        known = ", ".join(FRONT_ENDS)
        raise ConfigError(f"There is no front end {name!r}; choose one of {known}.{did_you_mean(name, FRONT_ENDS)}")
    return FRONT_ENDS[name]
