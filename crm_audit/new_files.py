"""Files that did not exist before, all of them or none; and files that are replaced as a whole."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from auditor.errors import AuditorError, ConfigError


def refuse_existing(folder: Path, names: Iterable[str]) -> None:
    """Raise, before somebody answers questions, if the files cannot be made in a folder.

    ConfigError if one of them is there already, or the folder cannot be one; AuditorError if nobody may write there.
    """
    nearest = next(place for place in (folder, *folder.absolute().parents) if os.path.lexists(place))
    if not nearest.is_dir():
        raise ConfigError(f"{nearest} is not a folder.", hint="Name a new or an empty one.")
    for name in names:
        if os.path.lexists(folder / name):
            raise ConfigError(
                f"{folder / name} is there already, and nothing is overwritten.",
                hint="Name an empty folder, or move the file away.",
            )
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise AuditorError(f"{nearest} cannot be written to.", hint="Name a folder of your own.")


def write(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write new files by their paths in a folder, which is made if needed.

    Raises ConfigError, before anything is written, for a file that exists; AuditorError if the disk refuses, after
    taking back what was written. An interruption takes it back too.
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
    except BaseException as error:
        for path in reversed(made):
            with suppress(OSError):  # somebody else put something into a folder: it stays
                path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise AuditorError(f"{folder} could not be written to: {error.strerror}.") from None
        raise


def refuse_special(path: Path) -> None:
    """Raise ConfigError, before there is anything to write, if what is there is no ordinary file."""
    if path.is_dir():
        raise ConfigError(f"{path} is a folder.", hint="Name the file to write.")
    if path.exists() and not path.is_file():
        raise ConfigError(f"{path} is a pipe or a device, not a file.", hint="Name the file to write.")


def replace(path: Path, content: bytes) -> None:
    """Write a file as a whole, in place of the one that may be there: whoever reads it sees the old one or the new.

    Raises AuditorError if the disk refuses. The old one then stays, as it does when this is interrupted.
    """
    whole = path.resolve()  # a link stays, and what it leads to is replaced
    waiting = whole.with_name(f".{whole.name}.{os.getpid()}.part")
    try:
        with waiting.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if whole.exists():
            waiting.chmod(whole.stat().st_mode & 0o777)
        waiting.replace(whole)
    except OSError as error:
        raise AuditorError(f"{path} could not be written: {error.strerror}.") from None
    finally:
        with suppress(OSError):
            waiting.unlink(missing_ok=True)
