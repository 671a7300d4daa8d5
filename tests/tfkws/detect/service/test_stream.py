from collections.abc import Iterable

import numpy as np
import pytest
from wake_clients import RATE, chunks, encoded, one_word, tone, two_words
from wyoming.audio import AudioChunk

from tfkws.detect.service.client_audio import Piece, SoundFormat, pieces_of
from tfkws.detect.service.stream import MAX_HELD_BYTES, HeardWord, Stream


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def new_stream(clock: Clock | None = None, max_delay_s: float = 0.5) -> Stream:
    return Stream(one_word().ears(None), RATE, max_delay_s, clock or Clock())


def fed(stream: Stream, pieces: Iterable[Piece]) -> list[HeardWord]:
    """All that is heard in pieces that come as fast as they can, and by the end."""
    heard = [word for piece in pieces if stream.add(piece, False) for word in stream.answer()]
    return heard + stream.answer(last=True)


def pieces(signal: np.ndarray, rate: int = RATE, width: int = 2, channels: int = 1, **form: int) -> list[Piece]:
    return [piece for event in chunks(signal, rate, width, channels, **form) for piece in pieces_of(event)]


def expected_s(signal: np.ndarray) -> float:
    """When the detector itself hears the tone."""
    (ear,) = one_word().ears(None)
    (heard,) = ear.detector.feed(signal)
    return heard.time_s


@pytest.mark.parametrize("form", [(16_000, 2, 1), (48_000, 3, 2), (44_100, 4, 2), (22_050, 1, 1), (8_000, 2, 6)])
def test_it_hears_at_any_rate_width_and_channel_count(form: tuple[int, int, int]) -> None:
    rate, width, channels = form
    heard = fed(new_stream(), pieces(tone(5, 2, rate), rate, width, channels, chunk_ms=50))
    assert [word.name for word in heard] == ["loud"]
    noise_ms = 200 if width == 1 else 0  # of 8 bits, which the network hears as loud
    assert heard[0].timestamp == pytest.approx(1_000 * expected_s(tone(5, 2)), abs=151 + noise_ms)


def test_the_time_stamp_is_that_of_the_chunk_in_which_the_window_ends() -> None:
    signal = tone(5, 2)
    end_ms = round(1_000 * expected_s(signal))
    (word,) = fed(new_stream(), pieces(signal, chunk_ms=64, start_ms=1_000_000))
    assert word.timestamp == 1_000_000 + (end_ms - 1) // 64 * 64


def test_without_time_stamps_milliseconds_are_counted() -> None:
    signal = tone(5, 2)
    sent = [piece for event in chunks(signal, start_ms=None) for piece in pieces_of(event)]
    assert [word.timestamp for word in fed(new_stream(), sent)] == [round(1_000 * expected_s(signal))]


@pytest.mark.parametrize("chunk_ms", [1, 10, 64, 999])
def test_the_size_of_chunks_does_not_matter(chunk_ms: int) -> None:
    signal = tone(5, 2)
    end_ms = round(1_000 * expected_s(signal))
    (word,) = fed(new_stream(), pieces(signal, chunk_ms=chunk_ms))
    assert word.timestamp == (end_ms - 1) // chunk_ms * chunk_ms


def test_it_answers_once_a_hop() -> None:
    stream = new_stream()
    ready = []
    for piece in pieces(np.zeros(RATE), chunk_ms=10):
        ready.append(stream.add(piece, True))
        if ready[-1]:
            stream.answer()
    assert sum(ready) == 10
    assert np.flatnonzero(ready).tolist() == list(range(9, 100, 10))


def test_a_format_may_change_on_the_way() -> None:
    silence, loud = np.zeros(2 * RATE), tone(3, 0, 48_000)
    sent = pieces(silence) + pieces(loud, 48_000, 4, 2, chunk_ms=64, start_ms=2_000)
    (word,) = fed(new_stream(), sent)
    assert word.timestamp == pytest.approx(1_000 * expected_s(tone(5, 2)), abs=65)


