"""Our detectors and, where they are installed, those of others over the same audio.

    python -m benchmarks detectors --words DATA --phrases PHRASES [--rooms ROOMS] [--train] [BUNDLE ...]

DATA is a folder in Speech Commands' layout, PHRASES one with recordings and an `index.csv` that names file, phrase and
speaker, ROOMS one of room responses. --train trains a detector of "computer" on synthetic speech first. Others are
`pip install pymicro-wakeword pvporcupine==1.9.5`; what is not installed is named on the page and left out. What has a
record is not heard again. --keep DIR writes the audio around misses and false accepts there.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.detectors.engines import SENSITIVITY, Engine, OurEngine, rivals
from benchmarks.detectors.listening import keep_audio, score
from benchmarks.detectors.tables import HEARD, write_tables
from benchmarks.detectors.timelines import WORD, Plan, compose, plans, speech_hours
from benchmarks.records import ARTIFACTS, say
from tfkws.data.audio.blocks import file_digest
from tfkws.detect.timeline.timeline import read_timeline
from tfkws.run_folder import read_json, write_json
from tfkws.tflite.bundle.archive import read_bundle
from tfkws.tflite.targets.machine import read_machine

__all__ = ["add_options", "measure", "write_tables"]
PORCUPINE_WORDS = (WORD, "alexa")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of hearing."""
    parser.add_argument("bundles", type=Path, nargs="*", help="our detectors, .kws files")
    parser.add_argument("--words", type=Path, help="folder of clips by word")
    parser.add_argument("--phrases", type=Path, help="folder of recorded phrases with an index.csv")
    parser.add_argument("--rooms", type=Path, help="folder of room responses; default: those of --words")
    parser.add_argument("--work", type=Path, default=ARTIFACTS / "detectors", help="of composed audio and models")
    parser.add_argument("--keep", type=Path, help="folder for the audio around misses and false accepts")
    parser.add_argument("--train", action="store_true", help='train our detector of "computer" first')
    parser.add_argument("--sensitivities", default=str(SENSITIVITY), help="of Porcupine, separated by commas")


def measure(options: argparse.Namespace) -> None:
    """Compose what is not there, and let every detector hear every file of which it has no record."""
    if options.words is None or options.phrases is None:
        raise SystemExit("Give --words and --phrases, folders of recordings, or --tables.")
    if options.keep and options.keep.resolve().is_relative_to(options.out.resolve()):
        raise SystemExit("--keep is audio and must lie outside of the page.")
    every = plans(options.words, options.phrases, options.rooms)
    for plan in every:
        compose(plan, options.work / "audio")
    write_json(options.out / "timelines.json", [about(plan, options.work / "audio") for plan in every])
    openers: list[Callable[[], Engine]] = [partial(OurEngine, *each) for each in ours(options)]
    absent = []
    for rival in rivals(PORCUPINE_WORDS, tuple(map(float, options.sensitivities.split(",")))):
        if reason := rival.why_not():
            absent.append(reason)
            say(reason)
        else:
            openers.append(rival.open)
    write_json(options.out / "measured.json", {"machine": read_machine().to_dict(), "absent": absent})
    for opener in openers:
        hear_all(opener, every, options)


def ours(options: argparse.Namespace) -> Iterator[tuple[Path, str]]:
    """Yield our bundles, each with what it was trained on; a detector of "computer" is trained first if asked for."""
    if options.train:
        from benchmarks.detectors.training import TRAINED_ON, train

        for path in train(options.words, options.work):
            yield path, TRAINED_ON
    for path in options.bundles:
        yield path, read_bundle(path).card.get("data", "")


def about(plan: Plan, audio: Path) -> dict[str, Any]:
    """Describe a composed file, JSON-ready."""
    path = audio / f"{plan.name}.flac"
    timeline = read_timeline(path.with_suffix(".json"))
    return {
        "name": plan.name,
        "title": plan.title,
        "positives": plan.positives,
        "source": timeline.source,
        "audio_sha256": file_digest(path),
        "hours": timeline.duration_s / 3600,
        "speech_hours": speech_hours(timeline),
        "utterances": len(timeline.utterances),
        "recordings": len({event.file for event in timeline.events}),
        "settings": plan.settings.to_dict(),
    }


def hear_all(opener: Callable[[], Engine], every: Sequence[Plan], options: argparse.Namespace) -> None:
    """Let one engine, opened afresh for each file, hear every file."""
    for plan in every:
        engine = opener()
        path = options.work / "audio" / f"{plan.name}.flac"
        record = options.out / HEARD / engine.about.name / f"{plan.name}.json"
        if not record.exists():
            say(f"{engine.about.name} hears {plan.name}")
            write_json(record, score(engine, path, read_timeline(path.with_suffix(".json"))))
        for word, counts in read_json(record)["words"].items() if options.keep else ():
            if not plan.positives or word == WORD:
                keep_audio(path, counts, options.keep / engine.about.name / plan.name / word)
