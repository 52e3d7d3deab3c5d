"""Secrets by reference: a configuration says where a secret is kept, never what it is.

A `Secret` holds no value. `reveal()` fetches it at the moment of use, so there is nothing to print, pickle,
compare or leave behind in a traceback.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NoReturn, Self

from auditor.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_LARGEST = 64 * 1024


class Secret:
    """A secret that is kept elsewhere. Two are equal when they are kept in the same place."""

    __slots__ = ("_fetch", "_reference", "_where")

    def __init__(self, reference: str, fetch: Callable[[], str], where: str = "") -> None:
        self._reference = reference
        self._fetch = fetch
        self._where = where

    @classmethod
    def from_environment(cls, name: str, environ: Mapping[str, str], where: str = "") -> Self:
        """Refer to an environment variable; `where` names the line that asks for it."""
        return cls(f"env {name}", lambda: environ.get(name, ""), where)

    @staticmethod
    def from_file(path: Path, where: str = "") -> _FileSecret:
        """Refer to the whole content of a file, such as a mounted secret or a private key."""
        return _FileSecret(path, where)

    @classmethod
    def from_keyring(cls, service: str, user: str, where: str = "") -> Self:
        """Refer to an entry of the operating system's keyring."""
        return cls(f"keyring {service}/{user}", lambda: _from_keyring(service, user), where)

    @property
    def reference(self) -> str:
        """Where the secret is kept, such as `env SF_ACCESS_TOKEN`; safe to print."""
        return self._reference

    @property
    def warning(self) -> str:
        """What is wrong with how the secret is kept, or an empty string."""
        return ""

    def reveal(self) -> str:
        """Fetch the secret itself, without blanks around it: the only door.

        Raises ConfigError when there is nothing behind the reference.
        """
        value = self._fetch().strip()
        if not value:
            raise self._refuse("is empty or not set", _FILL)
        return value

    def _refuse(self, fault: str, hint: str) -> ConfigError:
        origin = f"{self._where}: " if self._where else ""
        return ConfigError(f"{origin}The secret in {self._reference} {fault}.", hint=hint)

    def __repr__(self) -> str:
        return f"Secret({self._reference})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._reference == other._reference

    def __hash__(self) -> int:
        return hash(self._reference)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret cannot be pickled")


_FILL = "Set it for this process only, for instance from a vault; never write it into the configuration."


class _FileSecret(Secret):
    """A secret in a file, which others may be able to read."""

    __slots__ = ("_path",)

    def __init__(self, path: Path, where: str = "") -> None:
        super().__init__(f"file {path}", self._content, where)
        self._path = path

    @property
    def warning(self) -> str:
        """Says so when more people than the file's owner may read it."""
        if os.name != "posix":  # elsewhere the mode bits say nothing about who may read
            return ""
        try:
            mode = self._path.stat().st_mode
        except (OSError, ValueError):
            return ""
        if not mode & (stat.S_IRGRP | stat.S_IROTH):
            return ""
        readers = "everybody" if mode & stat.S_IROTH else "its group"
        return f"The secret {self._reference} can be read by {readers}; run: chmod 600 {self._path}"

    def _content(self) -> str:
        try:
            with self._path.open("rb") as file:
                content = file.read(_LARGEST + 1)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a usable path"
            raise self._refuse(
                f"cannot be read ({reason})", "Check the path and who may read the file."
            ) from None
        if len(content) > _LARGEST:
            raise self._refuse("is far too long", "Give a file that holds the secret and nothing else.")
        # A strict decoder would put the bytes into its exception; a damaged secret only fails to log in.
        return content.decode("utf-8-sig", errors="replace")


def _from_keyring(service: str, user: str) -> str:
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(service, user) or ""
    except KeyringError as error:
        raise ConfigError(
            f"The keyring cannot be asked for {service}/{user} ({type(error).__name__}).",
            hint="Unlock it, or keep the secret in an environment variable or a file instead.",
        ) from None
