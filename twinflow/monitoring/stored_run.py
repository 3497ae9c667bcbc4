"""A published run on this machine or in a store, which a process loads once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from twinflow.errors import ArtifactError
from twinflow.monitoring.profile import Profile
from twinflow.runs import files
from twinflow.runs.folder import check_run
from twinflow.scoring.verifier import Verifier, load
from twinflow.system import storage
from twinflow.system.files import sha256

FILES = (files.MANIFEST, *files.SCORING, files.PROFILE)


@dataclass(frozen=True)
class StoredRun:
    """What a published run is loaded for: the verifier that scores pairs, and the profile of its training pairs."""

    verifier: Verifier
    profile: Profile


def manifest_sha256(address: str) -> str:
    """What tells a run from any other that may come to stand at its address.

    Raises:
        ArtifactError: there is no finished run.
        OSError: the store does not answer.
    """
    with _there(address), storage.fetched(storage.join(address, files.MANIFEST)) as path:
        return sha256(path)


@lru_cache(maxsize=1)
def model_at(address: str, manifest: str) -> StoredRun:
    """The run at an address, checked against its manifest.

    Args:
        manifest: what `manifest_sha256` gave for it.

    Raises:
        ArtifactError: it is no run that can be used, or another one than it was.
        OSError: the store does not answer.
    """
    with _there(address), storage.fetched(address, FILES) as folder:
        if (found := sha256(folder / files.MANIFEST)) != manifest:
            raise ArtifactError(
                f"{address}: expected the manifest {manifest[:12]}…, as when the batch began, found {found[:12]}…"
            )
        return StoredRun(load(folder), Profile.load(check_run(folder, files.PROFILE) / files.PROFILE))


@contextmanager
def _there(address: str) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise ArtifactError(f"{address}: expected a finished run ({', '.join(FILES)}), found not all of it") from None
