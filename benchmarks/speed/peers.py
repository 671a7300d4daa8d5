"""The children of peers: each started by an interpreter that has its packages, and kept until the end."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from benchmarks.records import say
from benchmarks.speed.children import Child, ChildFailedError, Message
from benchmarks.speed.interpreters import find_interpreter

PREPARE_SECONDS = 900.0  # a compiler of C++ may have hundreds of kernels to make
AT_ONCE = 2  # children that are prepared at the same time

# No limits on threads, none of the kernels that a machine's owner prescribes, and no accelerator.
ONLY_CPU: dict[str, str | None] = {
    "OPENBLAS_NUM_THREADS": None,
    "OPENBLAS_CORETYPE": None,
    "OPENBLAS_L2_SIZE": None,
    "OMP_NUM_THREADS": None,
    "MKL_NUM_THREADS": None,
    "CUDA_VISIBLE_DEVICES": "-1",
    "JAX_PLATFORMS": "cpu",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


@dataclass(frozen=True)
class Peer:
    """One program in one setting.

    Attributes:
        name: on the page.
        module: below `benchmarks.speed`, whose `prepare` its child calls.
        packages: that its interpreter must find.
        install: the line that installs them.
        environment: of the child, besides `ONLY_CPU`; None takes a variable away.
        is_fresh: whether each preparation gets a child of its own, for what is chosen when a framework is imported.
    """

    name: str
    module: str
    packages: tuple[str, ...]
    install: str
    environment: Mapping[str, str | None] = field(default_factory=dict)
    is_fresh: bool = False


class Peers:
    """The children of all peers.

    Args:
        interpreters: path by package, besides this one.
    """

    def __init__(self, peers: Sequence[Peer], interpreters: Mapping[str, str]) -> None:
        self.peers = peers
        self._paths = {peer.name: find_interpreter(peer.packages, interpreters) for peer in peers}
        self._children: dict[str, Child] = {}

    def prepare(self, requests: Mapping[str, Message]) -> dict[str, Message]:
        """Let every child prepare what its request asks for; return facts by peer.

        Facts of a peer whose packages are not found are {"missing": line that installs them}, of one that fails
        {"failed": its last word}.
        """
        with ThreadPoolExecutor(AT_ONCE) as pool:
            facts = pool.map(lambda peer: self._prepare(peer, requests[peer.name]), self.peers)
            return dict(zip((peer.name for peer in self.peers), facts, strict=True))

    def children(self, names: Iterable[str]) -> dict[str, Child]:
        """Return the children of peers by name."""
        return {name: self._children[name] for name in names}

    def end(self) -> None:
        """End all children."""
        for child in self._children.values():
            child.end()

    def _prepare(self, peer: Peer, request: Message) -> Message:
        path = self._paths[peer.name]
        if path is None:
            return {"missing": peer.install}
        if peer.is_fresh and peer.name in self._children:
            self._children.pop(peer.name).end()
        if peer.name not in self._children:
            self._children[peer.name] = start(peer, path)
        try:
            facts = self._children[peer.name].ask({"do": "prepare", **request}, PREPARE_SECONDS)
        except ChildFailedError as error:
            self._children.pop(peer.name).end()
            facts = {"failed": str(error)}
        say(f"  {peer.name}: {facts}")
        return facts


def start(peer: Peer, path: str) -> Child:
    """Start the child of a peer by an interpreter."""
    command = [path, "-m", "benchmarks.speed.timed_child", f"benchmarks.speed.{peer.module}"]
    return Child(command, {**ONLY_CPU, **peer.environment})
