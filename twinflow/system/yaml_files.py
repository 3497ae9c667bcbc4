"""YAML that people write: data alone, each key once, and not without end."""

import reprlib
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from twinflow.errors import SettingsError
from twinflow.system.files import open_file, what_is_there

LONGEST = 1 << 20  # bytes of a file; read, they take a hundred times as much memory
MOST_BITS = 1024  # of a whole number that is told: Python refuses to write out much larger ones
MERGE = "tag:yaml.org,2002:merge"


class _Short(reprlib.Repr):
    """Values in a message: YAML can make a few lines stand for billions of values, or for a number without end."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxstring = 2, 80

    def repr_int(self, x: int, level: int) -> str:
        return super().repr_int(x, level) if x.bit_length() < MOST_BITS else f"a number of {x.bit_length():,} bits"


SHORT = _Short()


def read_yaml(path: Path) -> Any:
    """What a YAML file holds; None where it is empty.

    Raises:
        SettingsError: it can't be read, is too long, or is no YAML.
    """
    try:
        with open_file(path) as file:
            text = file.read(LONGEST + 1).decode("utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: expected a readable YAML file, found {what_is_there(error)}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: expected a readable YAML file, found {error}") from None
    if len(text) > LONGEST:
        raise SettingsError(f"{path}: expected at most {LONGEST:,} bytes, found more")
    return parse_yaml(text, str(path))


def parse_yaml(text: str, source: str) -> Any:
    """What YAML text means.

    Raises:
        SettingsError: it is no YAML; `source` is named.
    """
    try:
        return yaml.load(text, _Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # 2001-99-99 is a ValueError, [[[[… too deep
        raise SettingsError(f"{source}: expected YAML, found {' '.join(str(error).split())}") from None


class _Loader(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error, and not the later one's; so is a merge of others' keys.

    A few lines of merges double what is in them line by line.
    """

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        if any(key.tag == MERGE for key, _ in node.value):
            raise yaml.constructor.ConstructorError(None, None, "the merge key '<<'", node.start_mark)
        super().flatten_mapping(node)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        counts = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        if repeated := [key for key, count in counts.items() if count > 1]:
            raise yaml.constructor.ConstructorError(None, None, f"the key {repeated[0]!r} twice", node.start_mark)
        return super().construct_mapping(node, deep)
