"""A process is known by its machine, its number and its start."""

import os

from tests.helpers.processes import running
from twinflow.system.process import Process, has_ended, this_process


def test_a_process_has_ended_once_it_has_and_another_of_its_number_is_not_it() -> None:
    own = this_process()
    assert own.number == os.getpid()
    assert not has_ended(own)
    assert has_ended(own.model_copy(update={"started": "another start 1"}))
    with running("import time; print(flush=True); time.sleep(60)") as process:
        other = own.model_copy(update={"number": process.pid})
        assert has_ended(other)  # started at another moment than this one
    assert has_ended(other)


def test_of_processes_elsewhere_nobody_knows() -> None:
    assert not has_ended(Process(host="elsewhere", number=1, started="long ago"))
    assert not has_ended(this_process().model_copy(update={"started": None}))
