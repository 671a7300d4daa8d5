from phrase_records import run_record

from benchmarks.phrase.pooled_tables import (
    NOBODY,
    costs_table,
    exports_table,
    own_voice_table,
    pooled_table,
    synthetic_table,
    triggers_table,
)

SEEDS = [run_record("computer", "text", 0, 2), run_record("computer", "text", 1, 4)]


def test_seeds_stand_in_one_row_with_mean_and_range_and_synthetic_voices_beside_people() -> None:
    (row,) = pooled_table(SEEDS).rows
    assert row[:3] == ("computer-quick-text", "2", "30.0 % (20 to 40)")
    assert row[4] == "0.75 (0.75 to 0.75) in 4 h"
    assert row[6:] == ("0 of 2", "25.0 % (25 to 25)")


def test_a_phrase_that_nobody_recorded_has_synthetic_misses_alone() -> None:
    (row,) = pooled_table([run_record("okay_lantern", "text", 0, 0, nobody=True)]).rows
    assert (row[2], row[3], row[6], row[7]) == (NOBODY, "", NOBODY, "25.0 %")
    (row,) = synthetic_table([run_record("okay_lantern", "text", 0, 0, nobody=True)]).rows
    assert row[2:] == ("25.0 %", "[0.0, 50.0] %", "1 in 1 h", "[0.0253, 5.57]")


def test_recordings_are_compared_on_what_neither_training_heard() -> None:
    own = run_record("computer", "recordings", 0, 3)
    own["own_voice"] = {"files": ["computer/0.ogg", "computer/9.ogg"], "speaker": "p001"}
    computer = own["recorded"]["files"]["computer"]
    computer["tested"] = {"p001": [f"computer/{number}.ogg" for number in range(1, 9)]}
    text = run_record("computer", "text", 0, 4)  # missed 0 to 3, of which 0 is left out
    (row,) = own_voice_table([text, own]).rows
    assert row[:6] == ("computer", "quick", "1", "2, one speaker", "37.5 %", "25.0 %")
    assert row[6] == "one speaker"
    assert own_voice_table([own]).rows == ()


def test_what_set_it_off_is_counted_over_seeds() -> None:
    assert triggers_table(SEEDS).rows == (
        ("computer-quick-text", "sentences", "4"),
        ("computer-quick-text", "no speech", "2"),
    )


def test_exports_and_costs_are_told() -> None:
    assert exports_table(SEEDS).rows == (
        ("computer-quick-text", "esphome", "0 of 2", "0 of 0", "It has another front end."),
        ("computer-quick-text", "python", "2 of 2", "2 of 2", "sound"),
    )
    (row,) = costs_table(SEEDS).rows
    assert row[4:] == ("28.7 KiB", "3.0", "2.0", "speech 2.0, training 1.0")
    SEEDS[0]["measured_arena_bytes"] = None
    try:
        assert costs_table(SEEDS).rows[0][4] == "not measured"
    finally:
        SEEDS[0]["measured_arena_bytes"] = 29_344
