"""Files that did not exist before: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from auditor.errors import AuditorError, ConfigError


def refuse_existing(folder: Path, names: Iterable[str]) -> None:
    """Raise ConfigError if one of the files is there already, or the folder is none."""
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is not a folder.", hint="Name a new or an empty one.")
    for name in names:
        if (folder / name).exists() or (folder / name).is_symlink():
            raise ConfigError(
                f"{folder / name} is there already, and nothing is overwritten.",
                hint="Name an empty folder, or move the file away.",
            )


def write(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write new files by their paths in a folder, which is made if needed.

    Raises ConfigError, before anything is written, for a file that exists; AuditorError if the disk refuses, after
    taking back what was written.
    """
    refuse_existing(folder, contents)
    made: list[Path] = []
    try:
        for name, content in contents.items():
            path = folder / name
            for place in reversed(path.parents):
                if not place.exists():
                    place.mkdir()
                    made.append(place)
            with path.open("xb") as file:
                made.append(path)
                file.write(content)
    except OSError as error:
        for path in reversed(made):
            path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
        raise AuditorError(f"{folder} could not be written to: {error.strerror}.") from None
