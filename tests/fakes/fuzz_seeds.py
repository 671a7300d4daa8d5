"""Sound files of every kind that a parser reads, by name, small and made without TensorFlow where that can be."""

import hashlib
import io
import json
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from wakeword_records import made_up_record

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "artifacts" / "published"
FIRST_RUN = PUBLISHED / "first_run"
SEARCH = PUBLISHED / "search" / "matchboxnet"
TRIALS = 12  # of the journal
Files = dict[str, bytes]
SOUNDS = {
    "pcm.wav": ("WAV", "PCM_16"), "float.wav": ("WAV", "FLOAT"), "law.wav": ("WAV", "ULAW"),
    "adpcm.wav": ("WAV", "IMA_ADPCM"), "wide.wav": ("WAVEX", "PCM_24"), "a.rf64": ("RF64", "PCM_16"),
    "a.w64": ("W64", "PCM_16"), "a.flac": ("FLAC", "PCM_16"), "a.ogg": ("OGG", "VORBIS"), "a.opus": ("OGG", "OPUS"),
    "a.mp3": ("MP3", "MPEG_LAYER_III"), "a.aiff": ("AIFF", "PCM_16"), "a.au": ("AU", "PCM_16"),
    "a.caf": ("CAF", "ALAC_16"),
}  # fmt: skip
WAV_ENDINGS = (".wav", ".rf64", ".w64")


@cache
def sounds(wav: bool) -> Files:
    """A fifth of a second of noise, as WAV and its relatives or as all other kinds."""
    import soundfile

    files = {}
    for name, (file_format, subtype) in SOUNDS.items():
        if name.endswith(WAV_ENDINGS) == wav:
            raw, noise = io.BytesIO(), np.random.default_rng(3).normal(0, 0.1, (3_200, 2))
            soundfile.write(raw, noise, 16_000, subtype=subtype, format=file_format)
            files[name] = raw.getvalue()
    return files


@cache
def loudness_file() -> bytes:
    """A .tflite that takes maps (1, 49, 10, 1) and gives two answers: one fully connected operator and a softmax."""
    from ai_edge_litert import schema_py_generated as schema

    from tfkws.tflite.file.small_models import ModelBuilder

    build = ModelBuilder()
    first = build.tensor("map", "float32", (1, 49, 10, 1), ())
    weights = build.constant("weights", "float32", np.zeros((2, 490), np.float32), ())
    sums, last = (build.tensor(name, "float32", (1, 2), ()) for name in ("sums", "answer"))
    kind = schema.BuiltinOptions
    connected, softmax = schema.FullyConnectedOptionsT(), schema.SoftmaxOptionsT()
    softmax.beta = 1.0
    code = schema.BuiltinOperator
    build.operator(code.FULLY_CONNECTED, [first, weights, -1], [sums], kind.FullyConnectedOptions, connected)
    build.operator(code.SOFTMAX, [sums], [last], kind.SoftmaxOptions, softmax)
    return build.finish([first], [last])


@cache
def metadata() -> bytes:
    """What a file of tfkws says of itself."""
    from tfkws.config import DetectorConfig, RunConfig
    from tfkws.features.front_ends import FRONT_ENDS
    from tfkws.tflite.file.metadata import FileMetadata, to_json
    from tfkws.tflite.recipes import RECIPES

    run = RunConfig.from_dict(json.loads((FIRST_RUN / "config.json").read_text(encoding="utf-8")))
    told = (FRONT_ENDS["mfcc-49x10"], run.task, run.model, DetectorConfig(), RECIPES["none"])
    return to_json(FileMetadata(("_other_", "loud"), "features", *told, synthetic_speech=True))


@cache
def tflite_files() -> Files:
    """Files of many operators, and one with metadata."""
    from schema_files import SCHEMA_FILES

    from tfkws.tflite.file.tflite_file import TfliteFile

    editor = TfliteFile(loudness_file()).edit()
    editor.set_metadata("tfkws", metadata())
    odd = {f"{name.replace(' ', '_')}.tflite": make() for name, make in SCHEMA_FILES.items() if name != "no_operators"}
    return odd | {"loudness.tflite": loudness_file(), "told.tflite": editor.pack().content}


@cache
def bundles() -> Files:
    """One bundle."""
    from tfkws.config import DetectorConfig
    from tfkws.features.front_ends import FRONT_ENDS
    from tfkws.tflite.bundle.archive import write_bundle
    from tfkws.tflite.file.tflite_file import TfliteFile

    card: dict[str, Any] = {"synthetic_speech": True, "scores": [], "parity": None}
    with tempfile.TemporaryDirectory() as folder:
        path, model = Path(folder) / "loudness.kws", TfliteFile(loudness_file())
        write_bundle(path, model, FRONT_ENDS["mfcc-49x10"], ("_other_", "loud"), DetectorConfig(), card)
        return {"loudness.kws": path.read_bytes()}


