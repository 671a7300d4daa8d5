"""What is made of a record, against numbers worked out by hand; and the page's tables of steps."""

from typing import Any

import pytest

from benchmarks.speed.steps.figure import steps_figure
from benchmarks.speed.steps.results import MULTIPLY_MACS, NetworkResult
from benchmarks.speed.steps.tables import every_peer, overview
from benchmarks.speed.steps.variants import BEFORE, INSTALL, MULTIPLY, OURS, VARIANTS

FASTER, SLOWER, ABSENT, BROKEN = (
    "Keras on TensorFlow, plain",
    "JAX loop, jitted",
    "PyTorch loop",
    "Keras on TensorFlow, plain, channels first",
)


def make_record() -> dict[str, Any]:
    """A record of three rounds, the last of which was twice as slow for all."""
    seconds = {MULTIPLY: 0.1, OURS: 0.02, FASTER: 0.016, SLOWER: 0.05, BEFORE: 0.04}
    absent = {ABSENT: {"missing": INSTALL["torch"]}, BROKEN: {"failed": "no such layout"}}
    ready = {"prepare_seconds": 2.0, "version": "1.2", "threads": 2}
    return {
        "network": {"name": "kws12", "registered": "kws12", "variant": {}},
        "macs": 8_000_000,
        "batch": 50,
        "machine": {"load_average": 0.1},
        "peers": dict.fromkeys(seconds, ready) | absent,
        "rounds": {
            "seconds": {name: [value, value, 2 * value] for name, value in seconds.items()},
            "foreign": [0.01, 0.0, 0.04],
            "failed": {},
        },
    }


def test_ratios_are_taken_within_rounds() -> None:
    result = NetworkResult.read(make_record())
    assert result.over_ours(FASTER).median == result.over_ours(FASTER).high == pytest.approx(0.8)
    assert result.over_ours(BEFORE).median == pytest.approx(2.0)
    assert result.ranking == [FASTER, OURS, BEFORE, SLOWER]
    assert result.fastest_peer == FASTER


def test_the_share_is_that_of_the_multiply_rate_of_the_same_round() -> None:
    result = NetworkResult.read(make_record())
    share = (3 * 8_000_000 * 50 / 0.02) / (MULTIPLY_MACS / 0.1)
    assert result.share(OURS).low == result.share(OURS).high == pytest.approx(share)
    assert result.rate.median == pytest.approx(MULTIPLY_MACS / 0.1)


def test_what_did_not_run_says_why() -> None:
    record = make_record()
    record["rounds"]["failed"] = {SLOWER: "it ended with status 9"}
    absent = NetworkResult.read(record).absent
    assert INSTALL["torch"] in absent[ABSENT]
    assert absent[BROKEN] == "does not run: no such layout"
    assert "status 9" in absent[SLOWER]


def test_tables_tell_ours_the_fastest_peer_and_the_commit_before() -> None:
    result = NetworkResult.read(make_record())
    table = overview([result])
    assert table.rows[0][:2] == ("kws12", "8.00")
    assert table.rows[0][-3:] == (FASTER, "0.80 (0.80 to 0.80)", "2.00 (2.00 to 2.00)")
    text = every_peer(result).to_markdown()
    assert text.index(FASTER) < text.index(OURS) < text.index(SLOWER) < text.index(INSTALL["torch"])
    assert "at most 4.0 % of the cores" in text


def test_the_figure_has_a_row_for_each_network() -> None:
    results = [NetworkResult.read(make_record())] * 3
    axis = steps_figure(results).axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["kws12"] * 3


def test_names_of_variants_differ_and_each_has_an_install_line() -> None:
    assert len({variant.name for variant in VARIANTS}) == len(VARIANTS)
    assert all(variant.peer.install for variant in VARIANTS)
