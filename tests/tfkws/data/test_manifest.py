"""A manifest's digests follow the content of the clips, and nothing else."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from tfkws.config import TaskConfig
from tfkws.data.manifest import Manifest, ManifestRow
from tfkws.data.task_data import load_task

COMMANDS = TaskConfig(protocol="commands", words=("yes", "no"))


def test_digest_of_a_split_does_not_depend_on_the_others(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    alone = load_task(folder, COMMANDS, splits=("testing",)).manifest
    together = load_task(folder, COMMANDS).manifest
    assert alone.split_digests["testing"] == together.split_digests["testing"]
    assert alone.digest != together.digest


def test_changed_content_changes_the_manifest(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    before = load_task(folder, COMMANDS).manifest.digest
    path = sorted((folder / "yes").iterdir())[0]
    soundfile.write(path, np.zeros(16_000), 16_000, subtype="PCM_16")
    assert load_task(folder, COMMANDS).manifest.digest != before


YES = ManifestRow("yes/a.wav", "yes", "00" * 32)
NO = ManifestRow("no/b.wav", "no", "11" * 32)


def manifest(rows: tuple[ManifestRow, ...], labels: tuple[str, ...] = ("yes", "no")) -> Manifest:
    return Manifest(COMMANDS, labels, {"testing": rows}, (("yes/bad.wav", "it is empty"),), ("hum.wav",), True)


def test_digest_is_that_of_labels_and_rows_in_order() -> None:
    text = f"yes no\nyes/a.wav yes {'00' * 32}\nno/b.wav no {'11' * 32}"
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    assert manifest((YES, NO)).split_digests == {"testing": digest}
    assert manifest((YES, NO)).digest == hashlib.sha256(f"testing {digest}".encode()).hexdigest()[:16]
    digests = {manifest((YES, NO)).digest, manifest((NO, YES)).digest, manifest((YES, NO), ("no", "yes")).digest}
    assert len(digests) == 3


def test_every_label_is_counted_even_without_clips() -> None:
    assert manifest((YES, YES), ("yes", "no")).counts() == {"testing": {"yes": 2, "no": 0}}


def test_a_manifest_is_json_ready() -> None:
    values = manifest((YES, NO)).to_dict()
    assert json.loads(json.dumps(values))["splits"] == {
        "testing": [["yes/a.wav", "yes", "00" * 32], ["no/b.wav", "no", "11" * 32]]
    }
    assert values["skipped"] == [{"file": "yes/bad.wav", "reason": "it is empty"}]
    assert values["synthetic_speech"] is True
