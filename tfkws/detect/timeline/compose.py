"""Laying recordings on a timeline, scene by scene, so that hours take no more memory than a minute.

Everything is drawn from the seed, the number of the file and the number of the scene alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tfkws.config.hearing.over_air import TimelineConfig
from tfkws.data.audio.files import SAMPLE_RATE_HZ, to_int16
from tfkws.data.draws import keyed_generator
from tfkws.detect.timeline.deck import Deck
from tfkws.detect.timeline.mixing import SPEECH_DBFS, active_level_dbfs, convolved, factor, noise_stretch, room_tone
from tfkws.detect.timeline.recordings import Material
from tfkws.detect.timeline.timeline import Kind, Scene, SpokenEvent


@dataclass(frozen=True)
class LaidScene:
    """One scene: what it is, what is said in it, and its audio, int16 (samples,)."""

    scene: Scene
    events: tuple[SpokenEvent, ...]
    audio: np.ndarray


class Composer:
    """Composes one file of a timeline.

    Args:
        number: of the file; files of different numbers are drawn independently.
        seconds: its length.
    """

    def __init__(self, material: Material, settings: TimelineConfig, number: int, seconds: float) -> None:
        self._material, self._settings, self._seconds = material, settings, seconds
        self._key = (settings.seed, number)
        key = f"{settings.seed}/{number}"
        self._decks: dict[Kind, Deck] = {
            "word": Deck(material.words, f"{key}/word"),
            "other word": Deck(material.others, f"{key}/other word"),
            "sentence": Deck(material.sentences, f"{key}/sentence"),
        }
        self._due_s = self._word_times()
        self._conditions: list[tuple[float | None, str]] = []
        self._round = 0
        self._tail = np.zeros(0, np.float32)  # echo that goes on into the next scene

    def scenes(self) -> Iterator[LaidScene]:
        """Yield the scenes in order of time."""
        starts = np.arange(0, self._seconds, self._settings.scene_s)
        for number, start in enumerate(starts):
            yield self._lay(number, float(start), min(self._settings.scene_s, self._seconds - float(start)))

    def _lay(self, number: int, start_s: float, length_s: float) -> LaidScene:
        rng = keyed_generator(*self._key, "scene", number)
        snr_db, room = self._condition()
        count = round(length_s * SAMPLE_RATE_HZ)
        speech = np.zeros(max(count, len(self._tail)) + 2 * SAMPLE_RATE_HZ, np.float32)
        speech[: len(self._tail)] += self._tail
        events = self._lay_speech(speech, count, start_s, (snr_db, room), rng)
        audio = speech[:count] + room_tone(count, rng)
        noise, part = "", ""
        if snr_db is not None and self._material.noises:
            chosen = self._material.noises[int(rng.integers(len(self._material.noises)))]
            noise, part = chosen.noise.name, chosen.part
            begin = int(rng.integers(len(chosen.noise.samples)))
            audio += noise_stretch(chosen.noise.samples, count, begin, SPEECH_DBFS - snr_db)
        self._tail = speech[count:]
        scene = Scene(start_s, start_s + length_s, room, snr_db, noise, part)
        return LaidScene(scene, tuple(events), to_int16(audio))

    def _lay_speech(
        self,
        speech: np.ndarray,
        count: int,
        start_s: float,
        condition: tuple[float | None, str],
        rng: np.random.Generator,
    ) -> list[SpokenEvent]:
        """Add recordings to the first `count` samples of `speech` until the next one does not fit."""
        settings, (snr_db, room) = self._settings, condition
        events: list[SpokenEvent] = []
        at = self._gap(rng)
        while True:
            kind = self._kind(start_s + at / SAMPLE_RATE_HZ, rng)
            recording, samples = self._decks[kind].look()
            if at + len(samples) > count:
                return events
            self._decks[kind].take()
            if kind == "word":
                self._due_s.pop()
            level_dbfs = SPEECH_DBFS + float(rng.uniform(-1, 1)) * settings.gain_db
            wet = convolved(samples, self._material.responses.get(room))
            loud = wet * factor(level_dbfs - active_level_dbfs(wet[: len(samples)]))
            speech[at : at + len(loud)] += loud
            begin_s = start_s + at / SAMPLE_RATE_HZ
            events.append(
                SpokenEvent(
                    start_s=round(begin_s, 6),
                    end_s=round(begin_s + len(samples) / SAMPLE_RATE_HZ, 6),
                    kind=kind,
                    label=recording.label,
                    file=recording.file,
                    speaker=recording.speaker,
                    split=recording.split,
                    source=recording.source,
                    level_dbfs=round(level_dbfs, 3),
                    snr_db=None if snr_db is None else round(level_dbfs - SPEECH_DBFS + snr_db, 3),
                    room=room,
                )
            )
            at += len(samples) + self._gap(rng)

    def _kind(self, time_s: float, rng: np.random.Generator) -> Kind:
        """Return what comes next: the wake word when one is due, else a sentence or another word by their shares."""
        if self._due_s and self._due_s[-1] <= time_s:
            return "word"
        if not self._material.sentences:
            return "other word"
        if not self._material.others:
            return "sentence"
        return "sentence" if rng.random() < self._settings.sentence_share else "other word"

    def _word_times(self) -> list[float]:
        """Times at which a wake word is due, the first one last: one at random in each of so many equal stretches."""
        settings = self._settings
        count = 0 if settings.without_word else round(settings.words_per_hour * self._seconds / 3600)
        draws = keyed_generator(*self._key, "words").random(count)
        return [float(time) for time in (np.arange(count) + draws)[::-1] * (self._seconds / max(1, count))]

    def _condition(self) -> tuple[float | None, str]:
        """Return ratio and room of the next scene: every pair once, in random order, before any comes again."""
        if not self._conditions:
            rooms = self._settings.rooms or self._material.room_names
            pairs = [(snr_db, room) for snr_db in self._settings.snr_db for room in rooms]
            order = keyed_generator(*self._key, "conditions", self._round).permutation(len(pairs))
            self._conditions = [pairs[position] for position in order]
            self._round += 1
        return self._conditions.pop()

    def _gap(self, rng: np.random.Generator) -> int:
        settings = self._settings
        return round(float(rng.uniform(settings.shortest_gap_s, settings.longest_gap_s)) * SAMPLE_RATE_HZ)
