"""What may be said, and what is said of what may not."""

import pytest

from .conftest import Load, Refusal

HASH = "94c2fd8fb9bc8f2fc71a2cbe9d4b866f227a0209"
SECRET = "Sixteen-or-more_16"

WHOLE = {
    "channels": {"name": "One", "content": HASH},
    "playlists": {"name": "One", "url": "http://h/1"},
    "guides": {"name": "One", "url": "http://h/1"},
    "viewers": {"name": "One", "secret": SECRET},
}


def item(part: str, key: str, value: str) -> str:
    """Return a file with one item, in whose third or fourth line a key has a value."""
    lines = [f"    {name}: {one}" for name, one in WHOLE[part].items() if name != key]
    return "\n".join([f"{part}:", "  -", *lines, f"    {key}: {value}"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("5", "expected keys with values"),
        ("[]", "expected keys with values"),
        ("engines: http://h", "engines: expected a list"),
        ("engines: []", "engines: expected at least one engine"),
        ("engines: [h, ftp://h]", "engines[1]: expected the address of an engine"),
        ("engines: [{}]", "engines[0]: expected the address of an engine"),
        ("listen: 8080", "listen: expected HOST:PORT"),
        ("listen: 0.0.0.0:65536", "listen: expected HOST:PORT"),
        ("listen: '::1:80'", "listen: expected HOST:PORT"),
        ("listen: [h:80]", "listen: expected HOST:PORT"),
        ("data: ''", "data: expected a path"),
        ("data: {}", "data: expected a path"),
        ("audio_language: es", "audio_language: expected a code of three letters"),
        ("low_latency: 1", "low_latency: expected true or false"),
        ("low_latency: [true]", "low_latency: expected true or false"),
        ("trusted_networks: private", "trusted_networks: expected a list"),
        ("trusted_networks: [10.0.0.0/8, nowhere]", "trusted_networks[1]: expected a network such"),
        ("linger: 301", "linger: expected a whole number from 0 to 300"),
        ("most_viewers: 0", "most_viewers: expected a whole number from 1 to 1000"),
        ("user_agent: \u00e9", "user_agent: expected 1 to 256 letters (A to Z), digits and signs"),
        ("ffmpeg: /nowhere", "ffmpeg: expected a program that is there, or none"),
        ("log_level: loud", "log_level: expected one of debug, info, warning, error"),
        ("channels: {}", "channels: expected a list"),
        ("playlists: x", "playlists: expected a list"),
        ("guides: [~]", "guides[0]: expected keys with values"),
        ("viewers: [[]]", "viewers[0]: expected keys with values"),
        ("playlist: []", "playlist: there is no such key; did you mean playlists?"),
        ("port: 80", "port: there is no such key; there are engines, listen, trusted_networks"),
        ("viewer:", "viewer: there is no such key; did you mean viewers?"),
        ("<<: {}", "<<: there is no such key"),
        ("'': x", '"": there is no such key'),
        ('"a\\nb": x', "a b: there is no such key"),
        (f"{'x' * 999}: 1", f"{'x' * 40}: there is no such key"),
    ],
)
def test_what_the_file_may_not_say(refusal: Refusal, content: str, said: str) -> None:
    """At the top of it."""
    (line,) = refusal(f"# one\n\n{content}")
    assert line.startswith(f"proxy.yaml, line 3: {said}")


@pytest.mark.parametrize(
    ("part", "key", "value", "said"),
    [
        ("channels", "name", "''", "expected a text of 1 to 256 characters"),
        ("channels", "name", '"\\t "', "expected a text of 1 to 256 characters"),
        ("channels", "name", "x" * 257, "expected a text of 1 to 256 characters"),
        ("channels", "name", "[x]", "expected a text of 1 to 256 characters"),
        ("channels", "content", "acestream://1", "A content ID is 40 hex digits"),
        ("channels", "content", "[]", "A content ID is 40 hex digits"),
        ("channels", "alternatives", HASH, "expected a list"),
        ("channels", "logo", "one.png", "expected an address with http:// or https://"),
        ("channels", "number", "five", "expected a number, such as 5 or 101.1"),
        ("channels", "groups", "News", "expected a list"),
        ("channels", "guide_id", "''", "expected a text"),
        ("channels", "audio_language", "english", "expected a code of three letters"),
        ("channels", "transcode_video", "maybe", "expected true or false"),
        ("channels", "contents", HASH, "there is no such key; did you mean content?"),
        ("playlists", "name", "''", "expected a text"),
        ("playlists", "url", "h/1", "expected an address"),
        ("playlists", "refresh_hours", "0", "expected a whole number from 1 to 720"),
        ("playlists", "refresh_hours", "721", "expected a whole number from 1 to 720"),
        ("playlists", "refresh_hours", "1.5", "expected a whole number from 1 to 720"),
        ("playlists", "refresh_hours", "9" * 5000, "expected a whole number from 1 to 720"),
        ("playlists", "include_groups", "Sport*", "expected a list"),
        ("playlists", "includegroups", "[]", "there is no such key; did you mean include_groups?"),
        ("guides", "name", "''", "expected a text"),
        ("guides", "url", "h/1", "expected an address"),
        ("guides", "refresh_hours", "many", "expected a whole number from 1 to 720"),
        ("guides", "text", "x", "there is no such key; there are name, url, file, refresh_hours"),
        ("viewers", "name", "''", "expected a text"),
        ("viewers", "secret", "fifteen-letters", "expected 16 to 256 letters"),
        ("viewers", "secret", "x" * 257, "expected 16 to 256 letters"),
        ("viewers", "secret", "ñ" * 16, "expected 16 to 256 letters"),
        ("viewers", "password", "''", "expected 1 to 256 characters that can be typed"),
        ("viewers", "password", '"a\\tb"', "expected 1 to 256 characters that can be typed"),
        ("viewers", "password", "x" * 257, "expected 1 to 256 characters that can be typed"),
        ("viewers", "groups", "Kids*", "expected a list"),
        ("viewers", "most_streams", "0", "expected a whole number from 1 to 250"),
        ("viewers", "most_streams", "-1", "expected a whole number from 1 to 250"),
        ("viewers", "enabled", "perhaps", "expected true or false"),
        ("viewers", "secrets", "x", "there is no such key; did you mean secret?"),
    ],
)
def test_what_a_part_may_not_say(
    refusal: Refusal, part: str, key: str, value: str, said: str
) -> None:
    """With the line of the key."""
    content = item(part, key, value)
    (line,) = refusal(content)
    number = len(content.splitlines())
    assert line.startswith(f"proxy.yaml, line {number}: {part}[0].{key}: {said}")


