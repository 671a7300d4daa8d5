"""Detectors made from text alone, tested on recorded speakers whom no training heard.

    python -m benchmarks phrase --words happy,computer --phrases PHRASES --data DATA [--seeds 1] [--speech]

DATA is a folder in Speech Commands' layout, of which testing speakers are heard; PHRASES one with recordings and an
`index.csv` that names file, phrase and speaker. --speech lets trainings have recorded words of training speakers
besides, never the phrase. What has a record is not made again, what was stopped goes on. No audio is published.
"""

import argparse
from pathlib import Path
from typing import Any

from benchmarks.detectors.timelines import compose
from benchmarks.phrase.audio import all_audio
from benchmarks.phrase.hearing import score
from benchmarks.phrase.tables import RUNS, write_tables
from benchmarks.records import ARTIFACTS, say
from tfkws.config.wakeword import WakewordConfig
from tfkws.data.audio.blocks import file_digest
from tfkws.run_folder import write_json
from tfkws.tflite.targets.machine import read_machine

__all__ = ["add_options", "measure", "write_tables"]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of training and hearing."""
    parser.add_argument("--words", default="happy,computer,athena,hey chatterbox,android", help="phrases, by commas")
    parser.add_argument("--phrases", type=Path, help="folder of recorded phrases with an index.csv")
    parser.add_argument("--data", type=Path, help="folder of clips by word")
    parser.add_argument("--seeds", type=int, default=1, help="trainings of each phrase, with seeds 0, 1, ...")
    parser.add_argument("--speech", action="store_true", help="train with recorded words of training speakers too")
    parser.add_argument("--full", action="store_true", help="the full training in place of the quick one")
    parser.add_argument("--work", type=Path, default=ARTIFACTS / "phrase", help="of composed audio and detectors")


def measure(options: argparse.Namespace) -> None:
    """Make and hear every detector that has no record."""
    if options.data is None or options.phrases is None:
        raise SystemExit("Give --data and --phrases, folders of recordings, or --tables.")
    every = all_audio(options.data, options.phrases)
    for each in every:
        compose(each.plan, options.work / "audio")
    for seed in range(options.seeds):
        for phrase in options.words.split(","):
            config = WakewordConfig(phrase.strip(), quick=not options.full, seed=seed)
            record = options.out / RUNS / f"{run_of(config, options.speech)}.json"
            if not record.exists():
                write_json(record, run(config, options, every))


def run_of(config: WakewordConfig, speech: bool) -> str:
    """Name a run."""
    effort = "quick" if config.quick else "full"
    return f"{config.phrase.replace(' ', '_')}-{effort}-{'speech' if speech else 'text'}-seed{config.seed}"


def run(config: WakewordConfig, options: argparse.Namespace, every: Any) -> dict[str, Any]:
    """Make one detector, let it hear everything, and return its record."""
    from tfkws.pipeline.wakeword.run import make_wakeword
    from tfkws.pipeline.wakeword.sources import Sources

    name = run_of(config, options.speech)
    say(name)
    sources = Sources(speech=options.data if options.speech else None)
    made = make_wakeword(config, options.work / "runs" / name, sources)
    recorded = score(made.bundle, every, options.work / "audio")
    digest = file_digest(made.bundle)
    return {"run": name, "bundle_sha256": digest, "machine": read_machine().to_dict(), **made.record} | {
        "recorded": recorded
    }
