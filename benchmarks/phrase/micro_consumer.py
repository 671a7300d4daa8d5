"""pymicro-wakeword loads an exported manifest and hears three seconds of noise, in a process of its own.

The package loads its TensorFlow Lite for the whole process, where another one aborts.

    python -m benchmarks.phrase.micro_consumer MANIFEST
"""

import sys
from pathlib import Path

import numpy as np

SECONDS, RATE_HZ = 3, 16_000


def main(manifest: Path) -> None:
    """Say how many answers there were, each a probability.

    Raises:
        SystemExit: there were none, or one was no probability.
    """
    from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures

    model = MicroWakeWord.from_config(manifest)
    sound = np.random.default_rng(0).normal(0, 1_000, SECONDS * RATE_HZ).astype("<i2").tobytes()
    heard = [model.process_streaming_prob(frame) for frame in MicroWakeWordFeatures().process_streaming(sound)]
    answers = [each for each in heard if each is not None]
    if not answers or not all(0 <= each <= 1 for each in answers):
        raise SystemExit(f"pymicro-wakeword gave {len(answers)} answers, not all of them probabilities")
    print(f"pymicro-wakeword: {len(answers)} answers to {SECONDS} s of noise")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
