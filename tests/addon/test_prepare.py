"""What is there before the programs start."""

import os
from pathlib import Path
import pwd
from types import SimpleNamespace

import pytest

from acestream_app import prepare as module
from acestream_app.errors import AppError
from acestream_app.place import Place, User, find_user
from acestream_app.prepare import prepare
from custom_components.acestream_proxy.proxy.config import Config
from custom_components.acestream_proxy.proxy.config.load import load_config


def test_the_first_file_changes_nothing(place: Place) -> None:
    """All that is in it is a comment, and the proxy takes it as it is."""
    prepare(place)
    assert load_config(place.proxy_file) == Config()


def test_each_proposal_in_the_first_file_is_one_that_the_proxy_takes(place: Place) -> None:
    """Once the signs in front are away."""
    prepare(place)
    _, hash_, proposed = place.proxy_file.read_text().partition("# playlists:")
    lines = f"{hash_}{proposed}".splitlines()
    place.proxy_file.write_text("\n".join(line.removeprefix("# ") for line in lines))
    config = load_config(place.proxy_file)
    assert (len(config.playlists), len(config.guides), len(config.viewers)) == (1, 1, 1)


def test_the_users_file_stays(place: Place) -> None:
    """Whatever is in it."""
    place.config.mkdir(parents=True)
    place.proxy_file.write_text("mine")
    prepare(place)
    assert place.proxy_file.read_text() == "mine"


def test_what_cannot_be_written_is_said(place: Place) -> None:
    """In a sentence that says where."""
    place.data.parent.mkdir(parents=True, exist_ok=True)
    place.data.write_text("no folder")
    with pytest.raises(AppError, match=r"/data/engine cannot be written \(Not a directory\)"):
        prepare(place)


def test_each_program_has_its_own_folder(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """It belongs to the user that the program runs as."""
    users = {"engine": User(901, 901), "proxy": User(900, 900)}
    owned: dict[Path, tuple[int, int]] = {}
    monkeypatch.setattr(module, "find_user", users.get)
    monkeypatch.setattr(os, "chown", lambda path, *owner: owned.update({path: owner}))
    prepare(place)
    assert owned == {place.data / "engine": (901, 901), place.data / "proxy": (900, 900)}
    assert all(path.is_dir() for path in owned)


def test_users_are_looked_up_where_they_can_be_changed_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """By root alone; elsewhere programs run as whoever starts the app."""
    known = {"acestream-proxy": SimpleNamespace(pw_uid=900, pw_gid=9)}
    monkeypatch.setattr(pwd, "getpwnam", lambda name: known[name])
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert find_user("proxy") == User(900, 9)
    assert find_user("engine") is None
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert find_user("proxy") is None
