"""Hold this machine's answers against those that were written where the network was exported."""

import sys

import numpy as np
from network import FOLDER, OUTPUT, SET, answer, forget

GOLDEN = dict(np.load(FOLDER / "golden.npz"))
allowed = 2 * OUTPUT["quantization"][0] or 1e-4  # two steps of a quantised output


def last_answer(clip: np.ndarray) -> np.ndarray:
    """Return the answer to the end of a clip, int16 (samples,), heard from the start."""
    forget()
    audio = np.pad(clip / np.float32(32768), SET["lead"])
    steps = (len(audio) - SET["take"]) // SET["hop"] + 1
    answers = [answer(audio[at * SET["hop"] :][: SET["take"]]) for at in range(steps)]
    return answers[-1]


if __name__ == "__main__":
    error = max(float(np.abs(last_answer(clip) - wanted).max()) for clip, wanted in zip(*GOLDEN.values(), strict=True))
    print(f"largest difference {error:.2g}, allowed {allowed:.2g}: {'sound' if error <= allowed else 'NOT sound'}")
    sys.exit(error > allowed)
