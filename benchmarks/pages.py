"""The published pages: what each shows, and the module that measures and writes it."""

import argparse
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from benchmarks.records import PUBLISHED


class PageModule(Protocol):
    """What the module of a page offers; its docstring is the help text."""

    __doc__: str | None

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of measuring."""

    def measure(self, options: argparse.Namespace) -> None:
        """Measure what has no record yet under `options.out`."""

    def write_tables(self, folder: Path) -> None:
        """Write tables and figures from the records under `folder`; measures nothing."""


@dataclass(frozen=True)
class Page:
    """A page of artifacts/published/.

    Attributes:
        name: the page's folder below artifacts/published/, and for a part of a page a word more.
        summary: one line for people.
        module: a `PageModule`, imported when the page is asked for.
        folder: below artifacts/published/; "" where it is the name.
    """

    name: str
    summary: str
    module: str
    folder: str = ""

    def load(self) -> PageModule:
        """Import the page's module."""
        return cast(PageModule, import_module(f"benchmarks.{self.module}"))

    def default_folder(self) -> Path:
        """Return the folder in which the page is committed."""
        return PUBLISHED / (self.folder or self.name)


_PAGES = (
    Page("accuracy", "scores of trained networks, float32 and int8", "accuracy.page"),
    Page("conversion", "size, accuracy, parity and latency of .tflite files by every recipe", "conversion.page"),
    Page("conversion/int8_loss", "what int8 costs, and after fine-tuning with rounding", "conversion.int8_loss"),
    Page("conversion/compression_front", "searched fronts with int8 and pruned", "conversion.compression_front"),
    Page("cost", "parameters and multiply-accumulates of the zoo and of two papers", "cost.page"),
    Page("detectors", "our detectors and those of others over the same audio", "detectors.page"),
    Page("first_run", "the report of the first run on recorded speech", "first_run.page"),
    Page("over-air/false_accepts", "false accepts an hour against missed words", "over_air.false_accepts"),
    Page("phrase", "detectors made from text alone, tested on recorded speakers", "phrase.page"),
    Page("phrase/voices", "which speech engines help to recognise people", "voices.page"),
    Page("phrase/voices/speed", "how long each speech engine takes to say a word", "voices.speed", "phrase/voices"),
    Page("over-air/detectors", "the detectors that these studies hear with", "over_air.detectors", "over-air"),
    Page("over-air/long_run", "a day of listening: memory, processor time, delay", "over_air.long_run", "over-air"),
    Page("over-air/lost_audio", "what audio lost during inference does to paper A's networks", "over_air.lost_audio"),
    Page("over-air/simulation", "trained detectors through paper A's over-the-air test", "over_air.simulation"),
    Page("over-air/stream_cost", "share of a core, sliding windows and streams", "over_air.stream_cost", "over-air"),
    Page("profile", "latency, operators, layers and limits of this machine", "profile.page"),
    Page("profile/arm", "instructions per inference on emulated ARM cores", "profile.arm"),
    Page("profile/gpu", "the networks on a GPU beside a core, and what decides the time on each", "profile.gpu.page"),
    Page("profile/latency_model", "latency predicted from operators, and checked", "profile.latency_model"),
    Page("search", "a search on recorded speech, and its front against paper B's seed network", "search.page"),
    Page("search/warm_start", "what a warm start does to scores", "search.warm_start", "search"),
    Page("search/stopping", "what early stopping saves and costs, by replays", "search.stopping", "search"),
    Page("search/table", "a table of trainings, and the surrogate fitted to it", "search.table.page"),
    Page("search/table/compare", "strategies compared on the table", "search.table.compare", "search/table"),
    Page("speed", "training steps, features, searches and start-up beside other programs", "speed.page"),
    Page("search/worlds", "samplers in made-up worlds with failed runs and divergence", "search.worlds.page"),
    Page("structure", "sizes and habits of the code, then and now", "structure.page"),
    Page("throughput", "speed of the data pipeline, alone and under training", "throughput.page"),
)
PAGES = {page.name: page for page in _PAGES}


def find_page(name: str) -> Page:
    """Return a page by name.

    Raises:
        SystemExit: there is none of that name; the nearest ones are named.
    """
    if name not in PAGES:
        near = get_close_matches(name, PAGES, n=3, cutoff=0.4) or list(PAGES)
        raise SystemExit(f"There is no page {name!r}. Did you mean: {', '.join(near)}?")
    return PAGES[name]
