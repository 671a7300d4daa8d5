"""What every detector hears: recordings laid once by seed, each phrase in a file of its own.

    happy, computer, ...      each recording of one phrase, once
    sentences                 sentences and phrases that no detector here knows, once
    words                     recorded words of test speakers, but those that a detector here knows

A file of one phrase tells of misses to the detector of that phrase, and of false accepts to every other one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.detectors.timelines import Plan, compose, recordings_of
from benchmarks.phrase.locks import locked
from tfkws.config.hearing.over_air import TimelineConfig
from tfkws.detect.timeline.recordings import Material, Recording, gather
from tfkws.detect.timeline.timeline import DRY

HAPPY = "happy"  # of Speech Commands; the others are folders of recorded phrases
PHRASES = ("computer", "athena", "hey_chatterbox", "android", "hey_computer")
WORDS_HOURS = 1.5
LONGEST_S = 8 * 3_600.0
OFTEN = 3_600.0  # words an hour are due, so that one follows the other


@dataclass(frozen=True)
class Heard:
    """One file and what is said in it.

    Attributes:
        plan: how it is composed.
        phrase: that each utterance is, as a detector's label; "" where none is.
    """

    plan: Plan
    phrase: str

    def told_by(self, label: str) -> bool:
        """Whether a detector of `label` can be judged on it: another phrase may hold its word."""
        return self.phrase == label or label not in self.phrase.split()


def all_audio(words: Path, phrases: Path) -> list[Heard]:
    """Return every file, without composing it."""
    dry = TimelineConfig(
        (HAPPY,), split="testing", rooms=(DRY,), gain_db=0.0, snr_db=(None,), words_per_hour=OFTEN, longest_gap_s=2.0
    )
    spoken = gather(words, dry)
    found = [Heard(_phrase_plan(HAPPY, spoken, dry), HAPPY)]
    for folder in PHRASES:
        recordings = recordings_of(phrases, folder.__eq__)
        label = folder.replace("_", " ")
        named = tuple(replace(each, label=label, speaker=_known(each)) for each in recordings)
        settings = replace(dry, words=(label,))
        found.append(Heard(_phrase_plan(folder, replace(spoken, words=named), settings), label))
    others = recordings_of(phrases, lambda name: name not in PHRASES)
    silent = replace(dry, without_word=True)
    material = replace(spoken, words=(), others=others)
    found.append(
        Heard(Plan("sentences", "sentences and other phrases", False, material, silent, LONGEST_S, len(others)), "")
    )
    words_only = replace(spoken, words=())
    return [*found, Heard(Plan("words", "single words", False, words_only, silent, WORDS_HOURS * 3_600), "")]


def _phrase_plan(name: str, material: Material, settings: TimelineConfig) -> Plan:
    count = len(material.words)
    return Plan(name, name.replace("_", " "), True, material, settings, seconds=LONGEST_S, recordings=count)


def _known(recording: Recording) -> str:
    """Return who speaks; "" where the index does not know, and the file stands for its speaker."""
    return "" if recording.speaker == recording.file else recording.speaker


def compose_all(every: Sequence[Heard], folder: Path) -> None:
    """Write every file that is not there yet; of processes beside each other one does it."""
    with locked(folder.with_suffix(".lock")):
        for each in every:
            compose(each.plan, folder)


def judged(every: Sequence[Heard], label: str) -> list[Heard]:
    """Return the files that a detector of `label` is judged on."""
    return [each for each in every if each.told_by(label)]
