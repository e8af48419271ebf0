"""Files that can be used, and what is said of those that cannot."""

from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy import ChannelOptions, ContentKey
from custom_components.acestream_proxy.proxy.audience import Viewer
from custom_components.acestream_proxy.proxy.catalog import Channel, Filter
from custom_components.acestream_proxy.proxy.config import (
    ChannelConfig,
    Config,
    GuideConfig,
    PlaylistConfig,
)
from custom_components.acestream_proxy.proxy.config.load import load_config
from custom_components.acestream_proxy.proxy.errors import ConfigError

from ..alone import REPOSITORY
from .conftest import Load, Refusal

HASH = "94c2fd8fb9bc8f2fc71a2cbe9d4b866f227a0209"
SECRET = "Sixteen-or-more_16"

FULL = f"""\
engines: [engine, "http://192.168.1.20:6879/", http://engine:6878]
listen: "[::1]:80"
data: kept
audio_language: SPA
low_latency: no
trusted_networks: [10.1.2.3/8, "fd00::/8", 10.0.0.0/8]
linger: 20
drop_after: 40
most_viewers: 20
most_streams: 4
most_streams_per_engine: 2
connect_timeout: 2
start_timeout: 20
user_agent: Somebody/1.0
transcode_video: yes
ffmpeg: none
drain: 60
log_level: Warning
channels:
  - name: "  One\\tHD "
    content: acestream://{HASH}
    alternatives: [infohash:{HASH}, http://h/one.acelive, {HASH}]
    logo: https://h/one.png
    number: 5
    groups: [News, 24]
    guide_id: one.example
    audio_language: eng
    transcode_video: true
playlists:
  - name: Address
    url: https://user:hidden@h/list
    refresh_hours: 720
    include_groups: [Sport*, ""]
    exclude_groups: [Test]
    include_names: ["*"]
    exclude_names: ["* SD"]
  - {{name: File, file: lists/mine.m3u}}
  - {{name: Text, text: "#EXTM3U hidden"}}
  - {{name: Search, search: football}}
guides:
  - {{name: Address, url: https://user:hidden@h/guide, refresh_hours: 1}}
  - {{name: File, file: /guides/mine.xml}}
viewers:
  - name: Kids' TV
    secret: {SECRET}
    password: 0123
    groups: [Kids*]
    most_streams: 2
    enabled: false
"""


def test_full_file(load: Load, tmp_path: Path) -> None:
    """All that can be said, in the types of those who need it."""
    content, infohash = ContentKey.parse(HASH), ContentKey.parse(f"infohash:{HASH}")
    assert load(FULL) == Config(
        engines=("http://engine:6878", "http://192.168.1.20:6879"),
        listen=("::1", 80),
        data=tmp_path / "kept",
        audio_language="spa",
        low_latency=False,
        trusted_networks=(ip_network("10.0.0.0/8"), ip_network("fd00::/8")),
        linger=20,
        drop_after=40,
        most_viewers=20,
        most_streams=4,
        most_streams_per_engine=2,
        connect_timeout=2,
        start_timeout=20,
        user_agent="Somebody/1.0",
        transcode_video=True,
        ffmpeg="",
        drain=60,
        log_level="warning",
        channels=(
            ChannelConfig(
                channel=Channel(
                    name="One HD",
                    sources=(content, infohash, ContentKey.parse("http://h/one.acelive")),
                    logo="https://h/one.png",
                    groups=("News", "24"),
                    number="5",
                    guide_id="one.example",
                ),
                options=ChannelOptions(audio_language="eng", transcode_video=True),
            ),
        ),
        playlists=(
            PlaylistConfig(
                name="Address",
                url="https://user:hidden@h/list",
                refresh_hours=720,
                filter=Filter(
                    include_groups=("Sport*", ""),
                    exclude_groups=("Test",),
                    include_names=("*",),
                    exclude_names=("* SD",),
                ),
            ),
            PlaylistConfig(name="File", file=tmp_path / "lists/mine.m3u"),
            PlaylistConfig(name="Text", text="#EXTM3U hidden"),
            PlaylistConfig(name="Search", search="football"),
        ),
        guides=(
            GuideConfig(name="Address", url="https://user:hidden@h/guide", refresh_hours=1),
            GuideConfig(name="File", file=Path("/guides/mine.xml")),
        ),
        viewers=(
            Viewer(
                viewer_id="Kids' TV",
                name="Kids' TV",
                secret=SECRET,
                password="0123",
                groups=("Kids*",),
                most_streams=2,
                enabled=False,
            ),
        ),
    )


