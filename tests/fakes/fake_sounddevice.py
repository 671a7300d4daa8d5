"""A `sounddevice` without PortAudio: devices as told, and streams that deliver what a test says."""

import sys
import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest


class PortAudioError(Exception):
    """As sounddevice's own."""


def install_sounddevice(
    monkeypatch: pytest.MonkeyPatch, devices: list[tuple[str, int, int]], blocks: list[np.ndarray], opens: bool = True
) -> None:
    """Let `import sounddevice` find devices (name, channels, rate) that deliver blocks and then nothing."""

    class InputStream:
        def __init__(self, callback: Any, finished_callback: Any, **settings: Any) -> None:
            if not opens:
                raise PortAudioError("Device unavailable [PaErrorCode -9985]")
            self._callback, self._finished, self.settings = callback, finished_callback, settings

        def __enter__(self) -> "InputStream":
            threading.Thread(target=self._deliver, daemon=True).start()
            return self

        def __exit__(self, *error: Any) -> None:
            return None

        def _deliver(self) -> None:
            for index, block in enumerate(blocks):
                self._callback(block, len(block), None, SimpleNamespace(input_overflow=index == 1))
            self._finished()

    described = [
        {"name": name, "hostapi": 0, "max_input_channels": channels, "default_samplerate": float(rate)}
        for name, channels, rate in devices
    ]
    module = SimpleNamespace(
        PortAudioError=PortAudioError,
        InputStream=InputStream,
        default=SimpleNamespace(device=(1, 0)),
        query_devices=lambda: described,
        query_hostapis=lambda: [{"name": "ALSA"}],
    )
    monkeypatch.setitem(sys.modules, "sounddevice", module)
