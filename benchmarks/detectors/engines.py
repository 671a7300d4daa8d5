"""Detectors behind one interface: ours and, where they are installed, those of others.

Every engine decides by the same rule (`tfkws.detect.decision.Decider`): one rise above the threshold is one detection,
and a word rests for a second after it. Other engines smooth their scores themselves and say only "now", so that their
rule is theirs up to there.
"""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tfkws.config import DetectorConfig
from tfkws.detect.decision import Decider, Detection
from tfkws.detect.detector import Detector
from tfkws.tflite.bundle.archive import read_bundle

RATE_HZ = 16_000
REFRACTORY_MS = 1_000.0
PORCUPINE, MICRO = "pvporcupine", "pymicro-wakeword"  # as PyPI names them
PORCUPINE_VERSION = "1.9.5"  # later ones need an access key
SENSITIVITY = 0.5  # Porcupine's default


@dataclass(frozen=True)
class About:
    """What an engine is.

    Attributes:
        name: short, also that of its records' folder.
        package, version: what was installed.
        words: that it listens for.
        operating_point: threshold or sensitivity, and where it comes from.
        training: what is known of what it was trained on.
    """

    name: str
    package: str
    version: str
    words: tuple[str, ...]
    operating_point: str
    training: str

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


class Engine(Protocol):
    """Takes audio block by block and says which words it heard when."""

    about: About

    def feed(self, samples: np.ndarray) -> list[Detection]:
        """Take int16 (n,), 16 kHz, of any length; return the words that it completes."""


class OurEngine:
    """A detector of this package, with the settings of its bundle and the common refractory time."""

    def __init__(self, path: Path, training: str = "") -> None:
        bundle = read_bundle(path)
        settings = bundle.detector
        found = settings.found
        how = f"at most {found.wanted_per_hour:g} false accepts an hour on {found.hours:.3g} h" if found else "bundle's"
        self._detector = Detector(bundle)
        self.about = About(
            name=path.stem,
            package="tfkws",
            version=metadata.version("tfkws"),
            words=self._detector.words,
            operating_point=f"threshold {settings.threshold:.4g}, {how}",
            training=training,
        )

    def feed(self, samples: np.ndarray) -> list[Detection]:
        """Take int16 (n,) and return detections."""
        return self._detector.feed(samples)


class PorcupineEngine:
    """Porcupine 1.9.5 listening for some of its own keywords; it says when, without a score.

    Args:
        handle: of `pvporcupine.create`: has `process` and `frame_length`.
    """

    def __init__(self, handle: Any, words: Sequence[str], version: str, sensitivity: float = SENSITIVITY) -> None:
        self._handle, self._words = handle, tuple(words)
        self._decider = _decider(self._words, threshold=0.5, hop_ms=1_000 * handle.frame_length / RATE_HZ)
        self._rest, self._seen = np.zeros(0, np.int16), 0
        kind = "its default" if sensitivity == SENSITIVITY else "not its default"
        self.about = About(
            name=f"porcupine-{sensitivity:g}",
            package=PORCUPINE,
            version=version,
            words=self._words,
            operating_point=f"sensitivity {sensitivity:g}, {kind}",
            training="not published",
        )

    def feed(self, samples: np.ndarray) -> list[Detection]:
        """Take int16 (n,) and return detections."""
        length = self._handle.frame_length
        audio = np.concatenate([self._rest, samples])
        whole = len(audio) // length * length
        self._rest = audio[whole:]
        found: list[Detection] = []
        for frame in audio[:whole].reshape(-1, length):
            self._seen += length
            heard = np.zeros(len(self._words), np.float32)
            index = self._handle.process(frame)
            if index >= 0:
                heard[index] = 1
            found += self._decider.step(self._seen, heard).detections
        return found


class MicroEngine:
    """Models of microWakeWord on one front end; each averages its last probabilities itself.

    Args:
        features: a `MicroWakeWordFeatures`: yields a frame of 30 ms every 10 ms.
        models: each a `MicroWakeWord`: id, probability_cutoff, stride, process_streaming_prob.
    """

    FRAME, STEP = 480, 160

    def __init__(self, features: Any, models: Sequence[Any], version: str) -> None:
        self._features, self._models = features, models
        # Above the cutoff is heard, the cutoff itself is not.
        self._deciders = [
            _decider((model.id,), float(np.nextafter(model.probability_cutoff, 1.0)), 10.0 * model.stride)
            for model in models
        ]
        self._frames = 0
        cutoffs = ", ".join(f"{model.id} {model.probability_cutoff:g}" for model in models)
        self.about = About(
            name="microwakeword",
            package=MICRO,
            version=version,
            words=tuple(model.id for model in models),
            operating_point=f"cutoffs of the package: {cutoffs}",
            training="not stated by the package",
        )

    def feed(self, samples: np.ndarray) -> list[Detection]:
        """Take int16 (n,) and return detections."""
        found: list[Detection] = []
        for frame in self._features.process_streaming(samples.tobytes()):
            end = self.FRAME + self._frames * self.STEP
            self._frames += 1
            for model, decider in zip(self._models, self._deciders, strict=True):
                probability = model.process_streaming_prob(frame)
                if self._frames % model.stride == 0:
                    found += decider.step(end, np.array([probability or 0.0])).detections
        return found


@dataclass(frozen=True)
class Rival:
    """A package that may be installed: which release is meant, and how its engine is opened."""

    package: str
    wanted: str  # release; "" for any
    open_release: Callable[[str], Engine]

    def open(self) -> Engine:
        """Open the engine of the release that is installed."""
        return self.open_release(metadata.version(self.package))

    def why_not(self) -> str:
        """Return a sentence that says why it cannot take part; "" where it can."""
        meant = f"{self.package} {self.wanted}".strip()
        try:
            version = metadata.version(self.package)
            if self.wanted and version != self.wanted:
                return f"{meant} is wanted, {version} is installed."
            self.open()
        except metadata.PackageNotFoundError:
            return f"{meant} is not installed."
        except (ImportError, OSError) as error:
            return f"{self.package} {version} does not load here ({error})."
        return ""


def rivals(words: Sequence[str], sensitivities: Sequence[float] = (SENSITIVITY,)) -> list[Rival]:
    """Return the packages that are compared with.

    Args:
        words: that Porcupine listens for.
        sensitivities: of Porcupine, an engine each.
    """
    porcupines = [partial(open_porcupine, words=words, sensitivity=each) for each in sensitivities]
    return [*(Rival(PORCUPINE, PORCUPINE_VERSION, each) for each in porcupines), Rival(MICRO, "", open_micro)]


def open_porcupine(version: str, words: Sequence[str], sensitivity: float) -> Engine:
    """Open Porcupine; from 2.0 on it wants an access key, so the release is checked before."""
    package = importlib.import_module("pvporcupine")
    handle = package.create(keywords=list(words), sensitivities=[sensitivity] * len(words))
    return PorcupineEngine(handle, words, version, sensitivity)


def open_micro(version: str) -> Engine:
    """Open every model that pymicro-wakeword brings."""
    package = importlib.import_module("pymicro_wakeword")
    models = [package.MicroWakeWord.from_builtin(model) for model in package.Model]
    return MicroEngine(package.MicroWakeWordFeatures(), models, version)


def _decider(words: Sequence[str], threshold: float, hop_ms: float) -> Decider:
    """The common rule without smoothing."""
    settings = DetectorConfig(hop_ms=hop_ms, window_ms=hop_ms, threshold=threshold, refractory_ms=REFRACTORY_MS)
    return Decider(tuple(words), settings, RATE_HZ)
