import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from fake_bundles import write_loudness_bundle
from fake_sounddevice import install_sounddevice
from refused_commands import assert_refused
from typer.testing import CliRunner, Result

from tfkws.cli import app

RATE = 16_000
LOUD = 0.5 * np.sin(np.arange(RATE) / 3)
SIGNAL = np.concatenate([np.zeros(RATE), LOUD, np.zeros(RATE)]).astype(np.float32)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_loudness_bundle(tmp_path_factory.mktemp("bundle") / "loudness.kws")


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    path = tmp_path / "signal.wav"
    soundfile.write(path, np.stack([SIGNAL, SIGNAL], 1), 48_000 // 3)
    return path


def listen(*arguments: Any, given: bytes | str | None = None) -> Result:
    done = CliRunner().invoke(app, ["listen", *map(str, arguments)], input=given)
    assert done.exit_code == 0, done.output
    return done


def lines_of(done: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_file(bundle: Path, wav: Path) -> None:
    done = listen(bundle, "--wav", wav)
    assert done.stdout.count("loud ") == 1
    assert "Listened to 3.0 s" in done.stdout


def test_json_lines(bundle: Path, wav: Path) -> None:
    began, heard, end = lines_of(listen(bundle, "--wav", wav, "--json"))
    assert (began["event"], began["detectors"]) == ("listening", ["loudness"])
    assert (heard["event"], heard["label"], heard["detector"]) == ("detection", "loud", "loudness")
    assert 1 < heard["time_s"] < 2.2
    assert end["detectors"][0]["answered"] == 21
    assert end["detectors"][0]["settings"]["threshold"] == 0.5


def test_a_wav_and_raw_samples_in_a_pipe(bundle: Path, wav: Path) -> None:
    raw = np.round(SIGNAL * 32_767).astype("<i2").tobytes()
    for audio in (wav.read_bytes(), raw):
        events = lines_of(listen(bundle, "--stdin", "--json", given=audio))
        assert [event["event"] for event in events] == ["listening", "detection", "end"]


def test_chunks_print_1_or_0(bundle: Path, wav: Path) -> None:
    assert listen(bundle, "--wav", wav, "--chunk-ms", "1000").stdout.splitlines()[:3] == ["0", "1", "0"]


def test_options_replace_the_bundles_settings(bundle: Path, wav: Path) -> None:
    events = lines_of(listen(bundle, "--wav", wav, "--json", "--threshold", "1.0", "--hop-ms", "200"))
    assert [event["event"] for event in events] == ["listening", "end"]
    assert events[-1]["detectors"][0]["answered"] == 11


def test_hits_are_recorded_and_a_program_is_started(bundle: Path, wav: Path, tmp_path: Path) -> None:
    told = tmp_path / "told"
    code = f"import sys; open({str(told)!r}, 'w').write(sys.argv[1])"
    folder = tmp_path / "heard"
    listen(bundle, "--wav", wav, "--record", folder, "--on-detect", f'{sys.executable} -c "{code}" {{label}}')
    assert len(list((folder / "hits" / "loud").glob("*.wav"))) == 1
    for _ in range(100):
        if told.exists() and told.read_text():
            break
        time.sleep(0.05)
    assert told.read_text() == "loud"


def test_a_microphone_that_is_unplugged(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfkws.detect.capture.microphone.SILENT_DEVICE_S", 0.3)
    blocks = np.split(np.stack([SIGNAL, SIGNAL], 1), 150)
    install_sounddevice(monkeypatch, [("Speakers", 0, 48_000), ("USB Audio", 2, RATE)], blocks)
    done = CliRunner().invoke(app, ["listen", str(bundle), "--json", "--max-delay-ms", "60000"])
    assert done.exit_code == 1
    assert [line["event"] for line in lines_of(done)][:2] == ["listening", "detection"]
    assert "was unplugged" in done.stderr


def test_list(monkeypatch: pytest.MonkeyPatch) -> None:
    install_sounddevice(monkeypatch, [("Speakers", 0, 48_000), ("[red]USB Audio", 2, 44_100)], [])
    done = listen("--list")
    assert "[red]USB Audio" in done.stdout
    assert [device["rate_hz"] for device in json.loads(listen("--list", "--json").stdout)] == [44_100]


def test_a_program_changes_settings_while_it_runs(bundle: Path, wav: Path) -> None:
    """The threshold is set out of reach before the tone comes; a line that is no setting is answered."""
    command = [sys.executable, "-m", "tfkws", "listen", str(bundle), "--wav", str(wav), "--live", "--json"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    process.stdin.write('nonsense\n{"threshold": 1.0}\n')
    process.stdin.flush()
    stdout, _ = process.communicate(timeout=60)
    events = [json.loads(line) for line in stdout.splitlines()]
    assert {event["event"] for event in events} == {"listening", "error", "end"}
    assert events[-1]["detectors"][0]["settings"]["threshold"] == 1.0


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_with_the_summary(bundle: Path, tmp_path: Path) -> None:
    long = tmp_path / "long.wav"
    soundfile.write(long, np.zeros(60 * RATE), RATE)
    command = [sys.executable, "-m", "tfkws", "listen", str(bundle), "--wav", str(long), "--live", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["event"] == "listening"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=30)
    assert (process.returncode, stderr) == (130, "")
    assert json.loads(stdout.splitlines()[-1])["event"] == "end"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Nothing to listen with"),
        (["none.kws"], "none.kws does not exist"),
        (["BUNDLE", "--wav", "none.wav"], "none.wav does not exist"),
        (["BUNDLE", "--wav", "a.wav", "--stdin"], "give one of them"),
        (["BUNDLE", "BUNDLE", "--wav", "a.wav"], "must differ in name"),
        (["BUNDLE", "--wav", "a.wav", "--threshold", "2"], "--threshold must lie above 0"),
        (["BUNDLE", "--wav", "a.wav", "--chunk-ms", "5000"], "at most 1000 ms"),
        (["BUNDLE", "--wav", "none.wav", "--on-detect", "no-such-program"], "--on-detect needs a program"),
        (["BUNDLE", "--stdin"], "holds no audio"),
    ],
)
def test_refusals(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    filled = [str(bundle) if argument == "BUNDLE" else argument for argument in arguments]
    assert_refused(["listen", *filled], sentence, tmp_path, monkeypatch)
