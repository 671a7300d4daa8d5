import pytest

from tfkws.config import ModelConfig
from tfkws.config.wakeword import NetworkLimits
from tfkws.cost.micro_structures import MicroArena
from tfkws.errors import ConfigError
from tfkws.features.front_ends import get_front_end
from tfkws.features.numpy_front_end import frame_count
from tfkws.models import build_model
from tfkws.streaming.network import streaming_network
from tfkws.wakeword.networks import KNOWN, NetworkCost, first_within, fitted, known_for, within

LARGE, SMALL = ModelConfig("tc_resnet14"), ModelConfig("tc_resnet8")
COSTS = {
    "tc_resnet14": NetworkCost(5e6, 200 * 1024, MicroArena(30 * 1024, 20 * 1024, 10 * 1024, measured=True), "", 200.0),
    "tc_resnet8": NetworkCost(2e6, 80 * 1024, MicroArena(10 * 1024, 6 * 1024, 4 * 1024, measured=False), "", 80.0),
}


def chosen(limits: NetworkLimits) -> str:
    return first_within((LARGE, SMALL), lambda model: COSTS[model.name], limits)[0].name


def test_the_first_within_the_limits_is_taken() -> None:
    assert chosen(NetworkLimits()) == "tc_resnet14"
    assert chosen(NetworkLimits(max_macs=3e6)) == "tc_resnet8"
    assert chosen(NetworkLimits(max_kib=100.0)) == "tc_resnet8"
    assert chosen(NetworkLimits(max_arena_kib=29.0)) == "tc_resnet8"
    assert chosen(NetworkLimits(max_latency_us=100.0)) == "tc_resnet8"


def test_limits_that_no_network_keeps_name_the_smallest() -> None:
    with pytest.raises(ConfigError, match="tc_resnet8, takes 2,000,000 MACs"):
        chosen(NetworkLimits(max_macs=1e6))


def test_a_limit_is_kept_at_its_value() -> None:
    assert within(COSTS["tc_resnet8"], NetworkLimits(max_macs=2e6))
    assert within(COSTS["tc_resnet8"], NetworkLimits(max_arena_kib=10))
    assert not within(COSTS["tc_resnet8"], NetworkLimits(max_arena_kib=9.99))


def test_what_no_microcontroller_runs_keeps_to_no_limit_of_an_arena() -> None:
    cost = NetworkCost(1e6, 1024, None, "The network needs ELU for layer 'x'.")
    assert within(cost, NetworkLimits(max_macs=2e6)) and not within(cost, NetworkLimits(max_arena_kib=1e6))
    assert cost.sizes == "int8 1 KiB, The network needs ELU for layer 'x'."
    with pytest.raises(ConfigError, match=r"int8 1 KiB, The network needs ELU for layer 'x'\. Allow more"):
        first_within((SMALL,), lambda _: cost, NetworkLimits(max_arena_kib=1))


def test_it_is_said_where_an_arena_comes_from() -> None:
    assert COSTS["tc_resnet14"].sizes == "int8 200 KiB, arena 30 KiB, measured by TensorFlow Lite Micro"
    assert "arena 10 KiB, estimated from the file, since tflite-micro is not" in COSTS["tc_resnet8"].sizes


@pytest.mark.parametrize(("longest_s", "window_s"), [(0.4, 1.0), (0.9, 1.3), (1.5, 1.9), (3.0, 2.0)])
def test_the_window_holds_the_phrase(longest_s: float, window_s: float) -> None:
    features = fitted(get_front_end("logmel-40x98"), longest_s)
    assert features.clip_samples == round(window_s * 16_000)
    assert features.frames == frame_count(features.clip_samples, features)


def test_microwakewords_front_end_gets_networks_for_streams() -> None:
    assert known_for(get_front_end("logmel-40x98")) == KNOWN
    assert [model.name for model in known_for(get_front_end("micro-40x98"))] == ["mixednet", "mixednet_32"]


@pytest.mark.parametrize("longest_s", [0.4, 0.75, 0.9, 1.0, 1.3, 3.0])
def test_a_window_of_a_stream_is_filled_by_its_steps(longest_s: float) -> None:
    features = fitted(get_front_end("micro-40x98"), longest_s)
    network = build_model("mixednet", input_shape=features.input_shape, num_classes=2)
    assert streaming_network(network, time_axis=1).plan.delay_frames == 0
    assert 1.0 <= features.clip_samples / features.sample_rate_hz <= 2.05
