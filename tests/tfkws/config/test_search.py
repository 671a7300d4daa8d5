"""A search's own rules, and the limits that follow from its settings."""

from typing import Any

import pytest

from tfkws.config import SearchConfig
from tfkws.errors import ConfigError


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"stages": ()}, "stages must name at least one number of candidates"),
        ({"stages": (3, 0)}, "stages must name at least one number of candidates"),
        ({"iterations": 0}, "iterations must be at least 1. Received 0"),
        ({"fine_tune_iterations": -1}, "fine_tune_iterations must be at least 0"),
        ({"lookahead": -1}, "lookahead must be at least 0. Received -1"),
        ({"max_error": 0}, "max_error must lie above 0 and be at most 1"),
        ({"max_macs": 0}, "max_macs must be above 0"),
        ({"max_kib": 0}, "max_kib must be above 0"),
        ({"max_arena_kib": -1}, "max_arena_kib must be above 0"),
        ({"max_p95_us": 900, "predicted": True}, "predicts no 95th percentile"),
        ({"freeze_support": 1.1}, "freeze_support must lie above 0 and be at most 1"),
        ({"fine_tune_from": "weights", "fine_tune_iterations": 8_000}, "more than the 8000 iterations of the search"),
    ],
)
def test_values_out_of_range_are_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        SearchConfig(**settings)


def test_steps_of_fine_tuning_leave_out_those_of_the_search_where_its_weights_are_kept() -> None:
    assert SearchConfig(iterations=100, fine_tune_iterations=300).fine_tune_steps == 300
    assert SearchConfig(iterations=100, fine_tune_iterations=300, fine_tune_from="weights").fine_tune_steps == 200
    assert SearchConfig(iterations=100, fine_tune_iterations=0, fine_tune_from="weights").fine_tune_steps == 0


def test_limits_bear_the_names_of_costs() -> None:
    settings: dict[str, Any] = {"max_macs": 1.0, "max_params": 2, "max_latency_us": 3.0, "max_instructions": 4}
    assert SearchConfig().limits == {}
    assert SearchConfig(**settings).limits == {"macs": 1.0, "param_count": 2, "latency_us": 3.0, "instructions": 4}
    files: dict[str, Any] = {"max_kib": 60, "max_arena_kib": 20.5, "max_p95_us": 900}
    assert SearchConfig(**files).limits == {"file_kib": 60, "arena_kib": 20.5, "latency_p95_us": 900}
    on_gpu = SearchConfig(max_p95_us=9.0, objectives=("top1_error", "macs", "latency_us@gpu"))
    assert on_gpu.limits == {"latency_p95_us@gpu": 9.0}
    predicted = SearchConfig(**settings, predicted=True).limits
    assert list(predicted) == ["macs", "param_count", "predicted_latency_us", "predicted_instructions"]


def test_a_search_for_a_microcontroller_limits_all_of_its_arena() -> None:
    config = SearchConfig(runs_on="micro", max_arena_kib=48)
    assert config.limits == {"arena_kib@micro": 48}
    assert SearchConfig.from_dict(config.to_dict()) == config
    assert "runs_on" not in SearchConfig().to_dict()  # so that digests of earlier searches stay
    with pytest.raises(ConfigError, match="runs_on must"):
        SearchConfig(runs_on="esp32")  # type: ignore[arg-type]
