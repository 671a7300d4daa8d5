"""The adapters that Vulkan shows, with their drivers, by the loader's C interface.

`python -m tfkws.tflite.gpu.vulkan` prints them as JSON: ask in a child process, because a driver may end it. Pushed to
devices (`tfkws.tflite.targets.device_archive`), so it must run on Python 3.9 with nothing else.
"""

from __future__ import annotations

import ctypes
import json
from typing import Any

LOADER = "libvulkan.so.1"
KINDS = ("other", "integrated GPU", "discrete GPU", "virtual GPU", "software")
# Values of VkStructureType, and the version that is asked for: 1.1 has all that is called here.
_APPLICATION, _INSTANCE, _PROPERTIES, _DRIVER = 0, 1, 1000059001, 1000196000
_VERSION = (1 << 22) | (1 << 12)
_MOST = 16


class _Application(ctypes.Structure):
    _fields_ = [
        ("kind", ctypes.c_uint32), ("next", ctypes.c_void_p), ("name", ctypes.c_char_p), ("version", ctypes.c_uint32),
        ("engine", ctypes.c_char_p), ("engine_version", ctypes.c_uint32), ("api", ctypes.c_uint32),
    ]  # fmt: skip


class _Instance(ctypes.Structure):
    _fields_ = [
        ("kind", ctypes.c_uint32), ("next", ctypes.c_void_p), ("flags", ctypes.c_uint32),
        ("application", ctypes.POINTER(_Application)), ("layers", ctypes.c_uint32), ("layer_names", ctypes.c_void_p),
        ("extensions", ctypes.c_uint32), ("extension_names", ctypes.c_void_p),
    ]  # fmt: skip


class _Driver(ctypes.Structure):
    _fields_ = [
        ("kind", ctypes.c_uint32), ("next", ctypes.c_void_p), ("driver", ctypes.c_uint32),
        ("name", ctypes.c_char * 256), ("info", ctypes.c_char * 256), ("conformance", ctypes.c_uint8 * 4),
    ]  # fmt: skip


class _Properties(ctypes.Structure):
    _fields_ = [
        ("kind", ctypes.c_uint32), ("next", ctypes.c_void_p), ("api", ctypes.c_uint32), ("version", ctypes.c_uint32),
        ("vendor", ctypes.c_uint32), ("device", ctypes.c_uint32), ("type", ctypes.c_uint32),
        ("name", ctypes.c_char * 256), ("limits", ctypes.c_uint64 * 256),  # more room than any version's limits take
    ]  # fmt: skip


def list_adapters() -> list[dict[str, Any]]:
    """Return name, kind (of `KINDS`), software, api (version of Vulkan) and driver of each adapter.

    Raises:
        OSError: there is no Vulkan loader.
    """
    vulkan = ctypes.CDLL(LOADER)
    instance = ctypes.c_void_p()
    about = _Application(_APPLICATION, None, b"tfkws", 0, None, 0, _VERSION)
    wanted = _Instance(_INSTANCE, None, 0, ctypes.pointer(about), 0, None, 0, None)
    if vulkan.vkCreateInstance(ctypes.byref(wanted), None, ctypes.byref(instance)) != 0:
        return []  # there is no driver
    try:
        return [_describe(vulkan, device) for device in _devices(vulkan, instance)]
    finally:
        vulkan.vkDestroyInstance(instance, None)


def driver_of(name: str) -> str:
    """Return the driver of the adapter of that name, such as "NVIDIA 580.159.03"; empty where Vulkan does not say.

    Example:
        >>> driver_of("No such GPU")
        ''
    """
    try:
        return next((str(each["driver"]) for each in list_adapters() if each["name"] == name), "")
    except OSError:
        return ""


def _devices(vulkan: Any, instance: ctypes.c_void_p) -> list[ctypes.c_void_p]:
    count, found = ctypes.c_uint32(_MOST), (ctypes.c_void_p * _MOST)()
    if vulkan.vkEnumeratePhysicalDevices(instance, ctypes.byref(count), found) < 0:
        return []
    return [ctypes.c_void_p(found[i]) for i in range(count.value)]


def _describe(vulkan: Any, device: ctypes.c_void_p) -> dict[str, Any]:
    driver = _Driver(kind=_DRIVER)
    properties = _Properties(kind=_PROPERTIES, next=ctypes.cast(ctypes.pointer(driver), ctypes.c_void_p))
    vulkan.vkGetPhysicalDeviceProperties2(device, ctypes.byref(properties))
    kind = KINDS[properties.type] if properties.type < len(KINDS) else KINDS[0]
    words = (driver.name.decode(errors="replace"), driver.info.decode(errors="replace"))
    return {
        "name": properties.name.decode(errors="replace"),
        "kind": kind,
        "software": kind == "software",
        "api": f"{properties.api >> 22 & 0x7F}.{properties.api >> 12 & 0x3FF}.{properties.api & 0xFFF}",
        "driver": " ".join(word for word in words if word),
    }


if __name__ == "__main__":
    print(json.dumps(list_adapters()))
