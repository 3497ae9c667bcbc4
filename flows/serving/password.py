"""The password of the Prefect server that twinflow starts, which its own commands and workers give to it."""

import os
import secrets
from pathlib import Path

from twinflow.errors import SettingsError
from twinflow.system.atomic import atomic

FILE = "twinflow-password"
OURS = "PREFECT_API_AUTH_STRING"  # what clients send
THEIRS = "PREFECT_SERVER_API_AUTH_STRING"  # what the server asks for


def server_password(home: Path) -> str:
    """The password of a server with this Prefect home: what the environment says, or what the home keeps.

    A home that keeps none gets one, in a file that only this user may read.

    Raises:
        SettingsError: the file can't be read or written.
    """
    if named := os.environ.get(THEIRS) or os.environ.get(OURS):
        return named
    return kept_password(home) or _made(home)


def kept_password(home: Path) -> str | None:
    """The password that a Prefect home keeps; None if it keeps none.

    Raises:
        SettingsError: the file can't be read, or others may read it.
    """
    path = home / FILE
    try:
        with path.open(encoding="ascii") as opened:
            if os.fstat(opened.fileno()).st_mode & 0o077:
                raise SettingsError(f"{path}: expected a file that only you may read, found others; remove it")
            return opened.read().strip() or None
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: expected the password of Prefect's server, found {error}") from None


def _made(home: Path) -> str:
    password = secrets.token_urlsafe(32)
    try:
        with atomic(home / FILE) as temporary:
            temporary.chmod(0o600)
            temporary.write_text(f"{password}\n", encoding="ascii")
    except OSError as error:
        raise SettingsError(f"{home / FILE}: expected a file that can be written, found {error.strerror}") from None
    return password
