"""What a candidate's int8 file takes, and what conversion puts into it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tfkws.pipeline.parts.footprints import FootprintOf, measure_footprint, measure_on_micro


@pytest.fixture(scope="module")
def network() -> Any:
    from tfkws.models import build_model

    return build_model("seed_cnn", (10, 8, 1), 3, convs="3x3,4 3x3,8")


def test_a_file_is_measured_as_that_of_a_trained_network(network: Any) -> None:
    """Fresh biases are all zero and stored once; a trained network's are not."""
    from tfkws.pipeline.parts.device_costs import convert_untrained

    fresh = len(convert_untrained(network, "int8"))
    found = measure_footprint(network)
    assert found.file_bytes > fresh
    assert found.arena_bytes == 10 * 4 * (4 + 8)  # the second convolution reads 4 channels and writes 8


def test_it_is_told_beside_what_a_target_measures(network: Any, tmp_path: Path) -> None:
    def further(model: Any, folder: Path) -> Mapping[str, float]:
        return {"latency_us": 7.0}

    alone = FootprintOf(0)(network, tmp_path)
    both = FootprintOf(1024, further)(network, tmp_path)
    assert both == {"latency_us": 7.0, "file_kib": alone["file_kib"] + 1, "arena_kib": alone["arena_kib"]}
    assert alone["arena_kib"] == round(480 / 1024, 2)


def test_the_arena_on_a_microcontroller_holds_the_maps_and_what_the_interpreter_keeps(
    network: Any, tmp_path: Path
) -> None:
    pytest.importorskip("tflite_micro", reason="tflite-micro is not installed: pip install 'tfkws[micro]'")
    found = measure_on_micro(network)
    assert found.arena_bytes - found.structures_bytes == 10 * 4 * (4 + 8)  # as planned, see above
    assert 0 < found.structures_bytes < 8_192
    told = FootprintOf(0, micro=True)(network, tmp_path)
    assert told["arena_kib@micro"] == round(found.arena_kib, 2) > told["arena_kib"]
