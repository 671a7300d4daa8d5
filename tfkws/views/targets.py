"""Machines as tables: what is installed, what a target is and has, and the latency model that was fitted to it."""

from collections.abc import Sequence

from tfkws.units import format_bytes, format_count, format_percent
from tfkws.views.table import Record, Table, facts_table, number, table_of, text

FINDINGS = (
    text("group", "group"),
    text("what", "name"),
    text("state", "status"),
    text("detail", "detail"),
    text("mend", "mend"),
)
KINDS = (
    text("operator", "kind"),
    number("measured", "operators"),
    text("MACs or values read", "work_range", lambda ends: "–".join(map(format_count, ends))),
    text("form", "form"),
    number("held-out error", "held_out_error", format_percent),
)


def findings_table(title: str, findings: Sequence[Record]) -> Table:
    """Return what was found, its state, and what mends it: of this installation, or of targets."""
    return table_of(title, FINDINGS, findings)


def device_table(facts: Record) -> Table:
    """Return what a target is and has, free space in bytes.

    Args:
        facts: `DeviceFacts` as a dict.
    """
    packages = ", ".join(f"{name} {version}" for name, version in facts["packages"].items())
    rows = {
        "architecture": facts["architecture"],
        "system": facts["system"],
        "cores": str(facts["cores"]),
        "free for temporary files": format_bytes(facts["free_bytes"]),
        "python": facts["python"] or "none",
        "packages": packages or "none",
    }
    return facts_table(facts["target"], rows)


def latency_model_table(model: Record) -> Table:
    """Return one row a kind of operator; the note says how well the model predicts.

    Args:
        model: content of `latency_model.json`.
    """
    about = model["circumstances"]
    title = (
        f"{about['target']} ({about['cpu']}), recipe {about['recipe']}, {about['kernels']} kernels, in {about['unit']}"
    )
    rows = [{"kind": kind, **known} for kind, known in model["kinds"].items()]
    return table_of(title, KINDS, rows, held_out_sentence(model["held_out"]))


def held_out_sentence(held_out: Record) -> str:
    """Say how well networks were predicted that the fit had not seen: errors in percent, rank correlation."""
    return (
        f"{held_out['networks']} networks held out ({held_out['refused']} outside of the range of the others): median "
        f"error {format_percent(held_out['median'])}, {format_percent(held_out['coverage'])} within "
        f"{format_percent(held_out['bound'])}, rank correlation {held_out['rank_correlation']:.3f}."
    )
