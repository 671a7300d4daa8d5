"""The service: a socket, its clients, and what bounds them. A client that breaks the protocol is dropped alone."""

import asyncio
import errno
import os
import socket
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from wyoming.event import Event, async_write_event

from tfkws.config.hearing.service import Address, ServiceConfig
from tfkws.detect.service.messages import Inbox
from tfkws.detect.service.session import Session, error_event
from tfkws.detect.service.wake_words import WakeWords
from tfkws.errors import MessageError, ServiceError

Report = Callable[[str], None]
GOODBYE_S = 0.5


class WakeService:
    """Serves wake words at an address while it is open.

    Args:
        report: told each thing that happened to a client, as one line.

    Attributes:
        served, dropped: clients that came, and those of them that broke the protocol.
        detected, skipped: words that were heard, and windows that were left out, of clients that are gone.
    """

    def __init__(self, words: WakeWords, settings: ServiceConfig, report: Report) -> None:
        self._words, self._settings, self._report = words, settings, report
        self._pool = ThreadPoolExecutor(settings.threads, "wake-words")
        self._clients: set[asyncio.Task[None]] = set()
        self._leaving: set[asyncio.Task[None]] = set()  # turned away, and told so
        self._server: asyncio.Server | None = None
        self.served = self.dropped = self.detected = self.skipped = 0

    async def __aenter__(self) -> "WakeService":
        """Begin to listen.

        Raises:
            ServiceError: the address is in use, or none of this machine's.
        """
        self._server = await _listen(self._protocol, self._settings.address)
        return self

    async def __aexit__(self, *error: object) -> None:
        """Let every client go and close the socket."""
        if self._server is not None:
            self._server.close()
        tasks = self._clients | self._leaving
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._pool.shutdown()
        _remove_socket(self._settings.address)

    @property
    def address(self) -> Address:
        """Where it listens, with the port that the system chose."""
        address = self._settings.address
        if address.path or self._server is None:
            return address
        return Address(address.host, self._server.sockets[0].getsockname()[1])

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        inbox = Inbox(self._settings.patience_s, self._settings.idle_s)

        def come(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._welcome(inbox, writer)

        return asyncio.StreamReaderProtocol(inbox, come)

    def _welcome(self, inbox: Inbox, writer: asyncio.StreamWriter) -> None:
        """Serve a client that came, unless there are too many."""
        self.served += 1
        name = _name(self.served, writer)
        if len(self._clients) < self._settings.max_clients:
            _keep(asyncio.create_task(self._serve(name, inbox, writer)), self._clients)
            return
        full = f"{len(self._clients)} clients are served already (--max-clients)"
        self._report(f"{name} was turned away: {full}.")
        _keep(asyncio.create_task(_say_goodbye(full, writer)), self._leaving)

    async def _serve(self, name: str, inbox: Inbox, writer: asyncio.StreamWriter) -> None:
        async def send(event: Event) -> None:
            await _send(event, writer, self._settings.patience_s)

        session = Session(self._words, self._settings.max_delay_ms / 1_000, self._pool, send)
        try:
            await self._converse(session, inbox)
            await _close(writer, self._settings.patience_s)
        except MessageError as error:
            self.dropped += 1
            self._report(f"{name} was dropped: {error}.")
            await _say_goodbye(str(error), writer)
        except OSError:
            pass  # it is gone
        except Exception as error:  # noqa: BLE001 - whatever one client brings about, the others are served
            self.dropped += 1
            self._report(f"{name} was dropped after a failure here: {type(error).__name__}: {ascii(str(error))}.")
        finally:
            writer.transport.abort()
            self._count(name, session)

    async def _converse(self, session: Session, inbox: Inbox) -> None:
        while (event := await inbox.message()) is not None:
            await session.take(event, inbox.waited)

    def _count(self, name: str, session: Session) -> None:
        self.detected += session.detected
        self.skipped += session.skipped
        if session.skipped:
            self._report(f"{name}: {session.skipped} windows were left out, as this machine was behind.")


async def _send(event: Event, writer: asyncio.StreamWriter, patience_s: float) -> None:
    try:
        async with asyncio.timeout(patience_s):
            await async_write_event(event, writer)
    except TimeoutError:
        raise MessageError(f"it did not read its answers within {patience_s:g} s") from None
    except UnicodeEncodeError:
        raise MessageError("it sent text that is no Unicode") from None


async def _close(writer: asyncio.StreamWriter, patience_s: float) -> None:
    """Hang up when what was written is on its way."""
    writer.close()
    async with asyncio.timeout(patience_s):
        await writer.wait_closed()


async def _say_goodbye(reason: str, writer: asyncio.StreamWriter) -> None:
    """Tell a client why it is dropped, if it reads at once, and drop it."""
    try:
        await _send(error_event(f"Connection dropped: {reason}.", "dropped"), writer, GOODBYE_S)
        await _close(writer, GOODBYE_S)
    except (MessageError, OSError):
        pass  # it does not listen; a TimeoutError is an OSError
    finally:
        writer.transport.abort()


def _keep(task: asyncio.Task[None], tasks: set[asyncio.Task[None]]) -> None:
    """Hold a task in a set until it is done; the event loop alone would let it be collected."""
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def _listen(protocol: Callable[[], asyncio.Protocol], address: Address) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    try:
        if not address.path:
            return await loop.create_server(protocol, address.host, address.port)
        _refuse_taken_path(address)
        return await loop.create_unix_server(protocol, address.path)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ServiceError(
                f"{address.uri} is in use; end what listens there, or choose another address by --uri."
            ) from error
        reason = error.strerror or str(error)
        raise ServiceError(f"Listening at {address.uri} is impossible ({reason}); choose another by --uri.") from error


def _refuse_taken_path(address: Address) -> None:
    """Refuse a socket that someone answers, and what is no socket; asyncio itself would take the place of both."""
    if not os.path.lexists(address.path):
        return
    if not stat.S_ISSOCK(os.lstat(address.path).st_mode):
        raise ServiceError(f"{address.path} is no socket; choose another by --uri.")
    with socket.socket(socket.AF_UNIX) as probe:
        if probe.connect_ex(address.path) == 0:
            raise OSError(errno.EADDRINUSE, "in use")


def _remove_socket(address: Address) -> None:
    if address.path and os.path.lexists(address.path):
        os.unlink(address.path)


def _name(number: int, writer: asyncio.StreamWriter) -> str:
    peer: Any = writer.get_extra_info("peername")
    where = f" ({peer[0]}:{peer[1]})" if isinstance(peer, tuple) else ""
    return f"Client {number}{where}"
