"""Takes of a voice differ, a little."""

from tfkws.speech.phrase import Phrase
from tfkws.speech.requests import Request
from tfkws.speech.voice import Voice

VOICE = Voice("piper", "joe", rate=1.2, pitch=0.9)


def test_the_first_take_is_the_voice_itself_and_others_are_near_it() -> None:
    takes = [Request("hello there", VOICE, take=number).voice_of_take for number in range(20)]
    assert takes[0] == VOICE
    assert len({(take.rate, take.pitch) for take in takes}) == 20
    assert all(abs(take.rate / VOICE.rate - 1) <= 0.071 for take in takes)
    assert all(abs(take.pitch / VOICE.pitch - 1) <= 0.042 for take in takes)
    assert takes[3] == Request(Phrase("hello there"), VOICE, take=3).voice_of_take


def test_a_text_is_a_phrase() -> None:
    assert Request("Hello!", VOICE).phrase == Phrase("Hello!")
    assert Request(Phrase("hi", ("HH", "AY1")), VOICE).phrase.phonemes == ("HH", "AY1")
