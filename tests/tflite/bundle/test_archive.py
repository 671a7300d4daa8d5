import io
import json
import random
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.config import DetectorConfig
from tfkws.errors import BenchmarkError, TfliteFileError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.pipeline.bundle import verify_bundle
from tfkws.tflite.bundle import archive as bundles
from tfkws.tflite.bundle.archive import read_bundle, read_runnable, write_bundle, write_settings

LABELS = ("yes", "no", "_unknown_")
FEATURES = FRONT_ENDS["mfcc-49x10"]


@pytest.fixture(scope="module")
def model() -> Any:
    import keras

    from tfkws.tflite.convert.keras_to_tflite import convert
    from tfkws.tflite.recipes import RECIPES

    keras.utils.set_random_seed(1)
    inputs = keras.Input(FEATURES.input_shape)
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3, strides=4)(inputs))
    network = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(x), name="small")
    return convert(network, RECIPES["none"])


@pytest.fixture
def bundle(model: Any, tmp_path: Path) -> Any:
    path = tmp_path / "a.kws"
    write_bundle(path, model, FEATURES, LABELS, DetectorConfig(threshold=0.7), {"synthetic_speech": True}, "# card")
    return path


def test_round_trip(bundle: Any, model: Any) -> None:
    read, check = verify_bundle(bundle)
    assert read.model == model
    assert (read.features, read.labels, read.detector.threshold) == (FEATURES, LABELS, 0.7)
    assert read.synthetic_speech
    assert read.golden.features.shape == (3, 49, 10, 1)
    assert check.passed
    assert check.output_error < 1e-5


def test_same_contents_give_the_same_bytes(bundle: Any, model: Any, tmp_path: Path) -> None:
    again = tmp_path / "b.kws"
    write_bundle(again, model, FEATURES, LABELS, DetectorConfig(threshold=0.7), {"synthetic_speech": True}, "# card")
    assert again.read_bytes() == bundle.read_bytes()


def test_other_settings_leave_all_else_as_it_was(bundle: Any, tmp_path: Path) -> None:
    read = read_bundle(bundle)
    write_settings(tmp_path / "b.kws", read, DetectorConfig(threshold=0.9))
    other = read_bundle(tmp_path / "b.kws")
    assert other.detector.threshold == 0.9 and other.card_text == "# card"
    write_settings(tmp_path / "b.kws", other, DetectorConfig(threshold=0.7))
    assert (tmp_path / "b.kws").read_bytes() == bundle.read_bytes()


