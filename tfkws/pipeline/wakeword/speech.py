"""What is said for a detector: the phrase, what sounds like it, sentences; spoken once and kept, beside recordings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tfkws.cache_folders import cache_folders
from tfkws.config.wakeword import Effort, WakewordConfig
from tfkws.speech.hard_negatives import Negative, hard_negatives
from tfkws.speech.phrase import Phrase
from tfkws.speech.pronunciations import pronunciations_of
from tfkws.speech.requests import Request
from tfkws.speech.sentences import general_sentences
from tfkws.speech.utterances import speak_all
from tfkws.speech.voice import Voice, VoiceSplit
from tfkws.speech.voices import available_engines, draw_voices
from tfkws.wakeword.pools import Kind, Spoken

SHARED_SEED = 0  # sentences and who says them are the same for every phrase, so that they are spoken once
# What differs less from the phrase is how somebody says the phrase, and must not be learnt as something else.
NEAREST = {"one-phoneme": 0.15}
NEAREST_OTHERS = 0.07
MOST_WAYS = 3  # of the dictionary; engines read every other utterance by rules of their own
FAST = ("espeak", "flite", "pico")
SLOW_SHARE = 18  # of so many sentences one is said by any engine
# One sentence in so many is read by voices of other languages, by their rules: sounds in an order that no English has.
FOREIGN_SHARE = 3
FOREIGN_VOICES = 24  # of each language and split
LANGUAGES = ("en", "de", "es", "fr", "it")
VALIDATION_SHARE = 4  # of so many hard negatives and sentences one is said in voices of validation


@dataclass(frozen=True)
class Said:
    """One thing to say, and where it belongs."""

    request: Request
    kind: Kind
    split: VoiceSplit


def all_said(phrase: Phrase, config: WakewordConfig, engines: Sequence[str]) -> list[Said]:
    """Return everything that is to be said; the same settings give the same list.

    Raises:
        ConfigError: the engines have no voices for it.
    """
    effort, seed = config.effort, config.seed

    def voices(count: int, split: VoiceSplit, key: int = seed) -> list[Voice]:
        return draw_voices(engines, count, key, split, phrase.language)

    said = []
    ways = ways_of(phrase)
    for split, count in _counts(effort):
        said += [
            Said(Request(ways[(number + take) % len(ways)], voice, take=take), "phrase", split)
            for number, voice in enumerate(voices(count, split))
            for take in range(effort.takes)
        ]
    return said + _negatives(phrase, effort, seed, voices) + _sentences(phrase, effort, engines)


def ways_of(phrase: Phrase) -> list[Phrase]:
    """Return a phrase as the ways in which it is pronounced by turns: as each engine reads it, and the dictionary's.

    An engine's own rules may be nobody's: espeak-ng says "zero" with three vowels.
    """
    if phrase.phonemes is not None or phrase.language != "en":
        return [phrase]
    known = pronunciations_of(phrase)[:MOST_WAYS]
    return [each for way in known for each in (phrase, replace(phrase, phonemes=way))]


def _negatives(phrase: Phrase, effort: Effort, seed: int, voices: Callable[..., list[Voice]]) -> list[Said]:
    """What sounds like the phrase, each in several voices."""
    said = []
    by_split = {split: voices(count, split) for split, count in _counts(effort)}
    for number, negative in enumerate(_near(phrase, effort.hard_negatives, seed)):
        for take in range(effort.negative_takes):
            split: VoiceSplit = "validation" if (number + take) % VALIDATION_SHARE == 0 else "training"
            mine = by_split[split]
            voice = mine[(number * effort.negative_takes + take) % len(mine)]
            said.append(Said(Request(negative.phrase(), voice), "near", split))
    return said


def _near(phrase: Phrase, count: int, seed: int) -> list[Negative]:
    """Return what sounds like the phrase, and not so much that it could be the phrase."""
    every = hard_negatives(phrase, 2 * count, seed)
    return [each for each in every if each.distance >= NEAREST.get(each.kind, NEAREST_OTHERS)][:count]


def _sentences(phrase: Phrase, effort: Effort, engines: Sequence[str]) -> list[Said]:
    """Sentences of general speech, each in one voice, most of them in one that speaks fast.

    Many different ones matter more than how they sound: a few that are laid again and again would decide the threshold.
    """
    fast = [engine for engine in engines if engine in FAST] or list(engines)
    pools: dict[tuple[VoiceSplit, bool], list[Voice]] = {}
    for own, count in _counts(effort):
        for any_engine in (False, True):
            chosen = engines if any_engine else fast
            pools[own, any_engine] = draw_voices(chosen, count, SHARED_SEED, own, phrase.language)
    foreign = {own: _foreign(fast, own, phrase.language) for own, _ in _counts(effort)}
    said = []
    for number, sentence in enumerate(general_sentences(effort.sentences, SHARED_SEED)):
        if f" {phrase.text} " in f" {sentence.lower().strip('.?!')} ":
            continue
        split: VoiceSplit = "validation" if number % VALIDATION_SHARE == 0 else "training"
        mine = pools[split, number % SLOW_SHARE == SLOW_SHARE - 1]
        if number % FOREIGN_SHARE == 1 and foreign[split]:
            mine = foreign[split]
        said.append(Said(Request(sentence, mine[number % len(mine)]), "sentence", split))
    return said


def _foreign(engines: Sequence[str], split: VoiceSplit, language: str) -> list[Voice]:
    """Return voices of every other language, by turns; none where no engine speaks another one."""
    found = []
    for other in LANGUAGES:
        able = [engine for engine in engines if other != language and engine in available_engines(other)]
        if able:
            found.append(draw_voices(able, FOREIGN_VOICES, SHARED_SEED, split, other))
    return [voice for voices in zip(*found, strict=True) for voice in voices]


def _counts(effort: Effort) -> tuple[tuple[VoiceSplit, int], tuple[VoiceSplit, int]]:
    return (("training", effort.voices), ("validation", effort.validation_voices))


def speak(said: Sequence[Said], workers: int, progress: Callable[[int, int], None]) -> Spoken:
    """Say everything that is not in the cache yet; return it by kind and split.

    Raises:
        SynthesisError: an engine failed; what it said before is kept.
    """
    found: dict[tuple[VoiceSplit, Kind], list[tuple[int, np.ndarray]]] = {}
    places = {each.request: number for number, each in enumerate(said)}
    for utterance in speak_all([each.request for each in said], speech_cache(), workers, progress):
        number = places[utterance.request]
        each = said[number]
        found.setdefault((each.split, each.kind), []).append((number, utterance.cut()))
    ordered = {key: [samples for _, samples in sorted(group, key=lambda one: one[0])] for key, group in found.items()}
    return Spoken(ordered)


def speech_cache() -> Path | None:
    """Return where utterances are kept for every phrase and run; None where nothing can be written."""
    return next(cache_folders("speech"), None)
