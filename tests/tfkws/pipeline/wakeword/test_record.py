"""The parts of a run's record: counts, voices, other rates, and the curve of the converted file."""

import json
from pathlib import Path

import numpy as np

from tfkws.config import DetectorConfig
from tfkws.config.wakeword import NetworkLimits, WakewordConfig
from tfkws.detect.threshold_curve import CurvePoint
from tfkws.intervals import share_interval
from tfkws.pipeline.wakeword.detector import Converted
from tfkws.pipeline.wakeword.record import MOST_POINTS, asked, at_rate, heard, said, voices_of
from tfkws.pipeline.wakeword.sources import Sources
from tfkws.pipeline.wakeword.speech import Said
from tfkws.speech.phrase import Phrase
from tfkws.speech.requests import Request
from tfkws.speech.voice import Voice
from tfkws.wakeword.judging import Operating
from tfkws.wakeword.pools import Spoken

# From the lowest threshold to the highest: in ten hours, 0 to 50 false accepts.
POINTS = [CurvePoint(0.5 + 0.005 * n, 50 - n, 10.0, n, 200, 0) for n in range(51)]


def test_a_rate_has_the_lowest_threshold_that_keeps_to_it() -> None:
    found = at_rate(POINTS, 0.5)
    assert found["false_accepts"]["events"] == 5
    assert (found["threshold"], found["misses"], found["utterances"]) == (0.5 + 0.005 * 45, 45, 200)
    assert found["missed_interval"] == list(share_interval(45, 200))
    assert at_rate(POINTS[:-10], 0.5) == {"wanted_per_hour": 0.5, "threshold": None}


def test_the_wanted_rate_is_among_those_that_are_told_and_the_curve_is_that_of_the_file() -> None:
    point = POINTS[20]
    converted = Converted(Path("run/hey.kws"), {"passed": True}, Operating(DetectorConfig(), point, tuple(POINTS)))
    told = heard(converted, 3.0)
    assert [each["wanted_per_hour"] for each in told["rates"]] == [0.1, 0.5, 1.0, 2.0, 3.0, 5.0]
    assert told["rates"][4]["false_accepts"]["events"] == 30 == told["validation"]["false_accepts"]["events"]
    assert told["curve"][0] == {"threshold": POINTS[-1].threshold, "false_accepts": 0, "misses": 50}
    assert len(told["curve"]) == 51 <= MOST_POINTS
    assert (told["bundle"], told["gate"]) == ("hey.kws", {"passed": True})
    json.dumps(told, allow_nan=False)


def test_voices_are_counted_once_and_splits_apart() -> None:
    anna, ben, eve = Voice("espeak", "anna"), Voice("espeak", "ben"), Voice("kokoro", "eve")
    phrase = Phrase("hey")
    everything = [
        Said(Request(phrase, anna), "phrase", "training"),
        Said(Request(phrase, anna, take=1), "phrase", "training"),
        Said(Request(phrase, ben), "phrase", "validation"),
        Said(Request(phrase, eve), "phrase", "training"),
        Said(Request(phrase, eve), "near", "training"),  # the same, said once
    ]
    espeak, kokoro = voices_of(everything)
    assert (espeak["engine"], kokoro["engine"]) == ("espeak", "kokoro")
    assert espeak["voices"] == {"training": 1, "validation": 1}
    assert espeak["utterances"] == {"training": 2, "validation": 1}
    assert kokoro["voices"] == kokoro["utterances"] == {"training": 1, "validation": 0}


def test_utterances_are_counted_by_split_and_kind() -> None:
    spoken = Spoken({("training", "phrase"): [np.zeros(1, np.int16)] * 3})
    assert said(spoken, []) == {"utterances": {"training phrase": 3}, "voices": []}


def test_of_folders_that_only_a_user_knows_the_record_holds_no_path(tmp_path: Path) -> None:
    told = asked(WakewordConfig("hey"), ("espeak",), Sources(speech=tmp_path), NetworkLimits(max_kib=64))
    assert told["sources"] == ["speech"] and str(tmp_path) not in json.dumps(told)
    assert told["limits"]["max_kib"] == 64
    assert told["settings"]["engines"] == ["espeak"] and told["settings"]["effort"]["rounds"] == 8
