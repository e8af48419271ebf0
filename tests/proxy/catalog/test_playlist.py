"""Reading lists of channels, well-formed and not."""

from hypothesis import given, strategies as st
import pytest

from custom_components.acestream_proxy.proxy import ContentKey, ContentKind
from custom_components.acestream_proxy.proxy.catalog import (
    Channel,
    Playlist,
    Problem,
    Source,
    StreamAddress,
    parse_playlist,
)
from custom_components.acestream_proxy.proxy.catalog.channel import tidy
from demo import CHANNELS
from demo.listing import playlist as demo_playlist

HASH = "94c2fd8fb9bc8f2fc71a2cbe9d4b866f227a0209"
CONTENT = ContentKey(ContentKind.CONTENT_ID, HASH)


def parse(*lines: str) -> Playlist:
    """Read a list of these lines."""
    return parse_playlist("\n".join(lines).encode())


def only(*lines: str) -> Channel:
    """Return the one channel of a list that has no problems."""
    playlist = parse(*lines)
    assert playlist.problems == ()
    (channel,) = playlist.channels
    return channel


def write(channels: list[Channel], guides: list[str]) -> str:
    """Write a list as it should be."""
    lines = [f'#EXTM3U url-tvg="{",".join(guides)}"']
    for channel in channels:
        lines.append(
            f'#EXTINF:-1 tvg-id="{channel.guide_id}" tvg-logo="{channel.logo}"'
            f' tvg-chno="{channel.number}" group-title="{";".join(channel.groups)}",{channel.name}'
        )
        lines += [_line(source) for source in channel.sources]
    return "\n".join(lines)


def _line(source: Source) -> str:
    match source:
        case StreamAddress():
            return source.address
        case ContentKey(ContentKind.URL):
            return source.value
        case ContentKey(ContentKind.CONTENT_ID):
            return f"acestream://{source.value}"
    return f"infohash:{source.value}"


def test_everything_a_list_says() -> None:
    """An example with all of it."""
    assert parse(
        '#EXTM3U url-tvg="http://h/guide.xml"',
        '#EXTINF:-1 tvg-id="one.es" tvg-name="Uno" tvg-logo="http://h/1.png" tvg-chno="101.1"'
        ' group-title="News;World",One, "the" first',
        "#EXTVLCOPT:http-user-agent=x",
        "#KODIPROP:inputstream=inputstream.adaptive",
        "",
        "# somebody's remark",
        f"acestream://{HASH}",
    ) == Playlist(
        channels=(
            Channel(
                name='One, "the" first',
                sources=(CONTENT,),
                logo="http://h/1.png",
                groups=("News", "World"),
                number="101.1",
                guide_id="one.es",
                guide_name="Uno",
            ),
        ),
        guides=("http://h/guide.xml",),
    )


def test_list_of_the_demo_is_read() -> None:
    """All of its channels, with nothing to complain about."""
    playlist = parse_playlist(demo_playlist(CHANNELS, "http://h").encode())
    assert [one.name for one in playlist.channels] == [one.name for one in CHANNELS]
    assert [one.number for one in playlist.channels] == [str(one.number) for one in CHANNELS]
    assert playlist.guides == ("http://h/demo/guide.xml",)
    assert playlist.problem_count == 0


@pytest.mark.parametrize(
    ("lines", "name", "is_named"),
    [
        pytest.param(["#EXTINF:-1,One", HASH], "One", True, id="name"),
        pytest.param(["#extinf:-1,One", HASH], "One", True, id="small tag"),
        pytest.param(["#EXTINF -1,One", HASH], "One", True, id="tag without a colon"),
        pytest.param(['#EXTINF:-1 tvg-name="One",', HASH], "One", True, id="name for the guide"),
        pytest.param(["#EXTINF:-1,O\x00n\x85e", HASH], "O n e", True, id="control characters"),
        pytest.param(["#EXTINF:-1," + "x" * 999, HASH], "x" * 256, True, id="endless"),
        pytest.param([HASH], "94c2fd8f", False, id="content alone"),
        pytest.param(["http://h/One.ts"], "One", False, id="address alone"),
        pytest.param(["#EXTINF:-1 tvg-id=x,", "http://h/One.ts"], "One", False, id="no name"),
    ],
)
def test_name_of_a_channel(lines: list[str], name: str, is_named: bool) -> None:
    """The list's own, or else one made of the source."""
    channel = only(*lines)
    assert channel.name == name
    assert channel.is_named is is_named


