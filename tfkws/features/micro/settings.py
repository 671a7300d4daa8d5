"""What microWakeWord sets in the front end of TensorFlow Lite Micro; every one of its models was trained with it.

Source: TensorFlow's "microfrontend" (tensorflow/lite/experimental/microfrontend, Apache 2.0) for the numbers of bits,
and ESPHome's `micro_wake_word` component for the settings.
"""

from tfkws.config.features import MICRO

SAMPLE_RATE_HZ = int(MICRO["sample_rate_hz"])
WINDOW_SAMPLES = int(MICRO["window_samples"])  # 30 ms
HOP_SAMPLES = int(MICRO["hop_samples"])  # 10 ms
FFT_LENGTH = int(MICRO["fft_length"])
BANDS = int(MICRO["bands"])
LOW_HZ, HIGH_HZ = MICRO["low_hz"], MICRO["high_hz"]

WINDOW_BITS = 12
FILTER_BITS = 12

# Noise reduction: a running mean of each band, faster in odd ones, is taken off.
ESTIMATE_BITS = 10  # of the estimate behind the point
SMOOTHING_BITS = 14
EVEN_SMOOTHING = 0.025
ODD_SMOOTHING = 0.06
LEAST_REMAINING = 0.05

# Per-channel amplitude normalisation (PCAN): what remains is divided by (estimate + offset) to the power of strength.
GAIN_STRENGTH = 0.95
GAIN_OFFSET = 80.0
GAIN_BITS = 21
RATIO_BITS = 12
SHRUNK_BITS = 6

LOG_SHIFT = 6  # the logarithm is told in 64ths
CORRECTION_BITS = 3  # log2 of the transform's length - FILTER_BITS / 2: what the fixed-point transform divided by

SCALE = 0.0390625  # 1 / 25.6, from the front end's whole numbers to what networks receive
