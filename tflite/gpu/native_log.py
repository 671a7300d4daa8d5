"""What LiteRT's accelerator writes while it loads a file: which adapter, what runs on it, why not. Pure functions.

LiteRT gives no other way to learn any of this. Pushed to devices (`tfkws.tflite.targets.device_archive`), so it must
run on Python 3.9.
"""

from __future__ import annotations

import re
import signal
from dataclasses import asdict, dataclass
from typing import Any

_ADAPTER = re.compile(
    r"Selected adapter: (?P<name>.*), arch=(?P<architecture>.*?), vendor=(?P<vendor>.*?), "
    r"backend=(?P<backend>.*?), adapterType=(?P<kind>.*)"
)
_UNSUPPORTED = re.compile(r"not supported by GPU delegate:\n((?:[A-Z0-9_]+: .*\n)+)")
_SPLIT = re.compile(r"^(\d+) operations will run on the GPU, and the remaining (\d+) operations will run on the CPU")
SOFTWARE_TYPE = "cpu"  # how WebGPU's adapter type of a program that computes on the processor begins
SOFTWARE_NAMES = ("swiftshader", "llvmpipe", "lavapipe")
MEND = "install a newer driver of the GPU, or use --runtime litert"
NO_LOADER, NO_DRIVERS = "Couldn't load Vulkan", "Found no drivers"
# The first whose pattern is in the log is the reason.
REASONS = (
    (NO_LOADER, "there is no Vulkan loader; install it (Debian: apt install libvulkan1)"),
    (
        "ArrayDynamicIndexing required",
        "its driver is too old for WebGPU (Mesa 22 is, as of Debian 12); install a newer one (Debian 12: "
        "mesa-vulkan-drivers from bookworm-backports)",
    ),
    (
        NO_DRIVERS,
        "Vulkan finds no driver; install the GPU's (Debian: apt install mesa-vulkan-drivers, or NVIDIA's own), or set "
        "up the software adapter: tfkws target setup software-gpu",
    ),
    ("VK_ERROR_INCOMPATIBLE_DRIVER", "its Vulkan driver does not load; install the driver again, or a newer one"),
    (
        "No adapters found",
        "Vulkan shows no adapter that WebGPU takes; install a newer driver (`tfkws doctor` lists adapters)",
    ),
    (
        r"\b(is|was) lost|DEVICE_LOST",
        "the device was lost; let the GPU cool, end other programs on it, and look into the kernel's log",
    ),
    ("OUT_OF_DEVICE_MEMORY", "the GPU's memory does not suffice; use a smaller model or end other programs on it"),
)


@dataclass(frozen=True)
class Adapter:
    """What computes.

    Attributes:
        name: of the device, as its driver calls it.
        backend: such as "Vulkan".
        kind: WebGPU's adapter type, such as "Discrete GPU" or "CPU / Software".
        software: whether it is a program on the processor, whose times say nothing about a GPU.
    """

    name: str
    vendor: str
    architecture: str
    backend: str
    kind: str
    software: bool

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True)
class Split:
    """Which operators run where.

    Attributes:
        on_gpu, on_cpu: how many operators, int; None where the accelerator does not say.
        refused: opcode to the reason for which the accelerator does not take it.
    """

    on_gpu: int | None
    on_cpu: int | None
    refused: dict[str, str]


def adapter_in(log: str) -> Adapter | None:
    """Return the adapter that was selected, or None.

    Example:
        >>> line = "Selected adapter: V3D 7.1.7, arch=, vendor=broadcom, backend=Vulkan, adapterType=Integrated GPU"
        >>> adapter_in(line).name, adapter_in(line).software
        ('V3D 7.1.7', False)
    """
    lines = list(_ADAPTER.finditer(log))
    if not lines:
        return None
    found = lines[-1]  # LiteRT may try twice
    name, kind = found["name"], found["kind"].strip()
    software = kind.lower().startswith(SOFTWARE_TYPE) or any(word in name.lower() for word in SOFTWARE_NAMES)
    return Adapter(name, found["vendor"], found["architecture"], found["backend"], kind, software)


def split_in(log: str) -> Split:
    """Return how operators were divided; without a word about it, all that is known is that none was refused.

    Example:
        >>> split_in("32 operations will run on the GPU, and the remaining 147 operations will run on the CPU.").on_cpu
        147
    """
    counts = re.search(_SPLIT.pattern, log, re.MULTILINE)
    listed = _UNSUPPORTED.search(log)
    lines = listed[1].splitlines() if listed else []
    refused = dict(line.split(": ", 1) for line in lines)
    return Split(int(counts[1]) if counts else None, int(counts[2]) if counts else None, refused)


def reason_in(log: str) -> str:
    """Return why the accelerator did not come up, with the mend; empty where the log does not tell.

    Example:
        >>> reason_in("Warning: Couldn't load Vulkan: libvulkan.so.1: cannot open shared object file")
        'there is no Vulkan loader; install it (Debian: apt install libvulkan1)'
    """
    return next((reason for pattern, reason in REASONS if re.search(pattern, log)), "")


def ended_sentence(code: int, log: str) -> str:
    """Say what it means that a process on a GPU ended, with the mend.

    Args:
        code: exit status; -n where signal n ended it.
        log: what it wrote.

    Example:
        >>> ended_sentence(1, "vkQueueSubmit failed with VK_ERROR_OUT_OF_DEVICE_MEMORY").split(";")[0]
        "The GPU stopped in the middle: the GPU's memory does not suffice"
    """
    why = reason_in(log)
    if why:
        return f"The GPU stopped in the middle: {why}."
    how = f"crashed ({_signal(-code)})" if code < 0 else f"ended with {code}"
    return f"LiteRT's GPU accelerator or the driver under it {how}; {MEND}."


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
