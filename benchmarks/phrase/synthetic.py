"""Audio for phrases that nobody recorded: voices that no training heard, among recorded words, in rooms and noise.

The voices are of speakers of the validation split, drawn by a seed that no training uses. The threshold of a detector
is chosen on other voices of these same speakers, so a detector does not meet them as strangers altogether. What else is
said are recorded words of testing speakers; rooms are measured ones and noises the parts kept for testing, which no
training uses.
"""

from dataclasses import replace
from pathlib import Path

from benchmarks.detectors.timelines import Plan, compose
from benchmarks.phrase.audio import HAPPY
from tfkws.config.hearing.over_air import TimelineConfig
from tfkws.data.audio.files import write_clip
from tfkws.detect.timeline.recordings import Recording, gather
from tfkws.pipeline.wakeword.speech import speech_cache
from tfkws.processor import cores_allowed
from tfkws.run_folder import whole_file
from tfkws.speech.phrase import parse_phrase
from tfkws.speech.requests import Request
from tfkws.speech.utterances import speak_all
from tfkws.speech.voice import Voice
from tfkws.speech.voices import available_engines, draw_voices

HELD_OUT_SEED = 7_919  # of no training
VOICES, TAKES = 60, 2
HOURS = 1.0


def synthetic_name(phrase: str) -> str:
    """Name the file.

    >>> synthetic_name("okay lantern")
    'synthetic-okay_lantern'
    """
    return f"synthetic-{phrase.replace(' ', '_')}"


def compose_synthetic(phrase: str, words: Path, folder: Path, voices: int = VOICES, hours: float = HOURS) -> Path:
    """Say a phrase in held-out voices and lay it among recorded words; what is there is kept.

    Args:
        words: folder in Speech Commands' layout, with noises and rooms.
        folder: receives the audio, its timeline, and the utterances.
    """
    path = folder / f"{synthetic_name(phrase)}.flac"
    if path.with_suffix(".json").exists():
        return path
    said = spoken(phrase, folder / "spoken" / phrase.replace(" ", "_"), voices)
    settings = TimelineConfig(
        (HAPPY,), split="testing", words_per_hour=len(said) / hours, snr_db=(None, 20.0, 10.0), seed=HELD_OUT_SEED
    )
    material = replace(gather(words, settings), words=said, source="synthetic")
    title = f'"{phrase}", synthetic voices among recorded words'
    named = replace(settings, words=(phrase,))
    return compose(Plan(path.stem, title, True, material, named, hours * 3_600), folder)


def spoken(phrase: str, folder: Path, voices: int) -> tuple[Recording, ...]:
    """Say a phrase in every held-out voice, and return the utterances as recordings."""
    parsed = parse_phrase(phrase)
    drawn = draw_voices(available_engines(), voices, HELD_OUT_SEED, "validation")
    requests = [Request(parsed, voice, take=take) for voice in drawn for take in range(TAKES)]
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for utterance in speak_all(requests, speech_cache(), cores_allowed()):
        voice, take = utterance.request.voice, utterance.request.take
        path = folder / f"{voice.id}_{take}.wav"
        if not path.exists():
            with whole_file(path) as partial:
                write_clip(partial, utterance.cut(), synthetic=True)
        file = f"{folder.name}/{path.name}"
        found.append(Recording(path, file, parsed.text, speaker_of(voice), "validation", "synthetic"))
    return tuple(sorted(found, key=lambda each: each.file))


def speaker_of(voice: Voice) -> str:
    """Return whose voice it is, for intervals; of a blend the first.

    >>> speaker_of(Voice("kokoro", "am_adam:0.60+af_sky:0.40"))
    'kokoro/am_adam'
    """
    return f"{voice.engine}/{voice.speakers[0]}"
