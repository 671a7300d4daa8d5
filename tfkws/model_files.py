"""Which program's model a file is, by its name and its first bytes, and how one of another program comes here.

Asked before anything heavy is imported, so that a wrong file is told at once.
"""

from pathlib import Path

HDF5, TFLITE, ZIP = b"\x89HDF\r\n\x1a\n", b"TFL3", b"PK\x03\x04"
_SAVE_ANEW = 'load it in its own program with Keras and save it anew: `model.save("NAME.keras")`'
_BY_SUFFIX = {
    ".onnx": "an ONNX model; convert it to .tflite, for instance by the program onnx2tf, and give that file",
    ".h5": f"in the old format of Keras; {_SAVE_ANEW}",
    ".hdf5": f"in the old format of Keras; {_SAVE_ANEW}",
    ".pb": "a TensorFlow graph; convert its SavedModel with tf.lite.TFLiteConverter.from_saved_model",
    ".pt": "a PyTorch model; export it to .tflite, for instance by the package litert-torch, and give that file",
    ".pth": "a PyTorch model; export it to .tflite, for instance by the package litert-torch, and give that file",
    ".safetensors": "a file of weights without a network; give a .keras or .tflite file",
    ".ckpt": "a checkpoint of weights without a network; give a .keras or .tflite file",
}  # fmt: skip
_SAVED_MODEL = (
    "a SavedModel; convert it with tf.lite.TFLiteConverter.from_saved_model and give the .tflite, or "
    'load it in its own program with Keras and save it anew: `model.save("NAME.keras")`'
)


def foreign_model(path: Path) -> str:
    """Return what a file or folder is and what to do with it, where it is a model that tfkws does not open.

    Returns:
        A sentence; empty for a file that tfkws opens, and for one that is no model at all.

    Example:
        >>> foreign_model(Path("net.onnx"))  # doctest: +ELLIPSIS
        'net.onnx is an ONNX model; convert it to .tflite, ...'
        >>> foreign_model(Path("int8.tflite"))
        ''
    """
    kind = _kind(path)
    return f"{path} is {kind}." if kind else ""


def _kind(path: Path) -> str:
    if path.is_dir():
        return _SAVED_MODEL if (path / "saved_model.pb").is_file() else ""
    start, suffix = _start(path), path.suffix.lower()
    if start[:8] == HDF5:
        return _BY_SUFFIX[".h5"]
    if start[4:8] == TFLITE:
        return (
            "" if suffix == ".tflite" else "a .tflite file by its content; rename it so that its name ends in .tflite"
        )
    return _BY_SUFFIX.get(suffix, "")


def _start(path: Path) -> bytes:
    """First bytes of a file; none where it is not there or cannot be read, which others tell."""
    try:
        with path.open("rb") as file:
            return file.read(8)
    except OSError:
        return b""
