"""The page about a detector: whole from its record alone, and a sentence where a record lacks something."""

from pathlib import Path
from typing import Any

import pytest
from wakeword_records import earlier_record, made_up_record

from tfkws.report.build import PAGE, compose_report
from tfkws.report.collect import WakewordResults
from tfkws.report.page import Section, Step
from tfkws.report.wakeword.sections import wakeword_cards, wakeword_sections
from tfkws.run_folder import write_json
from tfkws.views.table import Table


def sections(record: dict[str, Any], name: str = "") -> list[Section]:
    return list(wakeword_sections(WakewordResults(Path("run"), record), name))


def titles(section: Section) -> list[str]:
    return [part.title for part in section.parts if isinstance(part, Table)]


def test_the_sections_tell_everything_in_order() -> None:
    hearing, asked, training, following = sections(made_up_record())
    assert hearing.title == "Misses against false accepts"
    assert titles(hearing) == ["What a rate costs"]
    assert titles(asked) == ["What was asked", "What was said", "In whose voices"]
    assert titles(training) == ["Rounds", "Times"]
    assert str(training.parts[0]).startswith("tc_resnet8 on windows of 1.3 s")
    assert "passed" in str(training.parts[1])
    assert all(isinstance(part, Step) for part in following.parts)
    assert sections(made_up_record(), "hey")[0].title == "Misses against false accepts: hey"


def test_the_record_of_an_earlier_version_is_told_with_one_sentence_for_what_it_lacks() -> None:
    hearing, asked, training, _ = sections(earlier_record())
    assert "an earlier version wrote it" in str(hearing.parts[1])
    assert titles(hearing) == ["'hey computer', int8"]
    assert titles(asked) == ["What was asked", "What was said"]
    assert titles(training) == ["Rounds", "Times"]


@pytest.mark.parametrize("part", ["validation", "curve", "rates", "settings", "times", "rounds", "gate", "bundle"])
@pytest.mark.parametrize("value", [7, {"x": "y"}, [1], "text"])
def test_a_damaged_part_leaves_a_sentence_and_the_rest_stands(part: str, value: Any) -> None:
    record = made_up_record(**{part: value})
    found = sections(record)
    told = [str(each) for section in found for each in section.parts if isinstance(each, str)]
    assert any(sentence.startswith("Left out: result.json of run") for sentence in told) or part == "bundle"
    assert len(found) == 4
    wakeword_cards(WakewordResults(Path("run"), record))


def test_the_head_tells_the_few_numbers() -> None:
    cards = wakeword_cards(WakewordResults(Path("run"), made_up_record()))
    assert [card.value for card in cards] == ["5.0 %", "0.5 / h", "81.2 KiB", "1.94 M", "3.0 min"]
    assert "synthetic" in cards[0].meaning and "3 in 6 h; at most 0.5 asked for" in cards[1].meaning


def test_a_page_about_one_detector_is_named_by_its_phrase_and_nothing_of_it_is_markup(tmp_path: Path) -> None:
    record = made_up_record()
    record["settings"]["phrase"] = "<script>alert(1)</script>\x1b[2J"
    write_json(tmp_path / "run" / "wakeword.json", {})
    write_json(tmp_path / "run" / "result.json", record)
    report = compose_report(tmp_path)
    page = report.texts[PAGE]
    assert "<script" not in page and not any("\x1b" in text for text in report.texts.values())
    assert "<h1>tfkws: &lt;script&gt;alert(1)" in page
    assert "Judged on synthetic speech" in page
    assert page.count("<svg") == len(report.drawings) == 1


def test_detectors_beside_each_other_are_told_by_their_folders(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_json(tmp_path / name / "wakeword.json", {})
        write_json(tmp_path / name / "result.json", made_up_record())
    page = compose_report(tmp_path).texts[PAGE]
    assert "Type next: one" in page and "Type next: two" in page
    assert "Judged on synthetic speech" in page
