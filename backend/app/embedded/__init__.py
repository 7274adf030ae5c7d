"""Postgres and Valkey out of Python packages, for a machine that has neither."""

from app.embedded.disposable import empty_disposable_folder
from app.embedded.servers import embedded_servers

__all__ = ["embedded_servers", "empty_disposable_folder"]
