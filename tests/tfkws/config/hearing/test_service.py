import pytest

from tfkws.config import ServiceConfig
from tfkws.config.hearing.service import Address
from tfkws.errors import ConfigError


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("tcp://127.0.0.1:10400", Address("127.0.0.1", 10_400)),
        ("tcp://[::1]:0", Address("::1", 0)),
        ("tcp://wake.local:1/", Address("wake.local", 1)),
        ("unix:///run/tfkws/wake.sock", Address(path="/run/tfkws/wake.sock")),
    ],
)
def test_addresses_are_read_as_other_services_spell_them(uri: str, address: Address) -> None:
    assert ServiceConfig(uri=uri).address == address
    assert address.uri == uri.removesuffix("/")


@pytest.mark.parametrize(
    "uri",
    ["", "127.0.0.1:10400", "tcp://127.0.0.1", "tcp://:10400", "tcp://a:99999", "tcp://a:b", "tcp://[::1:1", "unix://x",
     "tcp://a:1/path", "stdio://"],
)  # fmt: skip
def test_other_addresses_are_refused(uri: str) -> None:
    with pytest.raises(ConfigError, match="must be tcp://HOST:PORT or unix:///PATH"):
        ServiceConfig(uri=uri)


@pytest.mark.parametrize(
    ("uri", "local"),
    [
        ("tcp://127.0.0.1:1", True),
        ("tcp://127.9.9.9:1", True),
        ("tcp://localhost:1", True),
        ("tcp://[::1]:1", True),
        ("unix:///run/wake.sock", True),
        ("tcp://0.0.0.0:1", False),
        ("tcp://[::]:1", False),
        ("tcp://192.168.1.5:1", False),
        ("tcp://my-machine:1", False),
    ],
)
def test_what_only_this_machine_reaches(uri: str, local: bool) -> None:
    assert ServiceConfig(uri=uri).address.is_local is local


def test_it_is_loopback_by_default() -> None:
    assert ServiceConfig().address == Address("127.0.0.1", 10_400)
