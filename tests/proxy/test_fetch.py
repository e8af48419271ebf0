"""Fetching what is elsewhere: from real sockets, some of which mean harm."""

import asyncio
from datetime import UTC, datetime, timedelta
import errno
import gzip
from ipaddress import ip_address
import logging
import os
from pathlib import Path
import socket
import ssl
import traceback
from typing import Any
from unittest.mock import DEFAULT, AsyncMock

from aiohttp import ClientSession, TCPConnector
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, strategies as st
import pytest
import pytest_socket

from custom_components.acestream_proxy.proxy import fetch as module
from custom_components.acestream_proxy.proxy.errors import FetchError
from custom_components.acestream_proxy.proxy.fetch import Fetched, Validators, download, fetch

from .engine.scripted import OK, ScriptedEngine, scripted

MODIFIED = "Fri, 20 Nov 2026 10:00:00 GMT"
SECRET = "s3cret"


def page(body: bytes, *headers: str) -> bytes:
    """Return a whole answer."""
    lines = [f"Content-Length: {len(body)}", *headers]
    return OK + "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + body


def redirect(location: str, status: int = 302) -> bytes:
    """Return an answer that leads elsewhere."""
    return f"HTTP/1.1 {status} Elsewhere\r\nLocation: {location}\r\n\r\n".encode()


NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\n\r\n"


async def get(
    session: ClientSession,
    address: str,
    validators: Validators | None = None,
    max_bytes: int = 1000,
    timeout: float = 10,
) -> Fetched | None:
    """Fetch something small."""
    return await fetch(
        session, address, validators=validators, max_bytes=max_bytes, timeout=timeout
    )


def lead(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Have any name lead to these addresses; return the names that are looked up."""
    looked_up: list[str] = []

    async def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        looked_up.append(host)
        kind = socket.SOCK_STREAM
        return [(socket.AF_INET, kind, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    return looked_up


@pytest.fixture
def numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the system read numbers as addresses; no name is asked for in these tests."""
    monkeypatch.setattr(socket, "getaddrinfo", pytest_socket._true_getaddrinfo)


async def test_what_is_there_comes_with_what_the_server_says_of_it(session: ClientSession) -> None:
    """Body, type, and what to ask with the next time."""
    headers = ("Content-Type: Text/Plain; charset=x", 'ETag: "1"', f"Last-Modified: {MODIFIED}")
    async with scripted(page(b"#EXTM3U", *headers)) as server:
        fetched = await get(session, f"{server.url}/list?a=b")

    assert fetched == Fetched(
        body=b"#EXTM3U",
        content_type="text/plain",
        validators=Validators(etag='"1"', modified=MODIFIED),
    )
    assert server.requests == ["GET /list?a=b HTTP/1.1"]
    assert "User-Agent: AceStream-Proxy" in server.heads[0]
    assert "Accept-Encoding: identity" in server.heads[0]
    assert f"Host: 127.0.0.1:{server.port}" in server.heads[0]
    assert "If-" not in server.heads[0]


async def test_what_is_still_the_same_is_not_sent_again(session: ClientSession) -> None:
    """The server is told what is known, and says that there is nothing else."""
    async with scripted(NOT_MODIFIED) as server:
        known = Validators(etag='"1"', modified=MODIFIED)
        assert await get(session, server.url, known) is None
    assert 'If-None-Match: "1"\r\n' in server.heads[0]
    assert f"If-Modified-Since: {MODIFIED}\r\n" in server.heads[0]


@pytest.mark.parametrize("known", [None, Validators()])
async def test_nothing_known_cannot_be_the_same(
    session: ClientSession, known: Validators | None
) -> None:
    """Who has nothing is told that there is nothing to have."""
    async with scripted(NOT_MODIFIED) as server:
        with pytest.raises(FetchError, match="status 304"):
            await get(session, server.url, known)


async def test_validators_that_cannot_be_sent_are_none(session: ClientSession) -> None:
    """Or one answer would spoil all requests to come."""
    odd = b'ETag: "\xff"\r\nLast-Modified: ' + b"x" * 2000 + b"\r\nContent-Length: 0\r\n\r\n"
    async with scripted(OK + odd, page(b"")) as server:
        fetched = await get(session, server.url)
        assert fetched is not None
        assert fetched.validators == Validators()
        await get(session, server.url, Validators(etag="x\r\nX-Injected: 1", modified="\ud800"))
    assert "If-" not in server.heads[1]
    assert "Injected" not in server.heads[1]


# Where to -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(session: ClientSession, status: int) -> None:
    """Also relative ones."""
    async with scripted(redirect("../b?c", status), page(b"x")) as server:
        assert await get(session, f"{server.url}/a/a")
    assert server.requests[1] == "GET /b?c HTTP/1.1"


async def test_redirects_without_end_end(session: ClientSession) -> None:
    """Five are followed."""
    async with scripted(*[redirect("/")] * 10) as server:
        with pytest.raises(FetchError, match="without end"):
            await get(session, server.url)
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    ("location", "words"),
    [
        pytest.param("file:///etc/passwd", "Only http", id="a file"),
        pytest.param("ftp://127.0.0.1/x", "Only http", id="another protocol"),
        pytest.param("http://169.254.169.254/latest", "Nothing is fetched", id="link-local"),
        pytest.param("http://[::1", "no address", id="broken"),
        pytest.param("http://h:99999/", "no address", id="no port"),
    ],
)
async def test_redirect_to_what_may_not_be_asked_is_not_followed(
    session: ClientSession, location: str, words: str
) -> None:
    """Each hop is checked as the first one is."""
    async with scripted(redirect(location)) as server:
        with pytest.raises(FetchError, match=words):
            await get(session, server.url)


