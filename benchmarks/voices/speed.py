"""How long each speech engine takes to say a word: CPU seconds of one core, several words in one go and one by one.

    python -m benchmarks phrase/voices/speed

Takes about a minute of processor time. Engines that are not installed are left out.
"""

import argparse
import resource
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.records import commit, say, write_table
from tfkws.run_folder import read_json, write_json
from tfkws.speech.phrase import Phrase
from tfkws.speech.requests import Request
from tfkws.speech.utterances import speak_all
from tfkws.speech.voice import Voice
from tfkws.speech.voices import available_engines, draw_voices
from tfkws.tflite.targets.machine import read_machine
from tfkws.views.table import Table

RECORD = "speed.json"
WORD = "computer"
VOICES = 4  # of each engine; the time is the median over them
TOGETHER = 6  # words of one voice


def add_options(parser: argparse.ArgumentParser) -> None:
    """There are none."""


def measure(options: argparse.Namespace) -> None:
    """Time every engine that is here."""
    found = {}
    for name in available_engines():
        say(name)
        found[name] = engine_seconds(name)
    about = {"word": WORD, "voices": VOICES, "commit": commit(), "machine": read_machine().to_dict()}
    write_json(options.out / RECORD, about | {"engines": found})


def engine_seconds(name: str) -> dict[str, float]:
    """Return CPU seconds a word: of `TOGETHER` words of one voice, and of a word alone; medians over voices."""
    voices = draw_voices([name], VOICES, 0)
    speak(voices[0], 1)  # loads what is loaded once
    together = [cpu_s(partial(speak, voice, TOGETHER)) / TOGETHER for voice in voices]
    alone = [cpu_s(partial(speak_one_by_one, voice)) / TOGETHER for voice in voices]
    return {"together": round(median(together), 4), "alone": round(median(alone), 4)}


def speak(voice: Voice, count: int) -> None:
    """Say the word so many times, in this process, and keep nothing."""
    for _ in speak_all([Request(Phrase(WORD), voice, take=take) for take in range(count)], None, workers=1):
        pass


def speak_one_by_one(voice: Voice) -> None:
    """Say the word `TOGETHER` times, each by itself."""
    for _ in range(TOGETHER):
        speak(voice, 1)


def cpu_s(call: Callable[[], object]) -> float:
    """Return the CPU seconds of this process and its children in a call."""
    before = _spent_s()
    call()
    return _spent_s() - before


def _spent_s() -> float:
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in spent)


def write_tables(folder: Path) -> None:
    """Write seconds a word by engine."""
    write_table(folder, "speed", speed_table(read_json(folder / RECORD)))


def speed_table(record: dict[str, Any]) -> Table:
    """Return seconds a word, a row an engine."""
    rows = tuple((name, f"{each['together']:.3f}", f"{each['alone']:.3f}") for name, each in record["engines"].items())
    columns = ("engine", f"s a word, {TOGETHER} of one voice", "s a word alone")
    machine = record["machine"]
    note = f'CPU seconds of "{record["word"]}", medians over {record["voices"]} voices; {machine["cpu"]}.'
    return Table("Seconds a word", columns, rows, columns[1:], note)
