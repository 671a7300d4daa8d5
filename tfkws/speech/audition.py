"""A phrase in a few voices of each engine, and what sounds like it, written to be listened to."""

import csv
import io
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tfkws.config.speech import PhraseAudition
from tfkws.data.audio.files import write_clip
from tfkws.errors import RuntimeUnavailableError
from tfkws.run_folder import whole_file, write_text
from tfkws.speech.hard_negatives import KINDS, hard_negatives
from tfkws.speech.phrase import Phrase, parse_phrase
from tfkws.speech.requests import Request
from tfkws.speech.sentences import general_sentences
from tfkws.speech.utterances import Progress, Utterance, speak_all
from tfkws.speech.voices import available_engines, draw_voices

INDEX = "index.csv"
_CARRIERS = (("please tell the", "about it"), ("so", "then"), ("", "please"))
_MANY = 400  # negatives, of which the nearest of each kind are taken


@dataclass(frozen=True)
class Heard:
    """A file: what is said in it, of what kind it is, and by whom."""

    file: str
    kind: str
    text: str
    distance: str
    engine: str
    voice: str


def audition_phrase(settings: PhraseAudition, folder: Path, progress: Progress | None = None) -> list[Heard]:
    """Write the phrase alone and among other words, negatives of each kind, and sentences, as 16-bit WAV files.

    Besides them lies `index.csv`, which says of each file what is in it.

    Args:
        folder: made where it is missing.
        progress: called with (utterances there, utterances in all).

    Raises:
        PhraseError: the phrase cannot be said.
        ConfigError: there is no such engine.
        RuntimeUnavailableError: no engine is here, or one that was asked for.
        SynthesisError: an engine failed.
        OSError: the folder cannot be written.
    """
    phrase = parse_phrase(settings.phrase, settings.phonemes or None, settings.language)
    engines = settings.engines or tuple(available_engines(phrase.language))
    if not engines:
        raise RuntimeUnavailableError("No voice is here; run `pip install 'tfkws[voices]'`.")
    asked = list(_asked(phrase, settings, engines))
    requests = [request for _, _, request in asked]
    spoken = {each.request: each for each in speak_all(requests, None, os.cpu_count() or 1, progress)}
    heard = []
    for number, (kind, distance, request) in enumerate(asked):
        one = Heard(
            _name(number, kind, request), kind, _text(request), distance, request.voice.engine, request.voice.id
        )
        _write(folder / one.file, spoken[request])
        heard.append(one)
    write_text(folder / INDEX, _index(heard))
    return heard


_Asked = tuple[str, str, Request]  # kind, distance, and what is said by whom


def _asked(phrase: Phrase, settings: PhraseAudition, engines: Sequence[str]) -> Iterator[_Asked]:
    voices = {name: draw_voices([name], settings.voices, settings.seed, language=phrase.language) for name in engines}
    for number, drawn in enumerate(voices.values()):
        yield from (("phrase", "", Request(phrase, voice)) for voice in drawn)
        if phrase.language == "en":
            before, after = _CARRIERS[number % len(_CARRIERS)]
            yield "carrier", "", Request(phrase, drawn[0], before, after)
    everybody = [voice for turn in zip(*voices.values(), strict=True) for voice in turn]
    turn = 0
    near = hard_negatives(phrase, _MANY, settings.seed)
    for kind in KINDS:
        for negative in [each for each in near if each.kind == kind][: settings.negatives]:
            said = replace(negative.phrase(), language=phrase.language)
            yield kind, f"{negative.distance:.2f}", Request(said, everybody[turn % len(everybody)])
            turn += 1
    if phrase.language == "en":
        for sentence in general_sentences(settings.negatives, settings.seed, phrase):
            yield "sentence", "", Request(sentence, everybody[turn % len(everybody)])
            turn += 1


def _text(request: Request) -> str:
    return " ".join(part for part in (request.before, request.phrase.text, request.after) if part)


def _name(number: int, kind: str, request: Request) -> str:
    """Return a file's name: number, kind, engine, and letters of the text."""
    letters = re.sub(r"[^\w]+", "_", _text(request).lower()).strip("_")[:40]
    return f"{number:03d}-{kind}-{request.voice.engine}-{letters}.wav"


def _write(path: Path, said: Utterance) -> None:
    with whole_file(path) as partial:
        write_clip(partial, said.samples, synthetic=True)


def _index(heard: Sequence[Heard]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("file", "kind", "text", "distance", "engine", "voice"))
    writer.writerows((each.file, each.kind, each.text, each.distance, each.engine, each.voice) for each in heard)
    return out.getvalue()