def test_secrets_stay_out_of_logs(load: Load) -> None:
    """As what the file looks like in a message does not contain them."""
    shown = repr(load(FULL))
    assert "Kids' TV" in shown
    for secret in (SECRET, "0123", "hidden"):
        assert secret not in shown


@pytest.mark.parametrize(
    "content",
    ["", "\ufeff", "# nothing\n", "---\n...\n", "~", "{}", "playlists:\ndata: ~\n", "\n\n"],
)
def test_smallest_file(load: Load, content: str) -> None:
    """What is not there, or has no value, is as ever."""
    config = load(content)
    assert config == Config()
    assert config.engines == ("http://127.0.0.1:6878",)
    assert config.listen == ("127.0.0.1", 8080)
    assert config.low_latency
    assert ip_network("192.168.0.0/16") in config.trusted_networks


def test_nobody_may_be_trusted(load: Load) -> None:
    """By the word for it, or by a list without anybody."""
    assert load("trusted_networks: none").trusted_networks == ()
    assert load("trusted_networks: []").trusted_networks == ()


def test_smallest_parts(load: Load) -> None:
    """A channel needs a name and content, a viewer a name and a secret."""
    config = load(
        f"channels: [{{name: One, content: {HASH}}}]\nviewers: [{{name: Kids, secret: {SECRET}}}]\n"
    )
    (channel,), (viewer,) = config.channels, config.viewers
    assert channel == ChannelConfig(
        channel=Channel(name="One", sources=(ContentKey.parse(HASH),)), options=ChannelOptions()
    )
    assert viewer == Viewer(viewer_id="Kids", name="Kids", secret=SECRET)


def test_example_can_be_used() -> None:
    """As it is; its viewer, whose secret everybody knows, is switched off."""
    path = REPOSITORY / "docs" / "proxy.example.yaml"
    config = load_config(path)
    assert config.listen == Config().listen
    assert config.data == Path("/var/lib/acestream-proxy")
    assert [one.channel.name for one in config.channels] == ["One", "Two"]
    assert config.playlists[1].file == path.parent / "lists/mine.m3u"
    assert config.playlists[2].text.startswith("#EXTM3U\n#EXTINF")
    assert [one.name for one in config.guides] == ["Guide"]
    assert [(one.name, one.enabled) for one in config.viewers] == [("Kids' TV", False)]


def test_anchors_may_be_used(load: Load) -> None:
    """What is said once counts wherever it is referred to."""
    config = load(f"""\
playlists:
  - {{name: A, url: http://h/a, include_groups: &kids [Kids*]}}
viewers:
  - {{name: B, secret: {SECRET}, groups: *kids}}
""")
    assert config.playlists[0].filter.include_groups == ("Kids*",)
    assert config.viewers[0].groups == ("Kids*",)


def test_error_names_file_line_and_place(refusal: Refusal) -> None:
    """Counted as editors do for lines, and as programmers do for lists."""
    assert refusal(FULL.replace("most_streams: 2", "most_streams: 251")) == [
        "proxy.yaml, line 48: viewers[0].most_streams: expected a whole number from 1 to 250"
    ]


