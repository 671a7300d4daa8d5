"""The TFLite runtimes that models can run on, one row each: ai-edge-litert on a CPU or a GPU, tflite-runtime,
tf.lite.

Pushed to devices as it is (`tfkws.tflite.targets.device_archive`), so it must run on Python 3.9 and import nothing of
tfkws but `errors`.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from tfkws.errors import ConfigError, RuntimeUnavailableError


@dataclass(frozen=True)
class Runtime:
    """One runtime.

    Attributes:
        module: where its `Interpreter` is.
        package: that it comes with; `other_packages` are the same under other names.
        install: command that brings it.
        on_gpu: whether a GPU computes.
        guarded: where its `Interpreter` is for a process that a crash must not end; empty where `module` is good
            for that.
        settings: of its `Interpreter`, beside those that all have.
    """

    module: str
    package: str
    install: str
    other_packages: tuple[str, ...] = ()
    on_gpu: bool = False
    guarded: str = ""
    settings: tuple[tuple[str, Any], ...] = ()


def _on_gpu(precision: str) -> Runtime:
    return Runtime(
        "tfkws.tflite.gpu.interpreter",
        "ai-edge-litert",
        "pip install 'ai-edge-litert>=2.3'",
        on_gpu=True,
        guarded="tfkws.tflite.gpu.guarded",
        settings=(("precision", precision),),
    )


RUNTIMES = {
    "litert": Runtime("ai_edge_litert.interpreter", "ai-edge-litert", "pip install ai-edge-litert"),
    "tflite_runtime": Runtime(
        "tflite_runtime.interpreter", "tflite-runtime", "pip install tflite-runtime==2.14.0 'numpy<2'"
    ),
    "tf": Runtime(
        "tensorflow.lite.python.interpreter", "tensorflow", "pip install 'tfkws[train]'", ("tensorflow-cpu",)
    ),
    "litert-gpu": _on_gpu("float32"),
    "litert-gpu-half": _on_gpu("half"),
}
KERNELS = ("xnnpack", "builtin")


def load_runtime(runtime: str, guarded: bool = False) -> Any:
    """Import a runtime's interpreter module.

    Args:
        guarded: whether a crash of its native code must not end this process.

    Raises:
        ConfigError: no such runtime.
        RuntimeUnavailableError: it is not installed, or does not load.
    """
    if runtime not in RUNTIMES:
        raise ConfigError(f"No runtime is called {runtime!r}; choose {', '.join(RUNTIMES)}.")
    row = RUNTIMES[runtime]
    try:
        return importlib.import_module(row.guarded if guarded and row.guarded else row.module)
    except ImportError as error:
        reason = str(error).splitlines()[0] if str(error) else "import failed"
        raise RuntimeUnavailableError(f"{row.package} cannot be used ({reason}); install it: {row.install}") from error


def available_runtimes() -> tuple[str, ...]:
    """Return the names of the CPU's runtimes that are installed."""
    return tuple(
        name for name, row in RUNTIMES.items() if not row.on_gpu and importlib.util.find_spec(row.module.split(".")[0])
    )


def is_on_gpu(runtime: str) -> bool:
    """Return whether a GPU computes; False for what is no runtime, such as benchmark_model.

    Example:
        >>> is_on_gpu("litert-gpu"), is_on_gpu("litert"), is_on_gpu("benchmark_model")
        (True, False, False)
    """
    return runtime in RUNTIMES and RUNTIMES[runtime].on_gpu


def runtime_version(runtime: str) -> str:
    """Return the version of the package behind a runtime, or "unknown".

    Raises:
        KeyError: no runtime has that name.

    Example:
        >>> runtime_version("litert").split(".")[0] in ("1", "2", "unknown")
        True
    """
    row = RUNTIMES[runtime]
    for package in (row.package, *row.other_packages):
        try:
            return metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return "unknown"


def check_settings(threads: int, kernels: str) -> None:
    """Check the settings of an interpreter.

    Raises:
        ConfigError: there are no such kernels, or the thread count is below 1.
    """
    if kernels not in KERNELS:
        raise ConfigError(f"kernels must be one of {', '.join(KERNELS)}. Received {kernels!r}.")
    if threads < 1:
        raise ConfigError(f"threads must be at least 1. Received {threads}.")
