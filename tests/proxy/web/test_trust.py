"""Whom to trust, by where a request has been."""

from ipaddress import ip_network
from unittest.mock import Mock

from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict
import pytest

from custom_components.acestream_proxy.proxy.config import Config
from custom_components.acestream_proxy.proxy.web import Trust

DEFAULT = Trust(Config().trusted_networks)
NEIGHBOUR = "192.168.1.7"


def trusts(trust: Trust, peer: str | None, *headers: tuple[str, str]) -> bool:
    """Return whether a request is trusted."""
    transport = Mock()
    transport.get_extra_info.side_effect = lambda name, default=None: (
        (peer, 4711) if name == "peername" and peer else default
    )
    request = make_mocked_request(
        "GET", "/ace/status", headers=CIMultiDict(headers), transport=transport
    )
    return trust(request)


@pytest.mark.parametrize(
    "peer",
    [
        *("127.0.0.1", "127.8.8.8", "10.255.255.255", "172.16.0.1", "172.31.255.255"),
        *("192.168.0.1", "169.254.1.1", "100.64.0.1", "100.127.255.255"),
        *("::1", "fd12::1", "fe80::1", "fe80::1%eth0", "::ffff:192.168.1.7"),
    ],
)
def test_neighbours_are_trusted(peer: str) -> None:
    """This machine, and whoever has a private address."""
    assert trusts(DEFAULT, peer)


@pytest.mark.parametrize(
    "peer",
    [
        *("8.8.8.8", "11.0.0.0", "172.15.0.1", "172.32.0.1", "192.169.0.1", "100.128.0.1"),
        *("0.1.1.1", "2001:db8::1", "::2", "::", "::ffff:8.8.8.8", "64:ff9b::c0a8:1", "fec0::1"),
        *("", "nonsense", None),
    ],
)
def test_the_internet_is_not(peer: str | None) -> None:
    """And neither is who has no address at all."""
    assert not trusts(DEFAULT, peer)


@pytest.mark.parametrize(
    "header",
    [
        ("X-Forwarded-For", "10.0.0.1"),
        ("X-Forwarded-For", "10.0.0.1,\t192.168.1.1:80 , [fd00::1]:4711, fd00::1, [::1]"),
        ("X-Real-IP", "10.0.0.1"),
        ("Forwarded", "for=10.0.0.1"),
        ("Forwarded", 'For=10.0.0.1;proto=https, for="[fd00::1]:4711" ; by=8.8.8.8,for=10.0.0.2'),
        ("Forwarded", 'for="10.0.0.1:80";host="a,b;for=8.8.8.8 \\" x"'),
    ],
)
def test_proxies_may_say_who_called(header: tuple[str, str]) -> None:
    """All that they name have to be trusted, too."""
    assert trusts(DEFAULT, NEIGHBOUR, header)
    assert trusts(DEFAULT, NEIGHBOUR, header, ("X-Forwarded-Proto", "https"), ("Via", "1.1 x"))
    assert not trusts(DEFAULT, "8.8.8.8", header)


@pytest.mark.parametrize(
    "header",
    [
        ("X-Forwarded-For", "8.8.8.8"),
        ("X-Forwarded-For", "10.0.0.1, 8.8.8.8"),
        ("X-Forwarded-For", "8.8.8.8, 10.0.0.1"),
        ("X-Forwarded-For", "8.8.8.8:80"),
        ("X-Forwarded-For", "[2001:db8::1]:80"),
        ("X-Forwarded-For", ""),
        ("X-Forwarded-For", "10.0.0.1,"),
        ("X-Forwarded-For", "unknown"),
        ("X-Forwarded-For", "10.0.0.1 8.8.8.8"),
        ("X-Forwarded-For", "10.0.0.999"),
        ("X-Forwarded-For", "10.1"),
        ("X-Real-IP", "8.8.8.8"),
        ("Forwarded", ""),
        ("Forwarded", "for=8.8.8.8"),
        ("Forwarded", "for=10.0.0.1, for=8.8.8.8"),
        ("Forwarded", "for=10.0.0.1;for=8.8.8.8"),
        ("Forwarded", "for=10.0.0.1, proto=https"),
        ("Forwarded", "proto=https"),
        ("Forwarded", "for=unknown"),
        ("Forwarded", "for=_hidden"),
        ("Forwarded", 'for="10.0.0.1, for=8.8.8.8'),
        ("Forwarded", 'for="10.0.0.1, for="[2001:db8::1]"'),
        ("Forwarded", "for=10.0.0.1 for=8.8.8.8"),
        ("Forwarded", "for=10.0.0.1; "),
        ("Forwarded", "for=10.0.0.1," * 500),
    ],
)
def test_what_came_from_elsewhere_is_not(header: tuple[str, str]) -> None:
    """Nor what does not say where from, or in a way that nobody can read."""
    assert not trusts(DEFAULT, NEIGHBOUR, header)
    assert not trusts(DEFAULT, NEIGHBOUR, ("X-Forwarded-For", "10.0.0.1"), header, header)


@pytest.mark.parametrize(
    "header",
    [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "example.org"), ("Via", "1.1 proxy")],
)
def test_proxies_have_to_say_who_called(header: tuple[str, str]) -> None:
    """One that only shows that it is there may have asked for anybody."""
    assert not trusts(DEFAULT, NEIGHBOUR, header)


def test_every_header_counts() -> None:
    """Whoever makes one up cannot hide the one that a proxy adds."""
    inside, outside = ("X-Forwarded-For", "10.0.0.1"), ("X-Forwarded-For", "8.8.8.8")
    assert trusts(DEFAULT, NEIGHBOUR, inside, inside)
    assert not trusts(DEFAULT, NEIGHBOUR, inside, outside)
    assert not trusts(DEFAULT, NEIGHBOUR, outside, inside)
    assert not trusts(DEFAULT, NEIGHBOUR, ("Forwarded", "for=10.0.0.1"), outside)


def test_networks_are_those_that_are_set() -> None:
    """Also later; without any, nobody is trusted."""
    trust = Trust(())
    assert not trusts(trust, "127.0.0.1")
    trust.networks = (ip_network("8.8.0.0/16"),)
    assert trusts(trust, "8.8.8.8")
    assert not trusts(trust, NEIGHBOUR)
