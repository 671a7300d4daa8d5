"""Lines that LiteRT 2.3.0's accelerator wrote on machines with and without adapters."""

import re

import pytest

from tfkws.tflite.gpu.native_log import Adapter, adapter_in, reason_in, split_in

SOFTWARE = (
    "I0000 00:00:1795779115.201440   22428 environment.cc:532] Selected adapter: SwiftShader Device (Subzero), "
    "arch=swiftshader, vendor=google, backend=Vulkan, adapterType=CPU / Software\n"
)
SPLIT = """ERROR: Following operations are not supported by GPU delegate:
BATCH_TO_SPACE_ND: Operation is not supported.
SPACE_TO_BATCH_ND: Operation is not supported.
32 operations will run on the GPU, and the remaining 147 operations will run on the CPU.
I0000 00:00:1795779293.111000   23999 delegate_kernel.cc:984] Initializing WebGPU-based API from graph.
"""
OLD_MESA = """Warning: Vulkan shaderUniform*ArrayDynamicIndexing required.
ERROR: [delegate_webgpu.cc:359] Failed to initialize WebGPU environment: INTERNAL: No adapters found
"""
NO_LOADER = """Warning: Couldn't load Vulkan: libvulkan.so.1: cannot open shared object file: No such file or directory
ERROR: [delegate_webgpu.cc:359] Failed to initialize WebGPU environment: INTERNAL: No adapters found
"""
NO_DRIVER = """Warning: vkCreateInstance: Found no drivers!
Warning: vkCreateInstance failed with VK_ERROR_INCOMPATIBLE_DRIVER
ERROR: [delegate_webgpu.cc:359] Failed to initialize WebGPU environment: INTERNAL: No adapters found
"""


def test_the_adapter_is_read_with_all_it_says() -> None:
    name = "SwiftShader Device (Subzero)"
    assert adapter_in(SOFTWARE) == Adapter(name, "google", "swiftshader", "Vulkan", "CPU / Software", software=True)
    assert adapter_in(NO_DRIVER) is None


@pytest.mark.parametrize(
    ("name", "kind", "software"),
    [
        ("NVIDIA H100 80GB HBM3", "Discrete GPU", False),
        ("V3D 7.1.7", "Integrated GPU", False),
        ("llvmpipe (LLVM 19.1.7, 256 bits)", "CPU / Software", True),
        ("llvmpipe (LLVM 19.1.7, 256 bits)", "Unknown", True),
    ],
)
def test_a_program_on_the_processor_is_known_as_software(name: str, kind: str, software: bool) -> None:
    line = f"Selected adapter: {name}, arch=a, vendor=v, backend=Vulkan, adapterType={kind}\n"
    assert adapter_in(SOFTWARE + line).software is software


def test_what_is_refused_is_read_with_the_reasons() -> None:
    split = split_in(SPLIT)
    assert (split.on_gpu, split.on_cpu) == (32, 147)
    assert split.refused == dict.fromkeys(("BATCH_TO_SPACE_ND", "SPACE_TO_BATCH_ND"), "Operation is not supported.")
    assert split_in(SOFTWARE) == type(split)(None, None, {})


@pytest.mark.parametrize(
    ("log", "mend"),
    [
        (OLD_MESA, "too old for WebGPU.*bookworm-backports"),
        (NO_LOADER, "no Vulkan loader; install it .*libvulkan1"),
        (NO_DRIVER, "finds no driver; install the GPU's"),
        ("INTERNAL: No adapters found", "no adapter that WebGPU takes; install a newer driver"),
        ("Device was lost before MapAsync completed.", "the device was lost"),
        ("vkQueueSubmit failed with VK_ERROR_DEVICE_LOST", "the device was lost"),
        ("vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY", "memory does not suffice"),
        ("vkCreateInstance failed with VK_ERROR_INCOMPATIBLE_DRIVER", "does not load; install the driver again"),
    ],
)
def test_each_failure_has_its_own_mend(log: str, mend: str) -> None:
    assert re.search(mend, reason_in(log))


def test_an_unknown_failure_has_none() -> None:
    assert reason_in(SOFTWARE + SPLIT) == ""
