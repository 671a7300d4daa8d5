"""The process that `tfkws.tflite.gpu.guarded` starts: one file on a GPU, answering until its stdin ends.

`python -m tfkws.tflite.gpu.child PRECISION`: the file comes first on stdin, behind its length; a JSON head goes back,
behind its length; then, for each run, all inputs as bytes in C order come, and all outputs go back.
"""

import json
import os
import struct
import sys
from typing import Any, BinaryIO

import numpy as np

from tfkws.errors import TfkwsError
from tfkws.tflite.gpu.interpreter import Interpreter

LENGTH = struct.Struct("<Q")


def main(precision: str) -> None:
    """Serve one file; ends the process at once, because LiteRT's objects may not survive their destruction."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what native code prints must not get between answers
    requests = sys.stdin.buffer
    try:
        (length,) = LENGTH.unpack(requests.read(LENGTH.size))
        interpreter = Interpreter(requests.read(length), precision)
        _send_head(answers, {**_form(interpreter), "facts": interpreter.facts()})
        serve(interpreter, requests, answers)
    except TfkwsError as error:
        _send_head(answers, {"error": type(error).__name__, "message": str(error)})
        os._exit(1)
    os._exit(0)


def serve(interpreter: Any, requests: BinaryIO, answers: BinaryIO) -> None:
    """Run once for each set of inputs that arrives."""
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    while True:
        for details in inputs:
            data = requests.read(size_of(details))
            if len(data) < size_of(details):
                return
            interpreter.set_tensor(details["index"], np.frombuffer(data, details["dtype"]).reshape(details["shape"]))
        interpreter.invoke()
        for details in outputs:
            answers.write(np.ascontiguousarray(interpreter.get_tensor(details["index"])).tobytes())
        answers.flush()


def size_of(details: dict[str, Any]) -> int:
    """Return the bytes of an input or output."""
    return int(np.prod(details["shape"])) * np.dtype(details["dtype"]).itemsize


def _form(interpreter: Any) -> dict[str, Any]:
    sides = {"inputs": interpreter.get_input_details(), "outputs": interpreter.get_output_details()}
    return {side: [_plain(details) for details in each] for side, each in sides.items()}


def _plain(details: dict[str, Any]) -> dict[str, Any]:
    scale, zero_point = details["quantization"]
    return {
        "index": int(details["index"]),
        "name": str(details["name"]),
        "shape": [int(size) for size in details["shape"]],
        "dtype": np.dtype(details["dtype"]).str,
        "quantization": [float(scale), int(zero_point)],
    }


def _send_head(answers: BinaryIO, head: dict[str, Any]) -> None:
    packed = json.dumps(head).encode()
    answers.write(LENGTH.pack(len(packed)) + packed)
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])
