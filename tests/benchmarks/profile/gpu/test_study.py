"""What the page says of the published records, computed here a second time from the files."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from benchmarks.profile.gpu.measured import LEFT_OUT, read_gpu_times
from benchmarks.profile.gpu.page import MODEL, write_tables
from benchmarks.profile.gpu.study import Study, fixed_share, read_study, speedups
from benchmarks.profile.gpu.tables import falls
from benchmarks.records import PUBLISHED, ROOT

H100 = PUBLISHED / "profile" / "gpu" / "h100-jax"


@pytest.fixture(scope="module")
def study() -> Study:
    return read_study(H100)


def record(name: str) -> dict[str, float]:
    stored = json.loads((H100 / "records" / f"{name}.json").read_text())
    return {"latency": stored["b1_us"]["median"], "busy": stored["trace"]["busy_us"]}


def test_the_fall_from_the_seed_to_the_smallest(study: Study) -> None:
    seed, last = record("seed_cnn"), record("kws12")
    found = falls(study)
    assert found["kernels busy"] == pytest.approx(seed["busy"] / last["busy"])
    assert found["call to answer"] == pytest.approx(seed["latency"] / last["latency"])
    assert found["MACs"] > 20 * found["kernels busy"]


def test_every_record_is_read_and_none_besides(study: Study) -> None:
    assert set(study.times) == {path.stem for path in (H100 / "records").glob("*.json")}
    assert len(study.works) == len(study.cpu_us) == len(study.instructions) == 21


def test_a_record_without_a_trace_is_not_read(tmp_path: Path) -> None:
    whole = json.loads((H100 / "records" / "kws12.json").read_text())
    (tmp_path / "kws12.json").write_text(json.dumps(whole))
    (tmp_path / "kws11.json").write_text(json.dumps({k: v for k, v in whole.items() if k != "trace"}))
    assert list(read_gpu_times(tmp_path)) == ["kws12"]


@pytest.mark.parametrize(
    ("names", "kernels", "layers", "expected"),
    [
        ([["a", 40], ["b", 30]], 5.2, [["x"], []], (7.0, True)),  # a list of names that is not full holds all
        ([["a", 60], *[[str(n), 1] for n in range(29)]], 5.2, [["x"], []], (8.9, False)),
        ([["a", 10], *[[str(n), 1] for n in range(29)]], 5.0, [["x"], []], (5.0, False)),
        ([["a", 10], *[[str(n), 1] for n in range(29)]], 5.0, [["x"]], (5.0, True)),  # none was of a graph
    ],
)
def test_kernels_that_an_earlier_program_left_out_are_counted_by_their_names(
    names: list[list[Any]], kernels: float, layers: list[list[str]], expected: tuple[float, bool], tmp_path: Path
) -> None:
    record = json.loads((H100 / "records" / "kws12.json").read_text())
    trace = {"passes": 10, "busy_us": 9.0, "kernels": kernels, "kernel_names": names}
    rows = [{"layers": each} for each in layers]
    (tmp_path / "kws12.json").write_text(json.dumps(record | {"trace": {**trace, "rows": rows, LEFT_OUT: True}}))
    time = read_gpu_times(tmp_path)["kws12"]
    assert (time.kernels, time.all_counted) == expected
    (tmp_path / "kws12.json").write_text(json.dumps(record | {"trace": {**trace, "rows": rows}}))
    assert read_gpu_times(tmp_path)["kws12"].kernels == kernels


def test_a_card_with_few_networks_has_a_page_without_models(tmp_path: Path) -> None:
    """And with four of paper A's beside two of paper B's, it has them."""
    card = tmp_path / "card"
    (card / "records").mkdir(parents=True)
    (card / "origin.md").write_text("Made up.\n")
    for name in ("seed_cnn", "kws12"):
        shutil.copy(H100 / "records" / f"{name}.json", card / "records")
    write_tables(tmp_path)
    text = (card / "README.md").read_text()
    assert "Made up." in text and "Too few networks" in text and "| kws12 |" in text
    assert not (card / MODEL).exists() and (card / "networks.png").exists()
    for name in ("dscnn", "cnn", "efficientnet_b7", "densenet_bc_190_40"):
        shutil.copy(H100 / "records" / f"{name}.json", card / "records")
    write_tables(tmp_path)
    assert "Too few networks" not in (card / "README.md").read_text() and (card / MODEL).exists()


def test_on_a_gpu_kernels_rank_paper_as_networks_better_than_multiply_accumulates() -> None:
    with (H100 / "paper_a_ranks.csv").open(newline="") as file:
        rows = {row["ranked by"]: row for row in csv.DictReader(file)}
    macs, kernels = (rows[name]["Table 1, Mac's GPU"] for name in ("MACs (FLOPs / 2)", "kernels on the GPU"))
    assert float(macs.split()[0]) < float(kernels.split()[0])


def test_a_speed_up_that_a_fixed_share_allows() -> None:
    for share in (0.0, 0.3, 0.9):
        speedup = 1 / (share + (1 - share) / 33.75)
        assert fixed_share(speedup, 33.75) == pytest.approx(share)
    assert speedups({"seed_cnn": 10.0, "kws1": 5.0, "dscnn": 1.0}) == {"kws1": 2.0}


@pytest.mark.parametrize(
    ("document", "heading", "fewest"),
    [("why-slow-on-cpu.md", "## The same networks on a GPU", 10), ("gpu.md", "## On a card, beside one core", 6)],
)
def test_the_documentation_quotes_the_page_as_it_is(document: str, heading: str, fewest: int) -> None:
    second = (ROOT / "docs" / document).read_text().split(heading)[1].splitlines()
    page = (H100.parent / "h100" / "README.md").read_text()
    rows = [line for line in second if line.startswith("| ")]
    assert len(rows) > fewest and set(rows) <= set(page.splitlines())