def test_little_waits_whatever_comes() -> None:
    """A hop of many channels is worked on before it is whole, and so are many tiny chunks."""
    stream = new_stream()
    wide = Piece(SoundFormat(384_000, 4, 64), memoryview(bytes(MAX_HELD_BYTES // 2)), None)
    assert not stream.add(wide, False)
    assert stream.add(wide, False)
    stream.answer()
    tiny = Piece(SoundFormat(384_000, 1, 1), memoryview(bytes(1)), 3)
    assert any(stream.add(tiny, False) for _ in range(2_000))
    assert len(stream._pending) <= 1_024
    assert len(stream._chunks) <= 4


def test_a_stream_that_no_one_listens_to_keeps_nothing() -> None:
    stream = Stream([], RATE, 0.5, Clock())
    assert not any(stream.add(piece, False) for piece in pieces(np.zeros(RATE)))
    assert stream._pending == []
    assert stream.answer(last=True) == []


def test_time_stamps_of_the_past_are_forgotten() -> None:
    stream = new_stream()
    fed(stream, pieces(np.zeros(20 * RATE), chunk_ms=10))
    assert len(stream._chunks) < 130


def work_s(stream: Stream, clock: Clock, took_s: float, signal: np.ndarray, live: bool) -> list[HeardWord]:
    """Answer a signal in chunks of 100 ms on a machine that takes `took_s` for each; live chunks come by the clock."""
    heard, began = [], clock.now
    for number, piece in enumerate(pieces(signal, chunk_ms=100)):
        arrives = began + 0.1 * (number + 1)
        waited = live and clock.now <= arrives
        if waited:
            clock.now = arrives
        if stream.add(piece, waited or number == 0):
            skipped = stream.skipped
            heard += stream.answer()
            clock.now += took_s if stream.skipped == skipped else 0.0
    return heard


def test_a_live_client_is_answered_in_time_or_not_at_all() -> None:
    clock = Clock()
    stream = new_stream(clock, max_delay_s=0.5)
    signal = tone(30, 25)
    began = clock.now
    work_s(stream, clock, 0.15, signal, live=True)
    assert 80 < stream.skipped < 110  # a third of the windows: answers take half as long again as there is time
    assert clock.now - began < 30 + 0.5 + 0.15


def test_what_waits_is_left_out_at_once_and_what_follows_is_heard() -> None:
    """A machine that stood still for two seconds answers again as soon as it has caught up."""
    clock = Clock()
    stream = new_stream(clock)
    sent = pieces(tone(8, 6), chunk_ms=100)
    for piece in sent[:30]:
        stream.add(piece, True)
        stream.answer()
        clock.now += 0.1
    clock.now += 2.0
    for piece in sent[30:50]:  # came meanwhile
        stream.add(piece, False)
        stream.answer()
    skipped = stream.skipped
    assert 18 <= skipped <= 20
    assert len(work_s(stream, clock, 0.01, tone(3, 1), live=True)) == 1
    assert stream.skipped == skipped


def test_a_machine_that_keeps_up_leaves_nothing_out() -> None:
    clock = Clock()
    stream = new_stream(clock)
    assert len(work_s(stream, clock, 0.09, tone(10, 5), live=True)) == 1
    assert stream.skipped == 0


def test_a_file_waits_though_the_machine_is_busy() -> None:
    clock = Clock()
    stream = new_stream(clock)
    assert len(work_s(stream, clock, 0.09, tone(10, 5), live=False)) == 1
    assert stream.skipped == 0


def test_a_pause_is_no_delay() -> None:
    clock = Clock()
    stream = new_stream(clock)
    for piece in pieces(np.zeros(2 * RATE), chunk_ms=100):
        stream.add(piece, True)
        stream.answer()
        clock.now += 0.1
    clock.now += 60
    work_s(stream, clock, 0.05, tone(3, 1), live=True)
    assert stream.skipped == 0


def test_several_bundles_hear_each_their_word() -> None:
    stream = Stream(two_words().ears(None), RATE, 0.5, Clock())
    assert {word.name for word in fed(stream, pieces(tone(4, 1)))} == {"loud", "noisy"}
    assert stream.detected == 2


def test_a_chunk_of_many_seconds_is_heard_whole() -> None:
    audio = AudioChunk(RATE, 2, 1, encoded(tone(9, 6)), timestamp=5).event()
    assert fed(new_stream(), pieces_of(audio)) == [HeardWord("loud", 5)]
