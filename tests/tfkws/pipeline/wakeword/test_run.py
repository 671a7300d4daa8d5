from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_effort import TINY

from tfkws.config.wakeword import NetworkLimits, WakewordConfig
from tfkws.errors import PhraseError, RunFolderError
from tfkws.pipeline.parts.progress import StageProgress

pytest.importorskip("espeakng_loader")
CONFIG = WakewordConfig(
    "hey computer", engines=("espeak",), model="tc_resnet8", false_accepts_per_hour=100.0, sizes=TINY
)


class Told(StageProgress):
    """Keeps the titles of stages."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.lines: list[str] = []

    def stage(self, title: str) -> None:
        self.stages.append(title)

    def say(self, text: str) -> None:
        self.lines.append(text)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from tfkws.pipeline.wakeword.run import make_wakeword

    told = Told()
    return make_wakeword(CONFIG, tmp_path_factory.mktemp("wakeword"), progress=told, workers=1), told


def test_a_phrase_becomes_a_bundle_that_hears(made: Any) -> None:
    from tfkws.detect.detector import Detector

    detector = Detector(made[0].bundle)
    assert detector.words == ("hey computer",)
    found = detector.settings.found
    assert found is not None
    assert found.source == "synthetic"
    assert found.wanted_per_hour == 100.0
    assert detector.settings.threshold == made[0].record["detector"]["threshold"]
    assert detector.answers(np.zeros(2 * detector.window_samples, np.float32))


def test_with_microwakewords_front_end_it_becomes_a_device(tmp_path: Path) -> None:
    from tfkws.config import ExportSettings
    from tfkws.detect.detector import Detector
    from tfkws.pipeline.export import export_bundle
    from tfkws.pipeline.wakeword.run import make_wakeword

    made = make_wakeword(replace(CONFIG, model="", front_end="micro-40x98"), tmp_path / "run", workers=1)
    detector = Detector(made.bundle)
    assert (made.record["model"]["name"], detector.hop_samples, detector.settings.hop_ms) == ("mixednet", 480, 30.0)
    assert detector.settings.window_ms % 30 == 0 and detector.settings.found is not None
    assert len(detector.answers(np.zeros(3 * detector.window_samples, np.float32))) > 60
    folder = export_bundle(made.bundle, ExportSettings(to="esphome")).path
    assert (folder / "hey_computer.json").exists() and (folder / "hey_computer.tflite").exists()


def test_the_plan_comes_first_and_stages_are_timed(made: Any) -> None:
    _, told = made
    assert told.lines[0].startswith("plan for 'hey computer'")
    assert set(made[0].record["times"]) == {"speech", "tracks", "network", "training", "detector"}
    assert made[0].record["utterances"]["training phrase"] == 8


def test_a_run_ends_with_a_report_of_the_files_own_curve(made: Any) -> None:
    from tfkws.pipeline.report import write_report
    from tfkws.pipeline.wakeword.run import make_wakeword

    folder, record = made[0].bundle.parent, made[0].record
    assert made[0].page == folder / "report" / "index.html"
    page = made[0].page.read_text()
    assert "<h1>tfkws: hey computer</h1>" in page and "What a rate costs" in page and page.count("<svg") == 1
    chosen = next(each for each in record["rates"] if each["wanted_per_hour"] == 100.0)
    assert chosen["threshold"] == record["detector"]["threshold"]
    assert chosen["misses"] == record["validation"]["misses"]
    assert record["gate"]["passed"]
    assert [each["engine"] for each in record["voices"]] == ["espeak"]
    assert sum(each["utterances"]["training"] for each in record["voices"]) == sum(
        count for name, count in record["utterances"].items() if name.startswith("training")
    )
    made[0].page.unlink()
    assert make_wakeword(CONFIG, folder, workers=1).page.read_text() == page
    assert write_report(folder, folder / "report").read_text() == page


def test_a_finished_run_is_not_repeated(made: Any) -> None:
    from tfkws.pipeline.wakeword.run import make_wakeword

    told = Told()
    again = make_wakeword(CONFIG, made[0].bundle.parent, progress=told, workers=1)
    assert again.record == made[0].record
    assert told.stages == []


def test_other_settings_are_refused(made: Any) -> None:
    from tfkws.pipeline.wakeword.run import make_wakeword

    with pytest.raises(RunFolderError, match="choose another folder"):
        make_wakeword(replace(CONFIG, seed=1), made[0].bundle.parent, workers=1)
    with pytest.raises(RunFolderError, match="choose another folder"):
        make_wakeword(CONFIG, made[0].bundle.parent, limits=NetworkLimits(max_macs=1e9), workers=1)


def test_a_run_goes_on_after_its_last_round(made: Any, tmp_path: Path) -> None:
    import shutil

    from tfkws.pipeline.wakeword.run import make_wakeword
    from tfkws.pipeline.wakeword.sources import RECORD

    folder = tmp_path / "again"
    shutil.copytree(made[0].bundle.parent, folder)
    for name in (RECORD, "hey_computer.kws"):
        (folder / name).unlink()
    shutil.rmtree(folder / "model")
    again = make_wakeword(CONFIG, folder, workers=1)
    assert again.record["rounds"] == made[0].record["rounds"]
    assert again.record["detector"] == made[0].record["detector"]


def test_a_short_retraining_begins_with_an_earlier_run(made: Any, tmp_path: Path) -> None:
    import soundfile

    from tfkws.pipeline.wakeword.run import make_wakeword
    from tfkws.pipeline.wakeword.sources import Sources

    negatives = tmp_path / "kept"
    negatives.mkdir()
    soundfile.write(negatives / "miss.wav", np.random.default_rng(0).normal(0, 0.1, 16_000), 16_000)
    sources = Sources(negatives=negatives, earlier=made[0].bundle.parent)
    again = make_wakeword(CONFIG, tmp_path / "run", sources, workers=1)
    assert again.record["utterances"]["training kept"] == 1
    assert again.record["rounds"][-1]["steps"] == TINY.steps // 4
    assert again.record["model"] == made[0].record["model"]
    with pytest.raises(RunFolderError, match="not 'athena'"):
        make_wakeword(replace(CONFIG, phrase="athena"), tmp_path / "other", sources, workers=1)


def test_a_phrase_that_nobody_says_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    from tfkws.pipeline.wakeword.run import make_wakeword

    for phrase in ("", "x", "42", "🙂", "one two three four five six seven eight"):
        with pytest.raises(PhraseError):
            make_wakeword(replace(CONFIG, phrase=phrase), tmp_path / "run", workers=1)
    assert not (tmp_path / "run").exists()
