"""Print the operators of the schema that TensorFlow Lite Micro's interpreter finds; started by path, as a process.

Each is asked for in a child of its own, since one that is found may crash on an operator without options.
"""

import os
import tempfile

from ai_edge_litert import schema_py_generated as schema
from tflite_micro import runtime

from tfkws.tflite.file.small_models import ModelBuilder

NO_OPERATORS = ("CUSTOM", "PLACEHOLDER_FOR_GREATER_OP_CODES")


def one_operator(code: int) -> bytes:
    """Return the bytes of a file with one operator, on four numbers."""
    build = ModelBuilder()
    taken, given = (build.tensor(name, "float32", (1, 4), ()) for name in "xy")
    build.operator(code, [taken], [given])
    build.model.operatorCodes[0].deprecatedBuiltinCode = min(code, 127)  # of newer operators the schema says so
    return build.finish([taken], [given])


def said_of(content: bytes) -> str:
    """Return what the interpreter says when it is given a file."""
    with tempfile.TemporaryFile() as log:
        child = os.fork()
        if child == 0:
            os.dup2(log.fileno(), 2)
            try:
                runtime.Interpreter.from_bytes(content, arena_size=1 << 16)
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        log.seek(0)
        return log.read().decode(errors="replace")


if __name__ == "__main__":
    for name, code in vars(schema.BuiltinOperator).items():
        if isinstance(code, int) and name not in NO_OPERATORS and "Didn't find op" not in said_of(one_operator(code)):
            print(name)