@cache
def keras_files() -> Files:
    """A network of two branches, and a recurrent one."""
    import keras

    inputs = keras.Input((8, 6, 1))
    left = keras.layers.Conv2D(4, 3, padding="same", use_bias=False)(inputs)
    left = keras.layers.ReLU()(keras.layers.BatchNormalization()(left))
    right = keras.layers.DepthwiseConv2D(3, padding="same")(inputs)
    joined = keras.layers.GlobalAveragePooling2D()(keras.layers.Concatenate()([left, right]))
    branched = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(keras.layers.Dropout(0.1)(joined)))
    recurrent = keras.Sequential([keras.Input((8, 6)), keras.layers.GRU(4), keras.layers.Dense(3)])
    files = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, network in (("branched.keras", branched), ("recurrent.keras", recurrent)):
            network.save(Path(folder) / name)
            files[name] = (Path(folder) / name).read_bytes()
    return files


@cache
def spaces() -> Files:
    """Spaces with choices, with ends, and of every built-in kind."""
    from tfkws.tuner.problem.built_in_spaces import SPACES

    ends = {
        "name": "ends", "model": "seed_cnn", "variant": {"convs": "{k}x{k},{w} 3x3,{w}"},
        "params": [{"name": "k", "choices": [1, 3, 5]}, {"name": "w", "low": 8, "high": 64, "step": 8},
                   {"name": "train.learning_rate", "choices": [0.001, 0.01]}],
        "start": [{"k": 3, "w": 16, "train.learning_rate": 0.01}],
    }  # fmt: skip
    given = {"ends.json": json.dumps(ends).encode()}
    return given | {f"{name}.json": json.dumps(space.to_dict()).encode() for name, space in SPACES.items()}


def journal() -> bytes:
    """The beginning of a published one."""
    lines = (SEARCH / "journal.jsonl").read_bytes().split(b"\n")
    numbers = {json.loads(line)["number"] for line in lines[: 2 * TRIALS]}
    kept = [line for line in lines if line and json.loads(line)["number"] in numbers]
    return b"\n".join([*kept, b""])


@cache
def searches() -> Files:
    """The records of a search."""
    files = {name: (SEARCH / name).read_bytes() for name in ("config.json", "front.json", "freezes.json")}
    return files | {"journal.jsonl": journal()}


@cache
def wakewords() -> Files:
    """The record of a detector from a phrase."""
    return {"result.json": json.dumps(made_up_record()).encode()}


@cache
def run_records() -> Files:
    """The records of a trained, converted, measured model."""
    return {path.name: path.read_bytes() for path in FIRST_RUN.iterdir() if path.suffix in (".json", ".csv")}


@cache
def checkpoints() -> Files:
    """The state of a training."""
    from tfkws.training.checkpoint import CHECKPOINT, EpochRow, Progress, save_checkpoint

    arrays: list[np.ndarray] = [np.arange(12, dtype=np.float32).reshape(3, 4), np.array(7, np.int64)]
    progress = Progress(20, history=[EpochRow(0, 20, 0.01, 1.5, 1.25, 0.5, 3.0)], best_weights=arrays[:1])
    with tempfile.TemporaryDirectory() as folder:
        save_checkpoint(Path(folder), progress, arrays)
        return {CHECKPOINT: Path(folder, CHECKPOINT).read_bytes()}


@cache
def prunings() -> Files:
    """What was settled of a pruning of kws10: two of the channels go."""
    values = {
        "removed": [5, 7],
        "macs_before": 1000,
        "macs_after": 900,
        "widths": {"unit1_conv": 38},
        "model": {"name": "kws10", "variant": {}},
    }
    return {"pruning.json": json.dumps(values).encode()}


@cache
def oracles() -> Files:
    """The seed and the space of a keras-tuner search, of every kind of parameter."""
    import keras_tuner

    from tfkws.tuner.keras_tuner_trials import STATE, write_state

    space = keras_tuner.HyperParameters()
    space.Int("width", 8, 64, step=8)
    space.Float("rate", 1e-4, 1e-1, sampling="log")
    space.Choice("kind", ["a", "b"])
    space.Boolean("bias")
    space.Fixed("batch", 32)
    with space.conditional_scope("kind", ["a"]):
        space.Int("depth", 1, 3)
    with tempfile.TemporaryDirectory() as folder:
        write_state(Path(folder), 3, space)
        return {STATE: Path(folder, STATE).read_bytes()}


@cache
def manifests() -> Files:
    """What a bundle says of its members."""
    with zipfile.ZipFile(io.BytesIO(bundles()["loudness.kws"])) as archive:
        return {"manifest.json": archive.read("manifest.json")}