def test_all_errors_are_said_in_the_order_of_their_lines(refusal: Refusal) -> None:
    """Those of the YAML and those of what it says."""
    content = """\
viewers:
  - secret: short
    enabled: maybe
    enabled: true
    group: 1
    password: !x 12345
playlists:
  - name: A
    refresh_hours: 0
  - 5
log_level: loud
"""
    lines = [line.removeprefix("proxy.yaml, line ") for line in refusal(content)]
    assert lines == [
        "2: viewers[0].name: is missing",
        "2: viewers[0].secret: expected 16 to 256 letters (A to Z), digits, - or _",
        "3: viewers[0].enabled: expected true or false",
        "4: this key is there twice, first in line 3",
        "5: viewers[0].group: there is no such key; did you mean groups?",
        "6: a tag means nothing here; put text with a ! in front in quotes",
        "8: playlists[0]: expected exactly one of url, file, text, search",
        "9: playlists[0].refresh_hours: expected a whole number from 1 to 720",
        "10: playlists[1]: expected keys with values",
        "11: log_level: expected one of debug, info, warning, error",
    ]


def test_ten_errors_are_enough(refusal: Refusal) -> None:
    """The first ten."""
    lines = refusal("".join(f"key{number}: 1\n" for number in range(99)))
    assert len(lines) == 10
    assert lines[9].startswith("proxy.yaml, line 10: key9: ")


@pytest.mark.parametrize("name", ["missing.yaml", ""])
def test_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    """There is none, or it is a folder."""
    with pytest.raises(ConfigError, match=r"cannot be read \(\w"):
        load_config(tmp_path / name)


@pytest.mark.parametrize(
    "line",
    [
        f"secret: {SECRET}!",
        f"secret: [{SECRET}]",
        f"secret: {{{SECRET}: 1, {SECRET}: 1}}",
        f"secret: *{SECRET}",
        f"secret: !{SECRET}!x y",
        f"secret: !{SECRET} y",
        f"secret: &{SECRET} &{SECRET} y",
        f"secret: &{SECRET} a\n    password: &{SECRET} b",
        f"secret: '{SECRET}",
        f"secret: {SECRET}: x",
        f"secret: @{SECRET}",
        f"secret: {SECRET}\n  - name: B\n    secret: {SECRET}",
        f'secret: "{SECRET}\\q"',
        f'password: "{SECRET}\\0"',
        f"password: |\n      {SECRET}\n      {SECRET}",
        f"password: {SECRET * 20}",
        f"groups: {SECRET}",
        f"{SECRET}",
    ],
)
def test_no_secret_is_quoted(refusal: Refusal, line: str) -> None:
    """However it was written wrongly."""
    for said in refusal(f"viewers:\n  - name: A\n    {line}\n"):
        assert said.startswith("proxy.yaml, line ")
        assert SECRET not in said


def test_address_with_a_password_is_not_quoted(refusal: Refusal) -> None:
    """Lists and guides have such."""
    (said,) = refusal("guides: [{name: A, url: 'ftp://user:hidden@h'}]")
    assert said.endswith("guides[0].url: expected an address with http:// or https://")


KEYS = (
    *("engines", "listen", "data", "channels", "playlists", "guides", "viewers", "name", "content"),
    *("url", "file", "text", "search", "refresh_hours", "secret", "password", "groups", "number"),
)
pieces = st.sampled_from(
    [
        *(f"{key}: " for key in KEYS),
        *(f"\n{' ' * indent}" for indent in range(5)),
        *("- ", "? ", ": ", "[", "]", "{", "}", ", ", '"', "'", "|\n", ">\n", "\\", "#", "%", "!"),
        *("&a ", "*a ", "<<: ", "!!set ", "---\n", "...\n", "%YAML 1.1\n", "\t", "~", "0", "1:2"),
        *("\\0", "\\ud800", "\\UFFFFFFFF", "\x00", "\ufeff", "\x85", "http://h", HASH, SECRET),
    ]
)


files = st.one_of(
    st.binary(),
    st.lists(st.one_of(pieces, st.text(max_size=3)), max_size=40).map(
        lambda some: "".join(some).encode(errors="replace")
    ),
)


@given(files)
def test_any_file_is_used_or_refused(content: bytes) -> None:
    """Nothing else is raised."""
    with TemporaryDirectory() as folder, suppress(ConfigError):
        path = Path(folder) / "x.yaml"
        path.write_bytes(content)
        assert isinstance(load_config(path), Config)
