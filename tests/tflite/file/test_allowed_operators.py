"""Lists of a target's operators, and what a file needs beyond them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tfkws.errors import ConfigError, ConversionError
from tfkws.tflite.file.allowed_operators import check_operators, foreign_operators, read_operator_list
from tfkws.tflite.file.small_models import chain
from tfkws.tflite.file.tflite_file import TfliteFile


def test_a_list_is_read_without_comments_in_any_case(tmp_path: Path) -> None:
    (tmp_path / "ops.txt").write_text("# all of it\nCONV_2D  # the target's own\n\nmean\nSOFTMAX\n")
    assert read_operator_list(tmp_path / "ops.txt") == {"CONV_2D", "MEAN", "SOFTMAX"}


@pytest.mark.parametrize("text", ["", "CONV_3000\n"])
def test_a_list_of_operators_must_name_some(text: str, tmp_path: Path) -> None:
    (tmp_path / "ops.txt").write_text(text)
    with pytest.raises(ConfigError, match="must list operators"):
        read_operator_list(tmp_path / "ops.txt")


def test_a_list_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent.txt cannot be read"):
        read_operator_list(tmp_path / "absent.txt")


def test_what_is_foreign_is_counted() -> None:
    file = TfliteFile(chain(3))
    assert foreign_operators(file, frozenset({"CONV_2D"})) == {"ABS": 3}
    assert foreign_operators(file, frozenset({"ABS"})) == foreign_operators(file, None) == {}


def test_a_file_is_refused_by_the_names_of_what_is_foreign(converted: Callable[[str], TfliteFile]) -> None:
    file = converted("none")
    needed = frozenset(op.opcode for op in file.graph.ops)
    check_operators(file, needed)
    check_operators(file, None)
    with pytest.raises(ConversionError, match=r"needs SOFTMAX \(1\), which --allow-ops does not list"):
        check_operators(file, needed - {"SOFTMAX"})


def test_a_long_line_that_is_no_operator_is_a_short_sentence(tmp_path: Path) -> None:
    (tmp_path / "ops.txt").write_text("CONV_2D\n" + "x" * 100_000)
    with pytest.raises(ConfigError, match="must list operators") as caught:
        read_operator_list(tmp_path / "ops.txt")
    assert len(str(caught.value)) < 500
