import pytest

from tfkws.errors import ConfigError, RuntimeUnavailableError
from tfkws.tflite.runtime.runtimes import RUNTIMES, Runtime, available_runtimes, load_runtime, runtime_version


def test_unknown_and_absent_runtimes_are_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="No runtime is called 'onnx'; choose litert"):
        load_runtime("onnx")
    monkeypatch.setitem(RUNTIMES, "absent", Runtime("no_such_module_here", "no-such-package", "pip install it"))
    with pytest.raises(RuntimeUnavailableError, match="install it: pip install it"):
        load_runtime("absent")
    assert "absent" not in available_runtimes()
    assert runtime_version("absent") == "unknown"


def test_the_first_package_that_is_installed_tells_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    row = Runtime("no_such_module_here", "no-such-package", "pip install it", ("numpy",))
    monkeypatch.setitem(RUNTIMES, "renamed", row)
    import numpy

    assert runtime_version("renamed") == numpy.__version__
