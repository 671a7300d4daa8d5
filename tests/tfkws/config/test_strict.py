"""Every configuration survives JSON and refuses, by name, what does not fit."""

import dataclasses
import json
import math
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tfkws.config import (
    AugmentConfig,
    BenchmarkSettings,
    CompressConfig,
    Compression,
    Config,
    ConversionSettings,
    CountSettings,
    DetectorConfig,
    ExportSettings,
    FeatureConfig,
    FoundThreshold,
    LayerSettings,
    ModelConfig,
    OperatorSettings,
    RunConfig,
    SearchConfig,
    StreamConfig,
    SynthesisSettings,
    TaskConfig,
    TrainConfig,
    TrialPlace,
)
from tfkws.config.detector import ListenConfig
from tfkws.config.foreign import ForeignModel
from tfkws.config.hearing.over_air import CountingConfig, TimelineConfig
from tfkws.config.hearing.service import ServiceConfig
from tfkws.config.hearing.simulation import AcousticsConfig, DeviceConfig, TrialsConfig
from tfkws.config.measurement import LatencyModelSettings
from tfkws.config.speech import PhraseAudition, RecordingSettings
from tfkws.config.strict import Range, check, hints_of, read, record
from tfkws.config.wakeword import QUICK, Lessons, NetworkLimits, WakewordConfig
from tfkws.detect.timeline.timeline import Scene, SpokenEvent
from tfkws.errors import ConfigError
from tfkws.pipeline.parts.device_costs import DeviceCosts
from tfkws.pipeline.parts.prune import Pruning
from tfkws.tflite.file.metadata import FileMetadata
from tfkws.tflite.recipes import RECIPES

FEATURES = FeatureConfig("tiny", "log_mel", 64, 32, 64, 8, 8, 6, False, row_mean=(0.5,) * 8, row_std=(2.0,) * 8)
TASK = TaskConfig("commands", ("yes", "no"), silence_percent=10.0)
MODEL = ModelConfig("seed_cnn", {"convs": "3x3,40", "widths": {"stem": [1, 2]}})
PRUNED = CompressConfig("pruned", "source", "0" * 64, 0.5, "taylor")
SAMPLES: tuple[Config, ...] = (
    FEATURES,
    TASK,
    MODEL,
    AugmentConfig(),
    TrainConfig(validate_every=7),
    TrainConfig(iterations=None, epochs=3, augment=None),
    PRUNED,
    Compression(prune_macs=0.5),
    RunConfig(TASK, FEATURES, MODEL, TrainConfig(), ("yes", "no", "_unknown_"), "clips", False, PRUNED),
    SearchConfig(max_macs=3e6, max_error=0.4),
    TrialPlace(workers=2),
    DetectorConfig(),
    BenchmarkSettings(threads=2),
    CountSettings(operators=True),
    OperatorSettings(method="submodels"),
    LatencyModelSettings("int8", ("mfcc-40x32",)),
    LayerSettings(mode="eager"),
    ConversionSettings("audio", repair=True),
    FoundThreshold(0.5, 1, 10.0, 3, 100, "composed"),
    ListenConfig(near_miss=0.3),
    CountingConfig(),
    Scene(0.0, 9.5, "dry", 10.0, "rain.wav", "first half"),
    SpokenEvent(1.0, 2.0, "word", "happy", "happy/a.wav", "a", "testing", "recorded", -26.0, None, "dry"),
    TimelineConfig(("happy",)),
    TrialsConfig(),
    DeviceConfig(),
    AcousticsConfig(),
    ServiceConfig(),
    RECIPES["int8"],
    FileMetadata(("yes", "no"), "features", FEATURES, TASK, MODEL, DetectorConfig(), RECIPES["int8"], False),
    DeviceCosts(target="local"),
    SynthesisSettings(),
    PhraseAudition("hey computer"),
    RecordingSettings(),
    QUICK,
    Lessons(),
    NetworkLimits(max_kib=64.0),
    WakewordConfig("computer", engines=("espeak",), sizes=QUICK),
    StreamConfig(2, 9, 49, 5, False),
    ForeignModel(("yes", "no"), FEATURES, scale=2.0),
    ExportSettings("esphome", author="Ada"),
    Pruning((3, 5), 100, 60, {"stem": 4}, MODEL),
)
FIELDS = [(sample, field.name) for sample in SAMPLES for field in dataclasses.fields(sample)]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3), lambda item: st.lists(item, max_size=2)
)
WRONG: dict[Any, tuple[Any, ...]] = {
    int: ("7", 1.5, True, [7], math.nan),
    float: ("0.5", True, math.nan, math.inf, -math.inf, 10**400, (0.5,), {}),
    bool: (0, 1, "yes", "", ()),
    str: (7, True, b"text", ("text",)),
    tuple: ("text", 7, ["a", "list"], (object(),), {}),
    dict: ("text", 7, [], ({},), {7: "a key that is no text"}),
    Literal: ("", "nonsense", 7, True, ("mfcc",)),
    Config: ("text", 7, {}, object()),
}