def rewrite(path: Any, change: Any) -> None:
    """Write the archive again with changed members; the manifest stays unless `change` edits it."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("member", bundles.MEMBERS)
def test_a_changed_member_is_named(bundle: Any, member: Any) -> None:
    rewrite(bundle, lambda members: members.update({member: members[member] + b" "}))
    with pytest.raises(TfliteFileError, match=f"was changed: {member}"):
        read_bundle(bundle)


def edit_manifest(key: Any, value: Any) -> Any:
    def change(members: Any) -> None:
        manifest = json.loads(members["manifest.json"])
        members["manifest.json"] = json.dumps(manifest | {key: value}).encode()

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (edit_manifest("version", 3), "upgrade tfkws"),
        (edit_manifest("version", "one"), "gives no version"),
        (edit_manifest("format", "other"), "does not say so"),
        (edit_manifest("members", []), "lists no members"),
        (lambda members: members.pop("manifest.json"), "no manifest.json"),
        (lambda members: members.pop("labels.json"), "must hold exactly"),
        (lambda members: members.update({"../../etc/passwd": b"x"}), "must hold exactly"),
        (lambda members: members.update({"/tmp/x": b"x"}), "must hold exactly"),
    ],
)
def test_foreign_and_newer_bundles_are_refused(bundle: Any, change: Any, reason: Any) -> None:
    rewrite(bundle, change)
    with pytest.raises(TfliteFileError, match=reason):
        read_bundle(bundle)


def test_every_truncation_is_refused(bundle: Any) -> None:
    content = bundle.read_bytes()
    for length in range(0, len(content), 997):
        bundle.write_bytes(content[:length])
        with pytest.raises(TfliteFileError):
            read_bundle(bundle)


def test_mutations_never_crash(bundle: Any) -> None:
    content, draw = bundle.read_bytes(), random.Random(2)
    refused = 0
    for _ in range(300):
        changed = bytearray(content)
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
        bundle.write_bytes(bytes(changed))
        try:
            read_bundle(bundle)
        except TfliteFileError:
            refused += 1
    assert refused > 250  # what is left changed a time stamp or an attribute of a member


def test_a_zip_bomb_is_refused_before_it_is_unpacked(bundle: Any) -> None:
    with zipfile.ZipFile(bundle) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, bytes(40 << 20) if name == "card.md" else content)
    with pytest.raises(TfliteFileError, match="card.md claims 41943040 bytes"):
        read_bundle(bundle)


def resign(members: Any) -> Any:
    manifest = bundles._manifest({name: content for name, content in members.items() if name != bundles.MANIFEST})
    members[bundles.MANIFEST] = json.dumps(manifest).encode()
    return members


@pytest.mark.parametrize(
    ("member", "content"),
    [
        ("features.json", json.dumps(FEATURES.to_dict() | {"fft_length": 1 << 40}).encode()),
        ("features.json", json.dumps(FEATURES.to_dict() | {"frames": "many"}).encode()),
        ("features.json", b"[]"),
        ("labels.json", b'["yes"]'),
        ("labels.json", b"3"),
        ("detector.json", b'{"threshold": 7}'),
        ("golden.npz", b"no archive"),
    ],
)
def test_settings_that_do_not_fit_are_refused_even_with_right_checksums(bundle: Any, member: Any, content: Any) -> None:
    rewrite(bundle, lambda members: (members.update({member: content}), resign(members)))
    with pytest.raises(TfliteFileError, match="do not fit"):
        read_bundle(bundle)


def test_pickles_are_not_read(bundle: Any) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, audio=np.array([{"a": 1}], object), features=np.zeros(1), outputs=np.zeros(1))
    rewrite(bundle, lambda members: (members.update({"golden.npz": buffer.getvalue()}), resign(members)))
    with pytest.raises(TfliteFileError, match="do not fit"):
        read_bundle(bundle)


def test_a_model_that_answers_otherwise_is_not_sound(bundle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    read = read_bundle(bundle)
    other = replace(read, golden=replace(read.golden, outputs=read.golden.outputs[:, ::-1]))
    monkeypatch.setattr("tfkws.pipeline.bundle.read_bundle", lambda path: other)
    assert not verify_bundle(bundle)[1].passed


def test_labels_must_fit_the_model(model: Any, tmp_path: Path) -> None:
    with pytest.raises(TfliteFileError, match="3 outputs and there are 2 labels"):
        write_bundle(tmp_path / "a.kws", model, FEATURES, ("yes", "no"), DetectorConfig(), {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("recipe", ["none", "int8"])
def test_a_streaming_model_is_bundled_with_what_it_says_at_the_end_of_each_signal(recipe: str, tmp_path: Path) -> None:
    from streaming_files import FEATURES, LABELS, streaming_file

    from tfkws.tflite.runtime.streaming import open_streaming

    path = tmp_path / "stream.kws"
    write_bundle(path, streaming_file(recipe), FEATURES, LABELS, DetectorConfig(), {}, "# card")
    read, check = verify_bundle(path)
    assert check.passed
    assert read.model.metadata is not None and read.model.metadata.streaming is not None
    model = open_streaming(read.model, load_check=False)
    for maps, expected in zip(read.golden.features, read.golden.outputs, strict=True):
        model.reset()
        np.testing.assert_allclose(model.feed(maps[..., 0].T)[-1], expected, atol=1e-6)


def test_only_a_streaming_bundle_asks_for_a_newer_reader(bundle: Path, tmp_path: Path) -> None:
    from streaming_files import FEATURES, LABELS, streaming_file

    path = tmp_path / "stream.kws"
    write_bundle(path, streaming_file("none"), FEATURES, LABELS, DetectorConfig(), {})
    versions = []
    for each in (bundle, path):
        with zipfile.ZipFile(each) as archive:
            versions.append(json.loads(archive.read(bundles.MANIFEST))["version"])
    assert versions == [1, 2]


@pytest.mark.parametrize(
    ("name", "error", "sentence"),
    [
        ("net.keras", BenchmarkError, "runs on a device. Received .*net.keras; convert the model first"),
        ("none.tflite", TfliteFileError, "none.tflite"),
        ("none.kws", TfliteFileError, "does not exist"),
    ],
)
def test_what_does_not_run_is_refused_by_its_name(
    name: str, error: type[Exception], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=sentence):
        read_runnable(tmp_path / name)


def _npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


AUDIO = np.zeros((3, FEATURES.clip_samples), np.int16)
MAPS = np.zeros((3, *FEATURES.input_shape), np.float32)
ANSWERS = np.zeros((3, 3), np.float32)


@pytest.mark.parametrize(
    ("member", "content"),
    [
        ("labels.json", b'["yes", "no", ""]'),
        ("labels.json", b'["yes", "yes", "no"]'),
        ("labels.json", b'["yes", "no", "a\\u001b[2Jb"]'),
        ("labels.json", b'["yes", "no", "a\\nb"]'),
        ("labels.json", b'["yes", "no", "\\ud800"]'),
        ("labels.json", b'["yes", "no", ["x"]]'),
        ("labels.json", b"[" * 50_000),
        ("detector.json", b'{"window_ms": 1e308}'),
        ("detector.json", b'{"window_ms": Infinity}'),
        ("detector.json", b'{"hop_ms": 1e-308}'),
        ("features.json", json.dumps(FEATURES.to_dict() | {"kind": {"a": [1]}}).encode()),
        ("features.json", json.dumps(FEATURES.to_dict() | {"name": ["a"]}).encode()),
        ("features.json", json.dumps(FEATURES.to_dict() | {"frames": 1 << 17, "fft_length": 1 << 17}).encode()),
        ("card.json", b'{"a": NaN}'),
        ("card.json", b"[]"),
        ("card.md", b"\xff\xfe"),
        ("golden.npz", _npz(audio=AUDIO[:0], features=MAPS[:0], outputs=ANSWERS[:0])),
        ("golden.npz", _npz(audio=AUDIO.astype("U1"), features=MAPS, outputs=ANSWERS)),
        ("golden.npz", _npz(audio=AUDIO, features=MAPS.astype(np.float64), outputs=ANSWERS)),
        ("golden.npz", _npz(audio=AUDIO, features=MAPS, outputs=ANSWERS * np.float32("nan"))),
        ("golden.npz", _npz(audio=np.zeros((3,), "V4"), features=MAPS, outputs=ANSWERS)),
        ("golden.npz", _npz(audio=np.int16(3), features=MAPS, outputs=ANSWERS)),
    ],
)  # fmt: skip
def test_members_of_other_kinds_are_refused(bundle: Any, member: str, content: bytes) -> None:
    rewrite(bundle, lambda members: (members.update({member: content}), resign(members)))
    with pytest.raises(TfliteFileError, match="do not fit"):
        read_bundle(bundle)


@pytest.mark.parametrize("entry", ["text", None, 3, [], {"sha256": ["a"]}, {}])
def test_a_manifest_s_entry_of_another_kind_is_refused(bundle: Any, entry: Any) -> None:
    def change(members: dict[str, bytes]) -> None:
        manifest = json.loads(members["manifest.json"])
        manifest["members"]["model.tflite"] = entry
        members["manifest.json"] = json.dumps(manifest).encode()

    rewrite(bundle, change)
    with pytest.raises(TfliteFileError, match="was changed: model.tflite"):
        read_bundle(bundle)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_damaged_members_of_any_compression_are_refused(bundle: Any, method: int) -> None:
    with zipfile.ZipFile(bundle) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(bundle, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    content = bundle.read_bytes()
    draw = random.Random(4)
    for _ in range(60):
        damaged = bytearray(content)
        at = draw.randrange(len(damaged) * 3 // 4)
        damaged[at : at + 8] = draw.randbytes(8)
        bundle.write_bytes(bytes(damaged))
        try:
            read_bundle(bundle)
        except TfliteFileError as error:
            assert "\n" not in str(error)
