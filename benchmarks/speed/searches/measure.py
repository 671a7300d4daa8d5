"""Runs each search by every checkout, one after the other; a search that was stopped goes on, and so does its clock."""

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmarks.records import say
from benchmarks.speed.checkouts import Checkout, stage_all
from benchmarks.speed.hold import held
from benchmarks.speed.peers import ONLY_CPU
from benchmarks.speed.process_tree import Finished, run_command
from benchmarks.speed.searches.plan import SEARCHES, TimedSearch
from tfkws.run_folder import read_json, write_json, write_text
from tfkws.tflite.targets.machine import read_machine

SAVED_EVERY = 5.0  # s of the clock of a search that may be stopped
CLOCK, JOURNAL = "clock.json", "journal.jsonl"


def measure(
    folder: Path,
    work: Path,
    data: Path,
    against: Path | None,
    seeds: Sequence[int],
    candidates: int,
    iterations: int,
    hold: str,
) -> None:
    """Write the record of each search that has none: `SPACE-seed0-now.json`, and its journal beside it.

    Args:
        folder: of the records.
        work: the searches' own folders, by which they go on.
        data: clips.
        candidates, iterations: of each search; 0 for its own.
    """
    with tempfile.TemporaryDirectory(prefix="tfkws-speed-") as temporary:
        staged = stage_all(against, Path(temporary))
        for seed in seeds:
            for search in SEARCHES:
                changed = replace(
                    search, candidates=candidates or search.candidates, iterations=iterations or search.iterations
                )
                for checkout in staged:
                    name = f"{search.space}-seed{seed}-{checkout.name}"
                    if not (folder / f"{name}.json").exists():
                        with held(hold):
                            run_search(changed, checkout, seed, data, work / name, folder / f"{name}.json")


def run_search(search: TimedSearch, checkout: Checkout, seed: int, data: Path, out: Path, record: Path) -> None:
    """Run a search to its end, and write its record.

    Raises:
        SystemExit: it failed; its last words are printed.
    """
    say(f"{record.stem}: {search.candidates} candidates of {search.iterations} iterations")
    out.mkdir(parents=True, exist_ok=True)
    earlier = read_json(out / CLOCK)["segments"] if (out / CLOCK).exists() else []
    machine = read_machine().to_dict()

    def save(seconds: float) -> None:
        if seconds - saved[0] >= SAVED_EVERY:
            saved[0] = seconds
            write_json(out / CLOCK, {"segments": [*earlier, {"seconds": seconds, "stopped": True}]})

    saved = [0.0]
    done = run_command(
        checkout.command(*search.arguments(data.resolve(), out.resolve() / "search", seed)),
        checkout.staged,
        {**ONLY_CPU, **checkout.environment},
        out / "log.txt",
        on_poll=save,
    )
    if done.status != 0:
        raise SystemExit(f"{record.stem} failed: {done.output.strip()[-400:]}")
    segments = [*earlier, segment(done)]
    journal = (out / "search" / JOURNAL).read_text(encoding="utf-8")
    write_text(record.with_suffix(".jsonl"), journal)
    about: dict[str, Any] = {"search": asdict(search), "seed": seed, "checkout": checkout.name}
    write_json(record, about | {"commit": checkout.commit, "machine": machine, "segments": segments})


def segment(done: Finished) -> dict[str, Any]:
    """Return what is kept of one run of the command."""
    return {
        "seconds": round(done.seconds, 1),
        "cpu_seconds": round(done.cpu_seconds, 1),
        "peak_bytes": done.peak_bytes,
        "foreign": round(done.foreign, 3),
        "stopped": False,
    }
