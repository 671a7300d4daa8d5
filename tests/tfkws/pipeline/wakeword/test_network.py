from pathlib import Path

import pytest

from tfkws.config import ModelConfig
from tfkws.config.wakeword import NetworkLimits, WakewordConfig
from tfkws.errors import ConfigError
from tfkws.features.front_ends import get_front_end
from tfkws.pipeline.wakeword.network import choose_network, cost_of, members
from tfkws.run_folder import write_json
from tfkws.wakeword.networks import KNOWN

FEATURES = get_front_end("logmel-40x98")


def test_costs_are_those_of_the_file() -> None:
    cost = cost_of(ModelConfig("tc_resnet8"), FEATURES, timed=False)
    assert 1e6 < cost.macs < 3e6
    assert cost.footprint.file_kib > 60
    assert cost.latency_us is None


def test_a_named_network_is_taken() -> None:
    model, _ = choose_network(WakewordConfig("computer", model="tc_resnet8"), FEATURES, NetworkLimits(), None)
    assert model == ModelConfig("tc_resnet8")


def test_the_known_networks_can_all_be_built() -> None:
    from tfkws.models import build_model

    for model in KNOWN:
        network = build_model(model.name, input_shape=FEATURES.input_shape, num_classes=2, **model.variant)
        assert network.output_shape == (None, 2)


def test_a_folder_without_a_front_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no front"):
        members(tmp_path)
    write_json(tmp_path / "front.json", {"members": []})
    with pytest.raises(ConfigError, match="is empty"):
        members(tmp_path)
