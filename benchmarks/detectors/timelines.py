"""What every detector hears: the same files, composed once from recordings.

    computer-clean, computer-10dB   recorded "computer", each clip twice, among recorded words of test speakers
    phrases-clean, phrases-10dB     every recorded sentence and phrase without the word, once
    words-mixed                     recorded words of test speakers, clean and noisy, in rooms

At 10 dB the same recordings lie at the same places as in the clean file.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import soundfile

from tfkws.config.hearing.over_air import TimelineConfig
from tfkws.data.audio.files import SAMPLE_RATE_HZ
from tfkws.detect.timeline.compose import Composer, LaidScene
from tfkws.detect.timeline.recordings import Material, Recording, gather
from tfkws.detect.timeline.timeline import DRY, Timeline, utterances_of, write_timeline
from tfkws.run_folder import whole_file

WORD = "computer"
HAPPY = "happy"  # of other detectors of ours, of which only the false accepts are counted here
WITH_THE_WORD = ("computer", "hey_computer")
TWICE = 2
WORDS_PER_HOUR = 240.0
MIXED_HOURS = 1.5
LONGEST_S = 8 * 3600.0


@dataclass(frozen=True)
class Plan:
    """One file to compose.

    Attributes:
        title: for tables.
        positives: whether misses are counted on it; false accepts are on the others.
        recordings: composing ends with the scene in which so many are laid; None for `seconds`.
    """

    name: str
    title: str
    positives: bool
    material: Material
    settings: TimelineConfig
    seconds: float = LONGEST_S
    recordings: int | None = None


def plans(words: Path, phrases: Path, rooms: Path | None = None) -> list[Plan]:
    """Return what is composed.

    Args:
        words: folder in Speech Commands' layout; its testing split is laid.
        phrases: folder with an `index.csv` of recordings by phrase.
        rooms: folder of room responses that no training has used; None for those in `words`.
    """
    dry = TimelineConfig((HAPPY,), split="testing", without_word=True, rooms=(DRY,), gain_db=0.0, snr_db=(None,))
    spoken = gather(words, dry, rooms=rooms)
    wake = recordings_of(phrases, lambda phrase: phrase == WORD)
    other = recordings_of(phrases, lambda phrase: phrase not in WITH_THE_WORD)
    said = replace(dry, words=(WORD,), without_word=False, words_per_hour=WORDS_PER_HOUR)
    mixed = replace(dry, snr_db=(None, 20.0, 10.0), rooms=(), gain_db=6.0)
    found = []
    for condition, snr_db in (("clean", None), ("10dB", 10.0)):
        found.append(
            Plan(
                f"{WORD}-{condition}",
                f'"{WORD}", {condition.replace("dB", " dB")}',
                True,
                replace(spoken, words=wake),
                replace(said, snr_db=(snr_db,)),
                seconds=TWICE * len(wake) / WORDS_PER_HOUR * 3600,
            )
        )
        found.append(
            Plan(
                f"phrases-{condition}",
                f"sentences and phrases, {condition.replace('dB', ' dB')}",
                False,
                replace(spoken, words=(), others=other),
                replace(dry, snr_db=(snr_db,)),
                recordings=len(other),
            )
        )
    single = Plan("words-mixed", "single words, mixed", False, spoken, mixed, seconds=MIXED_HOURS * 3600)
    return [*found, single]


def recordings_of(folder: Path, wanted: Callable[[str], bool]) -> tuple[Recording, ...]:
    """Return recordings of a folder's index by phrase; the clip stands for its speaker, where none is known."""
    with (folder / "index.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if wanted(row["phrase"])]
    return tuple(
        Recording(folder / row["file"], row["file"], row["phrase"], row["speaker"] or row["file"], "", "recorded")
        for row in sorted(rows, key=lambda row: row["file"])
    )


def compose(plan: Plan, folder: Path) -> Path:
    """Write `plan.name`.flac and, last, its `.json`; what is there is kept."""
    path = folder / f"{plan.name}.flac"
    if path.with_suffix(".json").exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    laid = []
    with (
        whole_file(path) as partial,
        soundfile.SoundFile(partial, "w", SAMPLE_RATE_HZ, 1, subtype="PCM_16", format="FLAC") as file,
    ):
        for scene in _scenes(plan):
            file.write(scene.audio)
            laid.append(replace(scene, audio=scene.audio[:0]))
    events = tuple(event for scene in laid for event in scene.events)
    timeline = Timeline(
        source=plan.material.source,
        duration_s=laid[-1].scene.end_s,
        utterances=utterances_of(events),
        scenes=tuple(scene.scene for scene in laid),
        events=events,
        about={"settings": plan.settings.to_dict(), "title": plan.title},
    )
    write_timeline(path.with_suffix(".json"), timeline)
    return path


def _scenes(plan: Plan) -> Iterator[LaidScene]:
    count = 0
    for scene in Composer(plan.material, plan.settings, 0, plan.seconds).scenes():
        yield scene
        count += len(scene.events)
        if plan.recordings is not None and count >= plan.recordings:
            return


def speech_hours(timeline: Timeline) -> float:
    """Return the length of all recordings on a timeline, without the gaps."""
    return sum(event.end_s - event.start_s for event in timeline.events) / 3600
