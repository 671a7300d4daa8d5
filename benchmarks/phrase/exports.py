"""Every form that a bundle is exported to, each loaded by what takes it: a C compiler, Python, pymicro-wakeword."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.records import ROOT
from tfkws.config import ExportForm, ExportSettings
from tfkws.errors import TfkwsError
from tfkws.pipeline.export import RECORD, export_bundle
from tfkws.tflite.export.c_folder import COMPILE
from tfkws.tflite.export.forms import FORMS

CONSUMER_SECONDS = 300


def exports(bundle: Path) -> dict[str, dict[str, Any]]:
    """Export a bundle to every form and load what was made; return what came of it by form, JSON-ready."""
    with TemporaryDirectory() as folder:
        return {form: _exported(bundle, form, Path(folder) / form) for form in FORMS}


def _exported(bundle: Path, form: ExportForm, folder: Path) -> dict[str, Any]:
    """Export to one form.

    Returns:
        `made`, and where it was not `why`; `facts` of the export; `loaded` by its consumer: True, False, or None where
        the consumer is not here, with what it said or is missing.
    """
    try:
        made = export_bundle(bundle, ExportSettings(to=form), folder)
    except TfkwsError as error:
        return {"made": False, "why": str(error)}
    loaded, said = LOADERS[form](made.path) if form in LOADERS else (None, "no consumer is known here")
    return {"made": True, "facts": made.record["facts"], "loaded": loaded, "consumer": said}


def _in_c(folder: Path) -> tuple[bool | None, str]:
    if shutil.which("cc") is None:
        return None, "no C compiler is installed"
    return _ran(["sh", "-c", COMPILE], folder)


def _in_python(folder: Path) -> tuple[bool | None, str]:
    return _ran([sys.executable, "self_test.py"], folder)


def _in_pymicro_wakeword(folder: Path) -> tuple[bool | None, str]:
    if find_spec("pymicro_wakeword") is None:
        return None, "pymicro-wakeword is not installed"
    (manifest,) = (path for path in folder.glob("*.json") if path.name != RECORD)
    return _ran([sys.executable, "-m", "benchmarks.phrase.micro_consumer", str(manifest)], ROOT)


def _ran(command: Sequence[str], folder: Path) -> tuple[bool, str]:
    """Run a consumer; return whether it was content, and the last line that it wrote."""
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=CONSUMER_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return False, f"no answer within {CONSUMER_SECONDS} s"
    lines = (done.stdout.strip() or done.stderr.strip()).splitlines()
    return done.returncode == 0, lines[-1] if lines else ""


LOADERS: dict[ExportForm, Callable[[Path], tuple[bool | None, str]]] = {
    "c": _in_c,
    "python": _in_python,
    "esphome": _in_pymicro_wakeword,
}