@pytest.mark.parametrize(
    ("part", "key", "value", "said"),
    [
        ("channels", "alternatives", f"[{HASH}, x]", "[1]: A content ID is 40 hex digits"),
        ("channels", "groups", "[News, '']", "[1]: expected a text of 1 to 256 characters"),
        ("playlists", "exclude_groups", "[x, ~]", "[1]: expected a pattern"),
        ("playlists", "include_names", "[x, [x]]", "[1]: expected a pattern"),
        ("playlists", "exclude_names", f"[x, {'x' * 257}]", "[1]: expected a pattern"),
        ("viewers", "groups", "[Kids*, {}]", "[1]: expected a pattern of at most 256 characters"),
    ],
)
def test_what_a_list_in_a_part_may_not_have(
    refusal: Refusal, part: str, key: str, value: str, said: str
) -> None:
    """With the place in the list."""
    (line,) = refusal(item(part, key, value))
    assert line.startswith(f"proxy.yaml, line 5: {part}[0].{key}{said}")


@pytest.mark.parametrize(
    ("part", "key"),
    [
        ("channels", "name"),
        ("channels", "content"),
        ("playlists", "name"),
        ("guides", "name"),
        ("viewers", "name"),
        ("viewers", "secret"),
    ],
)
def test_what_has_to_be_there(refusal: Refusal, part: str, key: str) -> None:
    """A key without a value is none."""
    assert refusal(item(part, key, "")) == [f"proxy.yaml, line 4: {part}[0].{key}: is missing"]
    without = item(part, key, "").rpartition("\n")[0]
    assert refusal(without) == [f"proxy.yaml, line 3: {part}[0].{key}: is missing"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("playlists: [{name: A}]", "playlists[0]: expected exactly one of url, file, text, search"),
        (
            "playlists: [{name: A, url: http://h, text: x}]",
            "playlists[0]: expected exactly one of url, file, text, search",
        ),
        ("guides: [{name: A, url: ~}]", "guides[0]: expected exactly one of url, file"),
        (
            "guides: [{name: A, url: http://h, file: x}]",
            "guides[0]: expected exactly one of url, file",
        ),
    ],
)
def test_lists_and_guides_come_from_one_place(refusal: Refusal, content: str, said: str) -> None:
    """Neither from nowhere nor from two."""
    assert refusal(content) == [f"proxy.yaml, line 1: {said}"]


@pytest.mark.parametrize("part", ["playlists", "guides"])
def test_names_differ(refusal: Refusal, part: str) -> None:
    """As they are seen: blanks do not count."""
    names = ("A B", "B", "'A  B'", "A B")
    lines = [f"- {{name: {name}, url: http://h}}" for name in names]
    assert refusal("\n".join([f"{part}:", *lines])) == [
        f"proxy.yaml, line {line}: {part}[{line - 2}].name: [0] has the same; each needs its own"
        for line in (4, 5)
    ]


def test_viewers_differ_in_names_and_secrets(refusal: Refusal) -> None:
    """Also if there is something wrong with another one."""
    content = f"""\
viewers:
  - {{name: A, secret: {SECRET}}}
  - {{name: A, secret: {SECRET}}}
  - {{name: B}}
"""
    assert refusal(content) == [
        "proxy.yaml, line 3: viewers[1].name: [0] has the same; each needs its own",
        "proxy.yaml, line 3: viewers[1].secret: [0] has the same; each needs its own",
        "proxy.yaml, line 4: viewers[2].secret: is missing",
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("true", True),
        ("Yes", True),
        ("'on'", True),
        ("False", False),
        ("NO", False),
        ("off", False),
    ],
)
def test_ways_to_say_yes_and_no(load: Load, written: str, meant: bool) -> None:
    """Those of YAML 1.1."""
    assert load(f"low_latency: {written}").low_latency is meant


@pytest.mark.parametrize(
    ("written", "listen"),
    [
        ("0.0.0.0:80", ("0.0.0.0", 80)),  # noqa: S104 - parsed, not bound
        ("'[::]:0'", ("::", 0)),
        ("':65535'", ("127.0.0.1", 65535)),
        ("my-host.lan:8080", ("my-host.lan", 8080)),
        ("'*:8080'", ("", 8080)),
    ],
)
def test_places_to_listen(load: Load, written: str, listen: tuple[str, int]) -> None:
    """As with the option of the command."""
    assert load(f"listen: {written}").listen == listen


def test_secret_and_password_may_look_like_numbers(load: Load) -> None:
    """They are what was written."""
    (viewer,) = load("viewers: [{name: 1, secret: 0000000000000000, password: 1_0.50}]").viewers
    assert (viewer.name, viewer.secret, viewer.password) == ("1", "0" * 16, "1_0.50")
