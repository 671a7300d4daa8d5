"""What there is to fetch for an engine is fetched; the others are said to come with their package."""

from pathlib import Path
from typing import Any

import pytest

from tfkws.errors import ConfigError
from tfkws.speech.engines.table import ENGINES
from tfkws.speech.fetch import voices
from tfkws.speech.fetch.voices import FETCHED, FILES, engine_states, fetch_voices


def test_all_files_of_an_engine_are_fetched_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def fetch(file: Any, progress: Any) -> Path:
        asked.append(file.name)
        progress(1, len(file.parts))
        return Path(file.name)

    monkeypatch.setattr(voices, "fetch_model", fetch)
    told: list[tuple[str, int, int]] = []
    fetch_voices("kokoro", lambda *progress: told.append(progress))
    assert asked == [file.name for file in FILES["kokoro"]]
    assert told == [(file.name, 1, len(file.parts)) for file in FILES["kokoro"]]
    monkeypatch.setattr(voices, "fetch_program", lambda name, packages: asked.append(name))
    fetch_voices("flite")
    assert asked[-1] == "flite"


def test_an_engine_without_files_is_refused() -> None:
    with pytest.raises(ConfigError, match="nothing to fetch for 'kokro'; choose of kokoro.* Did you mean 'kokoro'"):
        fetch_voices("kokro")


def test_all_files_together_keep_to_their_bound() -> None:
    assert sum(file.size for files in FILES.values() for file in files) < 500e6
    assert set(FETCHED) <= set(ENGINES)


def test_every_engine_has_its_state() -> None:
    states = {state.name: state for state in engine_states()}
    assert set(states) == set(ENGINES)
    assert states["kokoro"].english_speakers == 28 and states["kokoro"].megabytes > 100
    assert states["pico"].languages == ("en", "de", "es", "fr", "it") and states["pico"].megabytes == 0
