"""Which Prefect settings count: the environment's, the profile's, and of files in the working folder what is data."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flows.serving.hosts import LOCAL
from twinflow.errors import SettingsError
from twinflow.system.files import printable

NOWHERE = "/nonexistent"  # Prefect can't be imported without a home, though it needs none to run without a server
MAXIMUM_BYTES = 1_000_000  # a file of settings has hundreds
# Prefect reads these files in this order, with every setting in them. Some of its settings name code that it loads,
# and the working folder may be one that others write to.
FILES = {".env": (), "prefect.toml": (), "pyproject.toml": ("tool", "prefect")}
TAKEN = {
    "PREFECT_API_URL": ("api", "url"),
    "PREFECT_API_KEY": ("api", "key"),
    "PREFECT_API_AUTH_STRING": ("api", "auth_string"),
    "PREFECT_HOME": ("home",),
}


def prefect_home() -> Path:
    """Prefect's folder, an absolute path."""
    return Path(os.environ.get("PREFECT_HOME", "~/.prefect")).expanduser().absolute()


def settle() -> list[str]:
    """Put into the environment what files in the working folder say of Prefect, for this process and its children.

    Addresses of this machine are exempt from any proxy.

    Returns:
        A line for each setting that was taken from a file.

    Raises:
        SettingsError: a file can't be read, or names a home that others could have made.
    """
    for name in ("NO_PROXY", "no_proxy"):
        exempt = [each for each in os.environ.get(name, "").split(",") if each]
        os.environ[name] = ",".join(dict.fromkeys([*exempt, *LOCAL]))
    lines = []
    for file in FILES:
        for name, value in _settings_in(Path(file)).items():
            if name not in os.environ:
                os.environ[name] = value
                shown = value if name in ("PREFECT_API_URL", "PREFECT_HOME") else "set"
                lines.append(f"{file}: {name} {printable(shown)}")
    if not _has_home():
        os.environ["HOME"] = os.environ.get("PREFECT_HOME", NOWHERE)
    if "PREFECT_HOME" in os.environ:
        os.environ["PREFECT_HOME"] = str(prefect_home())  # whatever the working folder is later
    return lines


def named_address() -> str | None:
    """The address of Prefect's API that the environment or the active profile names, without an import of Prefect."""
    return os.environ.get("PREFECT_API_URL") or _profile().get("PREFECT_API_URL")


def ui_address() -> str | None:
    """The address of the UI of the server that `named_address` names, for a page that others may see.

    None where it names none whose UI is known, or has a name and a password in it.
    """
    address = (named_address() or "").removesuffix("/")
    found = address.removesuffix("/api")
    return found if found != address and re.fullmatch(r"https?://[^\s@?#]+", found) else None


def is_local(address: str) -> bool:
    """Whether an address is one of this machine alone."""
    return urlsplit(address).hostname in LOCAL


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """The working folder for the time of a block."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def import_prefect() -> None:
    """Import Prefect, which keeps the settings that it finds now, where no file of the working folder is found."""
    with working_in(Path(os.sep)):
        import prefect.main  # noqa: F401


def _settings_in(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    with file.open("rb") as opened:
        content = opened.read(MAXIMUM_BYTES)
    try:
        text = content.decode()
        found = _from_dotenv(text) if file.name == ".env" else _from_toml(tomllib.loads(text), FILES[file.name])
    except ValueError as error:
        raise SettingsError(f"{file}: expected settings of Prefect, found {printable(str(error))}") from None
    if "PREFECT_HOME" in found:
        found["PREFECT_HOME"] = str(_own_home(Path(found["PREFECT_HOME"]).expanduser().absolute(), file))
    return found


def _from_dotenv(text: str) -> dict[str, str]:
    from io import StringIO

    from dotenv import dotenv_values

    values = dotenv_values(stream=StringIO(text))
    return {name.upper(): value for name, value in values.items() if value and name.upper() in TAKEN}


def _from_toml(document: dict[str, Any], table: tuple[str, ...]) -> dict[str, str]:
    def at(keys: tuple[str, ...]) -> Any:
        inner: Any = document
        for key in keys:
            inner = inner.get(key) if isinstance(inner, dict) else None
        return inner

    values = {name: at((*table, *keys)) for name, keys in TAKEN.items()}
    return {name: value for name, value in values.items() if isinstance(value, str) and value}


def _own_home(home: Path, file: Path) -> Path:
    """A home that a file names, unless somebody else could have put code into it: profiles and logging name code."""
    expected = "expected a Prefect home outside the working folder that is yours alone"
    if home.resolve().is_relative_to(Path.cwd().resolve()):
        raise SettingsError(f"{file}: {expected}, found {home}; PREFECT_HOME in the environment may name any")
    if home.exists() and (home.stat().st_uid != os.getuid() or home.stat().st_mode & 0o022):
        raise SettingsError(f"{file}: {expected}, found that others may write to {home}")
    return home


def _has_home() -> bool:
    try:
        Path.home()
    except RuntimeError:  # an account without an entry and without HOME, as in some containers
        return False
    return True


def _profile() -> dict[str, Any]:
    path = Path(os.environ.get("PREFECT_PROFILES_PATH", prefect_home() / "profiles.toml"))
    if not path.is_file():
        return {}
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        active = os.environ.get("PREFECT_PROFILE", document.get("active"))
        profile = document.get("profiles", {}).get(active, {})
    except (ValueError, AttributeError) as error:
        raise SettingsError(f"{path}: expected Prefect's profiles, found {printable(str(error))}") from None
    return profile if isinstance(profile, dict) else {}
