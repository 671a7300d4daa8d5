"""The front ends that are timed, each as a child prepares it: MFCC 40 x 32 of one-second clips, one thread.

The settings are those of `mfcc-40x32` where a library has them: windows of 2,048 samples every 512, 40 mel bands of
HTK's scale, 40 cepstra. What differs stands in the variant's note. A child imports only its own library.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

RATE, CLIPS = 16_000, 50
WINDOW, HOP, BANDS, LOWEST_HZ = 2048, 512, 40, 20.0

Extract = Callable[[np.ndarray], Any]  # float32 (n, 16000) to maps of any layout


def prepare(library: str, clips: int = CLIPS) -> tuple[Callable[[int], list[int]], dict[str, Any]]:
    """Return a call that extracts all clips and returns the shape of the maps, and facts."""
    extract, version = LIBRARIES[library]()
    audio = noise(clips)
    return lambda _: list(np.shape(extract(audio))), {"version": version, "clips": clips, "threads": 1}


def noise(clips: int) -> np.ndarray:
    """Draw noise at about -20 dBFS, float32 (clips, 16000)."""
    return (0.1 * np.random.default_rng(0).normal(size=(clips, RATE))).astype(np.float32)


def tfkws() -> tuple[Extract, str]:
    """Ours, as training calls it."""
    from importlib.metadata import version

    from tfkws.features.front_ends import FRONT_ENDS
    from tfkws.features.numpy_front_end import extract

    return lambda audio: extract(audio, FRONT_ENDS["mfcc-40x32"]), version("tfkws")


def librosa() -> tuple[Extract, str]:
    """Take all clips at once."""
    from importlib.metadata import version

    import librosa

    settings: dict[str, Any] = {"n_fft": WINDOW, "hop_length": HOP, "n_mels": BANDS, "fmin": LOWEST_HZ, "htk": True}
    return lambda audio: librosa.feature.mfcc(y=audio, sr=RATE, n_mfcc=BANDS, **settings), version("librosa")


def python_speech_features() -> tuple[Extract, str]:
    """Take clips one by one; a window every 512 samples, not centred."""
    from importlib.metadata import version

    import python_speech_features as psf

    settings = {"winlen": WINDOW / RATE, "winstep": HOP / RATE, "numcep": BANDS, "nfilt": BANDS, "nfft": WINDOW}
    return (
        lambda audio: np.stack([psf.mfcc(clip, RATE, lowfreq=LOWEST_HZ, **settings) for clip in audio]),
        version("python_speech_features"),
    )


def torchaudio() -> tuple[Extract, str]:
    """Take all clips at once."""
    import torch
    import torchaudio

    torch.set_num_threads(1)
    mel = {"n_fft": WINDOW, "hop_length": HOP, "n_mels": BANDS, "f_min": LOWEST_HZ}
    transform = torchaudio.transforms.MFCC(RATE, BANDS, log_mels=True, melkwargs=mel)
    return lambda audio: transform(torch.from_numpy(audio)), torchaudio.__version__


def tensorflow() -> tuple[Extract, str]:
    """Take all clips at once in a traced function of `tf.signal`; clips are padded by half a window before it."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    matrix = tf.signal.linear_to_mel_weight_matrix(BANDS, WINDOW // 2 + 1, RATE, LOWEST_HZ, RATE / 2)

    def extract(audio: Any) -> Any:
        padded = tf.pad(audio, ((0, 0), (WINDOW // 2, WINDOW // 2)))
        power = tf.abs(tf.signal.stft(padded, WINDOW, HOP, WINDOW)) ** 2
        return tf.signal.mfccs_from_log_mel_spectrograms(tf.math.log(power @ matrix + 1e-6))

    traced = tf.function(extract)
    return lambda audio: traced(tf.constant(audio)), tf.__version__


def kaldi_native_fbank() -> tuple[Extract, str]:
    """Take clips one by one; Kaldi's windows and scale, the edges mirrored."""
    import kaldi_native_fbank as knf

    options = knf.MfccOptions()
    options.frame_opts.samp_freq, options.frame_opts.dither = RATE, 0.0
    options.frame_opts.frame_length_ms, options.frame_opts.frame_shift_ms = 1e3 * WINDOW / RATE, 1e3 * HOP / RATE
    options.frame_opts.snip_edges = False
    options.mel_opts.num_bins, options.mel_opts.low_freq, options.num_ceps = BANDS, LOWEST_HZ, BANDS

    def one(clip: np.ndarray) -> np.ndarray:
        online = knf.OnlineMfcc(options)
        online.accept_waveform(RATE, clip)
        online.input_finished()
        return np.stack([online.get_frame(number) for number in range(online.num_frames_ready)])

    return lambda audio: np.stack([one(clip) for clip in audio]), knf.__version__


def pymicro_features() -> tuple[Extract, str]:
    """Take clips one by one, 10 ms at a time: 40 bands of 30 ms windows every 10 ms, no cepstra, on int16."""
    from importlib.metadata import version

    from pymicro_features import MicroFrontend

    def one(clip: bytes) -> np.ndarray:
        frontend, rows, place = MicroFrontend(), [], 0
        while place + 320 <= len(clip):
            output = frontend.process_samples(clip[place : place + 320])
            place += 2 * output.samples_read
            if output.features:
                rows.append(output.features)
        return np.array(rows, np.float32)

    def extract(audio: np.ndarray) -> np.ndarray:
        return np.stack([one(clip.tobytes()) for clip in (audio * 32767).astype(np.int16)])

    return extract, version("pymicro-features")


LIBRARIES: dict[str, Callable[[], tuple[Extract, str]]] = {
    "tfkws": tfkws,
    "librosa": librosa,
    "python_speech_features": python_speech_features,
    "torchaudio": torchaudio,
    "tensorflow": tensorflow,
    "kaldi_native_fbank": kaldi_native_fbank,
    "pymicro_features": pymicro_features,
}