@pytest.mark.parametrize(
    ("lines", "groups"),
    [
        (['#EXTINF:-1 group-title="A; B ;;A",One', HASH], ("A", "B")),
        (["#EXTINF:-1,One", "#EXTGRP:A;B", HASH], ("A", "B")),
        (["#EXTGRP: A", "#EXTINF:-1,One", HASH], ("A",)),
        (['#EXTINF:-1 group-title="A",One', "#EXTGRP:B", "#EXTGRP:C", HASH], ("A", "B", "C")),
        (["#EXTINF:-1,One", "#EXTGRP:", HASH], ()),
    ],
)
def test_groups_of_a_channel(lines: list[str], groups: tuple[str, ...]) -> None:
    """In an attribute, on a line of their own, or both."""
    assert only(*lines).groups == groups


def test_what_is_said_of_a_channel_is_not_said_of_the_next() -> None:
    """Neither when the one before was read nor when it was not."""
    playlist = parse(
        '#EXTINF:-1 group-title="A",One',
        "rtmp://h/1",
        "http://h/2.ts",
        '#EXTINF:-1 group-title="B" tvg-id="3",Three',
        "#EXTGRP:C",
        "http://h/3.ts",
        "http://h/4.ts",
        "#EXTINF:-1,Five",
        "#EXTGRP:D",
        "#EXTINF:-1,Six",
        "http://h/6.ts",
    )
    assert [(one.name, one.groups) for one in playlist.channels] == [
        ("2", ()),
        ("Three", ("B", "C")),
        ("4", ()),
        ("Six", ()),
    ]
    assert [problem.line for problem in playlist.problems] == [2, 8]


@pytest.mark.parametrize(
    ("attributes", "number"),
    [
        ('tvg-chno="5"', "5"),
        ("channel-number=12", "12"),
        ('tvg-chno="" channel-number="7"', "7"),
        ('tvg-chno="1" channel-number="7"', "1"),
        ('tvg-chno="101.1"', "101.1"),
        ('tvg-chno="five"', ""),
        ('tvg-chno="-1"', ""),
        ('tvg-chno="\u0665"', ""),
        ('tvg-chno="12345678901"', ""),
    ],
)
def test_number_of_a_channel(attributes: str, number: str) -> None:
    """Under either name; what is no number is none."""
    assert only(f"#EXTINF:-1 {attributes},One", HASH).number == number


@pytest.mark.parametrize(
    "logo", ["one.png", "data:image/png;base64,AAAA", "javascript:x", "http:/"]
)
def test_logo_is_fetched_by_http_or_not_there(logo: str) -> None:
    """A logo that cannot be shown is no problem of the channel."""
    assert only(f'#EXTINF:-1 tvg-logo="{logo}",One', HASH).logo == ""


@pytest.mark.parametrize(
    ("header", "guides"),
    [
        ('#EXTM3U url-tvg="http://h/a,https://h/b"', ("http://h/a", "https://h/b")),
        (
            '#EXTM3U x-tvg-url="http://h/a, http://h/b; http://h/c"',
            ("http://h/a", "http://h/b", "http://h/c"),
        ),
        ("#EXTM3U tvg-url='http://h/a'", ("http://h/a",)),
        ("#EXTM3U url-tvg=http://h/a tvg-shift=1", ("http://h/a",)),
        (
            '#EXTM3U url-tvg="http://h/a" x-tvg-url="http://h/a,HTTP://h/b"',
            ("http://h/a", "HTTP://h/b"),
        ),
        ('#EXTM3U url-tvg="http://h/a?x=1,2;3,http://h/b"', ("http://h/a?x=1,2;3", "http://h/b")),
        (
            '#EXTM3U url-tvg="http://h/a"\n#EXTM3U url-tvg="http://h/b"',
            ("http://h/a", "http://h/b"),
        ),
        ('#EXTM3U url-tvg=""', ()),
        ("#EXTM3U", ()),
        ("", ()),
    ],
)
def test_guides_of_a_list(header: str, guides: tuple[str, ...]) -> None:
    """None, one or several, under any of the names."""
    playlist = parse(header, HASH)
    assert playlist.guides == guides
    assert playlist.channels
    assert playlist.problem_count == 0


