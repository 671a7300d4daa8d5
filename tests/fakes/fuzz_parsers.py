"""The table of parsers that are fuzzed: their sound files, how these are damaged, and what reads them."""

import asyncio
import io
import os
import random
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import fuzz_seeds as seeds
from damage import damaged_bytes
from damage_files import Mutate, damaged_archive, damaged_bundle, damaged_json, damaged_lines

Read = Callable[[Path], object]


@dataclass(frozen=True)
class Parser:
    """One kind of file.

    Attributes:
        seeds: sound files by name.
        mutate: damages one of them.
        reads: everything that reads such a file; one at least reads the sound ones.
        most_mib: how much the memory of the process may grow while it reads one file.
        seconds: longest time of one file.
    """

    seeds: Callable[[], seeds.Files]
    mutate: Mutate
    reads: tuple[Read, ...]
    most_mib: int = 512
    seconds: int = 30


def by_kind(content: bytes, draw: random.Random) -> bytes:
    """Damage JSON as JSON, and other text by its lines."""
    return (damaged_json if content[:1] in b"{[" and b"\n{" not in content else damaged_lines)(content, draw)


def audio_blocks(path: Path) -> None:
    from tfkws.data.audio import blocks

    sum(map(len, blocks.audio_blocks(path, strict=False)))


def audio(path: Path) -> None:
    from tfkws.data.audio.files import read_audio

    read_audio(path)


def clip(path: Path) -> None:
    from tfkws.data.audio.files import read_clip

    read_clip(path)


def tflite_contents(path: Path) -> None:
    from tfkws.tflite.file.tflite_file import tflite_file

    _ = tflite_file(path).contents


def tflite_metadata(path: Path) -> None:
    from tfkws.tflite.file.tflite_file import tflite_file

    _ = tflite_file(path).metadata


def tflite_cost(path: Path) -> None:
    from tfkws.cost.tflite import count_arena, count_graph
    from tfkws.tflite.file.tflite_file import tflite_file

    graph = tflite_file(path).graph
    count_graph(graph)
    count_arena(graph)


def metadata(path: Path) -> None:
    """Metadata in a file whose tables are sound."""
    from tfkws.tflite.file.tflite_file import TfliteFile

    editor = TfliteFile(seeds.loudness_file()).edit()
    editor.set_metadata("tfkws", path.read_bytes())
    _ = editor.pack().metadata


def bundle(path: Path) -> None:
    from tfkws.tflite.bundle.archive import read_bundle

    found = read_bundle(path)
    _ = (found.task, found.synthetic_speech, found.model.contents)


def bundle_manifest(path: Path) -> None:
    """What a bundle says of its members, in an archive that is sound besides."""
    from tfkws.tflite.bundle.archive import read_bundle

    with tempfile.TemporaryDirectory() as folder:
        changed = Path(folder) / "loudness.kws"
        with zipfile.ZipFile(io.BytesIO(seeds.bundles()["loudness.kws"])) as sound, zipfile.ZipFile(changed, "w") as to:
            for name in sound.namelist():
                to.writestr(name, path.read_bytes() if name == path.name else sound.read(name))
        read_bundle(changed)


def checkpoint(path: Path) -> None:
    """The state of a training, gone on from."""
    from tfkws.training.checkpoint import load_checkpoint

    load_checkpoint(path.parent)


def pruning(path: Path) -> None:
    from tfkws.pipeline.parts.prune import settle_pruning

    settled: Any = None  # nothing of these is read where the file is there
    settle_pruning(path.parent, settled, settled, settled, 0).apply(_small_network())


@cache
def _small_network() -> Any:
    from tfkws.models import build_model

    return build_model("kws10", (40, 32, 1), 2)


def oracle(path: Path) -> None:
    """The space of a keras-tuner search, and values drawn from it."""
    import keras_tuner

    from tfkws.tuner.keras_tuner_trials import read_state

    read_state(path.parent, 0, keras_tuner.HyperParameters())


def conversion(path: Path) -> None:
    """A record of a conversion or of its evaluation, as what makes a bundle reads it."""
    from tfkws.pipeline.bundle import measured_detector
    from tfkws.pipeline.parts.model_card import card_text, make_card
    from tfkws.training.model_folder import open_model_folder

    stem = "none" if "none" in path.name else "int8"
    with _beside(path, seeds.records("config.json")) as folder:
        (folder / f"{stem}.tflite").write_bytes(seeds.loudness_file())
        opened = open_model_folder(folder)
        card_text(make_card(opened, folder / f"{stem}.tflite"))
        measured_detector(opened, stem)


def conversion_damage(path: Path) -> None:
    """Whether a record of a conversion tells of the file beside it."""
    from tfkws.result_files import check_conversion

    stem = "none" if "none" in path.name else "int8"
    with _beside(path, {f"{stem}.tflite": seeds.loudness_file()}) as folder:
        check_conversion(folder / f"{stem}.tflite")


