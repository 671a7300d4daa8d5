from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_bundles import loudness_bundle
from streaming_files import FEATURES, LABELS, streaming_file
from wake_clients import tone, two_words
from wyoming.info import Info

from tfkws.config import DetectorConfig
from tfkws.detect.service.wake_words import WakeWords, open_wake_words
from tfkws.errors import ConfigError, TfliteFileError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.tflite.bundle.archive import read_bundle, write_bundle


@pytest.fixture(scope="module")
def words() -> WakeWords:
    return two_words()


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (None, ["loud", "noisy"]),
        ({"noisy"}, ["noisy"]),
        ({"loud", "nothing"}, ["loud"]),
        (set(), []),
        ({"nothing"}, []),
    ],
)
def test_ears_are_of_the_wanted_words(words: WakeWords, wanted: set[str] | None, names: list[str]) -> None:
    ears = words.ears(wanted)
    assert [name for ear in ears for name in ear.names.values()] == names


def test_ears_share_models_and_nothing_else(words: WakeWords) -> None:
    first, second = words.ears({"loud"}) + words.ears({"loud"})
    assert len(first.detector.feed(tone(4, at=1))) == 1
    assert second.detector.samples_seen == 0
    assert first.detector._model is second.detector._model


def test_a_network_that_keeps_a_state_has_one_for_each_client(tmp_path: Path, rng: np.random.Generator) -> None:
    write_bundle(tmp_path / "s.kws", streaming_file("none"), FEATURES, LABELS, DetectorConfig(threshold=0.9), {})
    words = open_wake_words({"s": read_bundle(tmp_path / "s.kws")})
    assert words.names == ("ja", "nein")
    signals = rng.normal(size=(2, 4_000)).astype(np.float32)
    alone = [words.ears(None)[0].detector.answers(signal)[-1].raw for signal in signals]
    first, second = (words.ears(None)[0].detector for _ in signals)
    for part in np.split(signals, 2, axis=1):
        answers = [first.answers(part[0])[-1].raw, second.answers(part[1])[-1].raw]
    np.testing.assert_allclose(answers, alone, atol=1e-5)


def test_unknown_names_are_found(words: WakeWords) -> None:
    assert words.unknown(["loud", "computer", "noisy"]) == ["computer"]


def test_a_word_of_two_bundles_is_two_names_that_are_asked_for_alone_or_together() -> None:
    opened = two_words().bundles[0]
    names = ({"loud": "loud_kitchen"}, {"loud": "loud_hall"})
    words = WakeWords(tuple(replace(opened, names=each) for each in names))
    assert len(words.ears({"loud"})) == 2
    assert [ear.names for ear in words.ears({"loud_hall"})] == [{"loud": "loud_hall"}]
    assert words.unknown(["loud", "loud_hall", "loud_cellar"]) == ["loud_cellar"]


def test_names_tell_bundles_apart_only_where_they_must() -> None:
    loud = loudness_bundle()
    other = replace(loud, labels=("loud", "quiet"))
    words = open_wake_words({"one": loud, "two": other}, lambda settings: replace(settings, threshold=0.9))
    assert words.names == ("loud_one", "loud_two", "quiet")
    assert {ear.detector.settings.threshold for ear in words.ears(None)} == {0.9}


def test_clients_are_told_what_is_known(words: WakeWords) -> None:
    (program,) = Info.from_event(words.info()).wake
    assert [model.name for model in program.models] == ["loud", "noisy"]
    model = program.models[0]
    assert model.phrase == "loud"
    assert model.description == "loud (first, trained on synthetic speech)"
    assert model.version == loudness_bundle().digest[:16]
    assert model.attribution.name == "first, bundled by tfkws"
    assert model.languages == []
    assert program.installed
    assert model.installed


def test_bundles_that_cannot_be_served() -> None:
    loud = loudness_bundle()
    with pytest.raises(ConfigError, match="Received no bundle"):
        open_wake_words({})
    with pytest.raises(ConfigError, match="mute knows no word"):
        open_wake_words({"mute": replace(loud, labels=("_other_", "_silence_"))})
    with pytest.raises(ConfigError, match="Received 8000 Hz, 16000 Hz"):
        open_wake_words(
            {"a": loud, "b": replace(loud, features=replace(loud.features, sample_rate_hz=8_000, high_hz=4e3))}
        )
    with pytest.raises(TfliteFileError, match="use the front end it was trained with"):
        open_wake_words({"a": replace(loud, features=FRONT_ENDS["mfcc-40x32"])})
    with pytest.raises(ConfigError, match="at most 1000 ms"):
        open_wake_words({"a": loud}, lambda _: DetectorConfig(chunk_ms=2_000.0))
