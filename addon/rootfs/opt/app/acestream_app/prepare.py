"""What has to be there before the programs start."""

import os
from pathlib import Path
import shutil
from typing import Final

from .errors import AppError
from .place import Place, find_user

# What the user begins with: a file in which everything is a comment.
_FIRST_FILE: Final = Path(__file__).with_name("first.yaml")


def prepare(place: Place) -> None:
    """Make a folder for each program, its own, and the proxy's file unless there is one.

    Raises:
        AppError: That cannot be done.
    """
    try:
        for program in ("engine", "proxy"):
            folder = place.kept(program)
            folder.mkdir(parents=True, exist_ok=True)
            if user := find_user(program):
                os.chown(folder, user.uid, user.gid)
        place.config.mkdir(parents=True, exist_ok=True)
        if not place.proxy_file.exists():
            shutil.copyfile(_FIRST_FILE, place.proxy_file)
    except OSError as error:
        raise AppError(f"{error.filename} cannot be written ({error.strerror}).") from error
