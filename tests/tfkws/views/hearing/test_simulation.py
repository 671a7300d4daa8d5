"""Tables of over-the-air trials from results made by hand."""

from typing import Any

from tfkws.config.hearing.simulation import AcousticsConfig, DeviceConfig, TrialsConfig
from tfkws.views.hearing.simulation import counted_trials_table, simulations_table, trials_table

RESULT: dict[str, Any] = {
    "bundle": "kws10-int8.kws", "word": "happy", "speech": "recorded", "carriers": ["same speaker"], "response": None,
    "settings": {"trials": TrialsConfig().to_dict(), "acoustics": AcousticsConfig().to_dict(),
                 "device": DeviceConfig().to_dict()},
    "latency_s": 3.674, "latency_source": "given", "mean_f1": 0.4, "interval": (0.3, 0.5), "lost_share": 0.75,
    "median_delay_s": 3.674, "longest_delay_s": 3.674, "windows": 75, "dropped_windows": 0,
    "trials": [{"subject": "a", "trial": 1, "utterances": 10, "lost_share": 0.75,
                "counts": {"utterances": {"tp": 3, "fp": 0, "fn": 7, "tn": 2},
                           "answers": {"tp": 3, "fp": 0, "fn": 0, "tn": 2}}}],
}  # fmt: skip


def test_a_simulation_has_a_row_with_its_conditions_around_it() -> None:
    table = simulations_table([RESULT])
    assert table.rows == (
        ("kws10-int8.kws", "3.67 s", "40.0 %", "[30.0, 50.0] %", "75.0 %", "3.67 s", "3.67 s", "75", "0"),
    )
    assert "blocking capture, chunks of 1000 ms, a sentence every 2 s" in table.title
    assert "made-up room of 0.4 s" in table.note and "Counted by utterances" in table.note


def test_trials_are_shown_by_the_chosen_way_of_counting() -> None:
    assert trials_table(RESULT).rows == (("a", "1", "10", "3", "0", "7", "2", "75.0 %"),)
    settings = RESULT["settings"] | {"device": DeviceConfig(counting="answers").to_dict()}
    assert trials_table(RESULT | {"settings": settings}).rows == (("a", "1", "10", "3", "0", "0", "2", "75.0 %"),)


def test_a_counted_log_has_a_row_a_subject() -> None:
    subject = {"subject": "anna", "trials": 5, "tp": 45, "fp": 1, "fn": 5, "tn": 49, "mean_f1": 0.9}
    counted = {"subjects": [subject], "mean_f1": 0.9, "interval": [0.8, 1.0]}
    table = counted_trials_table(counted)
    assert table.rows == (("anna", "5", "45", "1", "5", "49", "90.0 %"),)
    assert table.note == "Mean F1 over subjects 90.0 % [80.0, 100.0] %."
    other = counted_trials_table(counted | {"by_answers": {"mean_f1": 1.0, "interval": [1.0, 1.0]}})
    assert "Counted by answers: 100.0 %" in other.note