@cache
def conversions() -> Files:
    """What is recorded of conversions, and their evaluations; the recipe is that of the file beside it."""
    kinds = (".parity.json", ".recipe.json")
    found = {name: content for name, content in run_records().items() if name.endswith(kinds) or "on-int8" in name}
    digest = hashlib.sha256(loudness_file()).hexdigest()
    recipes = {name: json.loads(content) for name, content in found.items() if name.endswith(kinds[1])}
    return found | {name: json.dumps(recipe | {"sha256": digest}).encode() for name, recipe in recipes.items()}


@cache
def latencies() -> Files:
    """One of a CPU, and the same as if a GPU had given it."""
    cpu = json.loads(run_records()["benchmark-int8.json"])
    gpu = cpu | {"acceleration": {"adapter": {"name": "a", "software": False}, "precision": "float16"}}
    nested = {"latency": {"median_us": cpu["median_us"]}, "acceleration": gpu["acceleration"]}
    return {
        f"benchmark-{name}.json": json.dumps(each).encode()
        for name, each in (("cpu", cpu), ("gpu", gpu), ("short", nested))
    }


def records(*names: str) -> Files:
    """Some of them."""
    return {name: run_records()[name] for name in names}


@cache
def latency_models() -> Files:
    """A published one, and profiles that one could be fitted to."""
    from made_up_device import profiles

    fitted = PUBLISHED / "profile" / "latency_model" / "int8" / "latency_model.json"
    return {"model.json": fitted.read_bytes(), "profiles.json": json.dumps(profiles(2).to_dict()).encode()}


@cache
def label_tracks() -> Files:
    """Label tracks as people and programs write them."""
    text = "0.5\t1.25\tloud (anna)\n\\\t100\t3000\n2,5\t3,25\tloud\n4 5 tv on\n"
    return {"a.txt": text.encode(), "windows.txt": text.replace("\n", "\r\n").encode("utf-16")}


@cache
def timelines() -> Files:
    """The provenance of a composed file."""
    scene = {"start_s": 0.0, "end_s": 9.0, "room": "dry", "snr_db": 10.0, "noise": "n.wav", "noise_part": "0 to 9 s"}
    event = {
        "start_s": 1.0, "end_s": 1.5, "kind": "word", "label": "loud", "file": "loud/a.wav", "speaker": "a",
        "split": "testing", "source": "recorded", "level_dbfs": -26.0, "snr_db": 10.0, "room": "dry",
    }  # fmt: skip
    values = {"format": "tfkws timeline", "version": 1, "source": "composed", "duration_s": 9.0, "about": {"seed": 1}}
    return {"a.json": json.dumps({**values, "scenes": [scene], "events": [event]}).encode()}


@cache
def trial_logs() -> Files:
    """A log that is counted, and one of single answers."""
    counted = '{"subject": "a", "trial": 1, "tp": 1, "fp": 2, "fn": 3, "tn": 4}\n'
    single = (
        '{"subject": "a", "trial": 1, "word_s": [1.0, 1.5]}\n'
        '{"subject": "a", "trial": 1, "answer": 1, "held_s": [[0.5, 1.5]], "printed_s": 1.6}\n'
    )
    return {"counted.jsonl": counted.encode(), "single.jsonl": f"# a\n{single}\n".encode()}


@cache
def messages() -> Files:
    """What a client of the wake-word service sends."""
    sound = {"rate": 16_000, "width": 2, "channels": 1}
    chunk = {"type": "audio-chunk", "data": {**sound, "timestamp": 0}, "payload_length": 640}
    start = {"type": "audio-start", "data_length": len(json.dumps(sound))}
    stream = b"".join(
        (
            b'{"type": "describe"}\n{"type": "ping", "data": {"text": "a"}}\n',
            b'{"type": "detect", "data": {"names": ["loud"]}}\n',
            json.dumps(start).encode() + b"\n" + json.dumps(sound).encode(),
            (json.dumps(chunk).encode() + b"\n" + bytes(640)) * 2,
            b'{"type": "audio-stop"}\n',
        )
    )
    return {"stream.bin": stream}


@cache
def recordings() -> Files:
    """The recording of a target's answers."""
    from tfkws.tflite.targets.replay import push_step, run_step
    from tfkws.tflite.targets.session import RawRun

    answer = RawRun("{}", "", 0, 0.1).to_dict()
    lines: list[Any] = [{"target": "ssh://board"}, {**push_step("a.py", b""), "answer": {}}]
    lines += [{**run_step(["python3", "a.py"], ""), "answer": answer}]
    return {"recording.jsonl": b"\n".join(json.dumps(line).encode() for line in lines)}


@cache
def rooflines() -> Files:
    """The limits of a machine."""
    return {"roofline.json": (PUBLISHED / "profile" / "roofline.json").read_bytes()}


@cache
def lists() -> Files:
    """Labels one a line and as JSON, and allowed operators."""
    return {
        "labels.txt": b"silence\nunknown\nyes\nno\n",
        "labels.json": b'["silence", "unknown", "yes"]',
        "operators.txt": b"CONV_2D\n# x\nsoftmax\n",
    }
