"""The table of engines is whole."""

import numpy as np
import pytest

from tfkws.speech.engines.engine import Engine
from tfkws.speech.engines.table import ENGINES
from tfkws.speech.phrase import LANGUAGES


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_every_engine_draws_voices_of_its_own_speakers(engine: Engine) -> None:
    assert ENGINES[engine.name] is engine
    assert engine.licence and engine.share > 0 and engine.together > 0
    for language, speakers in engine.speakers.items():
        assert language in LANGUAGES and speakers
        for seed in range(20):
            voice = engine.draw(np.random.default_rng(seed), speakers, language)
            assert voice.engine == engine.name
            assert set(voice.speakers) <= set(speakers)
            assert 0.5 < voice.rate < 2 and 0.5 < voice.pitch < 2


def test_every_language_has_an_engine() -> None:
    assert {language for engine in ENGINES.values() for language in engine.speakers} == set(LANGUAGES)


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_what_is_missing_is_one_sentence(engine: Engine) -> None:
    reason = engine.missing()
    assert reason == "" or (reason.startswith(engine.name) and reason.endswith(".") and "\n" not in reason)
