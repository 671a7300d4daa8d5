"""The one file that is pushed to a device: an archive that Python runs, made of modules of this installation."""

import importlib.util
import io
import zipfile
from pathlib import Path

from tfkws.tflite.targets.session import Session

NAME = "tfkws-device.pyz"
MODULES = (
    "tfkws",
    "tfkws.errors",
    "tfkws.clock",
    "tfkws.tflite",
    "tfkws.tflite.gpu",
    "tfkws.tflite.gpu.interpreter",
    "tfkws.tflite.gpu.native_log",
    "tfkws.tflite.gpu.vulkan",
    "tfkws.tflite.runtime",
    "tfkws.tflite.runtime.bare",
    "tfkws.tflite.runtime.native_output",
    "tfkws.tflite.runtime.runtimes",
    "tfkws.tflite.benchmark",
    "tfkws.tflite.benchmark.gpu_timing",
    "tfkws.tflite.benchmark.timing_loop",
    "tfkws.tflite.on_device",
    "tfkws.tflite.on_device.counting_loop",
    "tfkws.tflite.on_device.main",
)
# Ends at once: native code may print while it is destroyed, behind the sentence that counts, or not survive it.
_START = """import os, sys
from tfkws.tflite.on_device.main import main
code = main(sys.argv[1])
sys.stdout.flush()
sys.stderr.flush()
os._exit(code)
"""
_MOMENT = (1980, 1, 1, 0, 0, 0)  # one moment for all, so that equal modules give equal bytes


def push_archive(session: Session) -> None:
    """Put the archive where `tfkws.tflite.targets.questions.ask` finds it.

    Raises:
        TargetError: the target cannot take it.
    """
    session.push(NAME, archive())


def archive() -> bytes:
    """Pack the modules, the same bytes for the same modules."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, source in {"__main__.py": _START.encode(), **_sources()}.items():
            file.writestr(zipfile.ZipInfo(name, _MOMENT), source)
    return packed.getvalue()


def _sources() -> dict[str, bytes]:
    """Path in the archive and source of each module."""
    found = {}
    for module in MODULES:
        spec = importlib.util.find_spec(module)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"{module} is a part of tfkws and is not installed.", name=module)
        is_package = spec.submodule_search_locations is not None
        inside = module.replace(".", "/") + ("/__init__.py" if is_package else ".py")
        found[inside] = Path(spec.origin).read_bytes()
    return found
