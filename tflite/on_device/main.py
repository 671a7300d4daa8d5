"""Answer one request: the argument names its kind, it comes as JSON on stdin, the answer goes as JSON to stdout.

What is asked of the device itself is answered here, because that must work where NumPy is missing; models are run by
the modules that `ANSWERED_BY` names. Pushed to devices, so it must run on Python 3.9.
"""

from __future__ import annotations

import importlib
import json
import platform
import sys
from importlib import metadata
from typing import Any

from tfkws.errors import TfkwsError

# Kind of a request to module and function. Imported when asked for: a device may lack what another kind needs.
ANSWERED_BY = {
    "facts": ("tfkws.tflite.on_device.main", "report_facts"),
    "try": ("tfkws.tflite.on_device.main", "report_runtime"),
    "time": ("tfkws.tflite.benchmark.timing_loop", "time_model"),
    "time-operators": ("tfkws.tflite.benchmark.timing_loop", "time_models_in_turns"),
    "answer": ("tfkws.tflite.on_device.counting_loop", "answer_examples"),
    "count": ("tfkws.tflite.on_device.counting_loop", "count_instructions_of"),
}
PACKAGES = ("numpy", "ai-edge-litert", "tflite-runtime", "tfkws")


def main(kind: str) -> int:
    """Read a request from stdin and print the answer as JSON.

    An expected error becomes one line on stderr.

    Returns:
        The exit code, int: 0, or 1 after an error.
    """
    module, function = ANSWERED_BY[kind]
    try:
        request = json.loads(sys.stdin.read() or "{}")
        answer: Any = getattr(importlib.import_module(module), function)(request)
    except ModuleNotFoundError as error:
        sys.stderr.write(f"{error.name} is not installed; run `pip install tfkws` there, which brings it.\n")
        return 1
    except MemoryError:
        sys.stderr.write("The memory does not suffice; use a smaller model.\n")
        return 1
    except TfkwsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    json.dump(answer, sys.stdout)
    return 0


def report_facts(request: dict[str, Any]) -> dict[str, Any]:
    """Return python, architecture and packages (name to version, without loading any); `request` is empty."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {"python": platform.python_version(), "architecture": platform.machine(), "packages": found}


def report_runtime(request: dict[str, Any]) -> dict[str, Any]:
    """Load the runtime that `request` names, because an installed one may not work, and return runtime_version.

    Raises:
        RuntimeUnavailableError: it does not load.
    """
    from tfkws.tflite.runtime.runtimes import is_on_gpu, load_runtime, runtime_version

    module = load_runtime(request["runtime"])
    if is_on_gpu(request["runtime"]):
        module.require_gpu()
    return {"runtime_version": runtime_version(request["runtime"])}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
