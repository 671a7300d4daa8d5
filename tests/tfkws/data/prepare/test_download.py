"""Downloads from a server on this machine: resumed, verified, unpacked, and never outside the target."""

import http.server
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from archives import FILES, make_archive, unpacked

from tfkws.data.prepare import download as module
from tfkws.data.prepare.download import ARCHIVES, PublicArchive, download_dataset, file_sha256
from tfkws.errors import DataError


class Server:
    """Serves one file; notes the ranges asked for; can break off, ignore ranges, or answer with an error."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.ranges: list[str | None] = []
        self.break_after: int | None = None
        self.knows_ranges = True
        self.status: int | None = None
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.answer(self)

            def log_message(self, *args: object) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def archive(self) -> PublicArchive:
        import hashlib

        url = f"http://127.0.0.1:{self.http.server_address[1]}/clips.tar.gz"
        return PublicArchive(url, hashlib.sha256(self.content).hexdigest(), 1000)

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        wanted = request.headers.get("Range")
        self.ranges.append(wanted)
        first = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.knows_ranges else 0
        if self.status or (first and first >= len(self.content)):
            request.send_error(self.status or 416)
            return
        body = self.content[first:]
        request.send_response(206 if first else 200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body if self.break_after is None else body[: self.break_after])


@pytest.fixture
def server() -> Iterator[Server]:
    served = Server(make_archive(FILES))
    yield served
    served.http.shutdown()
    served.http.server_close()


def test_archive_is_fetched_verified_unpacked_and_removed(server: Server, tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    assert download_dataset(server.archive, tmp_path / "clips", lambda *step: steps.append(step)) == 3
    assert unpacked(tmp_path / "clips") == FILES
    assert list(tmp_path.iterdir()) == [tmp_path / "clips"]
    size = len(server.content)
    assert ("download", size, size) in steps and steps[-1][0] == "unpack"


def test_broken_download_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    server.break_after = 100
    with pytest.raises(DataError, match="run the same command again to go on"):
        download_dataset(server.archive, tmp_path / "clips")
    assert not list((tmp_path / "clips").iterdir())
    server.break_after = None
    download_dataset(server.archive, tmp_path / "clips")
    assert server.ranges == [None, "bytes=100-"]
    assert unpacked(tmp_path / "clips") == FILES


def test_server_without_ranges_is_asked_from_the_start(server: Server, tmp_path: Path) -> None:
    server.break_after, server.knows_ranges = 100, False
    with pytest.raises(DataError):
        download_dataset(server.archive, tmp_path / "clips")
    server.break_after = None
    download_dataset(server.archive, tmp_path / "clips")
    assert unpacked(tmp_path / "clips") == FILES


def test_part_that_is_whole_already_is_used(server: Server, tmp_path: Path) -> None:
    (tmp_path / "clips.clips.tar.gz.part").write_bytes(server.content)
    download_dataset(server.archive, tmp_path / "clips")
    assert unpacked(tmp_path / "clips") == FILES


def test_other_content_is_refused_and_deleted(server: Server, tmp_path: Path) -> None:
    wrong = replace(server.archive, sha256="0" * 64)
    with pytest.raises(DataError, match="is expected; the file was deleted"):
        download_dataset(wrong, tmp_path / "clips")
    assert list(tmp_path.rglob("*")) == [tmp_path / "clips"]


def test_full_disk_is_told_before_unpacking(server: Server, tmp_path: Path) -> None:
    huge = replace(server.archive, unpacked_bytes=10**18)
    with pytest.raises(DataError, match="free some space"):
        download_dataset(huge, tmp_path / "clips")
    server.content = b"not asked again"
    download_dataset(replace(huge, unpacked_bytes=1), tmp_path / "clips")
    assert unpacked(tmp_path / "clips") == FILES


def test_errors_of_server_and_network_are_sentences(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.status = 503
    with pytest.raises(DataError, match="answers 503"):
        download_dataset(server.archive, tmp_path / "clips")
    nobody = replace(server.archive, url="http://127.0.0.1:9/clips.tar.gz")
    monkeypatch.setattr(module, "_TIMEOUT_SECONDS", 2)
    with pytest.raises(DataError, match="cannot be downloaded"):
        download_dataset(nobody, tmp_path / "clips")


def test_published_archives_have_whole_checksums(tmp_path: Path) -> None:
    assert all(len(archive.sha256) == 64 and archive.url.startswith("https://") for archive in ARCHIVES.values())
    (tmp_path / "abc").write_bytes(b"abc")  # the test vector of FIPS 180-2, appendix B.1
    assert file_sha256(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
