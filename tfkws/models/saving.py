"""Keras models on disk: saved whole or not at all, loaded without running code from the file."""

import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import keras

from tfkws.errors import ModelError
from tfkws.models import strided_rows, sub_spectral_norm
from tfkws.run_folder import atomic_path

# Keras finds layers of ours in a file only where the module that registers them was imported.
OWN_LAYERS = (strided_rows.StridedRowsDepthwiseConv2D, sub_spectral_norm.SubSpectralNormalization)
# What Keras, zipfile, json and h5py raise on damaged or foreign content.
DAMAGE = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)


def save_model(model: keras.Model, path: Path) -> None:
    """Write a model as `.keras`; a reader sees the old file or the new one, never a part.

    Raises:
        ModelError: `path` does not end in `.keras`.
    """
    _require_suffix(path)
    with atomic_path(path) as partial:
        model.save(partial)


def load_model(path: Path) -> Any:
    """Read a `keras.Model`, uncompiled, in Keras' safe mode.

    Raises:
        ModelError: the file is missing, damaged, not a `.keras` file, or holds code (a Lambda layer).
    """
    _require_suffix(path)
    if not path.is_file():
        raise ModelError(f"{path} does not exist; give the model.keras of a folder that `tfkws train` wrote.")
    config = _read_config(path)
    if _holds_lambda(config):
        raise ModelError(f"{path} holds a Lambda layer, code that would run here; rebuild it from named layers.")
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except DAMAGE as error:
        raise ModelError(f"{path} cannot be loaded ({_first_line(error)}); train or save the model again.") from error


def _require_suffix(path: Path) -> None:
    if path.suffix != ".keras":
        raise ModelError(f"A model file must end in .keras. Received {path}.")


def _read_config(path: Path) -> Any:
    try:
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("config.json"))
    except DAMAGE as error:
        reason = _first_line(error)
        raise ModelError(
            f"{path} is damaged or not a .keras file ({reason}); train or save the model again."
        ) from error


def _holds_lambda(config: Any) -> bool:
    if isinstance(config, dict):
        if config.get("class_name") in ("Lambda", "__lambda__"):
            return True
        return any(map(_holds_lambda, config.values()))
    return isinstance(config, list) and any(map(_holds_lambda, config))


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
