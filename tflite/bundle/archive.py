"""A bundle, NAME.kws: one zip archive with everything a device needs, and nothing that runs code when it is read.

Members: model.tflite, features.json, labels.json, detector.json, golden.npz, card.json, card.md, and manifest.json with
the format's version and the SHA-256 of every other member. The checksums show damage; who made the bundle they do not
prove.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfkws.config import DetectorConfig, FeatureConfig, TaskConfig
from tfkws.config.strict import read
from tfkws.config.task import read_labels
from tfkws.errors import BenchmarkError, ConfigError, TfliteFileError
from tfkws.model_files import foreign_model
from tfkws.run_folder import write_bytes
from tfkws.strict_arrays import ZIP_DAMAGE
from tfkws.strict_json import parse_json
from tfkws.tflite.bundle.golden_vectors import Golden, make_golden, read_golden, write_golden
from tfkws.tflite.file.tflite_file import TfliteFile

FORMAT = "tfkws bundle"
VERSION = 2  # that is read; 1 is written wherever the model keeps no state, so that older readers take it
MANIFEST = "manifest.json"
RUNNABLE = (".tflite", ".kws")
MODEL, FEATURES, LABELS, DETECTOR = "model.tflite", "features.json", "labels.json", "detector.json"
GOLDEN, CARD, CARD_TEXT = "golden.npz", "card.json", "card.md"
MEMBERS = (MODEL, FEATURES, LABELS, DETECTOR, GOLDEN, CARD, CARD_TEXT)
MAX_BYTES = {MODEL: 1 << 30, GOLDEN: 1 << 26}
MAX_TEXT_BYTES = 1 << 20
MAX_EXPANSION = 1_000  # deflate itself cannot do much more; a larger claim is a lie
_TIMESTAMP = (2020, 1, 1, 0, 0, 0)
_DAMAGE = (*ZIP_DAMAGE, OSError, ValueError, KeyError)


@dataclass(frozen=True)
class Bundle:
    """What a bundle holds.

    Attributes:
        golden: float32 audio, the feature maps of the front end, and the outputs of the model.
        card: scores with their protocol, and where the model comes from.
        digest: SHA-256 of the manifest, which names everything else; quote it to say which bundle is meant.
        card_text: the card for people, Markdown.
    """

    model: TfliteFile
    features: FeatureConfig
    labels: tuple[str, ...]
    detector: DetectorConfig
    golden: Golden
    card: dict[str, Any]
    digest: str
    card_text: str = ""

    @property
    def task(self) -> TaskConfig | None:
        """What the model was trained for, where its file says so."""
        return self.model.metadata.task if self.model.metadata else None

    @property
    def synthetic_speech(self) -> bool:
        """Whether the model was trained on synthetic speech."""
        return bool(self.card.get("synthetic_speech", False))


def write_bundle(
    path: Path,
    model: TfliteFile,
    features: FeatureConfig,
    labels: tuple[str, ...],
    detector: DetectorConfig,
    card: Mapping[str, Any],
    card_text: str = "",
) -> None:
    """Write a bundle, whole or not at all; the same contents give the same bytes.

    Raises:
        TfliteFileError: `path` does not end in .kws, or the model does not fit labels or front end.
    """
    if path.suffix != ".kws":
        raise TfliteFileError(f"A bundle's name must end in .kws. Received {path}.")
    golden = make_golden(model, features)
    if golden.outputs.shape[1] != len(labels):
        raise TfliteFileError(f"The model has {golden.outputs.shape[1]} outputs and there are {len(labels)} labels.")
    members = {
        MODEL: model.content,
        FEATURES: _to_json(features.to_dict()),
        LABELS: _to_json(list(labels)),
        DETECTOR: _to_json(detector.to_dict()),
        GOLDEN: write_golden(golden),
        CARD: _to_json(dict(card)),
        CARD_TEXT: card_text.encode(),
    }
    version = 2 if len(model.graph.inputs) > 1 else 1
    write_bytes(path, _archive(members | {MANIFEST: _to_json(_manifest(members, version))}))


def write_settings(path: Path, bundle: Bundle, detector: DetectorConfig) -> None:
    """Write a bundle with other settings of the detector, whole or not at all; all else stays."""
    write_bundle(path, bundle.model, bundle.features, bundle.labels, detector, bundle.card, bundle.card_text)


def read_bundle(path: Path) -> Bundle:
    """Read a bundle after checking version, members, sizes and checksums.

    Raises:
        TfliteFileError: it is missing, truncated, tampered with, or written by a newer version.
    """
    if not path.is_file():
        raise TfliteFileError(f"{path} does not exist; give a .kws file that `tfkws bundle create` wrote.")
    try:
        with zipfile.ZipFile(path) as archive:
            manifest, members = _read_members(path, archive)
    except _DAMAGE as error:
        if isinstance(error, TfliteFileError):
            raise
        raise TfliteFileError(f"{path} is damaged or not a bundle ({_line(error)}); copy it again.") from error
    return _assemble(path, manifest, members)


def read_model(path: Path) -> TfliteFile:
    """Open the model of a .tflite file or of a .kws bundle; the model itself is not parsed yet.

    Raises:
        TfliteFileError: there is no such file, or the bundle is damaged.
    """
    return read_bundle(path).model if path.suffix == ".kws" else TfliteFile.read(path)


def read_runnable(path: Path) -> TfliteFile:
    """Open the model of a file that runs on a device, by its name a .tflite file or a .kws bundle.

    Raises:
        BenchmarkError: its name ends in something else.
        TfliteFileError: there is no such file, or the bundle is damaged.
    """
    if elsewhere := foreign_model(path):
        raise BenchmarkError(elsewhere)
    if path.suffix not in RUNNABLE:
        raise BenchmarkError(f"A .tflite or .kws file runs on a device. Received {path}; convert the model first.")
    return read_model(path)


def _assemble(path: Path, manifest: bytes, members: Mapping[str, bytes]) -> Bundle:
    try:
        bundle = Bundle(
            model=TfliteFile(members[MODEL]),
            features=FeatureConfig.from_dict(parse_json(members[FEATURES])),
            labels=read_labels(parse_json(members[LABELS])),
            detector=DetectorConfig.from_dict(parse_json(members[DETECTOR])),
            golden=read_golden(members[GOLDEN]),
            card=read(dict[str, Any], parse_json(members[CARD]), "card"),
            digest=hashlib.sha256(manifest).hexdigest(),
            card_text=members[CARD_TEXT].decode(),
        )
        _check_fit(bundle)
        return bundle
    except (ConfigError, ValueError) as error:
        raise TfliteFileError(f"{path} holds settings that do not fit ({_line(error)}); write it again.") from error


def _check_fit(bundle: Bundle) -> None:
    """Refuse golden vectors that do not have the shapes of front end and labels."""
    features, golden = bundle.features, bundle.golden
    maps = (len(golden.audio), *features.input_shape)
    if golden.audio.shape[1:] != (features.clip_samples,) or golden.features.shape != maps:
        raise ValueError(f"golden vectors must have the front end's shape {features.input_shape}")
    if golden.outputs.shape != (len(golden.audio), len(bundle.labels)):
        raise ValueError(f"golden outputs must be one for each of {len(bundle.labels)} labels")


def _read_members(path: Path, archive: zipfile.ZipFile) -> tuple[bytes, dict[str, bytes]]:
    """Return the manifest, and every member by name, checked against it."""
    names = [info.filename for info in archive.infolist()]
    if MANIFEST not in names:
        raise TfliteFileError(f"{path} is not a bundle: it has no {MANIFEST}.")
    content = _member(archive, MANIFEST)
    manifest = parse_json(content)
    _check_version(path, manifest)
    if sorted(names) != sorted((*MEMBERS, MANIFEST)):
        raise TfliteFileError(f"{path} must hold exactly {', '.join(MEMBERS)}. It holds {', '.join(names)[:200]}.")
    members = {name: _member(archive, name) for name in MEMBERS}
    for name, member in members.items():
        if _stated_hash(manifest, name) != hashlib.sha256(member).hexdigest():
            raise TfliteFileError(f"{path} was changed: {name} is not what the manifest says; get the bundle again.")
    return content, members


def _check_version(path: Path, manifest: Any) -> None:
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise TfliteFileError(f"{path} is not a bundle: its manifest does not say so.")
    version = manifest.get("version")
    if type(version) is not int or version < 1:
        raise TfliteFileError(f"{path} is damaged: its manifest gives no version.")
    if version > VERSION:
        raise TfliteFileError(
            f"{path} has version {version} of the bundle format and this tfkws reads up to {VERSION}; upgrade tfkws."
        )
    if not isinstance(manifest.get("members"), dict):
        raise TfliteFileError(f"{path} is damaged: its manifest lists no members.")


def _stated_hash(manifest: dict[str, Any], name: str) -> Any:
    """SHA-256 of a member by the manifest; None where it gives none."""
    entry = manifest["members"].get(name)
    return entry.get("sha256") if isinstance(entry, dict) else None


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Read one member, within the limits that keep a small archive from filling the memory."""
    info = archive.getinfo(name)
    limit = MAX_BYTES.get(name, MAX_TEXT_BYTES)
    if info.file_size > limit or info.file_size > MAX_EXPANSION * max(info.compress_size, 64):
        raise ValueError(f"{name} claims {info.file_size} bytes")
    with archive.open(info) as file:
        content = file.read(limit + 1)
    if len(content) != info.file_size:
        raise ValueError(f"{name} is not as long as stated")
    return content


def _archive(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, _TIMESTAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return buffer.getvalue()


def _manifest(members: Mapping[str, bytes], version: int = 1) -> dict[str, Any]:
    listed = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
        for name, content in members.items()
    }
    return {"format": FORMAT, "version": version, "members": listed}


def _to_json(value: Any) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, sort_keys=True) + "\n").encode()


def _line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
