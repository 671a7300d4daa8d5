"""The front ends of libraries that are installed give maps of the size that is told."""

import numpy as np
import pytest

from benchmarks.speed.features.front_ends import LIBRARIES, noise, prepare
from benchmarks.speed.features.tables import features_table
from benchmarks.speed.features.variants import OURS, VARIANTS

SIZES = {"python_speech_features": [29, 40], "kaldi_native_fbank": [31, 40], "pymicro_features": [98, 40]}


def test_every_library_of_the_table_can_be_prepared() -> None:
    assert [variant.package for variant in VARIANTS] == sorted(LIBRARIES, key=[v.package for v in VARIANTS].index)


@pytest.mark.parametrize(
    "package",
    ["tfkws", "python_speech_features", "kaldi_native_fbank", pytest.param("librosa", marks=pytest.mark.slow)],
)
def test_maps_of_libraries_that_are_installed(package: str) -> None:
    pytest.importorskip(package)
    call, facts = prepare(package, clips=2)
    assert call(0)[0] == 2 and sorted(call(0)[1:]) == sorted(SIZES.get(package, [40, 32]))
    assert facts["clips"] == 2 and facts["version"]


def test_the_same_noise_is_drawn_for_all() -> None:
    assert (noise(3) == noise(3)).all() and noise(3).shape == (3, 16_000) and noise(3).dtype == np.float32


def test_the_table_names_what_is_not_installed() -> None:
    facts = {
        OURS: {"version": "1", "clips": 50, "first_answers": [[50, 40, 32]]},
        "librosa": {"version": "2", "clips": 50, "first_answers": [[50, 40, 32]]},
        "torchaudio": {"missing": "pip install torchaudio"},
    }
    rounds = {"seconds": {OURS: [0.01, 0.01], "librosa": [0.04, 0.04]}, "foreign": [0.0, 0.02]}
    table = features_table({"peers": facts, "rounds": rounds})
    assert [row[:5] for row in table.rows] == [
        (OURS, "1", "200 (200 to 200)", "1.0 (1.0 to 1.0)", "40 x 32"),
        ("librosa", "2", "800 (800 to 800)", "4.0 (4.0 to 4.0)", "40 x 32"),
        ("torchaudio", "", "not installed: `pip install torchaudio`", "", ""),
    ]
