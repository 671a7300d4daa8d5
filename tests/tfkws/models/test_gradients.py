"""Gradients of every family, narrow, under both of TensorFlow's sets of CPU kernels, against double precision.

oneDNN computes some of a strided 1 x 1 convolution's wrongly, or dies of them: networks must be built without one.
Each process has kernels and threads of its own, which TensorFlow reads when it is imported.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from small_networks import SMALL

from tfkws.models.registry import entries

FAKES = Path(__file__).parents[2] / "fakes"
TOLERANCE = 2e-3  # of the largest gradient of a variable; the faulty ones were wrong by 0.26 and more
Case = tuple[str, dict[str, Any]]
POINTWISE: list[Case] = [
    ("tc_resnet8", {"width": 0.25}),
    ("tc_resnet8", {"widths": {"stem_conv": 8}}),
    ("seed_cnn", {"convs": "1x1,5 3x3,6", "strides": "1x2"}),
    ("seed_cnn", {"convs": "3x3,4 1x1,5 1x3,6", "strides": "1x2 2x2 2x1"}),
    ("mlperf_ds_cnn", {"filters": 6, "repeats": 1, "kernels": {"stem_conv": [1, 1]}}),
]
FAMILIES: list[Case] = [(family, {}) for family in SMALL]


def worst_errors(cases: list[Case], batches: list[int], onednn: bool, threads: int) -> dict[str, float]:
    """The largest error of each case, in one process; a process that dies fails the test."""
    numbers = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), str(threads))
    asked = [[name, variant, batch] for name, variant in cases for batch in batches]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(FAKES / "gradient_cases.py"), json.dumps(asked)],
        env=os.environ | numbers | {"TF_ENABLE_ONEDNN_OPTS": str(int(onednn)), "CUDA_VISIBLE_DEVICES": "-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"died after {found[-1:]}: {done.stderr[-1000:]}"
    assert [one["case"] for one in found] == asked
    return {json.dumps(one["case"]): one["error"] for one in found}


def test_narrow_networks_learn_rightly_where_a_batch_does_not_divide_by_the_threads() -> None:
    errors = worst_errors(POINTWISE, [25], onednn=True, threads=2)
    assert max(errors.values()) < TOLERANCE, errors


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("onednn", [True, False], ids=["onednn", "plain"])
@pytest.mark.parametrize("cases", [POINTWISE, FAMILIES], ids=["pointwise", "families"])
def test_every_family_learns_rightly_under_both_kernels(cases: list[Case], onednn: bool, threads: int) -> None:
    errors = worst_errors(cases, [25, 50], onednn, threads)
    assert max(errors.values()) < TOLERANCE, errors


def test_every_family_is_among_the_cases() -> None:
    assert {name for name, _ in FAMILIES} == {entry.family.name for entry in entries().values()}
