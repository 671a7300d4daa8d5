from pathlib import Path

import numpy as np
import pytest
from micro_bundles import bundled

from tfkws.config import DetectorConfig, ExportSettings, ModelConfig, TaskConfig
from tfkws.config.wakeword import NetworkLimits, WakewordConfig
from tfkws.errors import ConfigError, ConversionError
from tfkws.features.front_ends import get_front_end
from tfkws.models import build_model
from tfkws.pipeline.parts.footprints import untrained_file
from tfkws.pipeline.wakeword.network import choose_network, cost_of, members
from tfkws.run_folder import write_json
from tfkws.tflite.convert.stream_to_tflite import convert_stream, stream_config
from tfkws.tflite.convert.stream_workbench import network_of_step
from tfkws.tflite.export.esphome.form import esphome
from tfkws.tflite.file.compacted import compacted
from tfkws.tflite.file.metadata import FileMetadata
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro.interpreter import run_on_micro
from tfkws.tflite.quantize.quantize_network import quantize_network
from tfkws.tflite.recipes import RECIPES
from tfkws.wakeword.networks import KNOWN

FEATURES = get_front_end("logmel-40x98")
NAMED = WakewordConfig("computer", model="tc_resnet8")


def test_costs_are_those_of_the_file() -> None:
    cost = cost_of(ModelConfig("tc_resnet8"), FEATURES, timed=False)
    assert 1e6 < cost.macs < 3e6
    assert cost.file_bytes > 60 * 1024
    assert cost.latency_us is None


def test_the_arena_is_that_of_the_file_in_its_interpreter() -> None:
    pytest.importorskip("tflite_micro", reason="tflite-micro is not installed: pip install 'tfkws[micro]'")
    network = build_model("tc_resnet8", FEATURES.input_shape, 2)
    wanted = run_on_micro(compacted(untrained_file(network))).arena
    cost = cost_of(ModelConfig("tc_resnet8"), FEATURES, timed=False)
    assert cost.arena == wanted and wanted.arena_bytes > 1.5 * wanted.maps_bytes
    just = NetworkLimits(max_arena_kib=wanted.arena_kib)
    assert choose_network(NAMED, FEATURES, just, None)[1] == cost
    with pytest.raises(ConfigError, match="measured by TensorFlow Lite Micro"):
        choose_network(NAMED, FEATURES, NetworkLimits(max_arena_kib=wanted.arena_kib - 0.01), None)


def test_with_microwakewords_front_end_it_is_the_streaming_file_of_the_device() -> None:
    pytest.importorskip("tflite_micro", reason="tflite-micro is not installed: pip install 'tfkws[micro]'")
    micro = get_front_end("micro-40x98")
    cost = cost_of(ModelConfig("mixednet_32"), micro, timed=False)
    model, rng = build_model("mixednet_32", micro.input_shape, 2), np.random.default_rng(1)
    model.set_weights([rng.uniform(0.1, 1, value.shape) for value in model.get_weights()])
    network = network_of_step(model, micro, 20.0)
    steps = rng.uniform(0, 20, (50, *network.plan.input_shape)).astype(np.float32)
    float_file = convert_stream(network, RECIPES["none"])
    trained = quantize_network(float_file, RECIPES["int8"], steps, input_range=micro.value_range).file
    told = FileMetadata(
        ("_other_", "yes"), "features", micro, TaskConfig("wake-word", ("yes",)), ModelConfig("mixednet_32"),
        DetectorConfig(hop_ms=30.0), RECIPES["int8"], True, streaming=stream_config(network),
    )  # fmt: skip
    exported = esphome(bundled(trained.with_metadata(told), DetectorConfig(hop_ms=30.0)), ExportSettings(to="esphome"))
    assert cost.arena and cost.arena.measured
    assert cost.arena.arena_bytes == exported.facts["arena_bytes"]


def test_without_the_package_it_is_estimated_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfkws.tflite.micro.interpreter.find_spec", lambda name: None)
    cost = cost_of(ModelConfig("tc_resnet8"), FEATURES, timed=False)
    assert cost.arena and not cost.arena.measured
    assert cost.sizes.endswith("estimated from the file, since tflite-micro is not installed")


def test_what_it_cannot_run_is_told_and_not_refused_without_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: TfliteFile) -> None:
        raise ConversionError("The network needs ELU for layer 'x'.")

    monkeypatch.setattr("tfkws.pipeline.wakeword.network.arena_of", refused)
    _, cost = choose_network(NAMED, FEATURES, NetworkLimits(), None)
    assert cost.arena is None and cost.refusal == "The network needs ELU for layer 'x'."
    with pytest.raises(ConfigError, match="ELU for layer 'x'"):
        choose_network(NAMED, FEATURES, NetworkLimits(max_arena_kib=1000), None)


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