async def test_redirect_without_an_address_is_a_status(session: ClientSession) -> None:
    """As any other answer without what was asked for."""
    async with scripted(b"HTTP/1.1 302 Found\r\n\r\n") as server:
        with pytest.raises(FetchError, match="status 302"):
            await get(session, server.url)


async def test_password_is_for_the_server_it_was_given_for(session: ClientSession) -> None:
    """It is kept on the way through one server, and another one is not told."""
    async with scripted(page(b"x")) as other, scripted() as server:
        leads = ("/b", f"{server.url}/c", other.url)
        server._answers = map(redirect, leads)
        await get(session, f"http://me:{SECRET}@127.0.0.1:{server.port}/a")
    assert ["Authorization: Basic" in head for head in server.heads] == [True, True, True]
    assert "Authorization" not in other.heads[0]


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.0.1",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "[::ffff:169.254.169.254]",
        "[fe80::1]",
        "[febf::1]",
        "[2002:a9fe:a9fe::]",
        "[64:ff9b::169.254.169.254]",
        "[::169.254.169.254]",
        "[fd00:ec2::254]",
        "100.100.100.200",
        "224.0.0.1",
        "[ff02::1]",
        "0.0.0.0",  # noqa: S104
        "0",
        "[::]",
        "[::ffff:0.0.0.0]",
        "240.0.0.1",
        "255.255.255.255",
    ],
)
@pytest.mark.usefixtures("numbers")
async def test_addresses_that_are_nobodys_are_refused(session: ClientSession, host: str) -> None:
    """However they are written."""
    with pytest.raises(FetchError, match="Nothing is fetched from where this address leads"):
        await get(session, f"http://{host}/")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "::1",
        "192.168.1.20",
        "10.0.0.1",
        "fd12::1",
        "100.64.0.1",
        "64:ff9b::1.1.1.1",
        "8.8.8.8",
        "2606:4700::1",
    ],
)
def test_private_networks_and_the_rest_of_the_world_may_be_asked(address: str) -> None:
    """People have lists on machines of their own."""
    assert module._may_be_asked(ip_address(address))


