"""`tfkws compare` of profiles, of model files, and of what is neither."""

from pathlib import Path

import pytest
from lively_networks import lively_file
from odd_files import odd_file
from planted_gpu import PlantedGpu

from tfkws.config import OperatorSettings
from tfkws.errors import ProfileParseError, TfkwsError
from tfkws.pipeline.compare import compare_files
from tfkws.pipeline.profile.operators import profile_by_gpu
from tfkws.run_folder import write_json
from tfkws.tflite.profile.litert import profile
from tfkws.tflite.profile.op_table import OpProfile


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Two model files of the zoo."""
    for name in ("gru", "two_inputs"):
        (tmp_path / f"{name}.tflite").write_bytes(odd_file(name))
    return tmp_path / "gru.tflite", tmp_path / "two_inputs.tflite"


def quickly(path: Path) -> OpProfile:
    return profile(path, OperatorSettings(runs=5, method="submodels"))


def test_model_files_are_profiled_first(files: tuple[Path, Path]) -> None:
    found = compare_files(*files, profile=quickly)
    assert (found.first.network, found.second.network) == ("gru.tflite", "two_inputs.tflite")
    assert found.ratio == pytest.approx(found.second.steps_us / found.first.steps_us)


def test_a_model_file_is_compared_with_a_profile(files: tuple[Path, Path], tmp_path: Path) -> None:
    write_json(tmp_path / "profile-gru.json", quickly(files[0]).to_dict())
    assert compare_files(tmp_path / "profile-gru.json", files[1], profile=quickly).second.network == files[1].name


@pytest.mark.parametrize("name", ["notes.txt", "model.keras", "model.h5", "run"])
def test_another_file_is_told_what_is_wanted_and_never_to_be_deleted(name: str, tmp_path: Path) -> None:
    with pytest.raises(ProfileParseError, match="is no profile: give a profile-") as caught:
        compare_files(tmp_path / name, tmp_path / name)
    assert "delete" not in str(caught.value)


def test_json_of_another_kind_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[1]")
    with pytest.raises(TfkwsError):
        compare_files(tmp_path / "list.json", tmp_path / "list.json")


def test_kws12s_operators_stand_beside_those_on_a_gpu(tmp_path: Path) -> None:
    """Mean, dense layer and softmax are planted as one kernel, and stand against the sum of the CPU's three."""
    file, model = lively_file("kws12", "none"), tmp_path / "kws12.tflite"
    model.write_bytes(file.content)
    planted: dict[tuple[int, ...], float] = {(n,): 100.0 + n for n in range(6)} | {(6, 7, 8): 30.0}
    gpu = PlantedGpu(file, planted, noise_us=0.05)
    profile_by_gpu(model, OperatorSettings(runtime="litert-gpu"), timer=gpu, ask_events=lambda content: ([], ""))
    on_cpu = quickly(model)
    found = compare_files(model, tmp_path / "profile-kws12-litert-gpu.json", profile=lambda path: on_cpu)
    assert [each.operators for each in found.operators] == [(0,), (1,), (2,), (3,), (4,), (5,), (6, 7, 8)]
    assert [each.second_us for each in found.operators] == pytest.approx([*planted.values()], abs=0.5)
    times = [row.time_us for row in on_cpu.rows]
    assert [each.first_us for each in found.operators] == pytest.approx([*times[:6], sum(times[6:])])
