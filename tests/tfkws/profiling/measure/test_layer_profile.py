"""Settings, and what is written of a profile."""

import csv
import io
import json
from typing import Any

import numpy as np
import pytest

from tfkws.config import LayerSettings
from tfkws.profiling.measure.layer_profile import repeat_csv, thin
from tfkws.profiling.measure.time_layers import profile_layers

QUICK = LayerSettings(trials=2, passes=3, warmup_passes=1)


def test_csv_of_a_trial_and_thinning(network: Any) -> None:
    values = json.loads(json.dumps(profile_layers(network, QUICK, {}).to_dict()))
    lines = list(csv.DictReader(io.StringIO(repeat_csv(values, 1))))
    assert [line["layer"] for line in lines] == [row["name"] for row in values["rows"]]
    assert lines[0]["runs"] == "3"
    assert float(lines[0]["time_us"]) == pytest.approx(sum(values["rows"][0]["samples_us"][1]), abs=0.01)
    assert lines[0]["macs"] == str(6 * 4 * 27)
    small = thin(values)
    assert [len(trial) for trial in small["rows"][0]["samples_us"]] == [1, 1]
    assert small["rows"][0]["samples_us"][0][0] == pytest.approx(np.mean(values["rows"][0]["samples_us"][0]))
    assert "thinned" in small