def test_guides_are_bounded() -> None:
    """Somebody will fetch them."""
    addresses = ",".join(f"http://h/{n}" for n in range(1000))
    assert len(parse(f'#EXTM3U url-tvg="{addresses}"').guides) == 32


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        (["rtmp://h/1"], 1, "can be played"),
        (["", "", "<html>"], 3, "can be played"),
        (["http://h/a b"], 1, "incomplete"),
        (["http://h/ace/getstream?id=1"], 1, "40 hex digits"),
        (["#EXTINF:-1,One", "#EXTINF:-1,Two", HASH], 1, "No address"),
        (['#EXTM3U url-tvg="guide.xml"'], 1, "A guide"),
    ],
)
def test_what_cannot_be_read_is_a_problem(lines: list[str], line: int, words: str) -> None:
    """With its line and a sentence, and the rest of the list is read."""
    playlist = parse(*lines, "http://h/last.ts")
    (problem,) = playlist.problems
    assert problem.line == line
    assert words in problem.text
    assert playlist.problem_count == 1
    assert playlist.channels[-1].sources == (StreamAddress("http://h/last.ts"),)


def test_address_that_nothing_follows() -> None:
    """The end of the list is the end of an entry, too."""
    assert parse("", "#EXTINF:-1,One").problems == (Problem(2, "No address follows this line."),)


