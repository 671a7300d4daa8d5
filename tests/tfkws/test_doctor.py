"""The traps that the doctor must see, fed as version lists; and a child that crashes."""

import pytest

from tfkws.cpu_kernels import ONEDNN
from tfkws.doctor import EXTRAS, _in_child, packages, traps, try_tensorflow

GOOD = {"tensorflow": "2.17.1", "tensorflow-io": "0.37.1", "tflite-runtime": "2.14.0", "numpy": "1.26.4",
        "keras-tuner": "1.4.8", "six": "1.17.0"}  # fmt: skip


def test_the_reference_set_has_no_trap() -> None:
    assert traps(GOOD, tensorflow_compiled=True) == []


@pytest.mark.parametrize(
    ("change", "name", "word"),
    [
        ({"tensorflow": "2.21.0"}, "tensorflow-io", "soundfile"),
        ({"numpy": "2.4.6"}, "tflite-runtime", "numpy<2"),
        ({"six": None}, "six", "pip install six"),
        ({"tensorflow-cpu": "2.17.1"}, "tensorflow twice", "uninstall"),
    ],
)
def test_each_trap_is_named_with_its_mend(change: dict[str, str | None], name: str, word: str) -> None:
    versions = {key: value for key, value in (GOOD | change).items() if value is not None}
    (finding,) = traps(versions, tensorflow_compiled=True)
    assert (finding.name, finding.status) == (name, "broken")
    assert word in finding.mend


def test_missing_byte_code_is_a_trap() -> None:
    assert [f.name for f in traps(GOOD, tensorflow_compiled=False)] == ["byte-code"]


def test_an_absent_package_names_the_extra_that_brings_it() -> None:
    mends = {finding.name: finding.mend for finding in packages({})}
    assert set(mends) == set(EXTRAS)
    assert mends["asyncssh"] == "pip install 'tfkws[devices]'"
    assert mends["numpy"] == "pip install 'tfkws'"


def test_a_crashing_child_is_a_finding() -> None:
    ok, answer = _in_child("import os; os.abort()")
    assert not ok
    assert answer


@pytest.mark.parametrize(
    ("answer", "gpu", "kernels"),
    [
        ((True, "True"), ("absent", "no GPU is seen"), ("ok", "oneDNN kernels")),
        ((True, "False /gpu:0 /gpu:1"), ("ok", "/gpu:0 /gpu:1"), ("ok", "plain kernels")),
        ((True, "None /gpu:0"), ("ok", "/gpu:0"), ("absent", "does not tell")),
        ((False, "no such symbol"), ("broken", "no such symbol"), ("absent", "does not tell")),
    ],
)
def test_one_start_of_tensorflow_tells_devices_and_kernels(
    answer: tuple[bool, str], gpu: tuple[str, str], kernels: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def told(code: str) -> tuple[bool, str]:
        asked.append(code)
        return answer

    monkeypatch.setattr("tfkws.doctor._in_child", told)
    monkeypatch.delenv(ONEDNN, raising=False)
    found = try_tensorflow({"tensorflow": "2.17.1"})
    assert len(asked) == 1
    assert [(each.group, each.status) for each in found] == [("gpu", gpu[0]), ("kernels", kernels[0])]
    assert gpu[1] in found[0].detail
    assert kernels[1] in found[1].detail
