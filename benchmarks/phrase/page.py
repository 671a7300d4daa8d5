"""Detectors made from text alone, tested on recorded speakers whom no training heard.

    python -m benchmarks phrase --phrases PHRASES --data DATA [--words happy,computer] [--parts text,recordings,speech]
        [--effort quick|full] [--seeds 0,1,2]

DATA is a folder in Speech Commands' layout, of which testing speakers are heard; PHRASES one with recordings and an
`index.csv` that names file, phrase and speaker. Parts: `text` trains from text alone; `recordings` trains that on
with ten recordings of the phrase, which are not tested; `speech` has recorded words of training speakers among the
negatives, never the phrase; `micro` is text alone with the front end that ESPHome computes. What has a record is not
made again, what was stopped goes on, and processes with the same --work may run beside each other: what one of them
makes, the others leave to it. No audio is published.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.phrase.audio import Heard, all_audio, compose_all
from benchmarks.phrase.kinds import PARTS, Kind, kinds
from benchmarks.phrase.locks import locked
from benchmarks.phrase.making import VERSION, Place, make
from benchmarks.phrase.synthetic import compose_synthetic
from benchmarks.phrase.tables import RUNS, write_tables
from benchmarks.records import ARTIFACTS, say
from tfkws.errors import TfkwsError
from tfkws.run_folder import read_json, write_json

__all__ = ["add_options", "measure", "write_tables"]
WORDS = "happy,computer,athena,hey chatterbox,android,okay lantern,wake up molly"  # nobody recorded the last two


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of training and hearing."""
    parser.add_argument("--words", default=WORDS, help="phrases, by commas; default: %(default)s")
    parser.add_argument("--phrases", type=Path, help="folder of recorded phrases with an index.csv")
    parser.add_argument("--data", type=Path, help="folder of clips by word")
    parser.add_argument("--seeds", default="0", help="of the trainings, by commas; default: %(default)s")
    parser.add_argument("--effort", default="quick", help="quick, full or both, by commas; default: %(default)s")
    parser.add_argument("--parts", default="text", help=f"of {', '.join(PARTS)}, by commas; default: %(default)s")
    parser.add_argument("--work", type=Path, default=ARTIFACTS / "phrase", help="of composed audio and detectors")


def measure(options: argparse.Namespace) -> None:
    """Make and hear every detector that has no record.

    Raises:
        SystemExit: an option is wrong, or a detector could not be made; those that could have their records.
    """
    if options.data is None or options.phrases is None:
        raise SystemExit("Give --data and --phrases, folders of recordings, or --tables.")
    words = [" ".join(word.split()) for word in options.words.split(",")]
    seeds = [int(seed) for seed in options.seeds.split(",")]
    wanted = kinds(words, options.effort.split(","), options.parts.split(","), seeds)
    missing = [kind for kind in wanted if not is_done(options.out, kind)]
    if missing:
        measure_all(missing, Place(options.data, options.phrases, options.work), options.out)


def measure_all(missing: Sequence[Kind], place: Place, out: Path) -> None:
    """Make the audio, then each detector that no other process is at; what could not be made is told at the end."""
    every = all_audio(place.words, place.phrases)
    say("Audio that all detectors hear")
    compose_all(every, place.audio)
    failed = []
    for kind in missing:
        try:
            measure_one(kind, place, every, out)
        except BlockingIOError:
            say(f"{kind.name}: another process is at it")
        except TfkwsError as error:
            failed.append(f"{kind.name}: {error}")
            say(failed[-1])
    if failed:
        raise SystemExit("\n".join(["Not made:", *failed]))


def measure_one(kind: Kind, place: Place, every: Sequence[Heard], out: Path) -> None:
    """Make one detector and write its record.

    Raises:
        BlockingIOError: another process is at it.
        TfkwsError: it cannot be made.
    """
    with locked(place.lock(kind), wait=False):
        if is_done(out, kind):
            return
        say(kind.name)
        with locked(place.audio.with_suffix(".lock")):
            compose_synthetic(kind.phrase, place.words, place.audio)
        write_json(record_path(out, kind), make(kind, place, every))


def record_path(out: Path, kind: Kind) -> Path:
    """Return where the record of a detector is published."""
    return out / RUNS / f"{kind.name}.json"


def is_done(out: Path, kind: Kind) -> bool:
    """Return whether a detector has a record, and not one of an earlier version."""
    path = record_path(out, kind)
    return path.exists() and read_json(path).get("version") == VERSION
