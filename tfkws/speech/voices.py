"""Which engines are here, and voices drawn over them."""

from collections.abc import Iterator, Sequence

from tfkws.data.draws import keyed_generator
from tfkws.errors import ConfigError, RuntimeUnavailableError, did_you_mean
from tfkws.speech.engines.engine import Engine
from tfkws.speech.engines.table import ENGINES
from tfkws.speech.voice import Voice, VoiceSplit, split_of

_MOST_DRAWS = 50  # of one engine in vain, before it has no other voice


def available_engines(language: str = "en") -> list[str]:
    """Return the names of the engines that can speak here, and speak a language."""
    return [name for name, engine in ENGINES.items() if language in engine.speakers and not engine.missing()]


def find_engine(name: str) -> Engine:
    """Return an engine that can speak here.

    Raises:
        ConfigError: there is none of that name.
        RuntimeUnavailableError: it cannot speak here; the message says what it takes.
    """
    if name not in ENGINES:
        raise ConfigError(f"There is no engine {name!r}; choose of {', '.join(ENGINES)}.{did_you_mean(name, ENGINES)}")
    if reason := ENGINES[name].missing():
        raise RuntimeUnavailableError(reason)
    return ENGINES[name]


def draw_voices(
    engines: Sequence[str], count: int, seed: int, split: VoiceSplit = "training", language: str = "en"
) -> list[Voice]:
    """Draw `count` different voices over engines by turns, each as often as its share.

    A speaker is in one split for ever, so no voice of one split has a speaker of the other, in a blend neither. The
    first voices of a longer draw are those of a shorter one.

    Args:
        engines: names; those without a speaker in that split and language are passed over.
        count: of voices.
        seed: int that keys the draw.
        split: whose speakers are drawn from.
        language: that they speak.

    Raises:
        ConfigError: no engine has a speaker there, or too few voices.
        RuntimeUnavailableError: an engine cannot speak here.
    """
    speakers = {name: _speakers(find_engine(name), split, language) for name in dict.fromkeys(engines)}
    speakers = {name: names for name, names in speakers.items() if names}
    if not speakers:
        raise ConfigError(f"None of {', '.join(engines) or 'no engine'} has a {split} voice that speaks {language!r}.")
    voices: dict[str, Voice] = {}
    turns = _turns(list(speakers))
    number = misses = 0
    while len(voices) < count:
        name = next(turns)
        voice = ENGINES[name].draw(keyed_generator(seed, "voice", split, number), speakers[name], language)
        misses = misses + 1 if voice.id in voices else 0
        if misses > _MOST_DRAWS:
            raise ConfigError(f"There are no {count} different voices; ask for {len(voices)}, or for more engines.")
        voices.setdefault(voice.id, voice)
        number += 1
    return list(voices.values())


def _speakers(engine: Engine, split: VoiceSplit, language: str) -> tuple[str, ...]:
    return tuple(name for name in engine.speakers.get(language, ()) if split_of(engine.name, name) == split)


def _turns(names: Sequence[str]) -> Iterator[str]:
    """Yield names for ever, each in proportion to its share and as evenly as that goes."""
    waited = dict.fromkeys(names, 0.0)
    total = sum(ENGINES[name].share for name in names)
    while True:
        for name in names:
            waited[name] += ENGINES[name].share / total
        chosen = max(names, key=lambda name: waited[name])
        waited[chosen] -= 1
        yield chosen
