"""pymicro-wakeword over a sound, in a process of its own.

The package loads its TensorFlow Lite for the whole process (RTLD_GLOBAL): a `tflite_runtime` that is loaded afterwards
takes functions of it, and aborts at the first float32 file.

python micro_consumer.py MANIFEST AUDIO.npy HEARD.npz WINDOW
"""

import sys
from pathlib import Path


def main(manifest: str, audio: str, heard: str, window: str) -> None:
    """Hear the sound twice, and write averages and decisions after each step of the model.

    Args:
        audio: file of int16 (n,), 16 kHz.
        heard: file of `averages` float (2, steps), `decisions` bool (2, steps) and `stride`, frames a step.
        window: answers that are averaged; 0 for the manifest's.
    """
    import numpy as np
    from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures

    model = MicroWakeWord.from_config(Path(manifest))
    if int(window):
        model.sliding_window_size = int(window)
        model._probabilities = type(model._probabilities)(maxlen=int(window))
    sound = np.load(audio, allow_pickle=False).astype("<i2").tobytes()
    averages, decisions = [], []
    for _ in range(2):
        frames = list(MicroWakeWordFeatures().process_streaming(sound))
        averages.append([model.process_streaming_prob(frame) for frame in frames])
        model.reset()
        decisions.append([model.process_streaming(frame) for frame in frames])
        model.reset()
    each = model.stride
    steps = slice(each - 1, None, each)
    np.savez(heard, averages=np.array(averages)[:, steps], decisions=np.array(decisions)[:, steps], stride=each)


if __name__ == "__main__":
    main(*sys.argv[1:])
