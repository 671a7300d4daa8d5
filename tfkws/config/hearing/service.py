"""How `tfkws serve` serves."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from tfkws.config.strict import Config, Count, Positive
from tfkws.errors import ConfigError


@dataclass(frozen=True)
class Address:
    """Where a service listens: a host and a port, or the path of a Unix socket.

    Attributes:
        port: 0 lets the system choose.
        path: empty for TCP.
    """

    host: str = ""
    port: int = 0
    path: str = ""

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        if self.path or self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def uri(self) -> str:
        """The address as other Wyoming services and clients spell it."""
        if self.path:
            return f"unix://{self.path}"
        return f"tcp://[{self.host}]:{self.port}" if ":" in self.host else f"tcp://{self.host}:{self.port}"


@dataclass(frozen=True)
class ServiceConfig(Config):
    """How a wake-word service treats its clients.

    Times whose names end in `_ms` are in ms, those in `_s` in seconds.

    Attributes:
        uri: where it listens, tcp://HOST:PORT or unix:///PATH.
        max_clients: connections at once; one more is told so and closed.
        max_delay_ms: a client that sends live and would be answered later than this has windows left out and
            counted.
        threads: work on the audio of all clients.
        patience_s: longest time for a first message to come, any message to arrive whole, and an answer to be
            read.
        idle_s: a client that says nothing for this long is dropped.

    Example:
        >>> ServiceConfig(uri="tcp://[::1]:10400").address
        Address(host='::1', port=10400, path='')
        >>> ServiceConfig(uri="http://here")
        Traceback (most recent call last):
        ...
        tfkws.errors.ConfigError: ServiceConfig.uri must be tcp://HOST:PORT or unix:///PATH. Received 'http://here'.
    """

    uri: str = "tcp://127.0.0.1:10400"
    max_clients: Count = 64
    max_delay_ms: Positive = 500.0
    threads: Count = 2
    patience_s: Positive = 10.0
    idle_s: Positive = 600.0

    @property
    def address(self) -> Address:
        """The address that `uri` spells."""
        return _read_address(self.uri)

    def _check(self) -> None:
        _read_address(self.uri)


def _read_address(uri: str) -> Address:
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port
    except ValueError:  # brackets that do not match, a port that is no number
        parts, host, port = urlsplit(""), None, None
    if parts.scheme == "tcp" and host and port is not None and parts.path in ("", "/"):
        return Address(host, port)
    if parts.scheme == "unix" and not parts.netloc and parts.path.startswith("/"):
        return Address(path=parts.path)
    raise ConfigError(f"ServiceConfig.uri must be tcp://HOST:PORT or unix:///PATH. Received {uri!r}.")
