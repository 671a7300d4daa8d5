from wakeword_records import counted, earlier_record, made_up_record

from tfkws.views.table import Table
from tfkws.views.wakeword.detector import detector_table, gate_sentence, hourly, minutes, network_sentence, rates_table


def cells_of(table: Table) -> dict[str, str]:
    return {row[0]: row[1] for row in table.rows}


def test_the_few_numbers_are_told() -> None:
    table = detector_table(made_up_record())
    cells = cells_of(table)
    assert table.title == "'hey computer', int8"
    assert cells["missed"] == "5.0 % [1.7, 13.7] % of 60"
    assert cells["false accepts an hour"].startswith("0.5 (3 in 6 h) [0.103, 1.46]")
    assert cells["missed at so many an hour"] == "5.0 % at 0.5, 0.0 % at 2"
    assert cells["minutes"] == "3.0: speech 2.0, tracks 1.0"
    assert "an answer here" not in cells
    assert "synthetic" in table.note


def test_a_record_of_an_earlier_version_has_no_other_rates() -> None:
    assert "missed at so many an hour" not in {row[0] for row in detector_table(earlier_record()).rows}


def test_a_timed_network_tells_its_time() -> None:
    timed = made_up_record(latency_us=80.0)
    assert ("an answer here", "80 µs") in detector_table(timed).rows
    assert "1.94 M MACs" in network_sentence(timed) and "an answer here 80 µs" in network_sentence(timed)


def test_an_arena_tells_where_it_comes_from_or_why_there_is_none() -> None:
    cells = cells_of(detector_table(made_up_record()))
    assert cells["arena on a microcontroller"] == "10 KiB, measured by TensorFlow Lite Micro"
    assert "10 KiB, maps alone" in network_sentence({k: v for k, v in made_up_record().items() if k != "arena"})
    refused = made_up_record(arena_bytes=None, arena="It has no operator X.")
    assert cells_of(detector_table(refused))["arena on a microcontroller"] == "It has no operator X."


def test_each_rate_tells_what_it_costs_and_what_the_hours_can_show() -> None:
    table = rates_table(made_up_record())
    assert [row[0] for row in table.rows] == ["0.1", "0.5", "2"]
    assert table.rows[0][1:] == ("", "", "", "no threshold gives it", "")
    assert table.rows[1] == ("0.5", "0.812", "0.5 (3 in 6 h)", "[0.103, 1.46]", "5.0 %", "[1.7, 13.7] %")
    assert "can show 0.5 an hour or more" in table.note
    assert "20 utterances of the phrase were laid 60 times" in table.note


def test_no_false_accept_is_not_told_as_none_an_hour() -> None:
    assert hourly(counted(0, 0)) == "below 0.5 (0 in 6 h)"


def test_the_gate_tells_both_accuracies_and_its_verdict() -> None:
    record = made_up_record()
    sentence = gate_sentence(record)
    assert "480 validation windows: 99.0 % the same answers, accuracy 97.0 % before and 96.0 % after" in sentence
    assert "[-2.00, +1.00] points" in sentence and sentence.endswith("allows 0.5: passed.")
    assert gate_sentence({"gate": record["gate"] | {"passed": False}}).endswith("REJECTED.")


def test_minutes_are_those_of_all_stages() -> None:
    assert minutes({"a": {"seconds": 90.0}, "b": {"seconds": 30.0}}) == "2.0"
