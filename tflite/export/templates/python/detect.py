"""Hear words in a WAV file, or in samples of 16 bits on standard input; needs numpy and ai-edge-litert.

python detect.py clip.wav
arecord -q -t raw -f S16_LE -c 1 -r 16000 | python detect.py
"""

import json
import sys
import wave
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

FOLDER = Path(__file__).parent
SET = json.loads((FOLDER / "settings.json").read_text(encoding="utf-8"))
TABLES = dict(np.load(FOLDER / "front_end.npz"))
NET = Interpreter(str(FOLDER / "model.tflite"), num_threads=1)
NET.allocate_tensors()
INPUT, *STATES = NET.get_input_details()
OUTPUT, *RENEWED = NET.get_output_details()


def forget() -> None:
    """Let a network that keeps what it heard begin anew."""
    for state in STATES:
        NET.set_tensor(state["index"], np.full(state["shape"], state["quantization"][1], state["dtype"]))


def features(audio: np.ndarray) -> np.ndarray:
    """Return what the network takes of samples in -1..1."""
    if SET["takes_audio"]:
        return audio
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(audio, SET["padding"]), len(TABLES["window"]))
    spectrum = np.fft.rfft(frames[:: SET["frame_hop"]] * TABLES["window"], SET["fft_length"])
    bands = (np.abs(spectrum) ** 2).astype(np.float32) @ TABLES["filters"]
    rows = (np.log(bands + np.float32(SET["floor"])) @ TABLES["cosines"] - TABLES["mean"]) * TABLES["scale"]
    return rows if SET["time_first"] else rows.T


def answer(audio: np.ndarray) -> np.ndarray:
    """Return the probability of each label in SET["take"] samples in -1..1."""
    values, (scale, zero) = features(audio).reshape(INPUT["shape"]), INPUT["quantization"]
    if scale:
        limits = np.iinfo(INPUT["dtype"])
        values = np.clip(np.round(values / np.float32(scale)) + zero, limits.min, limits.max)
    NET.set_tensor(INPUT["index"], values.astype(INPUT["dtype"]))
    NET.invoke()
    for state, renewed in zip(STATES, RENEWED, strict=True):
        NET.set_tensor(state["index"], NET.get_tensor(renewed["index"]))
    scale, zero = OUTPUT["quantization"]
    return (NET.get_tensor(OUTPUT["index"])[0].astype(np.float32) - zero) * np.float32(scale or 1)


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
    read = sys.stdin.buffer.read
    if len(sys.argv) > 1:
        file = wave.open(sys.argv[1])  # noqa: SIM115
        read = lambda size: file.readframes(size // 2)  # noqa: E731
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, SET["rate"]):
            sys.exit(f"{sys.argv[1]} must be mono, of 16 bits, at {SET['rate']} Hz.")
    while data := read(2 * SET["hop"]):
        yield np.frombuffer(data[: len(data) // 2 * 2], "<i2") / np.float32(32768)


if __name__ == "__main__":
    for word, score, seconds in hear(blocks()):
        print(f"{seconds:9.2f} s  {word}  {score:.2f}", flush=True)
