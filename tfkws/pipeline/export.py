"""The stage of `tfkws export`: from a bundle to a folder in the form that a device or another program takes."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import tfkws
from tfkws.config import ExportSettings
from tfkws.errors import ConversionError, TfliteFileError
from tfkws.output_folder import check_output_folder
from tfkws.run_folder import atomic_paths, to_json
from tfkws.tflite.bundle.archive import Bundle, read_bundle
from tfkws.tflite.export.exported import Exported
from tfkws.tflite.export.forms import exported

RECORD = "export.json"  # of the folder: what it was made from, and what was measured


@dataclass(frozen=True)
class ExportedFolder:
    """A folder that was written.

    Attributes:
        record: what `export.json` holds.
        next: the line to type next, within the folder.
    """

    path: Path
    record: dict[str, Any]
    next: str


def export_bundle(
    bundle: Path, settings: ExportSettings, out: Path | None = None, force: bool = False
) -> ExportedFolder:
    """Write a bundle's folder in another form, whole or not at all.

    Args:
        out: the folder; None for `<bundle>-<form>` beside the bundle.
        force: whether to replace an earlier export.

    Raises:
        TfliteFileError: the bundle is missing or damaged, or is none.
        ConversionError: the form cannot hold it, or an earlier export would be replaced.
        RunFolderError: the folder cannot be written.
    """
    if bundle.suffix != ".kws":
        raise TfliteFileError(
            f"A bundle is exported, whose name ends in .kws. Received {bundle}; make one by `tfkws bundle create`."
        )
    folder = out or bundle.with_name(f"{bundle.stem}-{settings.to}")
    _refuse_overwriting(folder, force)
    check_output_folder(folder)
    read = read_bundle(bundle)
    made = exported(read, settings)
    record = _record(bundle, read, settings, made)
    contents = {RECORD: to_json(record).encode(), **made.files}
    with atomic_paths([folder / name for name in contents]) as paths:
        for path, content in zip(paths, contents.values(), strict=True):
            path.write_bytes(content)
    return ExportedFolder(folder, record, made.next)


def _refuse_overwriting(folder: Path, force: bool) -> None:
    """Refuse to write over an export without being asked to, and among files of others always."""
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    if not (folder / RECORD).is_file():
        raise ConversionError(f"{folder} holds files of something else; choose another folder by --out.")
    if not force:
        raise ConversionError(f"{folder} holds an export already; add --force to replace it.")


def _record(path: Path, bundle: Bundle, settings: ExportSettings, made: Exported) -> dict[str, Any]:
    files = {name: {"sha256": sha256(data).hexdigest(), "size_bytes": len(data)} for name, data in made.files.items()}
    return {
        "form": settings.to,
        "bundle": path.name,
        "digest": bundle.digest,
        "labels": list(bundle.labels),
        "synthetic_speech": bundle.synthetic_speech,
        "tool": f"tfkws {tfkws.__version__}",
        "settings": settings.to_dict(),
        "facts": dict(made.facts),
        "files": files,
    }
