"""Settings of an export."""

import pytest

from tfkws.config import ExportSettings
from tfkws.errors import ConfigError


def test_the_form_must_be_one_that_there_is() -> None:
    assert ExportSettings.from_dict({"to": "python"}) == ExportSettings(to="python")
    with pytest.raises(ConfigError, match="ExportSettings.to must be .*python"):
        ExportSettings(to="phyton")  # type: ignore[arg-type]
