"""The peers: by which program, interpreter and environment each takes its steps."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.speed.peers import Peer

INSTALL = {
    "tensorflow": "pip install 'tfkws[train]'",
    "numpy": "pip install numpy",
    "jax": "pip install jax==0.5.3",
    "torch": "pip install torch keras",
}


OURS, BEFORE, MULTIPLY = "tfkws", "tfkws before", "multiply rate"


@dataclass(frozen=True)
class Variant:
    """One peer, in one setting.

    Attributes:
        name: on the page.
        framework: whose interpreter it takes: a key of `INSTALL`, or "numpy".
        module: below `benchmarks.speed.steps`, with `prepare`.
        options: of `prepare`, besides the network.
        environment: of the child, besides.
    """

    name: str
    framework: str
    module: str
    options: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str | None] = field(default_factory=dict)

    @property
    def peer(self) -> Peer:
        """How its child is started."""
        packages = (self.framework, "keras") if self.module == "by_keras" else (self.framework,)
        install = INSTALL[self.framework]
        return Peer(self.name, f"steps.{self.module}", packages, install, self.environment, is_fresh=self.is_ours)

    @property
    def is_ours(self) -> bool:
        """Whether it is this package, now or before."""
        return self.name in (OURS, BEFORE)


_ONEDNN, _PLAIN = {"TF_ENABLE_ONEDNN_OPTS": "1"}, {"TF_ENABLE_ONEDNN_OPTS": "0"}
_FIRST = {"data_format": "channels_first"}


def _tensorflow(name: str, environment: dict[str, str], **options: Any) -> Variant:
    return Variant(name, "tensorflow", "by_keras", options, {"KERAS_BACKEND": "tensorflow", **environment})


def before(checkout: Path) -> Variant:
    """Return this package as another checkout of it has it, as one more peer."""
    return Variant(BEFORE, "tensorflow", "by_tfkws", {"checkout": str(checkout.resolve())})


VARIANTS = (
    Variant(MULTIPLY, "numpy", "multiply"),
    Variant(OURS, "tensorflow", "by_tfkws"),
    _tensorflow("Keras on TensorFlow, oneDNN", _ONEDNN),
    _tensorflow("Keras on TensorFlow, plain", _PLAIN),
    _tensorflow("Keras on TensorFlow, oneDNN, jit", _ONEDNN, jit=True),
    _tensorflow("Keras on TensorFlow, plain, jit", _PLAIN, jit=True),
    _tensorflow("Keras on TensorFlow, oneDNN, channels first", _ONEDNN, **_FIRST),
    _tensorflow("Keras on TensorFlow, plain, channels first", _PLAIN, **_FIRST),
    _tensorflow("Keras on TensorFlow, oneDNN, channels first, jit", _ONEDNN, **_FIRST, jit=True),
    _tensorflow("TensorFlow loop, oneDNN", _ONEDNN, tape=True),
    _tensorflow("TensorFlow loop, plain", _PLAIN, tape=True),
    Variant("Keras on JAX", "jax", "by_keras", {"jit": True}, {"KERAS_BACKEND": "jax"}),
    Variant("JAX loop, jitted", "jax", "by_jax"),
    Variant("Keras on PyTorch", "torch", "by_keras", {}, {"KERAS_BACKEND": "torch"}),
    Variant("Keras on PyTorch, compiled", "torch", "by_keras", {"jit": True}, {"KERAS_BACKEND": "torch"}),
    Variant("PyTorch loop", "torch", "by_torch"),
    Variant("PyTorch loop, channels last", "torch", "by_torch", {"channels_last": True}),
    Variant("PyTorch loop, channels last, compiled", "torch", "by_torch", {"channels_last": True, "compiled": True}),
)
