"""The words that a service hears: those of all its bundles, each under one name, and what clients are told of them."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
from wyoming.event import Event
from wyoming.info import Attribution, Info, WakeModel, WakeProgram

from tfkws import __version__
from tfkws.config import DetectorConfig
from tfkws.detect.decision import words_of
from tfkws.detect.detector import Detector
from tfkws.errors import ConfigError
from tfkws.tflite.bundle.archive import Bundle
from tfkws.tflite.runtime.model import TfliteModel, open_model

Change = Callable[[DetectorConfig], DetectorConfig]
NAME = "tfkws"


@dataclass(frozen=True)
class OpenBundle:
    """A bundle whose model is open; every client has a detector of its own.

    Attributes:
        model: shared by all detectors, unless it keeps the state of one signal.
        title: of the bundle, for people.
        names: what each of its words is called here.
    """

    title: str
    bundle: Bundle
    model: TfliteModel
    settings: DetectorConfig
    names: Mapping[str, str]

    def detector(self) -> Detector:
        """Make a detector for one client."""
        return Detector(self.bundle, self.settings, model=self.model)


@dataclass(frozen=True)
class Ear:
    """A client's own detector.

    Attributes:
        names: of the words that the client wants to hear of.
    """

    detector: Detector
    names: Mapping[str, str]


@dataclass(frozen=True)
class WakeWords:
    """All words of a service.

    Attributes:
        rate_hz: of the audio that all detectors take.
    """

    bundles: tuple[OpenBundle, ...]
    rate_hz: int = field(default=16_000)

    @property
    def names(self) -> tuple[str, ...]:
        """What the words are called."""
        return tuple(name for each in self.bundles for name in each.names.values())

    def ears(self, wanted: Collection[str] | None) -> list[Ear]:
        """Make new detectors for the wanted names or words, None for all."""
        chosen = [(each, _wanted(each.names, wanted)) for each in self.bundles]
        return [Ear(each.detector(), names) for each, names in chosen if names]

    def unknown(self, wanted: Collection[str]) -> list[str]:
        """Return the wanted names that are neither a name nor a word here."""
        known = set(self.names) | {word for each in self.bundles for word in each.names}
        return [name for name in wanted if name not in known]

    def info(self) -> Event:
        """Return the answer to `describe`. Bundles know no language, so none is claimed."""
        models = [_model(each, word, name) for each in self.bundles for word, name in each.names.items()]
        own = Attribution(NAME, "")
        text = "Keyword-spotting networks trained, converted and bundled by tfkws."
        program = WakeProgram(NAME, own, installed=True, description=text, version=__version__, models=models)
        return Info(wake=[program]).event()


def open_wake_words(bundles: Mapping[str, Bundle], change: Change = lambda settings: settings) -> WakeWords:
    """Open the models of bundles.

    Args:
        bundles: by title; names of words that several bundles have end in it.
        change: what becomes of each bundle's detector settings.

    Raises:
        TfliteFileError: the runtime refuses a model, or it does not fit its front end.
        ConfigError: there is no bundle, one knows no word, or they take audio of different rates.
    """
    for title, bundle in bundles.items():
        if not words_of(bundle.labels):
            raise ConfigError(f"{title} knows no word; give bundles of networks that were trained for one.")
    rates = {bundle.features.sample_rate_hz for bundle in bundles.values()}
    if len(rates) != 1:
        received = ", ".join(f"{rate} Hz" for rate in sorted(rates)) or "no bundle"
        raise ConfigError(f"Bundles that are served together must take audio of one rate. Received {received}.")
    count = Counter(word for bundle in bundles.values() for word in words_of(bundle.labels))
    opened = [
        OpenBundle(title, bundle, open_model(bundle.model), change(bundle.detector), _names(title, bundle, count))
        for title, bundle in bundles.items()
    ]
    words = WakeWords(tuple(opened), rates.pop())
    for ear in words.ears(None):  # what does not go together is refused here, and not when the first client comes
        ear.detector.feed(np.zeros(ear.detector.window_samples, np.float32))
    return words


def _names(title: str, bundle: Bundle, count: Counter[str]) -> dict[str, str]:
    return {word: word if count[word] == 1 else f"{word}_{title}" for word in words_of(bundle.labels)}


def _wanted(names: Mapping[str, str], wanted: Collection[str] | None) -> dict[str, str]:
    return {word: name for word, name in names.items() if wanted is None or name in wanted or word in wanted}


def _model(opened: OpenBundle, word: str, name: str) -> WakeModel:
    speech = ", trained on synthetic speech" if opened.bundle.synthetic_speech else ""
    return WakeModel(
        name=name,
        attribution=Attribution(f"{opened.title}, bundled by {NAME}", ""),
        installed=True,
        description=f"{word} ({opened.title}{speech})",
        version=opened.bundle.digest[:16],
        languages=[],
        phrase=word,
    )
