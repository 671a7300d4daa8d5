"""A `.keras` file made elsewhere, with what its owner tells of it, in the place of a model folder."""

import re
from dataclasses import dataclass, replace
from functools import partial
from math import prod
from pathlib import Path
from typing import Any

from tfkws.config import ForeignModel, ModelConfig, RunConfig, TrainConfig
from tfkws.data.protocols import labels_of, task_of_labels
from tfkws.data.task_data import TaskData
from tfkws.errors import ConfigError, ModelError
from tfkws.pipeline.parts.detector import Detector
from tfkws.tflite.file.foreign_model import axis_order
from tfkws.training.model_folder import ModelFolder, open_model_folder, predict_in_chunks

_NO_SCOPE = re.compile(r"^[^A-Za-z0-9.]|[^A-Za-z0-9_./>-]")


@dataclass(frozen=True)
class BareModel(ModelFolder):
    """A file that stands where a model folder would; what is made of it lies beside it.

    Attributes:
        file: the `.keras` file.
        told: labels, front end, scale.
    """

    file: Path
    told: ForeignModel

    @property
    def weights(self) -> Path:
        """Path of the `.keras` file."""
        return self.file

    def load_keras(self) -> Any:
        """Load the model as one from a feature map or audio to probabilities.

        Raises:
            ModelError: the file is missing or damaged, or not what was told.
        """
        from tfkws.models.saving import load_model

        return fitted(load_model(self.file), self.told)


def open_bare(path: Path, told: ForeignModel, data_dir: Path) -> BareModel:
    """Take a file made elsewhere for one that was trained on a folder of clips.

    Raises:
        ConfigError: no protocol has these classes, or in another order.
    """
    task = task_of_labels(told.labels)
    if task is None:
        raise ConfigError(f"No protocol has the classes {', '.join(told.labels)}; `tfkws data protocols` lists them.")
    if labels_of(task) != told.labels:
        raise ConfigError(
            f"The protocol {task.protocol} has these classes in the order {', '.join(labels_of(task))}, and the "
            "model's outputs another; put them in that order before saving it. (`tfkws evaluate` takes any order.)"
        )
    # The recipe is that of further training, if there is any.
    run = RunConfig(task, told.features, ModelConfig(path.stem, {}), TrainConfig(), told.labels, str(data_dir), False)
    return BareModel(path.parent, run, path, told)


def open_source(path: Path, told: ForeignModel | None, data_dir: Path | None) -> ModelFolder:
    """Open a model folder, or a `.keras` file by what is told of it.

    Raises:
        ConfigError: something is told of what is no `.keras` file, or the clips are missing.
        RunFolderError: there is no such folder.
    """
    if told is None:
        return open_model_folder(path)
    if not path.is_file() or path.suffix != ".keras":
        raise ConfigError(f"--labels and --features are for a .keras file made elsewhere. Received {path}.")
    if data_dir is None:
        raise ConfigError("A .keras file made elsewhere does not say which clips it knows; give them with --data.")
    return open_bare(path, told, data_dir)


def on_clips(folder: ModelFolder, data: TaskData | None) -> ModelFolder:
    """Return a file made elsewhere as one that was trained on these clips; a model folder as it is."""
    if not isinstance(folder, BareModel) or data is None:
        return folder
    return replace(folder, config=replace(folder.config, synthetic_speech=data.synthetic))


def open_bare_detector(path: Path, told: ForeignModel) -> Detector:
    """Open a `.keras` file made elsewhere as what answers clips.

    Raises:
        ModelError: it is missing or damaged, or not what was told.
    """
    from tfkws.models.saving import load_model

    model = fitted(load_model(path), told)
    return Detector(
        path, "keras", path.stem, path.parent, told.features, told.labels, None, partial(predict_in_chunks, model),
        synthetic_speech=False, takes_audio=told.takes_audio,
    )  # fmt: skip


def fitted(model: Any, told: ForeignModel) -> Any:
    """Return a model of what was told: one input of the shape that the front end gives, probabilities of the labels.

    The model itself where it is that already, otherwise one around it. One output for two labels is the probability of
    the second.

    Raises:
        ModelError: it has several inputs or outputs, or other sizes.
    """
    import keras

    _rename(model)
    model = _with_inputs(model, told)
    shape, classes = _sizes(model, told)
    plain = (told.scale, told.offset, told.logits) == (1, 0, False)
    given = tuple(model.inputs[0].shape[1:])
    if plain and (given, classes) == (told.input_shape, (len(told.labels),)):
        return model
    inputs = x = keras.Input(told.input_shape)
    if axis_order(told.input_shape, shape) == (1, 0):
        x = keras.layers.Permute((2, 1, 3))(x)
    x = x if tuple(x.shape[1:]) == shape else keras.layers.Reshape(shape)(x)
    if (told.scale, told.offset) != (1, 0):
        x = keras.layers.Rescaling(told.scale, told.offset)(x)
    x = model(x)
    x = keras.layers.Flatten()(x) if len(classes) > 1 else x
    return keras.Model(inputs, _probabilities(x, prod(classes) < len(told.labels), told.logits), name=model.name)


def _rename(model: Any) -> None:
    """Give a model and its layers names that TensorFlow takes for scopes: it refuses spaces and accents."""
    for layer in (model, *model._flatten_layers(include_self=False)):
        plain = _NO_SCOPE.sub("_", layer.name)
        if plain != layer.name:
            layer.name = plain


def _with_inputs(model: Any, told: ForeignModel) -> Any:
    """Return a model that knows its inputs: a subclass of keras.Model is called once on what the front end gives.

    Raises:
        ModelError: it cannot be called on that.
    """
    import keras

    if getattr(model, "inputs", None):
        return model
    inputs = keras.Input(told.input_shape)
    try:
        return keras.Model(inputs, model(inputs), name=model.name)
    except Exception as error:  # noqa: BLE001 - a class of theirs may raise anything
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise ModelError(
            f"{model.name} does not say what it takes, and cannot be called on {told.input_shape} ({reason}); name the "
            "front end that it was trained with by --features, or save a functional model around it."
        ) from error


def _probabilities(answer: Any, single: bool, logits: bool) -> Any:
    """The probabilities of all labels; `single`: of the second of two alone."""
    import keras

    if not single:
        return keras.layers.Softmax()(answer) if logits else answer
    second = keras.layers.Activation("sigmoid")(answer) if logits else answer
    return keras.layers.Concatenate()([keras.layers.Rescaling(-1.0, 1.0)(second), second])


def _sizes(model: Any, told: ForeignModel) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the shapes of input and output without the batch; open sizes are the front end's."""
    for what, count in (("inputs", len(model.inputs or [])), ("outputs", len(model.outputs or []))):
        if count != 1:
            raise ModelError(
                f"{model.name} has {count} {what}; a model that hears clips has one. Wrap it in a "
                "keras.Model with one input and one output, the others constant or left out, and save that."
            )
    given = tuple(model.inputs[0].shape[1:])
    shape = told.input_shape if None in given and len(given) == len(told.input_shape) else given
    if None in shape or axis_order(told.input_shape, shape) is None:
        raise ModelError(
            f"{model.name} takes {given}, and what was told gives {told.input_shape}; name the front end that it was "
            "trained with by --features."
        )
    classes = tuple(model.outputs[0].shape[1:])
    if None in classes or (prod(classes) != len(told.labels) and (prod(classes), len(told.labels)) != (1, 2)):
        raise ModelError(f"{model.name} answers {classes}, and {len(told.labels)} labels were told.")
    return shape, classes
