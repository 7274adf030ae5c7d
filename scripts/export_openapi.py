"""Write ``openapi.json``, or with ``--check`` say whether it still tells the truth."""

import json
import sys
from pathlib import Path

from app.main import create_app
from app.settings import Settings

SNAPSHOT = Path(__file__).parents[1] / "openapi.json"


def main() -> int:
    """0 when the snapshot is up to date or has been written, 1 when it is stale."""
    current = json.dumps(create_app(Settings()).openapi(), indent=2, ensure_ascii=False) + "\n"
    if "--check" not in sys.argv:
        SNAPSHOT.write_text(current)
        return 0
    if SNAPSHOT.exists() and SNAPSHOT.read_text() == current:
        return 0
    print(f"{SNAPSHOT.name} is stale: run `python scripts/export_openapi.py` and commit it.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
