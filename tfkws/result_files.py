"""Names of the files that stages write into model folders: written and read by one class, and nowhere else.

A name says what kind of result it is, which model file it is a result of, and whatever differs from the usual
settings, so that results of other settings lie beside each other:

    int8.tflite  int8.recipe.json  int8.parity.json  int8.layers.png  kws10-int8.kws
    evaluation-int8-testing.json  predictions-int8-testing.csv
    benchmark-int8.json  benchmark-int8-builtin-2threads.json  benchmark-int8.partial.json  binary-int8.json
    instructions-int8-cortex-a53.json  profile-int8-submodels.json  profile-int8.txt
    profile-int8-litert-gpu.json
    layers-cpu-jax.json  layers-cpu-jax-trial1.csv  layers-gpu-jax-trace.json
    long-audio-kws10-int8-04cb7d2e.json
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from tfkws.errors import ConversionError
from tfkws.run_folder import read_record

KindName = Literal[
    "model",
    "recipe",
    "parity",
    "layer errors",
    "bundle",
    "evaluation",
    "predictions",
    "benchmark",
    "binary",
    "instructions",
    "profile",
    "profile text",
    "gpu profile",
    "layer trace",
    "layers",
    "layer trial",
    "long audio",
    "long audio figure",
]

FRONT = "front.json"  # of a search: how far it is, and its best trials
WAKEWORD_SETTINGS = "wakeword.json"  # of a detector from a phrase: what its folder was claimed for
WAKEWORD_RECORD = "result.json"  # and what it came to, once it is finished
USUAL_KERNELS = "xnnpack"
USUAL_RUNTIME = "litert"
USUAL_METHOD = "profiler"
GPU_METHOD = "prefixes"
USUAL_TARGET = "local"
USUAL_CORE = "cortex-a53"
EMULATED = "qemu-aarch64"


@dataclass(frozen=True)
class Kind:
    """How the names of one kind of result are made.

    Attributes:
        prefix, ending: what stands around stem and words.
        words: patterns of the words that may follow the stem, in this order, each at most once.
        needed: how many of the first words are always there.
        stoppable: whether a run that was stopped leaves a result, which ends in ".partial" before the ending.
    """

    prefix: str
    ending: str
    words: tuple[str, ...] = ()
    needed: int = 0
    stoppable: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The whole name; groups are the stem, the words, and ".partial"."""
        words = "".join(
            f"(?:-({word})){'' if position < self.needed else '?'}" for position, word in enumerate(self.words)
        )
        partial = r"(\.partial)?" if self.stoppable else "()"
        return re.compile(f"{re.escape(self.prefix)}(.+?){words}{partial}{re.escape(self.ending)}")


_RECORDS: tuple[KindName, KindName] = ("recipe", "parity")
_SPLIT = "training|validation|testing"
_KERNELS = "xnnpack|builtin"
_RUNTIME = "litert-gpu-half|litert-gpu|litert|tflite_runtime|tf"
_THREADS = r"(?:\d+|all)threads"
_TARGET = r"(?:ssh|adb|replay|qemu-aarch64)(?:-[\w.@-]+?)?"
_CORE = r"(?:cortex|neoverse|replay|ssh|adb)-[\w.@-]+?"
_SHAPE = r"shape[\dx+]+"
_METHOD = "profiler|submodels|benchmark_model"
_DIGEST = "[0-9a-f]{8}"
_GPU = "litert-gpu-half|litert-gpu"
_PROFILE = (_KERNELS, _METHOD, _THREADS, _SHAPE, _TARGET)

