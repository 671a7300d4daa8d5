"""Lists of the operators that a target can run."""

from pathlib import Path

import pytest

from tfkws.errors import ConfigError
from tfkws.tflite.file.allowed_operators import read_operator_list


@pytest.mark.parametrize("text", ["", "CONV_3000\n"])
def test_a_list_of_operators_must_name_some(text: str, tmp_path: Path) -> None:
    (tmp_path / "ops.txt").write_text(text)
    with pytest.raises(ConfigError, match="must list operators"):
        read_operator_list(tmp_path / "ops.txt")
