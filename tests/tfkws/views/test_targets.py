"""Targets: what they are, and a published latency model."""

import json
from pathlib import Path

from tfkws.views.targets import device_table, findings_table, held_out_sentence, latency_model_table

PROFILE = Path(__file__).parents[3] / "artifacts" / "published" / "profile"


def test_findings() -> None:
    finding = {"group": "target", "name": "local", "status": "ok", "detail": "this machine", "mend": ""}
    assert findings_table("Targets", [finding]).rows == (("target", "local", "ok", "this machine", ""),)


def test_a_device() -> None:
    facts = {
        "target": "ssh://pi", "architecture": "aarch64", "system": "Linux", "cores": 4, "free_bytes": 2**30,
        "python": "", "packages": {},
    }  # fmt: skip
    table = device_table(facts)
    shown = {row[0]: row[1] for row in table.rows}
    assert (table.title, shown["free for temporary files"]) == ("ssh://pi", "1 GiB")
    assert (shown["python"], shown["packages"], shown["cores"]) == ("none", "none", "4")
    assert {row[0]: row[1] for row in device_table(facts | {"packages": {"numpy": "2.0"}}).rows}[
        "packages"
    ] == "numpy 2.0"


def test_a_published_latency_model() -> None:
    model = json.loads((PROFILE / "latency_model" / "int8" / "latency_model.json").read_text())
    table = latency_model_table(model)
    assert [row[0] for row in table.rows] == list(model["kinds"])
    assert all("–" in row[2] for row in table.rows)
    assert table.note == held_out_sentence(model["held_out"])


def test_what_a_model_is_worth() -> None:
    held_out = {
        "networks": 9, "refused": 1, "bound": 0.25, "coverage": 0.9, "median": 0.05, "rank_correlation": 0.98765,
    }  # fmt: skip
    assert held_out_sentence(held_out) == (
        "9 networks held out (1 outside of the range of the others): median error 5.0 %, 90.0 % within 25.0 %, "
        "rank correlation 0.988."
    )
