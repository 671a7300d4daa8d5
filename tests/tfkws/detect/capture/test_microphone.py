import builtins
import ctypes.util
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from fake_bundles import write_loudness_bundle
from fake_sounddevice import install_sounddevice

from tfkws.detect.capture import microphone
from tfkws.detect.capture.microphone import Microphone, find_device, list_devices
from tfkws.errors import AudioError, RuntimeUnavailableError

DEVICES = [("Speakers", 0, 48_000), ("Built-in Audio", 2, 44_100), ("USB Audio", 1, 16_000), ("USB Camera", 4, 32_000)]


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(microphone, "SILENT_DEVICE_S", 0.1)


def test_only_what_records_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    install_sounddevice(monkeypatch, DEVICES, [])
    listed = [(device.index, device.name, device.rate_hz, device.default) for device in list_devices()]
    assert listed == [
        (1, "Built-in Audio", 44_100, True),
        (2, "USB Audio", 16_000, False),
        (3, "USB Camera", 32_000, False),
    ]


@pytest.mark.parametrize(("wanted", "index"), [("", 1), ("2", 2), ("camera", 3), ("built", 1)])
def test_a_device_by_number_or_name(monkeypatch: pytest.MonkeyPatch, wanted: str, index: int) -> None:
    install_sounddevice(monkeypatch, DEVICES, [])
    assert find_device(wanted).index == index


@pytest.mark.parametrize(("wanted", "words"), [("0", "No device"), ("usb", "2 devices"), ("piano", "No device")])
def test_no_such_device(monkeypatch: pytest.MonkeyPatch, wanted: str, words: str) -> None:
    install_sounddevice(monkeypatch, DEVICES, [])
    with pytest.raises(AudioError, match=f"{words} fit.*USB Audio"):
        find_device(wanted)


def test_no_microphone(monkeypatch: pytest.MonkeyPatch) -> None:
    install_sounddevice(monkeypatch, DEVICES[:1], [])
    with pytest.raises(AudioError, match="No microphone was found"):
        find_device()


def test_any_rate_and_channels_become_mono_16_khz(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = [np.full((882, 2), 0.25, np.float32)] * 50
    install_sounddevice(monkeypatch, DEVICES, blocks)
    heard = Microphone(find_device("1"), 16_000)
    found = []
    with pytest.raises(AudioError, match="unplugged"):
        found.extend(heard.blocks())
    samples = np.concatenate(found)
    assert len(samples) == pytest.approx(16_000, abs=500)  # the filter keeps the rest
    assert samples[1_000:10_000] == pytest.approx(0.25, abs=1e-3)
    assert heard.overflows == 1


def test_what_came_before_it_was_unplugged_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    install_sounddevice(monkeypatch, DEVICES, [np.ones((320, 1), np.float32)] * 3)
    blocks = Microphone(find_device("2"), 16_000).blocks()
    assert [len(next(blocks)) for _ in range(3)] == [320, 320, 320]
    with pytest.raises(AudioError, match="'USB Audio' was unplugged"):
        next(blocks)


def test_a_device_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    install_sounddevice(monkeypatch, DEVICES, [], opens=False)
    with pytest.raises(AudioError, match="cannot be opened .Device unavailable"):
        next(Microphone(find_device("2"), 16_000).blocks())


@pytest.mark.parametrize(("error", "mend"), [(ImportError(), r"tfkws\[mic\]"), (OSError("PortAudio"), "libportaudio2")])
def test_what_is_not_installed(monkeypatch: pytest.MonkeyPatch, error: Exception, mend: str) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name == "sounddevice":
            raise error
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(RuntimeUnavailableError, match=mend):
        list_devices()


@pytest.fixture
def sound_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """A PulseAudio of its own with a virtual microphone at the rate that is asked for; no sound card is needed."""
    for program in ("pulseaudio", "pactl", "paplay"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (Debian: pulseaudio pulseaudio-utils)")
    if ctypes.util.find_library("portaudio") is None:
        pytest.skip("PortAudio is not installed (Debian: libportaudio2)")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".asoundrc").write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")

    def start(rate: int) -> None:
        sink = f"module-null-sink sink_name=virt rate={rate} channels=1"
        source = f"module-remap-source master=virt.monitor source_name=virtmic rate={rate} channels=1"
        modules = ["-n", "-L", "module-native-protocol-unix", "-L", sink, "-L", source]
        quiet = ["--daemonize=yes", "--exit-idle-time=-1", "--disable-shm=true", "--log-level=error"]
        subprocess.run(["pulseaudio", *quiet, *modules], check=True, timeout=20)
        subprocess.run(["pactl", "set-default-source", "virtmic"], check=True, timeout=20)

    yield start
    subprocess.run(["pulseaudio", "-k"], check=False, timeout=20)


LISTEN = """
import json, sys, time, tfkws
from pathlib import Path
from tfkws.config.detector import ListenConfig
from tfkws.detect.live.listening import Listening
from tfkws.pipeline.listen import event_record, open_detectors, open_source
detectors = open_detectors([Path(sys.argv[1])], lambda settings: settings)
source = open_source(detectors, ListenConfig())
def tell(event):
    print(json.dumps(event_record(event)), flush=True)
def note(status):
    if status.seconds > 0 and not told:
        told.append(print(json.dumps({"event": "ready", "device": source.name}), flush=True))
told = []
try:
    Listening(detectors, source, ListenConfig(), tell, note).run()
except Exception as error:
    print(json.dumps({"event": "error", "message": str(error)}), flush=True)
"""


@pytest.mark.device
@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_a_virtual_microphone_is_heard_and_may_be_pulled_away(
    sound_server: Callable[..., None], rate: int, tmp_path: Path
) -> None:
    sound_server(rate)
    bundle = write_loudness_bundle(tmp_path / "loudness.kws")
    tone = tmp_path / "tone.wav"
    soundfile.write(tone, np.concatenate([np.zeros(rate), 0.5 * np.sin(np.arange(rate) * 5_300 / rate)]), rate)
    silence = tmp_path / "silence.wav"
    soundfile.write(silence, np.zeros(60 * rate), rate)
    playing = subprocess.Popen(["paplay", "--device=virt", str(silence)])  # a monitor may deliver nothing when idle
    listening = subprocess.Popen([sys.executable, "-c", LISTEN, str(bundle)], stdout=subprocess.PIPE, text=True)
    assert listening.stdout is not None
    try:
        assert json.loads(listening.stdout.readline())["event"] == "ready"
        subprocess.run(["paplay", "--device=virt", str(tone)], check=True, timeout=20)
        heard = json.loads(listening.stdout.readline())
        assert (heard["event"], heard["label"]) == ("detection", "loud")
        subprocess.run(["pulseaudio", "-k"], check=True, timeout=20)
        assert "plug it in" in json.loads(listening.stdout.readline())["message"]
    finally:
        listening.kill()
        playing.kill()
        listening.communicate()
        playing.wait()
