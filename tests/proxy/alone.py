"""The proxy as it is without Home Assistant: its folder, copied under its own name."""

from pathlib import Path
import shutil

from custom_components.acestream_proxy import proxy

REPOSITORY = Path(__file__).parents[2]


def copy_alone(folder: Path) -> Path:
    """Copy the package into a folder; return the folder."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(proxy.__file__).parent, folder / "acestream_proxy", ignore=ignored)
    return folder