async def test_name_that_leads_to_a_forbidden_address_is_refused(
    session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Be it only one of several."""
    names = lead(monkeypatch, "127.0.0.1", "169.254.169.254")
    with pytest.raises(FetchError, match="Nothing is fetched"):
        await get(session, "http://metadata.example/")
    assert names == ["metadata.example"]


async def test_what_was_checked_is_what_is_connected_to(
    session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name is looked up once for each hop; the server still hears what it was called."""
    async with scripted(redirect("http://other.example:1/"), page(b"x")) as server:
        names = lead(monkeypatch, "127.0.0.1")
        with pytest.raises(FetchError, match="cannot be reached"):
            await get(session, f"http://bücher.example:{server.port}/")
    assert names == ["xn--bcher-kva.example", "other.example"]
    assert f"Host: xn--bcher-kva.example:{server.port}" in server.heads[0]


async def test_address_that_is_not_reached_is_passed_over(
    session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name may have others."""
    loop = asyncio.get_running_loop()
    refuse = AsyncMock(side_effect=[ConnectionRefusedError, DEFAULT], wraps=loop.sock_connect)
    monkeypatch.setattr(loop, "sock_connect", refuse)
    async with scripted(page(b"x")) as server:
        lead(monkeypatch, "127.0.0.2", "127.0.0.1")
        assert await get(session, f"http://x.example:{server.port}/")
    assert [call.args[1][0] for call in refuse.mock_calls] == ["127.0.0.2", "127.0.0.1"]


async def test_name_that_nobody_knows_is_said(
    session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be known again, but not for the next address."""
    unknown = AsyncMock(side_effect=socket.gaierror(socket.EAI_NONAME, SECRET))
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    with pytest.raises(FetchError, match="There is no server of this name") as caught:
        await get(session, f"http://{SECRET}.example/")
    assert caught.value.is_silence


async def test_connection_that_does_not_come_about_is_not_waited_for(
    session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither are all the addresses that a name may have."""
    tried = []

    async def sock_connect(_: socket.socket, address: tuple[str, int]) -> None:
        tried.append(address[0])
        await asyncio.Event().wait()

    monkeypatch.setattr(module, "_CONNECT_TIMEOUT", 0.01)
    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", sock_connect)
    lead(monkeypatch, *(f"127.0.0.{number}" for number in range(1, 50)))
    with pytest.raises(FetchError, match="cannot be reached") as caught:
        await get(session, "http://x.example/")
    assert caught.value.is_silence
    assert tried == ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"]


# What may come ------------------------------------------------------------------------------------


async def test_what_is_as_large_as_it_may_be_comes(session: ClientSession) -> None:
    """Not a byte is missing."""
    body = os.urandom(1 << 20)
    async with scripted(page(body)) as server:
        fetched = await get(session, server.url, max_bytes=1 << 20)
    assert fetched is not None
    assert fetched.body == body


async def test_size_is_believed_in_advance(session: ClientSession) -> None:
    """Of what is too large not a byte is waited for."""
    async with scripted(OK + b"Content-Length: 1048577\r\n\r\n") as server:
        with pytest.raises(FetchError, match="larger than 1 MiB"):
            await get(session, server.url, max_bytes=1 << 20)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(OK + b"\r\n" + b"x" * 1025, id="no size"),
        pytest.param(page(gzip.compress(b"x" * 9_000_000), "Content-Encoding: gzip"), id="a bomb"),
        pytest.param(
            OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"201\r\n" + b"x" * 513 + b"\r\n"
            b"201\r\n" + b"x" * 513 + b"\r\n0\r\n\r\n",
            id="chunks",
        ),
    ],
)
async def test_what_turns_out_to_be_too_large_is_refused(
    session: ClientSession, answer: bytes
) -> None:
    """Whatever the server says of its size, and however well it is packed."""
    async with scripted(answer) as server:
        with pytest.raises(FetchError, match=r"larger than 0\.000976562 MiB"):
            await get(session, server.url, max_bytes=1024)


async def test_server_that_packs_unasked_is_understood(session: ClientSession) -> None:
    """Some do, whatever they are asked for."""
    async with scripted(page(gzip.compress(b"#EXTM3U"), "Content-Encoding: gzip")) as server:
        fetched = await get(session, server.url)
    assert fetched is not None
    assert fetched.body == b"#EXTM3U"


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a byte at a time, for as long as anybody listens."""
    writer.write(OK + b"\r\n")
    while not writer.is_closing():
        writer.write(b".")
        await asyncio.sleep(0.001)


async def test_slow_server_is_given_up_on(session: ClientSession) -> None:
    """That something comes now and then does not make it better."""
    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(FetchError, match=r"within 0\.05 seconds") as caught:
            await get(session, f"http://127.0.0.1:{port}/", max_bytes=1 << 30, timeout=0.05)
    assert caught.value.is_silence


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(b"HTTP/1.1 404 Not Found\r\n\r\n", "status 404", id="not there"),
        pytest.param(b"HTTP/1.1 206 Partial Content\r\n\r\nx", "status 206", id="a part"),
        pytest.param(b"\x16\x03\x01 this is not HTTP\r\n\r\n", "web servers", id="not HTTP"),
        pytest.param(b"", "web servers", id="nothing"),
        pytest.param(OK + b"X: " + b"x" * 99_999, "web servers", id="a header without end"),
        pytest.param(OK + b"Content-Length: 9\r\n\r\nx", "breaks off", id="a part only"),
        pytest.param(page(b"no gzip", "Content-Encoding: gzip"), "unpacked", id="not packed"),
    ],
)
async def test_answer_that_is_none_is_said_in_a_sentence(
    session: ClientSession, answer: bytes, words: str
) -> None:
    """Which says nothing of the address."""
    async with scripted(answer) as server:
        with pytest.raises(FetchError, match=words) as caught:
            await get(session, server.url)
    assert not caught.value.is_silence


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "Only http"),
        ("list.m3u", "Only http"),
        (f"ftp://me:{SECRET}@h/", "Only http"),
        (f"http://me:{SECRET}@[::1", "no address"),
        (f"http://{SECRET}:99999/", "no address"),
        (f"http://me:{SECRET}@h..invalid/", "no address"),
        (f"http://me:{SECRET}\u20ac@127.0.0.1:1/", "no address"),
        (f"http://127.0.0.1:1/{SECRET}", "cannot be reached"),
        (f"http://127.0.0.1:1/\ud800{SECRET}", "cannot be reached"),
    ],
)
@pytest.mark.usefixtures("numbers")
async def test_nothing_of_an_address_is_told(
    session: ClientSession, caplog: pytest.LogCaptureFixture, address: str, words: str
) -> None:
    """Neither by the error, nor by what is behind it, nor in the log."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(FetchError, match=words) as caught:
        await get(session, address)
    lines = traceback.format_exception(caught.value)
    assert SECRET not in "".join(line for line in lines if "Error" in line)
    assert "127.0.0.1" not in str(caught.value)
    assert SECRET not in caplog.text


@given(address=st.text() | st.text().map("http://127.0.0.1:1/{}".format))
async def test_hostile_addresses_end_in_a_sentence(address: str) -> None:
    """Nothing but our error comes out, and nobody is asked for it."""
    async with ClientSession() as session:
        with pytest.raises(FetchError):
            await get(session, address)


# TLS ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a certificate for `secure.example`, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "secure.example")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("secure.example")]), False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + signed.public_bytes(pem)
    )
    return file


async def test_certificate_has_to_be_of_the_name_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, certificate: Path
) -> None:
    """Not of the address that the name leads to, nor of another name there."""
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.load_cert_chain(certificate)
    trusting = TCPConnector(ssl=ssl.create_default_context(cafile=str(certificate)))
    served = ScriptedEngine([page(b"secret")])
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0, ssl=ours)
    port = server.sockets[0].getsockname()[1]
    lead(monkeypatch, "127.0.0.1")
    async with server, ClientSession(connector=trusting) as session:
        fetched = await get(session, f"https://secure.example:{port}/")
        assert fetched is not None
        assert fetched.body == b"secret"
        with pytest.raises(FetchError, match="no secure connection"):
            await get(session, f"https://other.example:{port}/")


# Into files ---------------------------------------------------------------------------------------


def names(folder: Path) -> list[str]:
    """Return what is in a folder."""
    return [file.name for file in folder.iterdir()]


async def save(
    session: ClientSession, address: str, target: Path, validators: Validators | None = None
) -> Validators | None:
    """Download something."""
    return await download(
        session, address, target, validators=validators, max_bytes=1 << 20, timeout=10
    )


async def test_download_is_in_its_file(session: ClientSession, tmp_path: Path) -> None:
    """Beside which there is nothing; the folder is made."""
    body = os.urandom(1 << 20)
    target = tmp_path / "new" / "guide [1].xml"
    async with scripted(page(body, 'ETag: "1"')) as server:
        assert await save(session, server.url, target) == Validators(etag='"1"')
    assert target.read_bytes() == body
    assert names(target.parent) == [target.name]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(OK + b"Content-Length: 9\r\n\r\nx", id="a part"),
        pytest.param(OK + b"\r\n" + b"x" * (1 << 21), id="too large"),
        pytest.param(b"HTTP/1.1 404 Not Found\r\n\r\n", id="not there"),
    ],
)
async def test_file_stays_until_another_one_is_whole(
    session: ClientSession, tmp_path: Path, answer: bytes
) -> None:
    """A part of the new one is nowhere."""
    target = tmp_path / "guide.xml"
    target.write_bytes(b"old")
    async with scripted(answer) as server:
        with pytest.raises(FetchError):
            await save(session, server.url, target)
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == [target.name]


async def test_file_that_is_still_the_same_stays(session: ClientSession, tmp_path: Path) -> None:
    """What is known of it is the caller's to say: it may have been read, and be gone since."""
    target = tmp_path / "guide.xml"
    target.write_bytes(b"old")
    async with scripted(NOT_MODIFIED) as server:
        assert await save(session, server.url, target, Validators(etag='"1"')) is None
    assert target.read_bytes() == b"old"
    assert "If-None-Match" in server.heads[0]


async def test_what_is_left_of_a_power_failure_is_taken_away(
    session: ClientSession, tmp_path: Path
) -> None:
    """With the next download of the same file; others have theirs."""
    left, other = tmp_path / ".guide [1].xml.x", tmp_path / ".guide.xml.x"
    left.touch()
    other.touch()
    async with scripted(page(b"")) as server:
        await save(session, server.url, tmp_path / "guide [1].xml")
    assert not left.exists()
    assert other.exists()


async def test_disk_that_takes_nothing_is_said(
    session: ClientSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the system's words."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    async with scripted(page(b"x")) as server:
        with pytest.raises(FetchError, match=r"kept in .+ \(No space left on device\): make room"):
            await save(session, server.url, tmp_path / "guide.xml")
    assert not names(tmp_path)
