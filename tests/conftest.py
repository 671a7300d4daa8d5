"""Fixtures for all tests."""

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

# Before NumPy is imported: workers share the cores, and threads of BLAS that wait for each other spin, for minutes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest
from hypothesis import settings
from made_once import keep_in

from tfkws import lean_imports

lean_imports.install()  # before Keras is imported, as in the commands
gc.disable()  # until all tests are collected

# A busy machine must not fail a property; only the clock differs. What passes once passes everywhere: new examples are
# looked for by `pytest --hypothesis-profile=new-examples`.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("new-examples", deadline=None, max_examples=1_000)
settings.load_profile("repeatable")


def pytest_collection_finish() -> None:
    """Leave what is imported by now out of garbage collections: half a million objects, a quarter of a second each."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def files_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Files that are made once lie beside the folders of the workers."""
    folder = tmp_path_factory.getbasetemp()
    keep_in((folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "made_once")


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator with a fixed seed."""
    return np.random.default_rng(20_261_121)


@pytest.fixture(scope="session")
def speech_commands() -> Path:
    """Folder of the real clips, or skip."""
    folder = os.environ.get("TFKWS_SPEECH_COMMANDS")
    if not folder:
        pytest.skip("TFKWS_SPEECH_COMMANDS names no folder of real clips")
    return Path(folder)


@pytest.fixture
def software_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Child processes see the software adapter and no other; or skip. Where it is required, its absence fails."""
    from tfkws.errors import RuntimeUnavailableError
    from tfkws.tflite.gpu.software_adapter import adapter_environment

    try:
        environment = adapter_environment()
    except RuntimeUnavailableError as error:
        if os.environ.get("TFKWS_SOFTWARE_GPU") == "required":
            raise
        pytest.skip(str(error))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """A shell starts its background jobs with SIGINT ignored, and children inherit that, but no handler of Python's."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
