import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from wake_clients import LONGER_MS, chunks, tone, two_words
from wyoming.event import Event

from tfkws.detect.service.session import Session
from tfkws.errors import MessageError


def answers(events: Sequence[Event]) -> list[Event]:
    """What a client with these messages is sent."""
    sent: list[Event] = []

    async def send(event: Event) -> None:
        sent.append(event)

    async def talk() -> None:
        with ThreadPoolExecutor(1) as pool:
            session = Session(two_words(), LONGER_MS / 1_000, pool, send)
            for event in events:
                await session.take(event, True)

    asyncio.run(talk())
    return sent


def heard(events: Sequence[Event]) -> list[str]:
    """Names of what is heard, and the types of other answers."""
    return [event.data["name"] if event.type == "detection" else event.type for event in answers(events)]


START = Event("audio-start", {"rate": 16_000, "width": 2, "channels": 1})
STOP = Event("audio-stop", {})
WORD = list(chunks(tone(3, 1)))
SILENCE = list(chunks(tone(3, 9)))


def detect(names: Any) -> Event:
    return Event("detect", {"names": names})


def test_who_asks_is_told_what_there_is() -> None:
    (info,) = answers([Event("describe")])
    assert [model["name"] for model in info.data["wake"][0]["models"]] == ["loud", "noisy"]


def test_a_ping_is_answered_in_its_words() -> None:
    assert answers([Event("ping", {"text": "there?"})]) == [Event("pong", {"text": "there?"})]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (None, ["loud", "noisy"]),
        ([], ["loud", "noisy"]),
        (["noisy"], ["noisy"]),
        (["loud", "noisy"], ["loud", "noisy"]),
    ],
)
def test_the_words_that_were_asked_for(names: Any, words: list[str]) -> None:
    assert sorted(heard([detect(names), START, *WORD, STOP])) == words


def test_without_detect_all_words_are_heard() -> None:
    assert sorted(heard([START, *WORD, STOP])) == ["loud", "noisy"]


def test_a_signal_without_a_word_ends_with_not_detected() -> None:
    assert heard([detect(None), START, *SILENCE, STOP, START, STOP, STOP]) == ["not-detected"] * 3


def test_a_detection_comes_before_the_end_of_the_signal() -> None:
    assert heard([detect(["loud"]), START, *WORD]) == ["loud"]


def test_words_hold_for_the_next_signal_too_and_each_signal_begins_anew() -> None:
    half = len(WORD) // 3
    assert heard([detect(["loud"]), START, *WORD, STOP, START, *WORD, STOP]) == ["loud", "loud"]
    assert heard([detect(["loud"]), START, *WORD[:half], START, *SILENCE, STOP]) == ["not-detected"]


def test_chunks_without_a_start_are_a_signal() -> None:
    assert heard([detect(["loud"]), *WORD, STOP]) == ["loud"]


def test_unknown_names_are_told_and_the_others_heard() -> None:
    error, *rest = answers([detect(["computer\n", "loud"]), START, *WORD, STOP])
    assert error.type == "error"
    assert error.data["code"] == "unknown-name"
    assert error.data["text"] == "Unknown here: ['computer\\n']; words are loud, noisy."
    assert [event.data["name"] for event in rest] == ["loud"]


def test_nothing_is_heard_for_unknown_names_alone() -> None:
    assert heard([detect(["computer"]), START, *WORD, STOP]) == ["error", "not-detected"]


def test_messages_of_other_kinds_are_ignored() -> None:
    others = [Event("transcribe", {"language": "en"}), Event("x"), Event("detection", {"name": 5})]
    assert heard([*others, detect(["loud"]), START, *others, *WORD, STOP]) == ["loud"]


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (detect("loud"), "must be a list of text"),
        (detect([1]), "must be a list of text"),
        (detect({"a": 1}), "must be a list of text"),
        (Event("audio-start", {}), "rate of its audio"),
        (Event("audio-chunk", {"rate": 16_000, "width": 2}, b"12"), "channels of its audio"),
    ],
)
def test_what_the_protocol_does_not_allow_is_refused(event: Event, sentence: str) -> None:
    with pytest.raises(MessageError, match=sentence):
        answers([event])
