"""Sentences in which a phrase does not occur, to be said in the same voices: our own, and frequent words in a row."""

import re
from collections.abc import Iterator

import numpy as np

from tfkws.data.draws import keyed_generator
from tfkws.errors import ConfigError
from tfkws.speech.phrase import Phrase
from tfkws.speech.pronunciations import word_list

_SLOTS = {
    "WHO": (
        *("I", "you", "we", "they", "my sister", "the teacher", "our neighbour", "his boss", "a friend of mine"),
        *("the children", "your brother", "the doctor", "that woman", "everybody", "the driver", "her uncle"),
    ),
    "DID": (
        *("found", "lost", "wanted", "forgot", "bought", "painted", "dropped", "carried", "asked about", "fixed"),
        *("looked for", "talked about", "paid for", "waited for", "put away", "could not see", "never liked"),
    ),
    "THING": (
        *("the keys", "a glass of water", "the blue jacket", "some bread", "an old map", "the kitchen table"),
        *("a new bicycle", "the newspaper", "three tickets", "the garden gate", "a bag of apples", "the radio"),
        *("that picture", "the wrong number", "a cup of coffee", "the last piece of cake", "his phone", "the window"),
    ),
    "WHERE": (
        *("in the kitchen", "at the station", "behind the house", "on the other side of the street", "upstairs"),
        *("near the river", "at work", "under the bridge", "by the door", "in the middle of town", "over there"),
    ),
    "WHEN": (
        *("yesterday", "this morning", "after dinner", "last week", "on Friday", "a long time ago", "before lunch"),
        *("in the evening", "for an hour", "again", "at the weekend", "just now", "every day", "too late"),
    ),
    "HOW": ("very slowly", "without a word", "quite well", "by mistake", "at once", "happily", "in a hurry", "quietly"),
    "DO": (
        *("turn on the light", "close the door", "call me back", "play some music", "wait for us", "come over here"),
        *("read it out loud", "set the alarm for seven", "bring an umbrella", "tell me the time", "have a look"),
    ),
}
_SENTENCES = (
    "WHO DID THING WHERE.",
    "WHO DID THING WHEN.",
    "WHEN, WHO DID THING HOW.",
    "Could you DO, please?",
    "Can you DO WHEN?",
    "WHO said that WHO DID THING.",
    "Why don't we DO?",
    "If it rains WHEN, we DO.",
    "THING was WHERE, and WHO DID THING.",
    "It was HOW that WHO DID THING.",
    "No, not WHEN: WHO DID THING WHERE.",
    "Do you know who DID THING?",
)
_FREQUENT = 6000  # words
_SHORTEST_ROW, _LONGEST_ROW = 4, 9
_MOST_DRAWS = 40


def general_sentences(count: int, seed: int, without: Phrase | None = None) -> list[str]:
    """Return `count` different sentences: every other one is made of parts, the others of frequent words in a row.

    Args:
        without: a phrase; sentences that hold its words in their order are left out.

    Raises:
        ConfigError: so many different ones cannot be made.
        RuntimeUnavailableError: a package of words is not installed.

    Example:
        >>> len(general_sentences(3, seed=0))
        3
    """
    frequent = list(dict.fromkeys(word.text for word in word_list()))[:_FREQUENT]
    found: dict[str, None] = {}
    for number in range(_MOST_DRAWS * count):
        if len(found) == count:
            break
        rng = keyed_generator(seed, "sentence", number)
        sentence = _filled(rng) if number % 2 == 0 else _row(rng, frequent)
        if without is None or not _holds(sentence, without):
            found.setdefault(sentence)
    if len(found) < count:
        raise ConfigError(f"There are no {count} different sentences; ask for up to {len(found)}.")
    return list(found)


def _filled(rng: np.random.Generator) -> str:
    template = _SENTENCES[rng.integers(len(_SENTENCES))]
    sentence = re.sub(r"[A-Z]{2,}", lambda slot: _SLOTS[slot[0]][rng.integers(len(_SLOTS[slot[0]]))], template)
    return sentence[0].upper() + sentence[1:]


def _row(rng: np.random.Generator, frequent: list[str]) -> str:
    """Return frequent words, of which no rule makes a sentence: all sounds of the language come after all others."""
    length = int(rng.integers(_SHORTEST_ROW, _LONGEST_ROW + 1))
    words = [frequent[index] for index in rng.integers(len(frequent), size=length)]
    return " ".join(words) + "."


def _words(text: str) -> Iterator[str]:
    yield from re.findall(r"[a-z']+", text.lower())


def _holds(sentence: str, phrase: Phrase) -> bool:
    words = " ".join(_words(sentence))
    return f" {phrase.text} " in f" {words} "
