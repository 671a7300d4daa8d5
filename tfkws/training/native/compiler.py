"""Kernels turned into machine code of this processor."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir


@lru_cache(maxsize=1)
def host() -> tuple[str, str]:
    """Return LLVM's names of this processor and of its features.

    512 bit wide vectors are used where there are any: LLVM prefers 256 on some of them.
    """
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten() + ",-prefer-256-bit"


@lru_cache(maxsize=1)
def lanes() -> int:
    """Return the floats of this processor's vector registers."""
    features = host()[1].split(",")
    return 16 if "+avx512f" in features else 8 if "+avx" in features else 4


class Kernels:
    """Kernels by name, each written and compiled when it is first asked for."""

    def __init__(self) -> None:
        self._writers: dict[str, Callable[[Any, str], None]] = {}
        self._engines: list[Any] = []
        self._addresses: dict[str, int] = {}

    def add(self, name: str, write: Callable[[Any, str], None]) -> str:
        """Take note of a kernel, and return its name."""
        if name not in self._addresses:
            self._writers[name] = write
        return name

    def compile(self) -> None:
        """Compile what was added since."""
        if not self._writers:
            return
        module = ir.Module()
        module.triple = llvm.get_process_triple()
        for name, write in self._writers.items():
            write(module, name)
        engine = _engine(module)
        self._engines.append(engine)
        self._addresses |= {name: engine.get_function_address(name) for name in self._writers}
        self._writers = {}

    def address(self, name: str) -> int:
        """Return where a compiled kernel lies."""
        return self._addresses[name]


def _engine(module: Any) -> Any:
    cpu, features = host()
    parsed = llvm.parse_assembly(str(module))
    target = llvm.Target.from_triple(llvm.get_process_triple())
    machine = target.create_target_machine(cpu=cpu, features=features, opt=2)
    options = llvm.create_pipeline_tuning_options(speed_level=1)
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(parsed, builder)
    engine = llvm.create_mcjit_compiler(parsed, machine)
    engine.finalize_object()
    return engine


KERNELS = Kernels()
