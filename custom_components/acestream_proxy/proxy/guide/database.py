"""The file that a guide is kept in: SQLite, written once and then only read.

A new guide is a new file that takes the place of the old one. Whoever reads that meanwhile goes on
with it, so that there is nothing to lock.
"""

from pathlib import Path
import sqlite3
from typing import Final

# Goes up with whatever changes tables, or what is in them, as `plain_name` does.
VERSION: Final = 1

# `folded` and `plain` are what channels are found by: see `Guides.match`. Of an unknown stop
# there is NULL while the file is built, and none afterwards.
_TABLES: Final = """
CREATE TABLE channel (
    number INTEGER PRIMARY KEY,
    folded TEXT NOT NULL UNIQUE,
    id TEXT NOT NULL
) STRICT;
CREATE TABLE name (
    plain TEXT NOT NULL,
    channel INTEGER NOT NULL,
    PRIMARY KEY (plain, channel)
) STRICT, WITHOUT ROWID;
CREATE TABLE programme (
    number INTEGER PRIMARY KEY,
    channel INTEGER NOT NULL,
    start INTEGER NOT NULL,
    stop INTEGER,
    title TEXT NOT NULL,
    subtitle TEXT NOT NULL,
    description TEXT NOT NULL,
    category TEXT NOT NULL,
    icon TEXT NOT NULL,
    episode TEXT NOT NULL,
    UNIQUE (channel, start)
) STRICT;
CREATE TABLE facts (channels INTEGER, programmes INTEGER, skipped INTEGER) STRICT;
"""

# Nobody reads the file before it is complete, and one that does not get so is thrown away. The
# index of half a million programmes fits into 16 MiB, so that it is not written over and over.
_SETTINGS: Final = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -16384;
PRAGMA user_version = {VERSION};
"""


def create(path: Path) -> sqlite3.Connection:
    """Return a connection to a new file that is written in one transaction, until `COMMIT`.

    Raises:
        sqlite3.Error: It cannot be written.
    """
    database = sqlite3.connect(path, isolation_level=None)
    database.executescript(_SETTINGS + "BEGIN;" + _TABLES)
    return database


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection that reads a file, and goes on doing so when another takes its place.

    Raises:
        sqlite3.Error: It is not there, damaged, or of another version.
    """
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version != VERSION:
            raise sqlite3.DatabaseError("It is of another version.")
    except sqlite3.Error:
        database.close()
        raise
    return database
