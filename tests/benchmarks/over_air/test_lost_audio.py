"""The study of lost audio: its clock, its record of choices, and the page that quotes it."""

from benchmarks.over_air.lost_audio import TRIALS, conditions, device
from benchmarks.records import PUBLISHED, ROOT
from tfkws.run_folder import read_json

RECORDS = PUBLISHED / "over-air" / "lost_audio"


def test_the_page_quotes_the_tables_as_they_are() -> None:
    page = (ROOT / "docs" / "why-f1-falls.md").read_text()
    rows = {line for line in page.splitlines() if line.startswith("| ")}
    computed = {line for path in RECORDS.glob("*.md") for line in path.read_text().splitlines()}
    assert len(rows) > 60 and rows <= computed
    assert "curves-1000.png" in page and (RECORDS / "curves-1000.png").is_file()


def test_the_numbers_of_the_short_answer_are_those_of_the_tables() -> None:
    page = " ".join((ROOT / "docs" / "why-f1-falls.md").read_text().split())
    buffered, models = ((RECORDS / f"{stem}.md").read_text() for stem in ("buffered", "models"))
    densenet = next(line for line in buffered.splitlines() if line.startswith("| densenet")).split(" | ")
    largest = next(line for line in buffered.splitlines() if line.startswith("| effnetv2_xl")).split(" | ")
    assert f"the simulation gives {densenet[7]} for DenseNet where the paper has {densenet[4][:-2]}" in page
    assert f"{largest[7]} for EfficientNetV2-XL where it has {largest[4][:-2]}" in page
    first, second = (next(line for line in models.splitlines() if line.startswith(f"| {capture} | rhythm | 1 s | the"))
                     for capture in ("blocking", "buffered"))  # fmt: skip
    assert f"{second.split(' | ')[7]} of the squared falls" in page
    assert f"explains less**, {first.split(' | ')[7]}" in page
    assert f"rank correlation {first.split(' | ')[4][1:]}" in page


def test_every_condition_was_simulated_with_the_settings_that_stand_here() -> None:
    wanted = [tuple(each.values()) for each in conditions()]
    ideal = read_json(RECORDS / "ideal.json")
    assert [tuple(row[key] for key in next(conditions())) for row in ideal] == wanted
    assert len(wanted) == 8 * 2 * 2 * 2 * 2
    assert read_json(RECORDS / "listener.json")["trials"] == TRIALS.to_dict()


def test_the_device_rounds_its_latency_up_to_a_sample() -> None:
    assert device(0.10001, 500).latency == 1_601
    assert (device(0.1, 500).window, device(0.1, 500).hop) == (8_000, 8_000)
