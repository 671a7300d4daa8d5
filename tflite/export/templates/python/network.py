"""From samples to the probability of each label: front end and network; needs numpy and ai-edge-litert."""

import json
from pathlib import Path

import front_end
import numpy as np
from ai_edge_litert.interpreter import Interpreter

FOLDER = Path(__file__).parent
SET = json.loads((FOLDER / "settings.json").read_text(encoding="utf-8"))
NET = Interpreter(str(FOLDER / "model.tflite"), num_threads=1)
NET.allocate_tensors()
INPUT, *STATES = NET.get_input_details()
OUTPUT, *RENEWED = NET.get_output_details()


def forget() -> None:
    """Let front end and network begin anew, if they keep what they heard."""
    front_end.forget()
    for state in STATES:
        NET.set_tensor(state["index"], np.full(state["shape"], state["quantization"][1], state["dtype"]))


def features(audio: np.ndarray) -> np.ndarray:
    """Return what the network takes of samples in -1..1."""
    if SET["takes_audio"]:
        return audio
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(audio, SET["padding"]), SET["window"])
    rows = front_end.rows(frames[:: SET["frame_hop"]])
    return rows if SET["time_first"] else rows.T


def answer(audio: np.ndarray) -> np.ndarray:
    """Return the probability of each label in SET["take"] samples in -1..1."""
    values, (scale, zero) = features(audio).reshape(INPUT["shape"]), INPUT["quantization"]
    if scale:
        values = np.clip(np.round(values / np.float32(scale)) + zero, *SET["limits"])
    NET.set_tensor(INPUT["index"], values.astype(INPUT["dtype"]))
    NET.invoke()
    for state, renewed in zip(STATES, RENEWED, strict=True):
        NET.set_tensor(state["index"], NET.get_tensor(renewed["index"]))
    scale, zero = OUTPUT["quantization"]
    return (NET.get_tensor(OUTPUT["index"])[0].astype(np.float32) - zero) * np.float32(scale or 1)
