from wakeword_records import earlier_record, made_up_record

from tfkws.views.wakeword.making import asked_table, option_of, rounds_table, said_tables, times_table


def test_what_was_asked_is_told_without_what_was_not() -> None:
    cells = {row[0]: row[1] for row in asked_table(made_up_record()).rows}
    assert cells["phrase"] == "hey computer"
    assert cells["limits of the network"] == "3 M MACs, arena 32 KiB"
    assert cells["given besides"] == "--speech"
    assert "4,000 steps in 2 rounds" in cells["effort"]
    assert "pronunciation" not in cells
    assert "limits of the network" not in {row[0] for row in asked_table(earlier_record()).rows}


def test_speech_of_a_synthesiser_is_called_so() -> None:
    said, voices = said_tables(made_up_record())
    assert said.rows == (
        ("the phrase", "synthetic", "240", "20"),
        ("recorded speech without it", "recorded", "1,234", "0"),
    )
    assert voices.rows == (("espeak", "120", "200", "30", "50"),)
    assert len(list(said_tables(earlier_record()))) == 1


def test_a_round_that_was_not_judged_has_no_share() -> None:
    assert rounds_table(made_up_record()).rows == (("2,000", "8,000", "", ""), ("4,000", "0", "25.0 %", "0.750"))


def test_times_are_summed() -> None:
    assert times_table(made_up_record()).rows[-1] == ("all", "3.0", "5.5")


def test_an_earlier_run_is_given_by_from() -> None:
    assert [option_of(name) for name in ("recordings", "earlier")] == ["--recordings", "--from"]
