"""Answer one request: the argument names its kind, it comes as JSON on stdin, the answer goes as JSON to stdout."""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

from tfkws.errors import TfkwsError

# Imported when asked for, because `facts` must answer where NumPy is missing.
ANSWERED_BY = {
    "facts": ("facts", "read_facts"),
    "try": ("facts", "try_runtime"),
    "time": ("timing", "measure"),
    "time-operators": ("timing", "measure_in_turns"),
    "answer": ("answers", "answer"),
    "count": ("counting", "count"),
}


def main(kind: str) -> int:
    """Answer; an error that can be expected becomes one line on stderr and exit code 1."""
    module, function = ANSWERED_BY[kind]
    try:
        answer: Any = getattr(importlib.import_module(f"tfkws.tflite.on_device.{module}"), function)(
            json.loads(sys.stdin.read() or "{}")
        )
    except ModuleNotFoundError as error:
        sys.stderr.write(f"{error.name} is not installed; run `pip install tfkws` there, which brings it.\n")
        return 1
    except MemoryError:
        sys.stderr.write("The memory does not suffice; use a smaller model.\n")
        return 1
    except TfkwsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
