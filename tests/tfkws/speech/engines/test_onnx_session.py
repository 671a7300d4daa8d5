"""A second output is added to an ONNX file by appending to it."""

from pathlib import Path

import numpy as np
import pytest

from tfkws.errors import RuntimeUnavailableError, SynthesisError
from tfkws.speech.engines.onnx_session import open_session, run, with_output

INT64, FLOAT = 7, 1


def field(number: int, content: bytes | int) -> bytes:
    if isinstance(content, int):
        return bytes([number << 3, content])
    assert len(content) < 128
    return bytes([number << 3 | 2, len(content)]) + content


def tensor(name: str) -> bytes:
    """A float vector of one value, as ValueInfoProto."""
    shape = field(2, field(1, field(1, 1)))
    return field(1, name.encode()) + field(2, field(1, field(1, FLOAT) + shape))


def node(kind: str, source: str, target: str) -> bytes:
    return field(1, source.encode()) + field(2, target.encode()) + field(4, kind.encode())


def network() -> bytes:
    """y = -|x|, with |x| inside."""
    nodes = field(1, node("Abs", "x", "inside")) + field(1, node("Neg", "inside", "y"))
    graph = nodes + field(2, b"g") + field(11, tensor("x")) + field(12, tensor("y"))
    return field(1, 8) + field(7, graph) + field(8, field(2, 13))


def test_an_inner_tensor_is_given_out(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    path = tmp_path / "network.onnx"
    path.write_bytes(network())
    session = open_session(path, "inside")
    audio, inside = run(session, {"x": np.array([-3.0], np.float32)})
    assert (audio, inside) == ([-3.0], [3.0])


def test_lengths_above_127_take_two_bytes() -> None:
    added = with_output(b"", "n" * 200)
    assert added.endswith(b"n" * 200)
    assert added[:3] == bytes([7 << 3 | 2, 0xCE, 0x01])  # 206 bytes follow
    assert len(added) == 3 + 206


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    path = tmp_path / "network.onnx"
    path.write_bytes(b"nonsense")
    with pytest.raises(SynthesisError, match="cannot be opened .*; remove it, and run"):
        open_session(path, "inside")


def test_a_missing_package_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(RuntimeUnavailableError, match=r"onnxruntime; run `pip install 'tfkws\[voices\]'`"):
        open_session(tmp_path / "other.onnx", "inside")
