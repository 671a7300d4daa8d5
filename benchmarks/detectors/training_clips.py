"""Clips to train a detector of "computer" on, without one recording of the word: a folder in Speech Commands' layout.

    computer/           synthetic speech
    <near word>/        synthetic speech of words that sound like it, in the same voices
    <word>/             the clips of a folder of recorded words
    sentence/           seconds cut from synthetic sentences, in the same voices
    between/            seconds in which one recorded word ends and another begins, both of one split

Without synthetic words among the negatives a network learns to tell a synthesiser from people.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from tfkws.config import SynthesisSettings
from tfkws.data.audio.files import CLIP_SAMPLES, SAMPLE_RATE_HZ, read_resampled, resample, to_int16, write_clip
from tfkws.data.clip_index import SYNTHETIC_MARKER, ClipIndex, read_index
from tfkws.data.draws import keyed_generator
from tfkws.data.prepare.espeak import speak
from tfkws.data.prepare.synthesize import synthesize
from tfkws.data.prepare.synthetic_clip import draw_voices, trim
from tfkws.data.splits import speaker_of, split_of

WORD = "computer"
# Parts of the word, words that begin or end like it, and words that a command begins with.
NEAR_WORDS = (
    *("compute", "computing", "commuter", "competitor", "compete", "company", "community", "compare", "compact"),
    *("complete", "common", "command", "come", "commerce", "confuse", "consumer", "container", "conductor", "pewter"),
    *("pupil", "tutor", "future", "router", "scooter", "shooter", "peter", "butter", "neuter", "cucumber", "recruiter"),
)
SENTENCES = (
    "come over here and put the water on the table",
    "can you make me a small coffee with a lot of milk",
    "the community will meet on the second day of the week",
    "she wanted to commute by train but could not find the station",
    "we have compared the prices of a few new cameras",
    "i would like a large cup of tea and two pieces of toast",
    "he put her picture on the counter and left the room",
    "the company will send you an answer some time next month",
    "please do not open the window while it is raining",
    "nobody knew what the future of that museum would be",
    "turn the music down a little and close the door",
    "they came too late to see the beginning of the film",
    "a few of us are going to the theatre tomorrow evening",
    "the children played with a scooter in front of the house",
    "what is the weather going to be like in the afternoon",
    "our tutor gave us a complicated question about grammar",
)
VOICES, WORD_TAKES, NEAR_TAKES, BETWEEN = 300, 6, 1, 6_000


def make_folder(recorded: Path, folder: Path) -> Path:
    """Write every clip that is not there yet; return the folder that a training takes."""
    words, near, target = folder / "word", folder / "near", folder / "clips"
    synthesize(words, SynthesisSettings((WORD,), VOICES, WORD_TAKES))
    synthesize(near, SynthesisSettings(NEAR_WORDS, VOICES, NEAR_TAKES))
    index = read_index(recorded)
    for source in (words, near):
        _link(source, read_index(source).files, target)
    _link(words, (SYNTHETIC_MARKER,), target)  # scores on this folder say that its speech is synthetic
    _link(recorded, (*index.files, *index.noises, *index.responses), target)
    _write_all(target / "sentence", _sentence_seconds())
    _write_all(target / "between", _between_words(index))
    return target


def _link(source: Path, files: Sequence[str], target: Path) -> None:
    for file in files:
        path = target / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            os.symlink((source / file).resolve(), path)


def _write_all(folder: Path, clips: Iterator[tuple[str, np.ndarray]]) -> None:
    """Write clips by name, unless the folder's mark says that all are there."""
    done = folder / ".complete"
    if done.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, samples in clips:
        write_clip(folder / name, to_int16(samples))
    done.touch()


def _sentence_seconds() -> Iterator[tuple[str, np.ndarray]]:
    """Yield a sentence of each voice in pieces of a second, each named by the voice."""
    voices = draw_voices(VOICES, seed=0)
    for number, sentence in enumerate(SENTENCES):
        mine = dict(list(voices.items())[number :: len(SENTENCES)])
        spoken, rate_hz = speak(sentence, tuple(mine.values()))
        for speaker, samples in zip(mine, spoken, strict=True):
            audio = resample(samples.astype(np.float32) / 32768, rate_hz, SAMPLE_RATE_HZ)
            for take, piece in enumerate(_pieces(audio)):
                yield f"{speaker}_nohash_{take}.wav", _levelled(piece, keyed_generator("level", speaker, take))


def _pieces(audio: np.ndarray) -> np.ndarray:
    """Return overlapping seconds, float32 (n, samples), one every half second."""
    begins = range(0, len(audio) - CLIP_SAMPLES + 1, CLIP_SAMPLES // 2)
    return np.stack([audio[begin : begin + CLIP_SAMPLES] for begin in begins])


def _levelled(audio: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Set the level between -28 and -14 dBFS, as that of synthetic words is, and put a faint noise under it."""
    rms = np.sqrt(np.mean(np.square(audio, dtype=np.float64))) + 1e-9
    gain = min(10 ** (rng.uniform(-28, -14) / 20) / rms, 0.95 / (np.abs(audio).max() + 1e-9))
    floor = rng.standard_normal(len(audio)) * 10 ** (rng.uniform(-70, -45) / 20)
    return np.asarray(audio * gain + floor, np.float32)


def _between_words(index: ClipIndex) -> Iterator[tuple[str, np.ndarray]]:
    """Yield seconds in which one recorded word ends and another begins, named by the first one's speaker."""
    by_split: dict[str, list[str]] = {}
    for file in index.files:
        by_split.setdefault(split_of(file), []).append(file)
    for number in range(BETWEEN):
        rng = keyed_generator("between", number)
        first = index.files[rng.integers(len(index.files))]
        others = by_split[split_of(first)]
        second = others[rng.integers(len(others))]
        gap = np.zeros(int(rng.integers(0, 2_400)), np.float32)
        joined = np.concatenate([_spoken(index, first), gap, _spoken(index, second)])
        begin = int(rng.integers(0, max(1, len(joined) - CLIP_SAMPLES)))
        piece = joined[begin : begin + CLIP_SAMPLES]
        yield f"{speaker_of(first)}_nohash_{number}.wav", np.pad(piece, (0, CLIP_SAMPLES - len(piece)))


def _spoken(index: ClipIndex, file: str) -> np.ndarray:
    return trim(read_resampled(index.data_dir / file))
