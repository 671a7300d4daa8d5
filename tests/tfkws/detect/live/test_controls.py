import pytest

from tfkws.config import DetectorConfig, FoundThreshold
from tfkws.detect.live.controls import by_key, by_line
from tfkws.errors import ConfigError

SETTINGS = DetectorConfig(threshold=0.5)


@pytest.mark.parametrize(
    ("key", "field", "value"),
    [
        ("+", "threshold", 0.55),
        ("-", "threshold", 0.45),
        (">", "window_ms", 400.0),
        ("<", "window_ms", 200.0),
        ("]", "refractory_ms", 1_250.0),
        ("[", "refractory_ms", 750.0),
    ],
)
def test_keys(key: str, field: str, value: float) -> None:
    assert getattr(by_key(SETTINGS, key), field) == value


@pytest.mark.parametrize("key", ["x", "", "\x1b", "Q"])
def test_other_keys_do_nothing(key: str) -> None:
    assert by_key(SETTINGS, key) == SETTINGS


def test_a_key_stops_at_the_end_of_the_range() -> None:
    settings = SETTINGS
    for _ in range(40):
        settings = by_key(settings, "+")
    assert settings.threshold == 1.0
    for _ in range(40):
        settings = by_key(settings, "<")
    assert settings.window_ms == 100.0


def test_a_threshold_changed_by_hand_was_not_found() -> None:
    found = DetectorConfig(found=FoundThreshold(0.5, 1, 10.0, 3, 100, "composed"))
    assert by_key(found, "+").found is None
    assert by_line(found, '{"threshold": 0.7}').found is None
    assert by_line(found, '{"refractory_ms": 500}').found is not None


def test_a_line_changes_several() -> None:
    changed = by_line(SETTINGS, '{"threshold": 0.7, "refractory_ms": 500}')
    assert (changed.threshold, changed.refractory_ms, changed.hop_ms) == (0.7, 500, 100.0)


@pytest.mark.parametrize("line", ["", "nonsense", "[1]", '{"treshold": 0.7}', '{"threshold": 7}', "[" * 100_000])
def test_a_bad_line_is_one_sentence(line: str) -> None:
    with pytest.raises(ConfigError) as error:
        by_line(SETTINGS, line)
    assert "\n" not in str(error.value)
