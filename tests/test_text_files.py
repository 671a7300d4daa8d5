"""Text is UTF-8 whatever the locale, printed in one place; strangers' JSON is read by one parser. Read from source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = [path for top in ("tfkws", "tuner", "tflite") for path in sorted((ROOT / top).rglob("*.py"))]
OWN_WRITERS = {"tfkws/run_folder.py"}  # `write_text` of this module writes UTF-8 always
# What prints, and the streams under it, which survive readers that leave and devices that are full.
PRINTERS = ("tfkws/cli/terminal/output.py", "tfkws/cli/terminal/streams.py")
# Parse JSON by themselves: what this program wrote a moment ago, what it ships, what its own child answers.
OWN_JSON = {
    "tfkws/strict_json.py",
    "tfkws/models/catalogue.py",  # ships with the package
    "tfkws/cli/terminal/options.py",  # a value that the user typed
    "tfkws/pipeline/over_air/compose.py",  # there and back
    "tfkws/pipeline/wakeword/training.py",  # of the same program, beside arrays in an .npz
    "tfkws/training/checkpoint.py",  # of the same program, beside arrays in an .npz
    "tuner/problem/known_costs.py",  # a cache's key
    "tuner/records/journal.py",  # its records are held against their types
    "tuner/search_folder.py",  # there and back
    "tflite/export/templates/python/network.py",  # goes out in a folder, without tfkws
    "tflite/on_device/main.py",  # pushed to devices alone
    "tflite/gpu/adapters.py",  # a child of this process
    "tflite/gpu/guarded.py",  # a child of this process
    "tflite/profile/litert.py",  # a child of this process
    "tflite/profile/litert_child.py",
}


def calls(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Every call in a file with the name that is called."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            target = node.func
            yield node, target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def keywords(call: ast.Call) -> dict[str | None, ast.expr]:
    return {keyword.arg: keyword.value for keyword in call.keywords}


def is_text_by_locale(call: ast.Call, name: str) -> bool:
    """Whether a call reads or writes text without saying in which encoding."""
    named = keywords(call)
    if "encoding" in named:
        return False
    if name == "read_text":
        return True
    if name == "write_text":
        return isinstance(call.func, ast.Attribute)  # a method of Path; `write_text` of run_folder is a function
    if name in ("run", "Popen", "check_output") and ("text" in named or "universal_newlines" in named):
        return True
    if name in ("open", "fdopen", "TemporaryFile", "NamedTemporaryFile"):
        return _opens_text(call, name, named)
    return False


def _opens_text(call: ast.Call, name: str, named: dict[str | None, ast.expr]) -> bool:
    """Whether an `open` of a file has a mode without "b"; other things that are called `open` have no mode."""
    method = isinstance(call.func, ast.Attribute)
    first = 0 if method and name == "open" else 1
    mode = named.get("mode", call.args[first] if len(call.args) > first else None)
    if isinstance(mode, ast.Constant) and isinstance(mode.value, str):
        return mode.value.startswith(("r", "w", "a", "x")) and not set(mode.value) & set("b|")  # "r|" is tarfile's
    return "newline" in named or (not method and name == "open" and mode is None)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_text_is_utf8_whatever_the_locale(path: Path) -> None:
    found = [f"line {call.lineno}: {name}" for call, name in calls(path) if is_text_by_locale(call, name)]
    assert not found, f"{path}: say encoding='utf-8' in {found}"


@pytest.mark.parametrize(
    "source",
    [
        "path.read_text()", "path.write_text(x)", 'path.open("w")', 'open("a")', 'open("a", "w")',
        "path.open(newline='')", "subprocess.run(a, text=True)", 'os.fdopen(3, "w")',
    ],
)  # fmt: skip
def test_the_guard_sees(source: str) -> None:
    call = next(node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    assert is_text_by_locale(call, name)


def test_the_command_line_prints_by_one_module() -> None:
    found = []
    for path in sorted((ROOT / "tfkws" / "cli").rglob("*.py")):
        name = str(path.relative_to(ROOT))
        for call, called in calls(path):
            written = ast.unparse(call.func)
            if name not in PRINTERS and (
                called in ("print", "echo", "secho", "Console") or written == "sys.stderr.write"
            ):
                found.append(f"{name}, line {call.lineno}: {written}")
    assert not found, f"print by {PRINTERS[0]}: {found}"


def test_strangers_json_is_read_within_bounds() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        for call, _ in calls(path)
        if ast.unparse(call.func) in ("json.loads", "json.load")
    }
    assert found <= OWN_JSON, f"read by tfkws.strict_json.parse_json: {sorted(found - OWN_JSON)}"
