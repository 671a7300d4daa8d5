"""Names of result files: what is written is what is read, for every kind, and old names stay as they are."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfkws.result_files import (
    KINDS,
    KindName,
    ResultName,
    benchmark_name,
    binary_name,
    conversion_stem,
    gpu_profile_name,
    instructions_name,
    layer_trace_name,
    layers_name,
    long_audio_name,
    profile_name,
    results_in,
)

STEMS = st.from_regex(r"[a-z][a-z0-9_]{0,8}(-audio)?(\.rejected)?", fullmatch=True)
KERNELS = st.sampled_from(["xnnpack", "builtin"])
THREADS = st.integers(0, 64)
TARGETS = st.sampled_from(["local", "ssh://pi@10.0.0.2:22", "adb:R58M", "replay:recorded"])
CORES = st.sampled_from(["qemu-aarch64", "qemu-aarch64:cortex-a76", "replay:recorded"])

WRITTEN = st.one_of(
    st.builds(ResultName, st.sampled_from(["model", "recipe", "parity", "layer errors", "bundle"]), STEMS),
    st.builds(
        ResultName,
        st.sampled_from(["evaluation", "predictions"]),
        STEMS,
        st.sampled_from([("training",), ("validation",), ("testing",), ("testing", "litert-gpu-half")]),
    ),
    st.builds(
        benchmark_name,
        STEMS,
        KERNELS,
        st.sampled_from(["litert", "tflite_runtime", "tf", "litert-gpu", "litert-gpu-half"]),
        THREADS,
        TARGETS,
    ),
    st.builds(long_audio_name, STEMS, st.lists(st.text("0123456789abcdef", min_size=64, max_size=64))),
    st.builds(binary_name, STEMS, KERNELS, THREADS, TARGETS),
    st.builds(instructions_name, STEMS, KERNELS, CORES, st.booleans()),
    st.builds(
        profile_name,
        STEMS,
        KERNELS,
        st.sampled_from(["profiler", "submodels", "benchmark_model"]),
        THREADS,
        target=TARGETS,
    ),
    st.builds(
        gpu_profile_name,
        STEMS,
        st.sampled_from(["litert-gpu", "litert-gpu-half"]),
        st.sampled_from(["prefixes", "submodels"]),
        THREADS,
    ),
    st.builds(
        layers_name,
        st.sampled_from(["cpu", "gpu"]),
        st.sampled_from(["jax", "torch", "tensorflow"]),
        st.booleans(),
        THREADS,
    ),
    st.builds(layer_trace_name, st.sampled_from(["cpu", "gpu"]), st.sampled_from(["jax", "tensorflow"]), THREADS),
)


@given(WRITTEN)
def test_what_is_written_is_read(name: ResultName) -> None:
    assert ResultName.parse(name.file) == name


@pytest.mark.parametrize("kind", KINDS)
@given(draw=st.data())
def test_whatever_is_read_is_written_back(kind: KindName, draw: st.DataObject) -> None:
    file = draw.draw(st.from_regex(KINDS[kind].pattern, fullmatch=True))
    name = ResultName.parse(file)
    assert name is not None
    assert name.file == file


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("benchmark-int8.json", benchmark_name("int8", "xnnpack", "litert", 1, "local")),
        ("benchmark-int8-builtin-tf-2threads.json", benchmark_name("int8", "builtin", "tf", 2, "local")),
        (
            "benchmark-int8-ssh-pi@10.0.0.2-22.json",
            benchmark_name("int8", "xnnpack", "litert", 1, "ssh://pi@10.0.0.2:22"),
        ),
        ("benchmark-int8.partial.json", ResultName("benchmark", "int8", partial=True)),
        ("binary-none.json", binary_name("none", "xnnpack", 1, "local")),
        ("instructions-int8-cortex-a53.json", instructions_name("int8", "xnnpack", "qemu-aarch64", False)),
        (
            "instructions-int8-cortex-a76-builtin-operators.json",
            instructions_name("int8", "builtin", "qemu-aarch64:cortex-a76", True),
        ),
        ("profile-none.json", profile_name("none", "xnnpack", "profiler", 1)),
        ("profile-none-builtin-submodels-4threads.json", profile_name("none", "builtin", "submodels", 4)),
        (
            "profile-none-submodels-ssh-pi@board.json",
            profile_name("none", "xnnpack", "submodels", 1, target="ssh://pi@board"),
        ),
        ("profile-none-benchmark_model.json", profile_name("none", "xnnpack", "benchmark_model", 1)),
        ("profile-none-litert-gpu.json", gpu_profile_name("none", "litert-gpu", "prefixes", 1)),
        ("profile-a-litert-gpu-half-submodels.json", gpu_profile_name("a", "litert-gpu-half", "submodels", 1)),
        ("layers-cpu-jax.json", layers_name("cpu", "jax", False, 1)),
        ("layers-cpu-tensorflow-eager-allthreads.json", layers_name("cpu", "tensorflow", True, 0)),
        ("layers-gpu-jax.json", layers_name("gpu", "jax", False, 0)),
        ("layers-gpu-jax-trace.json", layer_trace_name("gpu", "jax", 1)),
        ("layers-cpu-jax-trace-2threads.json", layer_trace_name("cpu", "jax", 2)),
        ("int8-audio.rejected.parity.json", ResultName("parity", "int8-audio.rejected")),
        ("evaluation-int8-audio-testing.json", ResultName("evaluation", "int8-audio", ("testing",))),
        ("layers-cpu-jax-trial3.csv", ResultName("layer trial", "cpu-jax", ("trial3",))),
    ],
)
def test_names_on_disk(file: str, name: ResultName) -> None:
    assert name.file == file
    assert ResultName.parse(file) == name


@pytest.mark.parametrize("file", ["config.json", "cost.json", "report.md", "compression.json", "evaluation-int8.json"])
def test_other_files_are_no_results(file: str) -> None:
    assert ResultName.parse(file) is None


def test_a_conversion_with_the_front_end_inside_has_a_stem_of_its_own() -> None:
    assert conversion_stem("int8") == "int8"
    assert conversion_stem("int8", takes_audio=True) == "int8-audio"


def test_results_of_a_folder_come_in_order(tmp_path: Path) -> None:
    for file in ("none.tflite", "benchmark-none.json", "config.json"):
        (tmp_path / file).touch()
    assert [path.name for _, path in results_in(tmp_path)] == ["benchmark-none.json", "none.tflite"]


def test_shapes_that_were_asked_for_stand_in_the_name() -> None:
    profile = profile_name("net", "builtin", "submodels", 2, ["1,49,40"])
    assert profile.file == "profile-net-builtin-submodels-2threads-shape1x49x40.json"
    two = benchmark_name("net", "xnnpack", "litert", 1, "ssh:pi@board", ["a=1,9,6", "serving:0=1x8"])
    assert two.file == "benchmark-net-shape1x9x6+1x8-ssh-pi@board.json"
    for name in (profile, two):
        assert ResultName.parse(name.file) == name
