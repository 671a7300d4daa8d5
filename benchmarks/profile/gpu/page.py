"""The networks on a GPU beside one core and an emulated one, and what decides the time on each.

    python -m benchmarks profile/gpu --tables

Nothing is measured here: a folder of artifacts/published/profile/gpu/ holds the records of one card, which
`python -m benchmarks gpu` makes on a machine that has one, and `origin.md`, which says how they came about.
"""

import argparse
from pathlib import Path

from benchmarks.profile.gpu.figure import networks_figure
from benchmarks.profile.gpu.litert_table import litert_table
from benchmarks.profile.gpu.measured import RECORDS
from benchmarks.profile.gpu.paper_a_table2 import read_class_works
from benchmarks.profile.gpu.paper_tables import class_ranks, paper_a_ranks, paper_b_speedups
from benchmarks.profile.gpu.search_model import search_model
from benchmarks.profile.gpu.study import Study, read_study
from benchmarks.profile.gpu.tables import falls, flops_as_proxy, left_out_table, models_table, networks_table
from tfkws.report.plots import save_png
from tfkws.run_folder import write_json, write_text
from tfkws.units import format_percent, format_us
from tfkws.views.table import Table

ORIGIN, MODEL = "origin.md", "latency_model.json"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add no options: the page measures nothing."""


def measure(options: argparse.Namespace) -> None:
    """Measure nothing; see `python -m benchmarks gpu`."""


def write_tables(folder: Path) -> None:
    """Write README.md, tables, figure and latency model of each card under `folder`."""
    for records in sorted(folder.glob(f"*/{RECORDS}")):
        write_card(records.parent)


def write_card(folder: Path) -> None:
    """Write everything of one card from its records."""
    study = read_study(folder)
    tables = {"networks": networks_table(study)} | (model_tables(study) if study.suffices else {})
    if (files := litert_table(folder)) is not None:
        tables["litert"] = files
    for stem, table in tables.items():
        write_text(folder / f"{stem}.csv", table.to_csv())
    save_png(networks_figure(study), folder / "networks.png")
    if study.suffices:
        model = search_model(study.works, study.times, study.card, study.runtime)
        write_json(folder / MODEL, model.to_dict())
        text = f"{_facts(study)}\n{_search_line(study)}"
    else:
        text = "Too few networks are measured on this card to fit its models and to judge them on networks left out."
    write_text(folder / "README.md", page(study, (folder / ORIGIN).read_text(), list(tables.values()), [text]))


def model_tables(study: Study) -> dict[str, Table]:
    """Return the tables that need enough networks, by the stem of their file."""
    works = read_class_works()
    return {
        "models": models_table(study),
        "left_out": left_out_table(study),
        "paper_a_ranks": paper_a_ranks(study, works),
        "table2_classes": class_ranks(works),
        "paper_b_speedups": paper_b_speedups(study),
        "flops_as_proxy": flops_as_proxy(study),
    }


def page(study: Study, origin: str, tables: list[Table], text: list[str]) -> str:
    """Return the README of one card."""
    head = [f"# The same networks on {study.card}, on one core, on an emulated core", origin.rstrip()]
    figure = "![The same networks on three processors](networks.png)"
    made = "Written by `python -m benchmarks profile/gpu --tables`; what it means: `docs/why-slow-on-cpu.md`."
    return "\n\n".join([*head, made, figure, *text, *(table.to_markdown().rstrip() for table in tables)]) + "\n"


def _facts(study: Study) -> str:
    """Return sentences on the whole, computed from the records."""
    shares = [time.busy_us / time.latency_us for time in study.times.values()]
    each = [time.latency_us / time.kernels for time in study.times.values()]
    slower = [name for name, time in study.times.items() if time.latency_us > study.cpu_us[name]]
    fall = ", ".join(f"{name} {factor:.2f}" for name, factor in falls(study).items())
    return "\n".join(
        [
            f"- At one clip the card waits: kernels run {format_percent(min(shares), 0)} to "
            f"{format_percent(max(shares), 0)} of the time from call to answer, which is {min(each):.1f} to "
            f"{max(each):.1f} µs for each kernel.",
            f"- From the seed network to kws12, times smaller: {fall}.",
            f"- Slower on the GPU than on one x86 core: {_beside(study, slower)}.",
        ]
    )


def _beside(study: Study, names: list[str]) -> str:
    pairs = [f"{n} ({format_us(study.times[n].latency_us)} and {format_us(study.cpu_us[n])})" for n in names]
    return ", ".join(pairs) or "none"


def _search_line(study: Study) -> str:
    held = search_model(study.works, study.times, study.card, study.runtime).held_out
    return (
        f"- `{MODEL}` predicts a candidate of `tfkws search` from its operators, before anything is compiled: median "
        f"error on the {held.networks} networks, each left out, {format_percent(held.median, 0)}, rank correlation "
        f"{held.rank_correlation:.2f}, {format_percent(held.coverage, 0)} within a factor {1 + held.bound:.2f}."
    )
