"""C source that a compiler reads back as the same numbers and text."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tfkws.tflite.export.c_text import array, c_type, declaration, defines, number, quoted

needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler is installed")


def printed(source: str, folder: Path) -> bytes:
    (folder / "a.c").write_text(source)
    subprocess.run(["cc", "-std=c99", "-Wall", "-Werror", "-pedantic", "a.c", "-o", "a"], cwd=folder, check=True)
    return subprocess.run([folder / "a"], capture_output=True, check=True).stdout


@needs_compiler
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "float32"])
def test_an_array_is_read_back_bit_for_bit(dtype: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 256, 400).astype(np.uint8).view(dtype)
    if dtype == "float32":
        values = np.concatenate([rng.normal(size=300) * 10.0 ** rng.integers(-30, 30, 300), [0, 1e9, -3]]).astype(dtype)
    source = "#include <stdint.h>\n#include <stdio.h>\n" + declaration("values", values) + array("values", values)
    source += "int main(void) { fwrite(values, 1, sizeof(values), stdout); return 0; }\n"
    assert printed(source, tmp_path) == values.tobytes()


@needs_compiler
def test_text_of_every_kind_is_read_back(tmp_path: Path) -> None:
    text = 'a "b" \\ ??= héllo 7 \t 🙂1'
    source = f"#include <stdio.h>\nint main(void) {{ fputs({quoted(text)}, stdout); return 0; }}\n"
    assert printed(source, tmp_path).decode() == text


def test_values_are_defined_with_their_type() -> None:
    assert defines({"A": 3, "B": 0.25, "C": 2.0, "D": "{1, 2}"}) == (
        "#define A 3\n#define B 0.25f\n#define C 2.0f\n#define D {1, 2}\n"
    )
    assert [c_type(name) for name in ("uint8", "int16")] == ["uint8_t", "int16_t"]
    assert np.float32(number(1 / 3)[:-1]) == np.float32(1 / 3)
