"""Microphones through PortAudio, opened at the rate and channel count that the device has."""

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfkws.data.audio.mono_stream import MonoStream
from tfkws.errors import AudioError, RuntimeUnavailableError

BLOCK_S = 0.02
QUEUE_BLOCKS = 500  # ten seconds; more waiting than that is a machine that cannot keep up at all
SILENT_DEVICE_S = 3.0


@dataclass(frozen=True)
class InputDevice:
    """A device that records.

    Attributes:
        index: PortAudio's number of it.
        rate_hz: its own sample rate.
        channels: most that it records.
        default: whether it is used where none is named.
    """

    index: int
    name: str
    api: str
    rate_hz: int
    channels: int
    default: bool


def list_devices() -> list[InputDevice]:
    """Return the devices that record.

    Raises:
        RuntimeUnavailableError: sounddevice or PortAudio is not installed.
    """
    sounddevice = _sounddevice()
    chosen = sounddevice.default.device[0]
    apis = [api["name"] for api in sounddevice.query_hostapis()]
    return [
        InputDevice(
            index, device["name"], apis[device["hostapi"]], round(device["default_samplerate"]),
            device["max_input_channels"], index == chosen,
        )
        for index, device in enumerate(sounddevice.query_devices())
        if device["max_input_channels"] > 0
    ]  # fmt: skip


def find_device(wanted: str = "") -> InputDevice:
    """Return the device of a number, or the only one whose name contains a text; empty for the default.

    Raises:
        AudioError: there is no such device, or there are several.
    """
    devices = list_devices()
    if not devices:
        raise AudioError("No microphone was found; plug one in, or give a recording by --wav FILE or audio by --stdin.")
    if not wanted:
        return next((device for device in devices if device.default), devices[0])
    found = [
        d for d in devices if str(d.index) == wanted or (not wanted.isdigit() and wanted.lower() in d.name.lower())
    ]
    if len(found) != 1:
        names = "; ".join(f"{device.index}: {device.name}" for device in devices)
        count = "No device" if not found else f"{len(found)} devices"
        raise AudioError(f"{count} fit {wanted!r}; choose one of: {names}.")
    return found[0]


def _fits(device: InputDevice, wanted: str) -> bool:
    return device.index == int(wanted) if wanted.isdigit() else wanted.lower() in device.name.lower()


class Microphone:
    """Records from a device, converts to mono at `to_hz`, and counts what the device lost.

    PortAudio's own thread only copies; conversion happens where `blocks` is read.

    Attributes:
        overflows: how often the device or this program lost audio.
    """

    def __init__(self, device: InputDevice, to_hz: int) -> None:
        self.device, self.overflows = device, 0
        self._mono = MonoStream(device.rate_hz, to_hz)
        self._waiting: queue.Queue[np.ndarray] = queue.Queue(QUEUE_BLOCKS)
        self._ended = threading.Event()

    def blocks(self) -> Iterator[np.ndarray]:
        """Yield mono float32 blocks until the device ends or goes silent.

        Raises:
            AudioError: the device cannot be opened, or was unplugged.
        """
        with self._opened():
            while True:
                yield self._mono.feed(self._next_block())

    def _next_block(self) -> np.ndarray:
        try:
            return self._waiting.get(timeout=SILENT_DEVICE_S)
        except queue.Empty:
            reason = "was unplugged or stopped" if self._ended.is_set() else "has delivered nothing"
            raise AudioError(
                f"The microphone {self.device.name!r} {reason} for {SILENT_DEVICE_S:g} s; plug it in and listen again."
            ) from None

    def _opened(self) -> Any:
        sounddevice = _sounddevice()
        try:
            return sounddevice.InputStream(
                device=self.device.index,
                samplerate=self.device.rate_hz,
                channels=self.device.channels,
                blocksize=round(BLOCK_S * self.device.rate_hz),
                dtype="float32",
                callback=self._take,
                finished_callback=self._ended.set,
            )
        except sounddevice.PortAudioError as error:
            raise AudioError(
                f"The microphone {self.device.name!r} cannot be opened ({_line(error)}); close what else uses it, or "
                "choose another by --device."
            ) from error

    def _take(self, block: np.ndarray, frames: int, when: Any, status: Any) -> None:
        """Keep a copy; called by PortAudio."""
        if status.input_overflow:
            self.overflows += 1
        try:
            self._waiting.put_nowait(block.copy())
        except queue.Full:
            self.overflows += 1


def _sounddevice() -> Any:
    try:
        import sounddevice
    except ImportError as error:
        raise RuntimeUnavailableError(
            "A microphone needs the package sounddevice; run `pip install 'tfkws[mic]'`."
        ) from error
    except OSError as error:
        raise RuntimeUnavailableError(
            "A microphone needs the library PortAudio; run `sudo apt install libportaudio2`, or your system's like."
        ) from error
    return sounddevice


def _line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
