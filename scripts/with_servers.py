"""Run a command with DATABASE_URL and REDIS_URL set, while the embedded servers run for it.

    python scripts/with_servers.py COMMAND [ARGUMENT…]

For a service that is stopped. Where both are set already, nothing is started. Ends as the command does.
"""

import os
import subprocess
import sys

from app.embedded.servers import embedded_servers
from app.errors import SaraError
from app.settings import Settings


def main() -> int:
    """The exit code of the command; 2 when there is none, 1 when the servers do not start."""
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with embedded_servers(Settings()) as settings:
            urls = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
            given = {name: url.get_secret_value() for name, url in urls.items() if url is not None}
            return subprocess.run(sys.argv[1:], env={**os.environ, **given}, check=False).returncode  # noqa: S603
    except SaraError as error:
        print(f"error: {error.detail}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
