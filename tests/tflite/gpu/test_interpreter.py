"""Files on the software adapter, in child processes as always, against the CPU's answers."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tfkws.errors import ConfigError, RuntimeUnavailableError
from tfkws.tflite.file.submodels import NULL_MODEL
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.gpu import interpreter
from tfkws.tflite.runtime.model import open_model

Converted = Callable[[str], TfliteFile]


@pytest.mark.usefixtures("software_gpu")
@pytest.mark.parametrize("runtime", ["litert-gpu", "litert-gpu-half"])
@pytest.mark.parametrize(("recipe", "tolerance"), [("none", 1e-6), ("int8", 1 / 256)])
def test_answers_are_those_of_the_cpu(
    converted: Converted, maps: np.ndarray, recipe: str, tolerance: float, runtime: str
) -> None:
    file = converted(recipe)
    model = open_model(file, runtime=runtime, load_check=False)
    expected = open_model(file, load_check=False).predict(maps)
    assert np.ptp(expected, axis=0).max() > 0.1  # answers differ from clip to clip, so that equality says something
    np.testing.assert_allclose(model.predict(maps), expected, atol=tolerance)
    facts = model.accelerator
    assert facts is not None and facts["fully_accelerated"]
    assert facts["precision"] == ("half" if runtime.endswith("half") else "float32")
    adapter = facts["adapter"]
    assert (adapter["software"], adapter["backend"]) == (True, "Vulkan")


@pytest.mark.usefixtures("software_gpu")
def test_in_the_very_process_it_is_the_same(tmp_path: Path) -> None:
    code = (
        "import json, numpy as np\n"
        "from tfkws.tflite.file.submodels import NULL_MODEL\n"
        "from tfkws.tflite.gpu.interpreter import Interpreter\n"
        "made = Interpreter(NULL_MODEL, waits=True)\n"
        "index = made.get_input_details()[0]['index']\n"
        "made.set_tensor(index, np.array([-2.5], np.float32)); made.invoke()\n"
        "print(made.get_tensor(made.get_output_details()[0]['index']).tolist())\n"
        "print(json.dumps(made.facts()), flush=True)\n"
        "import os; os._exit(0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    answer, facts = done.stdout.splitlines()
    assert answer == "[2.5]"
    assert json.loads(facts)["operators"] == {"gpu": None, "cpu": None, "refused": {}}


def test_without_a_driver_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("VK_DRIVER_FILES", "VK_ICD_FILENAMES"):
        monkeypatch.setenv(name, str(tmp_path / "none.json"))
    with pytest.raises(RuntimeUnavailableError, match=r"^No GPU can be used: .*; install .*\.$"):
        open_model(NULL_MODEL, runtime="litert-gpu", load_check=False)


def test_a_wheel_without_the_accelerator_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "LIBRARY", "libNowhere.so")
    with pytest.raises(RuntimeUnavailableError, match=r"no GPU accelerator \(libNowhere.so\); install one .*>=2.3'"):
        interpreter.Interpreter(NULL_MODEL)


def test_what_a_gpu_has_not_is_refused() -> None:
    with pytest.raises(ConfigError, match="precision must be one of float32, half. Received 'int4'"):
        interpreter.Interpreter(NULL_MODEL, precision="int4")
    with pytest.raises(ConfigError, match="litert-gpu has kernels of its own"):
        open_model(NULL_MODEL, runtime="litert-gpu", kernels="builtin", load_check=False)
    with pytest.raises(ConfigError, match="keeps no inner tensors"):
        open_model(NULL_MODEL, runtime="litert-gpu", keep_tensors=True, load_check=False)
