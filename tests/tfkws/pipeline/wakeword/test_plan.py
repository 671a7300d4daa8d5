from dataclasses import replace

import pytest

from tfkws.config.wakeword import FULL, QUICK, WakewordConfig
from tfkws.pipeline.wakeword.plan import plan_lines, stage_seconds
from tfkws.pipeline.wakeword.speech import SLOW_SHARE, Said, all_said
from tfkws.speech.phrase import parse_phrase

pytest.importorskip("espeakng_loader")
PHRASE = parse_phrase("hey computer")


def everything(config: WakewordConfig) -> list[Said]:
    return all_said(PHRASE, config, ["espeak"])


def test_the_plan_names_every_stage_and_the_time() -> None:
    config = WakewordConfig("hey computer", quick=True)
    lines = plan_lines(PHRASE, config, ["espeak"], everything(config), False, 2)
    assert " min in all" in lines[0]
    assert [line.split()[0] for line in lines[1:5]] == ["speech", "tracks", "training", "detector"]
    assert "--speech" in lines[5]


def test_more_workers_and_fewer_voices_take_less_time() -> None:
    config = WakewordConfig("hey computer", quick=True)
    one, two = (stage_seconds(config, everything(config), workers) for workers in (1, 2))
    assert one["speech"] == pytest.approx(2 * two["speech"])
    assert one["training"] == two["training"]
    small = replace(config, sizes=replace(QUICK, voices=30))
    assert stage_seconds(small, everything(small), 2)["speech"] < two["speech"]


def test_quick_is_planned_within_a_quarter_of_an_hour_and_full_within_one() -> None:
    for quick, effort, minutes in ((True, QUICK, 15), (False, FULL, 60)):
        config = WakewordConfig("hey computer", quick=quick)
        assert config.effort == effort
        slowest = stage_seconds(config, everything(config), 2)
        kokoro = 1.2 * (effort.voices + effort.validation_voices) * effort.takes  # as if each utterance were Kokoro's
        kokoro += 1.2 * effort.hard_negatives * effort.negative_takes + 2.8 * effort.sentences / SLOW_SHARE
        assert sum(slowest.values()) + kokoro / 2 < 60 * minutes
