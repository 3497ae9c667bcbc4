"""Steps on partitions: their work is not done again where a worker is lost with what it returned."""

from collections.abc import Callable

from prefect.cache_policies import NO_CACHE

from tasks.policies import Result, Step
from twinflow import storage


def partition_step(function: Callable[..., Result]) -> Step:
    """A step whose results Prefect keeps nowhere: a worker's own disk would be no place for them."""
    return Step(function, cache_policy=NO_CACHE)


def once(address: str, work: Callable[[], Result]) -> Result:
    """What was kept at an address, or what the work comes to, which is kept there."""
    if storage.files(address):
        return dict(storage.read_json(address))
    result = work()
    storage.write_json(address, result)
    return result
