"""A stub that makes evidently look uninstalled to child processes: its import takes longer than all the rest."""

from pathlib import Path


def write_stub(folder: Path) -> str:
    """Make the stub in a folder; returns what `PYTHONPATH` has to be."""
    package = folder / "stub" / "evidently"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'evidently'\")\n")
    return str(package.parent)
