"""A data folder that may be emptied at any time, such as the demo's."""

import shutil
from pathlib import Path

from app.embedded.data_folder import DataFolder
from app.embedded.postgres import end_leftover_postgres
from app.embedded.valkey import end_leftover_valkey
from app.errors import StartupError

MARKER = ".disposable"
KEPT = {MARKER, "lock"}


def empty_disposable_folder(path: Path) -> None:
    """Make ``path`` an empty data folder that may be emptied again.

    Raises:
        StartupError: it holds something else, or an instance is running on it.
    """
    if path.is_dir() and any(path.iterdir()) and not (path / MARKER).exists():
        raise StartupError(
            f"{path.absolute()} would be emptied for the demo but was not made by it: "
            "set SARA_DATA_DIR to another folder."
        )
    folder = DataFolder.at(path)
    with folder.locked():
        (folder.path / MARKER).touch()
        end_leftover_postgres(folder)
        end_leftover_valkey(folder)
        for entry in folder.path.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry.name not in KEPT:
                entry.unlink()
