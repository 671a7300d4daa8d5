"""Keras models on disk: saved whole or not at all, loaded without running code from the file."""

import importlib
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfkws.errors import ModelError
from tfkws.graphs.layer_kinds import LAYER_KINDS
from tfkws.models.size_limits import check_sizes
from tfkws.models.strided_pointwise import skipping_first_everywhere
from tfkws.run_folder import atomic_path
from tfkws.strict_json import parse_json

# What Keras, zipfile, json and h5py raise on damaged or foreign content.
DAMAGE = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    RuntimeError,
    ArithmeticError,
    ImportError,
    MemoryError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
)

REFUSED = ("Lambda", "__lambda__", "TorchModuleWrapper", "FlaxLayer", "JaxLayer", "TFSMLayer")  # run code of their own

ALLOWED_MODULES = (
    "None",  # tensors and shapes, which Keras writes without a module
    "keras",  # DTypePolicy
    "keras.constraints",
    "keras.initializers",
    "keras.layers",
    "keras.models",
    "keras.regularizers",
    "keras.random",
    "keras.src.models.functional",
    "keras.src.models.sequential",
    "keras.src.ops.numpy",  # Keras makes objects of classes alone, here its operations
    "keras.src.ops.nn",
    "keras.src.ops.math",
)

_trusted: set[str] = set()


def trust_module(name: str) -> None:
    """Import a module of the user's own whose layers a file may name; from now on, files may name its classes.

    Never by what a file says: the user names it (`--import`).

    Raises:
        ModelError: there is no such module, or importing it fails.
    """
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))  # as `python -m` does
    try:
        importlib.import_module(name)
    except Exception as error:  # whatever a module of strangers raises
        raise ModelError(f"--import {name} cannot be imported ({_first_line(error)}).") from error
    _trusted.add(name)


def save_model(model: keras.Model, path: Path) -> None:
    """Write a model as `.keras`; a reader sees the old file or the new one, never a part.

    Raises:
        ModelError: `path` does not end in `.keras`.
    """
    _require_suffix(path)
    with atomic_path(path) as partial, _one_date_in_archives():
        model.save(partial)


@contextmanager
def _one_date_in_archives() -> Iterator[None]:
    """Let archives carry the date 1980-01-01 in place of now, which they cannot hold on a board without a clock."""
    plain = zipfile.ZipFile.writestr

    def write(archive: zipfile.ZipFile, name: str | zipfile.ZipInfo, *content: Any, **settings: Any) -> None:
        if not isinstance(name, zipfile.ZipInfo):
            name = zipfile.ZipInfo(name)  # whose default is that date
            name.compress_type = archive.compression
            name.external_attr = 0o600 << 16
        plain(archive, name, *content, **settings)

    zipfile.ZipFile.writestr = write  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        zipfile.ZipFile.writestr = plain  # type: ignore[method-assign]


def load_model(path: Path) -> Any:
    """Read a `keras.Model`, uncompiled, in Keras' safe mode.

    Raises:
        ModelError: the file is missing, damaged, not a `.keras` file, or names code that would run here.
    """
    _require_suffix(path)
    if not path.is_file():
        raise ModelError(f"{path} does not exist; give the model.keras of a folder that `tfkws train` wrote.")
    config = _read_config(path)
    _check_classes(path, config)
    check_sizes(path, config)
    _register_own_layers()
    try:
        model = keras.saving.load_model(path, custom_objects=_trusted_classes(), compile=False, safe_mode=True)
    except DAMAGE as error:
        raise ModelError(f"{path} cannot be loaded ({_first_line(error)}); train or save the model again.") from error
    _check_weights(path, model)
    return skipping_first_everywhere(model)


def _trusted_classes() -> dict[str, Any]:
    """Return the classes of the modules that the user named, for files of classes that are not registered."""
    modules = [importlib.import_module(name) for name in sorted(_trusted)]
    return {name: value for module in modules for name, value in vars(module).items() if isinstance(value, type)}


def _register_own_layers() -> None:
    """Import the layers of tfkws: Keras finds them in a file only where the module that registers them was imported."""
    for kind in LAYER_KINDS:
        if kind.is_own:
            importlib.import_module(kind.name.rpartition(".")[0])


def _require_suffix(path: Path) -> None:
    if path.suffix != ".keras":
        raise ModelError(f"A model file must end in .keras. Received {path}.")


def _read_config(path: Path) -> Any:
    try:
        with zipfile.ZipFile(path) as archive:
            return parse_json(archive.read("config.json"))
    except DAMAGE as error:
        reason = _first_line(error)
        raise ModelError(
            f"{path} is damaged or not a .keras file ({reason}); train or save the model again."
        ) from error


def _check_classes(path: Path, config: Any) -> None:
    """Refuse classes that are not layers, initialisers and the like of Keras or of this package.

    Keras' safe mode refuses Lambda layers only; a file may still name any importable function as a "class".
    """
    for module, class_name in _classes(config):
        own = module.startswith("tfkws.models.") or any(f"{module}.".startswith(f"{name}.") for name in _trusted)
        if class_name in REFUSED or not (own or module in ALLOWED_MODULES):
            raise ModelError(
                f"{path} asks for {module}.{class_name}, which could run code here; rebuild the network from Keras "
                "layers, or name the module of a class that you trust with --import."
            )


def _check_weights(path: Path, model: Any) -> None:
    """Refuse weights that are no numbers, whose answers would be none either."""
    for weight in model.weights:
        values = np.asarray(weight)
        if np.issubdtype(values.dtype, np.floating) and not np.isfinite(values).all():
            raise ModelError(f"{path} holds weights that are not finite, in {weight.path}; train the model again.")


def _classes(config: Any) -> Iterator[tuple[str, str]]:
    """Every (module, class name) that loading would look up."""
    if isinstance(config, dict):
        if "class_name" in config:
            yield str(config.get("module")), str(config["class_name"])
        # The file is loaded without what it was compiled with.
        for key, value in config.items():
            if key != "compile_config":
                yield from _classes(value)
    elif isinstance(config, list):
        for value in config:
            yield from _classes(value)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