KINDS: dict[KindName, Kind] = {  # the first whose pattern fits a name is its kind
    "recipe": Kind("", ".recipe.json"),
    "parity": Kind("", ".parity.json"),
    "layer errors": Kind("", ".layers.png"),
    "model": Kind("", ".tflite"),
    "bundle": Kind("", ".kws"),
    "evaluation": Kind("evaluation-", ".json", (_SPLIT, _RUNTIME), needed=1),
    "predictions": Kind("predictions-", ".csv", (_SPLIT, _RUNTIME), needed=1),
    "benchmark": Kind("benchmark-", ".json", (_KERNELS, _RUNTIME, _THREADS, _SHAPE, _TARGET), stoppable=True),
    "binary": Kind("binary-", ".json", (_KERNELS, _THREADS, _SHAPE, _TARGET)),
    "instructions": Kind("instructions-", ".json", (_CORE, _KERNELS, "operators"), needed=1),
    "gpu profile": Kind("profile-", ".json", (_GPU, "submodels", _THREADS, _SHAPE), needed=1),
    "profile": Kind("profile-", ".json", _PROFILE),
    "profile text": Kind("profile-", ".txt", _PROFILE),
    "layer trace": Kind("layers-", ".json", ("trace", _THREADS), needed=1),
    "layers": Kind("layers-", ".json", ("eager", _THREADS)),
    "layer trial": Kind("layers-", ".csv", ("eager", _THREADS, r"trial\d+")),
    "long audio": Kind("long-audio-", ".json", (_DIGEST,), needed=1),
    "long audio figure": Kind("long-audio-", ".png", (_DIGEST,), needed=1),
}


@dataclass(frozen=True)
class ResultName:
    """Name of one result file.

    Attributes:
        kind: what it holds.
        stem: of the model file that it is a result of; device and backend of a layer profile.
        words: what differs from the usual settings, in the order of the name.
        partial: whether the run was stopped, so that the file holds a part of the measurement.

    Example:
        >>> ResultName("benchmark", "int8", ("builtin", "2threads")).file
        'benchmark-int8-builtin-2threads.json'
        >>> ResultName.parse("evaluation-int8-audio-testing.json")
        ResultName(kind='evaluation', stem='int8-audio', words=('testing',), partial=False)
    """

    kind: KindName
    stem: str
    words: tuple[str, ...] = ()
    partial: bool = False

    @property
    def key(self) -> str:
        """What distinguishes it from other results of its kind, such as "int8-builtin-2threads"."""
        return "-".join([self.stem, *self.words])

    @property
    def file(self) -> str:
        """The file's name."""
        kind = KINDS[self.kind]
        return f"{kind.prefix}{self.key}{'.partial' if self.partial else ''}{kind.ending}"

    @classmethod
    def parse(cls, file: str) -> "ResultName | None":
        """Read a file's name; None where it is no result's.

        A stem that ends like a word, such as that of `net-builtin.tflite`, cannot be distinguished from the
        word.
        """
        for name, kind in KINDS.items():
            found = kind.pattern.fullmatch(file)
            if found is not None:
                stem, *words, partial = found.groups()
                return cls(name, stem, tuple(word for word in words if word), bool(partial))
        return None


def results_in(folder: Path) -> Iterator[tuple[ResultName, Path]]:
    """Find the results that lie in a folder, in the order of their file names.

    Yields:
        Parsed name and path of each.
    """
    for path in sorted(folder.iterdir()):
        name = ResultName.parse(path.name)
        if name is not None:
            yield name, path


def conversion_damage(model: Path) -> str:
    """Say in what the records of a converted file tell of another one; nothing where they fit or there are none.

    An ending in the middle of a conversion, or a file that was put in the place of a converted one, leaves them so.
    """
    recipe, parity = (model.with_name(ResultName(kind, model.stem).file) for kind in _RECORDS)
    if not recipe.exists():
        left = model.suffix == KINDS["model"].ending and model.is_file() and parity.exists()
        return f"{recipe} is missing beside {parity.name}, so that its conversion was interrupted" if left else ""
    stated = read_record(recipe).get("sha256")
    if not model.is_file() or stated == hashlib.sha256(model.read_bytes()).hexdigest():
        return ""
    return f"{recipe.name} and {parity.name} tell of another file than {model}"


def check_conversion(model: Path) -> None:
    """Refuse a converted file whose records tell of another one.

    Raises:
        ConversionError: they do.
    """
    if damage := conversion_damage(model):
        raise ConversionError(f"{damage}; run `tfkws convert` with --force again.")