def keras(path: Path) -> None:
    from tfkws.cost.keras import count_keras
    from tfkws.models.saving import load_model

    count_keras(load_model(path))


def space(path: Path) -> None:
    from tfkws.tuner.problem.built_in_spaces import load_space

    found = load_space(str(path))
    values = found.values_at([0] * len(found.params))
    _ = (found.size, found.model_variant(values), found.training_settings(values))


def journal(path: Path) -> None:
    from tfkws.tuner.records.journal import Journal

    Journal(path).load()


def model_folder(path: Path) -> None:
    from tfkws.training.model_folder import open_model_folder

    open_model_folder(path)


def front_end(path: Path) -> None:
    from tfkws.cli.terminal.foreign_options import read_front_end

    read_front_end(str(path))


def planned_search(path: Path) -> None:
    from tfkws.config import SearchConfig
    from tfkws.tuner.search_folder import planned_before

    planned_before(path.parent, SearchConfig("x", (1,), 1, 1))


def search_report(path: Path) -> None:
    """One record of a search, among the others."""
    from tfkws.report.build import compose_report

    with _beside(path, seeds.searches()) as folder:
        compose_report(folder)


def search_status(path: Path) -> None:
    from tfkws.tuner.progress import read_status

    with _beside(path, seeds.searches()) as folder:
        read_status(folder)


def search_member(path: Path) -> None:
    from tfkws.training.model_folder import open_model_folder

    with _beside(path, seeds.searches()) as folder:
        open_model_folder(Path(f"{folder}:7"))


def run_record(path: Path) -> None:
    """One record of a model, with the few that a page needs."""
    from tfkws.report.build import compose_report

    with _beside(path, seeds.records("config.json", "training.json")) as folder:
        compose_report(folder)


def wakeword_report(path: Path) -> None:
    """The record of a detector from a phrase."""
    from tfkws.report.build import compose_report

    with _beside(path, {"wakeword.json": b"{}"}) as folder:
        compose_report(folder)


def profile(path: Path) -> None:
    from tfkws.pipeline.compare import compare_files

    compare_files(path, seeds.FIRST_RUN / ("profile-none.json" if "int8" in path.name else "profile-int8.json"))


def latency(path: Path) -> None:
    from tfkws.detect.over_air.latency import recorded_latency_s

    recorded_latency_s(path)


def earlier_latency(path: Path) -> None:
    from tfkws.cli.measure.benchmark import _earlier
    from tfkws.run_folder import read_json
    from tfkws.tflite.benchmark.latency import ratio
    from tfkws.views.latency import latency_table

    other, found = read_json(seeds.FIRST_RUN / "benchmark-none.json"), _earlier(path)
    ratio(found, found)
    latency_table([other], [ratio(found, other)], found["model"], ["b"])


def latency_model(path: Path) -> None:
    from tfkws.tflite.latency_model.model import load_latency_model

    load_latency_model(path)


def latency_profiles(path: Path) -> None:
    from tfkws.tflite.latency_model.profiles import load_profiles

    load_profiles(path)


def roofline(path: Path) -> None:
    from tfkws.profiling.explain.roofline import Roofline
    from tfkws.run_folder import read_json

    Roofline.from_dict(read_json(path))


def label_track(path: Path) -> None:
    from tfkws.detect.timeline.labels import read_labels, words_among

    words_among(read_labels(path, 10.0), ["loud"], str(path))


def timeline(path: Path) -> None:
    from tfkws.detect.timeline.timeline import read_timeline

    found = read_timeline(path)
    _ = (found.scene_at(1.0), found.event_before(2.0, 1.0))


def trial_log(path: Path) -> None:
    from tfkws.detect.over_air.trial_log import count_log, read_log

    count_log(read_log(path))


def recorded_push(path: Path) -> None:
    from tfkws.tflite.targets.replay import ReplaySession

    ReplaySession(path.parent).push("a.py", b"")


def recorded_run(path: Path) -> None:
    from tfkws.tflite.targets.replay import ReplaySession

    session = ReplaySession(path.parent)
    session.push("a.py", b"")
    session.run(["python3", "a.py"])


def label_list(path: Path) -> None:
    from tfkws.cli.terminal.foreign_options import read_labels

    read_labels(str(path))


def operator_list(path: Path) -> None:
    from tfkws.tflite.file.allowed_operators import read_operator_list

    read_operator_list(path)


def line_of_settings(path: Path) -> None:
    from tfkws.config import DetectorConfig
    from tfkws.detect.live.controls import by_line

    by_line(DetectorConfig(), path.read_bytes().decode("utf-8", "replace"))