@pytest.mark.parametrize("tag", ["#EXT-X-TARGETDURATION:6", "#EXT-X-STREAM-INF:BANDWIDTH=1"])
def test_playlist_of_a_stream_is_no_list_of_channels(tag: str) -> None:
    """Its segments would look like some."""
    playlist = parse("#EXTM3U", "one.ts", "#EXTINF:6,", "http://h/1.ts", tag, "http://h/2.ts")
    assert playlist == Playlist(
        problems=(Problem(5, "This is the playlist of one stream, not a list of channels."),),
        problem_count=1,
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\r\r"])
def test_lines_end_as_on_any_system(end: str) -> None:
    """And they are counted alike."""
    playlist = parse_playlist(end.join(["#EXTM3U", "#EXTINF:-1,One", HASH, "x"]).encode())
    assert [one.name for one in playlist.channels] == ["One"]
    (problem,) = playlist.problems
    assert problem.line == 1 + 3 * len(end.replace("\r\n", "\n"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_of_all_scripts(encoding: str) -> None:
    """With and without a byte order mark."""
    text = f'#EXTM3U url-tvg="http://h/g"\n#EXTINF:-1,Спорт ñ 中\u2028文\n{HASH}'
    playlist = parse_playlist(text.encode(encoding))
    assert [one.name for one in playlist.channels] == ["Спорт ñ 中 文"]
    assert playlist.guides == ("http://h/g",)
    assert playlist.problem_count == 0


def test_utf_16_of_the_other_order() -> None:
    """Whichever byte of a character comes first."""
    text = f"\ufeff#EXTINF:-1,Спорт\n{HASH}"
    for encoding in ("utf-16-le", "utf-16-be"):
        assert parse_playlist(text.encode(encoding)).channels[0].name == "Спорт"


def test_line_in_windows_1252_does_not_spoil_the_others() -> None:
    """Lists are put together of others."""
    data = "#EXTINF:-1,España €\n".encode("cp1252") + f"{HASH}\n#EXTINF:-1,Ñ\n{HASH}".encode()
    assert [one.name for one in parse_playlist(data).channels] == ["España €", "Ñ"]
    assert parse_playlist(b"#EXTINF:-1,\x81x\n" + HASH.encode()).channels[0].name == "\ufffdx"


def test_too_many_bytes() -> None:
    """No half address is read, and the problem is where the rest would be."""
    data = b"http://h/1.ts\r\nhttp://h/2.ts\r\n"
    for size in (15, 20, 28):
        playlist = parse_playlist(data, max_bytes=size)
        assert [one.name for one in playlist.channels] == ["1"]
        assert [problem.line for problem in playlist.problems] == [2]
    assert parse_playlist(data, max_bytes=len(data)).problem_count == 0
    assert parse_playlist(data, max_bytes=5).channels == ()


def test_too_many_channels() -> None:
    """The first ones are read, and one problem is enough."""
    lines = ["http://h/1", "http://h/2", "#EXTINF:-1,Three", "http://h/3", "http://h/4"]
    playlist = parse_playlist("\n".join(lines).encode(), max_channels=2)
    assert [one.name for one in playlist.channels] == ["1", "2"]
    assert [problem.line for problem in playlist.problems] == [4]
    assert parse_playlist("\n".join(lines[:2]).encode(), max_channels=2).problem_count == 0


def test_too_long_a_line() -> None:
    """It is left out alone."""
    data = b"#EXTINF:-1," + b"x" * 100 + b"\nhttp://h/1.ts"
    playlist = parse_playlist(data, max_line=100)
    assert [one.name for one in playlist.channels] == ["1"]
    assert [problem.line for problem in playlist.problems] == [1]


def test_too_many_problems() -> None:
    """The first are told, all are counted."""
    playlist = parse_playlist(b"x\n" * 50, max_problems=3)
    assert [problem.line for problem in playlist.problems] == [1, 2, 3]
    assert playlist.problem_count == 50


pieces = st.sampled_from(
    [
        *(b"\n", b"\r", b",", b'"', b"'", b" ", b"=", b"|", b";", b"\x00", b"\xff", b"\xff\xfe"),
        *(b"#EXTM3U ", b"#EXTINF:", b"-1", b"#EXTGRP:", b"#EXT-X-TARGETDURATION", b"\xef\xbb\xbf"),
        *(b"tvg-id=", b"group-title=", b"tvg-logo=", b"tvg-chno=", b"url-tvg=", b"\xc3\xb1", b"5"),
        *(b"http://", b"h/", b"acestream://", HASH.encode(), b"magnet:?xt=urn:btih:", b"?id="),
        *(b"/ace/getstream", b"/url/", b"/pid/", b"%3A", b".acelive", b".ts", b"://", b"[", b"]"),
    ]
)
lists = st.one_of(
    st.binary(), st.lists(st.one_of(pieces, st.binary(max_size=3)), max_size=60).map(b"".join)
)


@given(lists)
def test_any_bytes_are_read_and_stay_bounded(data: bytes) -> None:
    """Nothing is raised, and what comes out keeps its promises."""
    playlist = parse_playlist(data, max_bytes=300, max_channels=3, max_line=120, max_problems=2)
    assert len(playlist.channels) <= 3
    assert len(playlist.problems) == min(playlist.problem_count, 2)
    for channel in playlist.channels:
        texts = (channel.name, channel.guide_id, *channel.groups)
        assert texts == tuple(map(tidy, texts))
        assert channel.name
        assert "" not in channel.groups
        assert len(channel.sources) == 1


texts = st.text(
    st.characters(exclude_characters='",;', exclude_categories=["C", "Z"]), min_size=1, max_size=40
)
hashes = st.from_regex(r"[0-9a-f]{40}", fullmatch=True)
addresses = st.integers(1, 99).map("http://example.org/live/{}.m3u8?a=1,2".format)
sources = st.one_of(
    st.builds(StreamAddress, addresses),
    st.builds(ContentKey, st.just(ContentKind.CONTENT_ID), hashes),
    st.builds(ContentKey, st.just(ContentKind.INFOHASH), hashes),
    st.just(ContentKey(ContentKind.URL, "http://example.org/one.acelive")),
)
well_formed = st.builds(
    Channel,
    name=st.builds("{}, {}".format, texts, texts),
    sources=st.tuples(sources),
    logo=st.one_of(st.just(""), addresses),
    groups=st.lists(texts, max_size=3, unique=True).map(tuple),
    number=st.one_of(st.just(""), st.integers(0, 9999).map(str)),
    guide_id=st.one_of(st.just(""), texts),
)


@given(
    st.lists(well_formed, max_size=5),
    st.lists(addresses, max_size=3, unique=True),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_was_written_well_reads_back(
    channels: list[Channel], guides: list[str], encoding: str
) -> None:
    """Every channel, with everything that is said of it."""
    playlist = parse_playlist(write(channels, guides).encode(encoding))
    assert playlist == Playlist(channels=tuple(channels), guides=tuple(guides))
