"""A voice's id and split."""

from dataclasses import replace

from tfkws.data.prepare.espeak import VARIANTS
from tfkws.speech.engines.table import ENGINES
from tfkws.speech.voice import Voice, split_of

VOICE = Voice("kokoro", "af_heart:0.60+am_adam:0.40", "en-us", 1.1, 0.9)


def test_the_id_depends_on_all_of_it() -> None:
    changed = [{"name": "af_sky"}, {"accent": "en"}, {"rate": 1.2}, {"pitch": 1.0}, {"inflection": 0.1}]
    ids = {replace(VOICE, **change).id for change in changed} | {VOICE.id}  # type: ignore[arg-type]
    assert len(ids) == 6
    assert all(len(each) == 8 and int(each, 16) >= 0 for each in ids)


def test_speakers_of_a_blend_are_both() -> None:
    assert VOICE.speakers == ("af_heart", "am_adam")
    assert Voice("piper", "joe").speakers == ("joe",)
    assert Voice("espeak", "", "en-us").speakers == ("",)


def test_rate_pitch_and_accent_never_move_a_speaker_to_the_other_split() -> None:
    for name in VARIANTS[:20]:
        splits = {Voice("espeak", name, accent, rate).split for accent in ("en", "en-us") for rate in (0.8, 1.2)}
        assert splits == {split_of("espeak", name)}


def test_every_engine_has_a_speaker_in_training_and_kokoro_both_sexes_in_validation() -> None:
    for engine in ENGINES.values():
        assert "training" in {split_of(engine.name, speaker) for speaker in engine.speakers["en"]}, engine.name
    held = [name for name in ENGINES["kokoro"].speakers["en"] if split_of("kokoro", name) == "validation"]
    assert {name[1] for name in held} == {"f", "m"} and {name[0] for name in held} == {"a", "b"}
    assert 4 <= len(held) <= 8
