"""The processes of embedded servers, as the operating system sees them."""

from pathlib import Path

import psutil

from app.embedded.data_folder import DataFolder


def servers_on(folder: Path) -> list[psutil.Process]:
    """Every living process of the servers on a data folder, wherever their sockets are."""
    mark = DataFolder(folder.resolve()).mark
    return [
        process
        for process in psutil.process_iter(["name", "cmdline", "status"])
        if mark in " ".join(process.info["cmdline"] or ())
        and process.info["name"] in {"postgres", "valkey-server"}
        and process.info["status"] != psutil.STATUS_ZOMBIE
    ]


def names_of(processes: list[psutil.Process]) -> set[str]:
    """What they are called."""
    return {process.info["name"] for process in processes}
