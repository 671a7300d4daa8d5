"""`tfkws doctor`: its findings as JSON; the findings themselves are tested in tests/tfkws/test_doctor.py."""

import json

import pytest
from typer.testing import CliRunner

from tfkws.cli import app


def told(code: str) -> tuple[bool, str]:
    """What a child would answer."""
    return "sounddevice" not in code, "an answer"


@pytest.fixture(params=[told, pytest.param(None, marks=pytest.mark.slow)], ids=["told", "tried"])
def children(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in the place of processes that load each package, TensorFlow twice; under `slow` themselves."""
    if request.param is not None:
        monkeypatch.setattr("tfkws.doctor._in_child", request.param)


@pytest.mark.usefixtures("children")
def test_every_finding_has_a_name_a_state_and_a_mend() -> None:
    findings = json.loads(CliRunner().invoke(app, ["doctor", "--json"]).stdout)
    assert len(findings) > 5
    assert all(finding["name"] and finding["status"] and "mend" in finding for finding in findings)


@pytest.mark.usefixtures("software_gpu")
def test_adapters_are_listed_with_the_word_software(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfkws.doctor._in_child", told)
    findings = json.loads(CliRunner().invoke(app, ["doctor", "--json"]).stdout)
    details = {each["name"]: each["detail"] for each in findings if each["group"] == "gpu"}
    (adapter,) = (name for name in details if name.startswith("SwiftShader"))
    assert details[adapter].startswith("software adapter, times say nothing about a GPU; Vulkan 1.")
    assert details["litert-gpu"] == f"runs on {adapter} (software)"
