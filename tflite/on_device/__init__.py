"""What runs on a device, pushed there as one file: Python 3.9, NumPy and a TFLite runtime are all it needs."""