def test_there_is_a_sample_of_every_configuration() -> None:
    known = [c for c in Config.__subclasses__() if c.__module__.startswith("tfkws.") and not c.__name__.startswith("_")]
    assert {type(sample) for sample in SAMPLES} == set(known)
    assert all(cls.__post_init__ is Config.__post_init__ for cls in known)


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Values of an annotation; bounds are tried and not always kept."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return values_of(arguments[0])
    if origin in (Union, types.UnionType):
        return st.one_of([values_of(option) for option in arguments])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            return st.lists(values_of(arguments[0]), max_size=9).map(tuple)
        return st.tuples(*map(values_of, arguments))
    if origin is dict:
        return st.dictionaries(st.text(max_size=3), JSON, max_size=3)
    if issubclass(hint, Config):
        return st.sampled_from([sample for sample in SAMPLES if isinstance(sample, hint)])
    numbers = st.floats(allow_nan=False, allow_infinity=False) | st.floats(0, 1) | st.integers(-3, 20_000)
    plain = {int: st.integers(-3, 20_000), float: numbers, bool: st.booleans(), str: st.text(max_size=5)}
    return plain.get(hint, st.none())


@given(st.data())
def test_what_is_accepted_survives_json(data: st.DataObject) -> None:
    sample, name = data.draw(st.sampled_from(FIELDS))
    value = data.draw(values_of(hints_of(type(sample))[name]))
    try:
        changed = dataclasses.replace(sample, **{name: value})
    except ConfigError:
        assume(False)
    text = json.dumps(changed.to_dict(), allow_nan=False)
    again = type(sample).from_dict(json.loads(text))
    assert again == changed
    assert json.dumps(again.to_dict(), allow_nan=False) == text


