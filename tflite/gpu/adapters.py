"""What `tfkws doctor` says about GPUs for `.tflite` files: each adapter here, and whether LiteRT takes one."""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from tfkws.doctor import Finding, Status
from tfkws.errors import RuntimeUnavailableError, TfkwsError
from tfkws.tflite.file.submodels import NULL_MODEL
from tfkws.tflite.gpu.guarded import Interpreter
from tfkws.tflite.gpu.native_log import REASONS
from tfkws.tflite.gpu.software_adapter import SETUP

GROUP, RUNTIME = "gpu", "litert-gpu"
CHILD = (sys.executable, "-m", "tfkws.tflite.gpu.vulkan")
SECONDS = 60
NO_LOADER = REASONS[0][1].split("; ")[1]
NEWER = "Install a newer driver of the GPU."
NO_ADAPTER = f"Install the GPU's driver (Debian: apt install mesa-vulkan-drivers, or NVIDIA's own), or run `{SETUP}`."


def find_adapters(child: Sequence[str] = CHILD) -> list[Finding]:
    """Return one finding an adapter that Vulkan shows, and one for the runtime litert-gpu.

    Args:
        child: words of the process that asks Vulkan.
    """
    try:
        adapters = ask_vulkan(child)
    except VulkanError as error:
        return [error.finding]
    if not adapters:
        return [Finding(GROUP, "Vulkan", "absent", "it shows no adapter", NO_ADAPTER)]
    return [*(Finding(GROUP, each["name"], "ok", _describe(each)) for each in adapters), _try_runtime()]


def ask_vulkan(child: Sequence[str] = CHILD) -> list[dict[str, Any]]:
    """Return what `tfkws.tflite.gpu.vulkan.list_adapters` tells, in a child process: a tenth of a second.

    Raises:
        VulkanError: there is no Vulkan loader, or a driver ended the process or let it hang.
    """
    try:
        done = subprocess.run(child, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise VulkanError("broken", f"no answer within {SECONDS} s", NEWER) from None
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        last = (lines or [f"the process ended with {done.returncode}"])[-1]
        if "libvulkan" in last:
            raise VulkanError("absent", "no Vulkan loader", f"For a GPU {NO_LOADER}.")
        raise VulkanError("broken", last, NEWER)
    return list(json.loads(done.stdout))


class VulkanError(RuntimeUnavailableError):
    """Vulkan cannot be asked.

    Attributes:
        finding: what the doctor says of it.
    """

    def __init__(self, status: Status, detail: str, mend: str) -> None:
        super().__init__(f"No GPU can be used: {detail}. {mend}")
        self.finding = Finding(GROUP, "Vulkan", status, detail, mend)


def _describe(adapter: dict[str, str]) -> str:
    kind = "software adapter, times say nothing about a GPU" if adapter["software"] else adapter["kind"]
    return f"{kind}; Vulkan {adapter['api']}; {adapter['driver'] or 'driver not told'}"


def _try_runtime() -> Finding:
    """Whether LiteRT's accelerator takes one of them, and which."""
    try:
        adapter = Interpreter(NULL_MODEL).facts()["adapter"]
    except TfkwsError as error:
        return Finding(GROUP, RUNTIME, "absent", str(error), "The other runtimes work without.")
    return Finding(GROUP, RUNTIME, "ok", f"runs on {adapter['name']}{' (software)' if adapter['software'] else ''}")
