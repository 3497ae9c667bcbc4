"""The process of a Prefect server that a command has started: it ends when the command does, however that ends."""

import os
import sys
import threading

from flows.serving.guard import Guard
from flows.serving.hosts import LOCAL
from flows.serving.prefect_settings import import_prefect
from twinflow.system.imports import import_lasting


def serve(port: int, hosts: list[str]) -> None:
    """Serve Prefect's API and UI on 127.0.0.1 to pages and programs of this machine, and to the other names given."""
    import uvicorn

    threading.Thread(target=_end_with_parent, daemon=True).start()
    import_prefect()
    create_app = import_lasting("prefect.server.api.server").create_app
    uvicorn.run(Guard(create_app(), {*LOCAL, *hosts}), host="127.0.0.1", port=port, log_level="error")


def _end_with_parent() -> None:
    sys.stdin.buffer.read()  # nothing is ever written: this returns when the parent is gone, however it ended
    os._exit(1)


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2:])