def kinds(hint: Any) -> set[Any]:
    """What WRONG calls the kinds that an annotation allows."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return kinds(arguments[0])
    if origin in (Union, types.UnionType):
        return set().union(*map(kinds, arguments))
    if origin is not None:
        return {origin}
    return {Config if issubclass(hint, Config) else hint}


@pytest.mark.parametrize(("sample", "name"), FIELDS, ids=lambda value: getattr(value, "__class__", value).__name__)
def test_a_value_of_a_wrong_type_is_refused_by_name(sample: Config, name: str) -> None:
    allowed = kinds(hints_of(type(sample))[name])
    (kind,) = allowed - {types.NoneType}
    wrong = WRONG[kind] + (() if types.NoneType in allowed else (None,))
    for value in wrong:
        if kind is Literal and value in typing.get_args(hints_of(type(sample))[name]):
            continue
        with pytest.raises(ConfigError, match=rf"^{type(sample).__name__}\.{name} must .*\. Received"):
            dataclasses.replace(sample, **{name: value})


@pytest.mark.parametrize(("sample", "name"), FIELDS, ids=lambda value: getattr(value, "__class__", value).__name__)
def test_a_misspelt_key_is_named_with_its_neighbour(sample: Config, name: str) -> None:
    values = sample.to_dict() | {f"{name}_": 1}
    with pytest.raises(ConfigError, match=rf"{type(sample).__name__} has no setting '{name}_'; .*Did you mean '\w+'\?"):
        type(sample).from_dict(values)


def test_keys_that_are_missing_are_named() -> None:
    with pytest.raises(ConfigError, match=r"^TaskConfig lacks protocol, words\.$"):
        TaskConfig.from_dict({})
    with pytest.raises(ConfigError, match=r"^TaskConfig must be a set of settings\. Received \[1\]\.$"):
        TaskConfig.from_dict([1])  # type: ignore[arg-type]


def test_a_misspelt_choice_is_named_with_its_neighbour() -> None:
    with pytest.raises(ConfigError, match="must be scratch or weights. Received 'weigths'. Did you mean 'weights'?"):
        SearchConfig(fine_tune_from="weigths")  # type: ignore[arg-type]


def test_a_whole_number_stands_for_a_float_and_stays_one() -> None:
    assert json.dumps(DetectorConfig(window_ms=300).to_dict()) == json.dumps(
        {"hop_ms": 100.0, "window_ms": 300, "threshold": 0.5, "refractory_ms": 1000.0}
    )


@pytest.mark.parametrize(
    ("bounds", "inside", "outside", "words"),
    [
        (Range(1), (1, 2, 10**400), (0, 0.99, -1), "be at least 1"),
        (Range(0, excluded="low"), (1e-300, 1), (0, -0.0, -1), "be above 0"),
        (Range(0, 1), (0, 1, 0.5), (-1e-9, 1.0000001), "lie in 0..1"),
        (Range(0, 1, "low"), (1e-9, 1), (0, 1.1), "lie above 0 and be at most 1"),
        (Range(0, 1, "high"), (0, 0.999), (1, -0.1), "lie from 0 to below 1"),
    ],
)
def test_bounds(bounds: Range, inside: tuple[float, ...], outside: tuple[float, ...], words: str) -> None:
    assert all(bounds.holds(value) for value in inside) and not any(bounds.holds(value) for value in outside)
    assert str(bounds) == words
    with pytest.raises(ConfigError, match=rf"^it must {words}\. Received {outside[0]}\.$"):
        check(Annotated[float, bounds], outside[0], "it")


def test_values_that_are_no_configuration_are_read_as_strictly() -> None:
    assert read(tuple[str, ...], ["a", "b"], "labels") == ("a", "b")
    assert read(dict[str, int] | None, {"a": 1}, "widths") == {"a": 1}
    with pytest.raises(ConfigError, match=r"labels must be a tuple, each of which must be text. Received \('a', 3\)\."):
        read(tuple[str, ...], ["a", 3], "labels")
    with pytest.raises(ConfigError, match="widths must be a dict, each value of which must be a whole number"):
        read(dict[str, int], {"a": "one"}, "widths")


def test_what_was_received_is_shortened() -> None:
    with pytest.raises(ConfigError) as refused:
        check(int, "x" * 10_000, "size")
    assert len(str(refused.value)) < 100


@dataclass(frozen=True)
class Point:
    """A plain record, which checks nothing by itself."""

    name: str
    at: tuple[int, float]


@dataclass(frozen=True)
class Track:
    """Records within a record, by position and by name."""

    points: tuple[Point, ...]
    named: Mapping[str, Point]
    length: float | None = None


def test_a_plain_record_survives_json() -> None:
    track = Track((Point("a", (1, 0.5)),), {"end": Point("b", (2, 3))}, None)
    assert record(Track, json.loads(json.dumps(dataclasses.asdict(track)))) == track


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"lenght": 1}, "Track has no setting 'lenght'; it has points, named, length. Did you mean 'length'"),
        ({"points": [{"name": "a"}]}, "Point lacks at"),
        ({"points": [{"name": "a", "at": [0.5, 1]}]}, "Point.at must be a tuple of 2 items"),
        ({"points": [{"name": "a", "at": [1, 0.5, 2]}]}, "Point.at must be a tuple of 2 items"),
        ({"points": 3}, "Track.points must be a tuple"),
        ({"named": {"end": {"name": 1, "at": [1, 1]}}}, "Point.name must be text"),
        ({"named": {"end": 5}}, "Track.named must be a dict, each value of which must be a Point"),
    ],
)
def test_a_plain_record_is_read_strictly(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(sentence)):
        record(Track, {"points": [], "named": {}} | change)
