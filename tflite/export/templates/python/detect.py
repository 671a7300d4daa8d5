"""Hear words in a WAV file, or in samples of 16 bits on standard input; needs numpy and ai-edge-litert.

python detect.py clip.wav
arecord -q -t raw -f S16_LE -c 1 -r 16000 | python detect.py
"""

import sys
import wave
from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np
from network import SET, answer, forget


def hear(blocks: Iterable[np.ndarray]) -> Iterator[tuple[str, float, float]]:
    """Yield word, score and seconds of what is heard in blocks of samples in -1..1."""
    audio, end, ready = np.zeros(SET["lead"], np.float32), SET["first_end"], dict[str, int]()
    recent, above = deque[np.ndarray](maxlen=SET["average"]), set[str]()
    forget()
    for block in blocks:
        audio = np.concatenate([audio, block])
        while len(audio) >= max(SET["take"], SET["hop"]):
            probabilities, audio = answer(audio[: SET["take"]]), audio[SET["hop"] :]
            if end >= SET["clip"]:  # else no whole window was heard yet
                recent.append(probabilities)
                for index, word in SET["words"]:
                    score = float(np.mean([each[index] for each in recent], dtype=np.float32))
                    if score < SET["threshold"]:
                        above.discard(word)
                    elif word not in above and end >= ready.get(word, 0):
                        above.add(word)
                        ready[word] = end + SET["rest"]
                        yield word, score, end / SET["rate"]
            end += SET["hop"]


def blocks() -> Iterator[np.ndarray]:
    """Yield the samples of the WAV file that is named, or of standard input."""
    file = wave.open(sys.argv[1]) if len(sys.argv) > 1 else None  # noqa: SIM115
    if file and (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, SET["rate"]):
        sys.exit(f"{sys.argv[1]} must be mono, of 16 bits, at {SET['rate']} Hz.")
    while data := file.readframes(SET["hop"]) if file else sys.stdin.buffer.read(2 * SET["hop"]):
        yield np.frombuffer(data[: len(data) // 2 * 2], "<i2") / np.float32(32768)


if __name__ == "__main__":
    for word, score, seconds in hear(blocks()):
        print(f"{seconds:9.2f} s  {word}  {score:.2f}", flush=True)