def conversion_stem(recipe: str, takes_audio: bool = False, streaming: bool = False) -> str:
    """Return the stem of a converted file: the recipe's name, and what sets the file apart.

    "-audio" says that the front end is inside, "-streaming" that it keeps a state.
    """
    return f"{recipe}{'-audio' if takes_audio else ''}{'-streaming' if streaming else ''}"


def benchmark_name(
    stem: str, kernels: str, runtime: str, threads: int, target: str, shapes: Sequence[str] = ()
) -> ResultName:
    """Name the latencies of a model file on a target.

    Args:
        shapes: that were asked for, such as "1,49,40" or "features=1,49,40".
    """
    words = [*_unless(kernels, USUAL_KERNELS), *_unless(runtime, USUAL_RUNTIME), *_threads(threads)]
    words += _shapes(shapes)
    words += [_slug(target)] if target != USUAL_TARGET else []
    return ResultName("benchmark", stem, tuple(words))


def binary_name(stem: str, kernels: str, threads: int, target: str, shapes: Sequence[str] = ()) -> ResultName:
    """Name the latencies of a model file on a target that TFLite's `benchmark_model` measured."""
    return ResultName("binary", stem, benchmark_name(stem, kernels, USUAL_RUNTIME, threads, target, shapes).words)


def instructions_name(stem: str, kernels: str, target: str, operators: bool) -> ResultName:
    """Name the instruction counts of a model file on an emulated core."""
    core = _slug(target.removeprefix(EMULATED).lstrip(":")) or USUAL_CORE
    words = [core, *_unless(kernels, USUAL_KERNELS), *(["operators"] if operators else [])]
    return ResultName("instructions", stem, tuple(words))


def profile_name(
    stem: str, kernels: str, method: str, threads: int, shapes: Sequence[str] = (), target: str = USUAL_TARGET
) -> ResultName:
    """Name the times per operator of a model file on a target's processor; shapes as in `benchmark_name`."""
    words = [*_unless(kernels, USUAL_KERNELS), *_unless(method, USUAL_METHOD), *_threads(threads), *_shapes(shapes)]
    words += [_slug(target)] if target != USUAL_TARGET else []
    return ResultName("profile", stem, tuple(words))


def gpu_profile_name(stem: str, runtime: str, method: str, threads: int, shapes: Sequence[str] = ()) -> ResultName:
    """Name the times per operator of a model file on this machine's GPU; shapes as in `benchmark_name`."""
    words = [runtime, *_unless(method, GPU_METHOD), *_threads(threads), *_shapes(shapes)]
    return ResultName("gpu profile", stem, tuple(words))


def layers_name(device: str, backend: str, eager: bool, threads: int) -> ResultName:
    """Name the times per Keras layer.

    Args:
        threads: 0 for all cores; left out on a GPU.
    """
    words = ["eager"] if eager else []
    words += _threads(threads) if device == "cpu" else []
    return ResultName("layers", f"{device}-{backend}", tuple(words))


def layer_trace_name(device: str, backend: str, threads: int) -> ResultName:
    """Name the trace of a whole Keras network.

    Args:
        threads: 0 for all cores; left out on a GPU.
    """
    return ResultName("layer trace", f"{device}-{backend}", ("trace", *(_threads(threads) if device == "cpu" else [])))


def long_audio_name(stem: str, digests: Sequence[str]) -> ResultName:
    """Name the score of a bundle on audio files of these digests."""
    together = hashlib.sha256("".join(digests).encode()).hexdigest()
    return ResultName("long audio", stem, (together[:8],))


def _unless(word: str, usual: str) -> list[str]:
    return [] if word == usual else [word]


def _threads(count: int) -> list[str]:
    return [] if count == 1 else [f"{count or 'all'}threads"]


def _shapes(asked: Sequence[str]) -> list[str]:
    sizes = [re.sub(r"[^\d]+", "x", text.rpartition("=")[2]).strip("x") for text in asked]
    return [f"shape{'+'.join(sizes)}"] if sizes else []


def _slug(text: str) -> str:
    return re.sub(r"[^\w.@-]+", "-", text)


def trial_folder(number: int) -> str:
    """Return the folder of a trial, relative to that of its search.

    Example:
        >>> trial_folder(7)
        'trials/0007'
    """
    return f"trials/{number:04d}"