def wyoming(path: Path) -> None:
    """Messages of a client, to the end or to the first that breaks the protocol."""
    asyncio.run(_converse(path.read_bytes()))


async def _converse(content: bytes) -> None:
    from tfkws.detect.service.messages import Inbox
    from tfkws.detect.service.session import Session

    async def send(event: Any) -> None:
        event.to_dict()

    inbox = Inbox(5.0, 5.0)
    inbox.feed_data(content)
    inbox.feed_eof()
    with ThreadPoolExecutor(1) as pool:
        session = Session(_words(), 1e3, pool, send)
        while (event := await inbox.message()) is not None:
            await session.take(event, up_to_date=True)


@cache
def _words() -> Any:
    from tfkws.detect.service.wake_words import open_wake_words
    from tfkws.tflite.bundle.archive import read_bundle

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "loud.kws"
        path.write_bytes(seeds.bundles()["loudness.kws"])
        return open_wake_words({"loud": read_bundle(path)})


class _beside(tempfile.TemporaryDirectory[str]):
    """A folder of sound records with one put in place of that of its name."""

    def __init__(self, path: Path, others: seeds.Files) -> None:
        super().__init__()
        for name, content in others.items():
            Path(self.name, name).write_bytes(content)
        shutil.copy(path, self.name)

    def __enter__(self) -> Path:  # type: ignore[override]
        return Path(self.name)


def trap(fault: Callable[[], object]) -> Parser:
    """A parser that has one kind of fault in every damaged file."""

    def read(path: Path) -> None:
        if path.read_bytes() != b"sound":
            fault()

    return Parser(lambda: {"a.txt": b"sound"}, lambda content, draw: b"damaged", (read,), most_mib=100, seconds=1)


PARSERS = {
    "wav": Parser(partial(seeds.sounds, True), damaged_bytes, (audio, clip, audio_blocks)),
    "audio": Parser(partial(seeds.sounds, False), damaged_bytes, (audio, clip, audio_blocks)),
    "tflite": Parser(seeds.tflite_files, damaged_bytes, (tflite_contents, tflite_metadata, tflite_cost)),
    "metadata": Parser(lambda: {"metadata.json": seeds.metadata()}, damaged_json, (metadata,)),
    "bundle": Parser(seeds.bundles, damaged_bundle, (bundle,)),
    "manifest": Parser(seeds.manifests, damaged_json, (bundle_manifest,)),
    "checkpoint": Parser(seeds.checkpoints, damaged_archive, (checkpoint,)),
    "pruning": Parser(seeds.prunings, damaged_json, (pruning,)),
    "oracle": Parser(seeds.oracles, damaged_json, (oracle,)),
    "conversion": Parser(seeds.conversions, damaged_json, (conversion, conversion_damage)),
    "keras": Parser(seeds.keras_files, damaged_archive, (keras,)),
    "space": Parser(seeds.spaces, damaged_json, (space,)),
    "journal": Parser(lambda: {"journal.jsonl": seeds.journal()}, damaged_lines, (journal,)),
    "settings": Parser(partial(seeds.records, "config.json"), damaged_json, (model_folder, front_end, planned_search)),
    "search": Parser(seeds.searches, by_kind, (search_report, search_status, search_member)),
    "run_record": Parser(seeds.run_records, by_kind, (run_record,)),
    "wakeword": Parser(seeds.wakewords, damaged_json, (wakeword_report,)),
    "profile": Parser(partial(seeds.records, "profile-int8.json", "profile-none.json"), damaged_json, (profile,)),
    "latency": Parser(seeds.latencies, damaged_json, (latency, earlier_latency)),
    "latency_model": Parser(seeds.latency_models, damaged_json, (latency_model, latency_profiles)),
    "roofline": Parser(seeds.rooflines, damaged_json, (roofline,)),
    "label_track": Parser(seeds.label_tracks, damaged_lines, (label_track,)),
    "timeline": Parser(seeds.timelines, damaged_json, (timeline,)),
    "trial_log": Parser(seeds.trial_logs, damaged_lines, (trial_log,)),
    "recording": Parser(seeds.recordings, damaged_lines, (recorded_push, recorded_run)),
    "list": Parser(seeds.lists, by_kind, (label_list, operator_list)),
    "line": Parser(lambda: {"line.json": b'{"threshold": 0.7, "window_ms": 500}'}, damaged_json, (line_of_settings,)),
    "wyoming": Parser(seeds.messages, damaged_bytes, (wyoming,)),
}
TRAPS = {  # what a child process must notice
    "abort": trap(os.abort),
    "hang": trap(lambda: time.sleep(60)),
    "traceback": trap(lambda: 1 / 0),
    "memory": trap(lambda: b"x" * (300 << 20)),
}
