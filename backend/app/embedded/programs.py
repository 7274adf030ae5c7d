"""Where the server programs are: inside Python packages that need not be imported for it."""

import importlib.util
from pathlib import Path

from app.errors import StartupError


def packaged_program(package: str, pattern: str, *, variable: str) -> Path:
    """The file in the installed ``package`` that matches ``pattern``.

    Raises:
        StartupError: it is not there; the advice names ``variable``, which makes it superfluous.
    """
    found = importlib.util.find_spec(package)
    folders = (found and found.submodule_search_locations) or ()
    for folder in folders:
        for program in sorted(Path(folder).glob(pattern)):
            return program
    raise StartupError(
        f"{variable} is not set and {package}, to be used instead, is not installed here: "
        f"run `pip install 'sara-memory[embedded]'`, or set {variable}."
    )
