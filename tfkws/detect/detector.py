"""The detector: a bundle's answers to an endless signal. Listening, scoring and the service use it and no other."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tfkws.config import DetectorConfig, FeatureConfig
from tfkws.data.audio.decoder import LARGEST_SAMPLE
from tfkws.detect.decision import Answer, Decider, Detection, words_of
from tfkws.detect.stream_network import StreamNetwork
from tfkws.detect.windows import WindowMaps, Windows
from tfkws.errors import ConfigError
from tfkws.features.numpy_front_end import extract, to_float
from tfkws.tflite.bundle.archive import Bundle, read_bundle
from tfkws.tflite.runtime.model import TfliteModel, open_model
from tfkws.tflite.runtime.streaming import StreamingModel, open_streaming

BLOCK = 1 << 16  # samples that are worked on at once, 4 s; more take memory and no less time


class _Network(Protocol):
    """What answers a signal: ends int (k,) and probabilities float32 (k, classes) of the windows that end in it."""

    def feed(self, audio: np.ndarray) -> tuple[np.ndarray, np.ndarray]: ...

    def skip(self, audio: np.ndarray) -> int: ...


class Detector:
    """Hears a bundle's words in a signal that arrives in blocks of any length.

    The first window ends one clip after the first sample, and one follows every `DetectorConfig.hop_ms`; a bundle whose
    network keeps a state answers every step of it instead, about a window that ended some time ago (`delay_samples`).
    Samples that are not finite, or far beyond full scale, are taken as zeros and counted.

    Args:
        bundle: a bundle, or the path of one.
        settings: in place of the bundle's own.
        threads: for the network.
        model: the bundle's model where it is open already; detectors in several threads may share it. One that keeps a
            state is opened again, without a check, for each detector.

    Attributes:
        labels, words: all class names; those that can be detected.
        sample_rate_hz: of the audio that it takes.
        samples_seen: since it was made or reset.
        bad_samples: how many of them were no audio.

    Raises:
        TfliteFileError: the bundle is damaged or the runtime refuses its model.

    Example:
        detector = tfkws.Detector("kws10-int8.kws")
        for block in blocks:                          # int16, or float32 in -1..1, mono, 16 kHz
            for heard in detector.feed(block):
                print(heard.label, heard.score, heard.time_s)
    """

    def __init__(
        self,
        bundle: Bundle | Path | str,
        settings: DetectorConfig | None = None,
        threads: int = 1,
        model: TfliteModel | None = None,
    ) -> None:
        self.bundle = bundle if isinstance(bundle, Bundle) else read_bundle(Path(bundle))
        self._stream = self._open_stream(threads, load_check=model is None)
        self._model = model or (self._stream.model if self._stream else open_model(self.bundle.model, threads=threads))
        self.labels = self.bundle.labels
        self.words = words_of(self.labels)
        self.sample_rate_hz = self.bundle.features.sample_rate_hz
        self._decider = Decider(self.labels, settings or self.bundle.detector, self.sample_rate_hz)
        self.reset()

    @property
    def settings(self) -> DetectorConfig:
        """Hop, smoothing, threshold and refractory time; may be set while it runs.

        A new threshold, smoothing or refractory time holds from the next window on; with a new hop or chunk the window
        fills anew.
        """
        return self._decider.settings

    @settings.setter
    def settings(self, settings: DetectorConfig) -> None:
        before = self._decider.settings
        self._decider.settings = settings
        if (before.hop_ms, before.chunk_ms) != (settings.hop_ms, settings.chunk_ms):
            self._network = self._open_network()

    @property
    def window_samples(self) -> int:
        """Length of what the network answers at once."""
        return _window_samples(self.bundle.features, self.settings)

    @property
    def hop_samples(self) -> int:
        """From one answer to the next."""
        if self._stream is not None:
            return self._stream.frames_per_step * self.bundle.features.hop_samples
        return _hop_samples(self.bundle.features, self.settings)

    @property
    def delay_samples(self) -> int:
        """How long before the newest sample the window of an answer ends, at least; 0 but for networks with a state."""
        return 0 if self._stream is None else self._stream.delay_frames * self.bundle.features.hop_samples

    def feed(self, samples: np.ndarray) -> list[Detection]:
        """Take int16, or float in -1..1, (n,) of any length, and return the words that it completes.

        Raises:
            ConfigError: the audio is not mono samples of such a type.
        """
        return [detection for answer in self.answers(samples) for detection in answer.detections]

    def answers(self, samples: np.ndarray) -> list[Answer]:
        """Take audio as `feed` does and return what every window gave."""
        found = []
        for block in self._blocks(samples):
            ends, probabilities = self._network.feed(block)
            found += [self._decider.step(int(end), each) for end, each in zip(ends, probabilities, strict=True)]
        return found

    def skip(self, samples: np.ndarray) -> int:
        """Take audio without asking the network; return how many windows go unanswered."""
        return sum(self._network.skip(block) for block in self._blocks(samples))

    def reset(self) -> None:
        """Forget the signal; the next sample is the first one."""
        self.samples_seen = self.bad_samples = 0
        self._decider.reset()
        self._network = self._open_network()

    def _open_stream(self, threads: int, load_check: bool) -> StreamingModel | None:
        metadata = self.bundle.model.metadata
        if metadata is None or metadata.streaming is None:
            return None
        return open_streaming(self.bundle.model, threads, load_check=load_check)

    def _open_network(self) -> _Network:
        if self._stream is not None:
            if self.settings.chunk_ms is not None:
                raise ConfigError("A network that keeps a state hears no chunks; use the bundle of its window.")
            return StreamNetwork(self._stream, self.bundle.features, self.samples_seen)
        return _WindowNetwork(self._model, self.bundle.features, self.settings, self.samples_seen)

    def _blocks(self, samples: np.ndarray) -> Any:
        """Yield the audio as finite float32 blocks, counting what was seen."""
        audio = _mono(samples)
        for first in range(0, len(audio), BLOCK):
            block = audio[first : first + BLOCK]
            good = np.abs(block) <= LARGEST_SAMPLE
            self.bad_samples += len(block) - int(np.count_nonzero(good))
            self.samples_seen += len(block)
            yield np.where(good, block, np.float32(0))


class _WindowNetwork:
    """A network that is asked about whole windows."""

    def __init__(self, model: TfliteModel, features: FeatureConfig, settings: DetectorConfig, first: int) -> None:
        self._model, self._features = model, features
        hop = _hop_samples(features, settings)
        self._windows = Windows(_window_samples(features, settings), hop, first)
        self._maps = WindowMaps(features, hop)

    def feed(self, audio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        ends, windows = self._windows.feed(audio)
        if len(ends) == 0:
            return ends, np.zeros((0, 0), np.float32)
        return ends, self._model.predict(self._examples(ends, windows))

    def _examples(self, ends: np.ndarray, windows: np.ndarray) -> np.ndarray:
        """What the model takes; chunks shorter than its clips are filled up with zeros, as short clips are."""
        missing = self._features.clip_samples - windows.shape[1]
        clips = np.pad(windows, ((0, 0), (0, missing))) if missing else windows
        if self._model.takes_audio:
            return clips
        return extract(clips, self._features)[..., None] if missing else self._maps.of(ends, clips)

    def skip(self, audio: np.ndarray) -> int:
        return self._windows.skip(audio)


def _window_samples(features: FeatureConfig, settings: DetectorConfig) -> int:
    if settings.chunk_ms is None:
        return features.clip_samples
    samples = round(settings.chunk_ms * features.sample_rate_hz / 1_000)
    if not 1 <= samples <= features.clip_samples:
        longest = 1_000 * features.clip_samples / features.sample_rate_hz
        raise ConfigError(
            f"A chunk must be at most {longest:g} ms long, as the network is. Received {settings.chunk_ms:g}."
        )
    return samples


def _hop_samples(features: FeatureConfig, settings: DetectorConfig) -> int:
    hop_ms = settings.hop_ms if settings.chunk_ms is None else settings.chunk_ms
    return max(1, round(hop_ms * features.sample_rate_hz / 1_000))


def _mono(samples: np.ndarray) -> np.ndarray:
    audio = np.asarray(samples)
    if audio.ndim != 1 or not (audio.dtype == np.int16 or np.issubdtype(audio.dtype, np.floating)):
        raise ConfigError(
            f"A detector takes mono audio (n,), int16 or float. Received {audio.dtype} of shape {audio.shape}."
        )
    return to_float(audio)
