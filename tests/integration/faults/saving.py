"""A program that saves commands one by one and says what became of each; its disk is broken by others.

`python -m tests.integration.faults.saving FOLDER COUNT` prints a JSON line for each: saved or refused, and why.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from services.domain.ids import uuid7
from services.ports.errors import StoreError
from services.store.stores import open_stores
from tests.integration.faults.upgrade_kills import KEY
from tests.unit.store.ground import command


def main(folder: str, count: str) -> None:
    """Save until the count is reached, whatever the disk says."""
    stores = open_stores(Path(folder), KEY)
    for n in range(int(count)):
        new = command(f"case-{n % 3}", command_id=uuid7())
        try:
            stores.outbox.save(new)
            told = {"id": new.command_id, "saved": True}
        except StoreError as error:
            told = {"id": new.command_id, "saved": False, "title": error.title, "code": error.code}
        told["waiting"] = [row.command_id for row in stores.outbox.waiting()]
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
