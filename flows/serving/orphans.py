"""A process that was started for a run ends with the one that started it: nobody would hear how the run goes on."""

import os
import threading
import time

SECONDS = 1.0
EXIT_CODE = 1
SERVED_BY = "TWINFLOW_SERVED_BY"  # the id of the process that serves, for those that it starts


def end_with_parent() -> None:
    """End this process, at once, when the one that serves its run is gone, however that ended; nothing where none does.

    A training run can be resumed then.
    """
    if parent := os.environ.get(SERVED_BY):
        threading.Thread(target=_watch, args=(int(parent),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(SECONDS)
    os._exit(EXIT_CODE)
