"""What a .tflite file says about itself: labels, front end, detector settings, task, as JSON in a metadata buffer.

The buffer is called `tfkws`; a runtime passes over it. It is data and nothing more: read strictly, within limits, and
held against the shapes of the file. Whoever wrote the file may have written anything into it.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

from ai_edge_litert import schema_py_generated as schema

import tfkws
from tfkws.config import Config, DetectorConfig, FeatureConfig, InputKind, ModelConfig, StreamConfig, TaskConfig
from tfkws.config.strict import without_none
from tfkws.config.task import check_labels
from tfkws.errors import ConfigError, TfliteFileError
from tfkws.graphs.tflite_graph import TfliteGraph
from tfkws.graphs.tflite_parser import DAMAGE
from tfkws.strict_json import parse_json
from tfkws.tflite.recipes import ConversionRecipe, get_recipe

ENTRY = "tfkws"  # name of the metadata entry
FORMAT = "tfkws metadata"
VERSION = 1
MAX_BYTES = 1 << 20
MAX_ENTRIES = 1_000


@dataclass(frozen=True)
class FileMetadata(Config):
    """What a file says about itself.

    Attributes:
        input: "features": maps of the front end, or "audio": float32 samples in -1..1, front end inside.
        features: the front end with its normalisation.
        task: what it was trained for.
        detector: how answers become detections, with the threshold.
        conversion: the recipe.
        synthetic_speech: whether it was trained on synthetic speech.
        tool: name and version of the program that wrote the file.
        streaming: how it takes a stream, of a file that keeps a state; None for others.
    """

    labels: tuple[str, ...]
    input: InputKind
    features: FeatureConfig
    task: TaskConfig
    model: ModelConfig
    detector: DetectorConfig
    conversion: ConversionRecipe
    synthetic_speech: bool
    tool: str = f"tfkws {tfkws.__version__}"
    streaming: StreamConfig | None = None

    def _check(self) -> None:
        check_labels(self.labels)
        get_recipe(self.conversion.name)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values.

        The detector's are in its own form, and "streaming" is left out where it is None.
        """
        return without_none(super().to_dict() | {"detector": self.detector.to_dict()}, "streaming")

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one example that the file must take: (samples,) or (height, width, 1)."""
        if self.input == "audio":
            return (self.features.clip_samples,)
        frames = self.streaming.frames_per_step if self.streaming else self.features.frames
        return replace(self.features, frames=frames).input_shape

    @property
    def states(self) -> int:
        """Number of values that it keeps between two steps of a stream, an int."""
        return self.streaming.states if self.streaming else 0


def parse_metadata(graph: TfliteGraph, content: bytes, name: str = "The model") -> FileMetadata | None:
    """Read the metadata of a file; None where it has none.

    Args:
        graph: of the same file.
        name: of the file, for messages.

    Raises:
        TfliteFileError: the metadata are damaged, do not fit the file, or come from a newer version.
    """
    text = _find(content, name)
    if text is None:
        return None
    try:
        metadata = from_json(text)
        check_shapes(graph, metadata.input_shape, len(metadata.labels), metadata.states)
    except TfliteFileError as error:
        raise TfliteFileError(f"{name}: {error}") from error
    except (ConfigError, ValueError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise TfliteFileError(f"{name} holds metadata that do not fit ({reason}); convert the model again.") from error
    return metadata


def metadata_bytes(content: bytes) -> int:
    """Return how many bytes of an undamaged file are its `tfkws` metadata."""
    return len(_find(content, "The model") or b"")


def to_json(metadata: FileMetadata) -> bytes:
    """Return the metadata as the bytes of compact JSON, with format and version."""
    values = {"format": FORMAT, "version": VERSION, **metadata.to_dict()}
    return json.dumps(values, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()


def from_json(text: bytes) -> FileMetadata:
    """Decode what `to_json` wrote.

    Raises:
        TfliteFileError: a newer version wrote it.
        ConfigError: a setting is unknown or missing, or its value does not fit.
        ValueError: it is something else.
    """
    values = parse_json(text)
    if not isinstance(values, dict) or values.pop("format", None) != FORMAT:
        raise ValueError("they do not say that they are tfkws metadata")
    version = values.pop("version", None)
    if type(version) is not int or version < 1:
        raise ValueError("they give no version")
    if version > VERSION:
        raise TfliteFileError(
            f"its metadata have version {version} and this tfkws reads up to {VERSION}; upgrade tfkws."
        )
    return FileMetadata.from_dict(values)


def check_shapes(graph: TfliteGraph, input_shape: tuple[int, ...], classes: int, states: int = 0) -> None:
    """Check a file's shapes by its metadata.

    Raises:
        TfliteFileError: it takes or gives something else.
    """
    takes = graph.input.shape[1:]
    gives = graph.output.shape[1:]
    if takes != tuple(input_shape) or gives != (classes,):
        raise TfliteFileError(
            f"The model takes {takes} and gives {gives}, where front end and labels say {tuple(input_shape)} and "
            f"{(classes,)}; convert the model again."
        )
    kept = len(graph.inputs) - 1
    if kept != states or len(graph.outputs) - 1 != states:
        raise TfliteFileError(f"The model keeps {kept} states and is said to keep {states}; convert the model again.")


def _find(content: bytes, name: str) -> bytes | None:
    """The bytes of the `tfkws` buffer; every offset is checked, as the file may come from anywhere."""
    try:
        model = schema.Model.GetRootAs(content, 0)
        for i in range(min(model.MetadataLength(), MAX_ENTRIES)):
            entry = model.Metadata(i)
            if _plain(entry.Name() or b"") == ENTRY:
                return _buffer(model, entry.Buffer(), content)
    except DAMAGE as error:
        raise TfliteFileError(f"{name} holds damaged metadata; copy it again or convert the model again.") from error
    return None


def _buffer(model: Any, index: int, content: bytes) -> bytes:
    if not 0 <= index < model.BuffersLength():
        raise ValueError("the metadata name a buffer that is not there")
    buffer = model.Buffers(index)
    length = buffer.DataLength()
    first = buffer._tab.Vector(buffer._tab.Offset(4)) if length else 0
    if not 0 < length <= MAX_BYTES or first + length > len(content):
        raise ValueError("the metadata are empty, too long or outside of the file")
    return content[first : first + length]


def _plain(name: bytes | str) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else name
