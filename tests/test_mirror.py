"""Every module with logic has a test file of its name, in the folder of tests that mirrors its own."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Modules without a test file of their name -> the file that tests them, and why it does.
FAMILIES = (
    "bc_resnet", "densenet", "efficientnet", "efficientnet_v2", "matchboxnet", "mlperf_ds_cnn", "mnasnet",
    "mobilenet_v2", "seed_cnn", "tc_resnet", "vgg",
)  # fmt: skip
WITHOUT = {
    "tfkws/__main__.py": "tests/tfkws/cli/test_bad_input.py",  # starts the command line
    **{f"tfkws/models/{name}.py": "tests/tfkws/models/test_zoo.py" for name in FAMILIES},  # every registered network
    "tfkws/pipeline/count.py": "tests/tfkws/cli/measure/test_count.py",
    "tfkws/pipeline/parts/before_after.py": "tests/tfkws/pipeline/test_compress.py",
    "tfkws/pipeline/parts/prune.py": "tests/tfkws/pipeline/test_compress.py",
    "tfkws/pipeline/parts/conversion_files.py": "tests/tfkws/pipeline/test_convert.py",
    "tfkws/pipeline/parts/model_card.py": "tests/tfkws/pipeline/test_bundle.py",
    "tfkws/pipeline/parts/predicted_costs.py": "tests/tfkws/pipeline/parts/test_device_costs.py",
    # Of one run: its settings, its times, what it came to.
    **{
        f"tfkws/pipeline/wakeword/{name}.py": "tests/tfkws/pipeline/wakeword/test_run.py"
        for name in ("sources", "stage_times")
    },
    "tfkws/pipeline/profile/operators.py": "tests/tflite/profile/test_litert.py",
    # Kernels and operations: gradients of every geometry in float64, and whole networks beside Keras.
    **{
        f"tfkws/training/native/{name}.py": "tests/tfkws/training/native/test_step.py"
        for name in (
            "plan",
            "compiler",
            "kernels/convolution",
            "kernels/elementwise",
            "kernels/normalisation",
            "kernels/sums",
            "kernels/vectors",
            "operations/convolution",
            "operations/convolving",
            "operations/dropout",
            "operations/elementwise",
            "operations/movement",
            "operations/normalisation",
            "operations/together",
        )
    },
    "tfkws/training/native/waiting.py": "tests/tfkws/training/native/test_team.py",
    # Scripts of an exported folder, run as a stranger runs them.
    "tflite/export/templates/python/detect.py": "tests/tflite/export/test_python_folder.py",
    "tflite/export/templates/python/front_end.py": "tests/tflite/export/test_python_folder.py",
    "tflite/export/templates/python/network.py": "tests/tflite/export/test_python_folder.py",
    "tflite/export/templates/python/self_test.py": "tests/tflite/export/test_python_folder.py",
    "tflite/latency_model/fit_target.py": "tests/tflite/latency_model/test_model.py",
}


def mirror_of(module: Path) -> Path:
    return ROOT / "tests" / module.parent / f"test_{module.name}"


def has_logic(path: Path) -> bool:
    """Whether a module defines a function or a class."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return any(isinstance(node, kinds) for node in ast.parse(path.read_text()).body)


MODULES = [
    path.relative_to(ROOT)
    for folder in ("tfkws", "tuner", "tflite")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path.name != "__init__.py" and has_logic(path)
]


@pytest.mark.parametrize("module", [m for m in MODULES if str(m) not in WITHOUT], ids=str)
def test_module_has_its_test_file(module: Path) -> None:
    assert mirror_of(module).is_file(), f"{module} has no {mirror_of(module).relative_to(ROOT)}"


@pytest.mark.parametrize(("module", "elsewhere"), WITHOUT.items())
def test_exceptions_are_modules_that_are_tested_elsewhere(module: str, elsewhere: str) -> None:
    assert (ROOT / module).is_file()
    assert not mirror_of(Path(module)).is_file()
    assert (ROOT / elsewhere).is_file()
