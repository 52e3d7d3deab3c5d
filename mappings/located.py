"""YAML that remembers where it was written, so that an error can point at the very word.

Nothing is constructed: the text is composed into nodes, and each node is asked for what the reader expects. A
tag such as `!!python/object` is therefore never more than a surprising word, and a key written twice is seen
before it is lost.
"""

from __future__ import annotations

import difflib
import re
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from auditor.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_TEXT = "tag:yaml.org,2002:str"
_INTEGER = "tag:yaml.org,2002:int"
_BOOLEAN = "tag:yaml.org,2002:bool"
_NULL = "tag:yaml.org,2002:null"
_PLAIN = {
    MappingNode: {"tag:yaml.org,2002:map"},
    SequenceNode: {"tag:yaml.org,2002:seq"},
    ScalarNode: {_TEXT, _INTEGER, _BOOLEAN, _NULL}
    | {f"tag:yaml.org,2002:{kind}" for kind in ("float", "timestamp", "merge", "value")},
}

LARGEST = 64 * 1024 * 1024


def nearest(word: str, known: Iterable[str]) -> str:
    """Find the known word closest to a misspelt one, whatever its case, or an empty string."""
    folded = {one.casefold(): one for one in sorted(known)}
    close = difflib.get_close_matches(word.casefold(), folded, n=1)
    return folded[close[0]] if close else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the known word closest to a misspelt one, or say nothing."""
    close = nearest(word, known)
    return f'Did you mean "{close}"?' if close else ""


@dataclass(frozen=True, slots=True)
class Located:
    """One node of a YAML file, with the file it came from."""

    # Not in the repr: what was written here may be a secret in the wrong place.
    node: Any = field(repr=False)
    file: str

    @property
    def line(self) -> int:
        """The line, counted from one."""
        return int(self.node.start_mark.line) + 1

    @property
    def column(self) -> int:
        """The column, counted from one."""
        return int(self.node.start_mark.column) + 1

    @property
    def place(self) -> str:
        """`file:line:column`, which terminals and editors turn into a link."""
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def is_mapping(self) -> bool:
        """Whether keys and values stand here, without a tag that makes them something else."""
        return isinstance(self.node, MappingNode) and self.is_plain

    @property
    def is_list(self) -> bool:
        """Whether a list stands here, without a tag that makes it something else."""
        return isinstance(self.node, SequenceNode) and self.is_plain

    @property
    def is_plain(self) -> bool:
        """Whether this is plain data, without a tag such as `!name` or `!!set`."""
        return str(self.node.tag) in _PLAIN[type(self.node)]

    @property
    def is_anchored(self) -> bool:
        """Whether this has a name (`&name`) by which other places may repeat it."""
        return self.node.anchor is not None

    def error(self, sentence: str, *, hint: str = "") -> ConfigError:
        """Say what is wrong here, as `file:line:column: sentence`."""
        return ConfigError(f"{self.place}: {sentence}", hint=hint)

    def pairs(self) -> list[tuple[Located, Located]]:
        """Read keys and values as they are written, repeated keys included."""
        if not self.is_mapping:
            raise self.error("Expected keys and values here.")
        return [(Located(key, self.file), Located(value, self.file)) for key, value in self.node.value]

    def mapping(
        self, *, required: Iterable[str] = (), optional: Iterable[str] | None = ()
    ) -> dict[str, Located]:
        """Read keys and values; unknown, repeated and missing keys are errors.

        `optional=None` allows any key.
        """
        needed = tuple(required)
        allowed = None if optional is None else {*needed, *optional}
        found: dict[str, Located] = {}
        for key, value in self.pairs():
            word = key.key()
            if allowed is not None and word not in allowed:
                hint = did_you_mean(word, allowed) or f"Allowed here: {', '.join(sorted(allowed))}."
                raise key.error(f'The key "{word}" is not known here.', hint=hint)
            if word in found:
                first = found[word].line
                raise key.error(f'The key "{word}" is given twice; the first is on line {first}.')
            found[word] = value
        for word in needed:
            if word not in found:
                raise self.error(f'The key "{word}" is missing.')
        return found

    def items(self) -> list[Located]:
        """Read a list."""
        if not self.is_list:
            raise self.error("Expected a list here.")
        return [Located(node, self.file) for node in self.node.value]

    def text(self) -> str:
        """Read a text that is not blank; a number or a date must be quoted to be one."""
        if not isinstance(self.node, ScalarNode) or self.node.tag != _TEXT:
            raise self.error(
                "Expected a text here.", hint="Put quotes around a number, a date or a yes/no word."
            )
        value = str(self.node.value).strip()
        if not value:
            raise self.error("The text here is empty.")
        return value

    def key(self) -> str:
        """Read the word a key is, whatever YAML would make of it; a merge (`<<`) is only an unknown key."""
        if not isinstance(self.node, ScalarNode):
            raise self.error("Expected a word as the key here.")
        return str(self.node.value)

    def scalar(self) -> str | bool | None:
        """Read one word: `true`, `false` and nothing as such, all else as the text it was written as.

        Numbers stay text, so that the version `67.0` does not turn into another spelling.
        """
        if not isinstance(self.node, ScalarNode) or not self.is_plain:
            raise self.error("Expected one word here.")
        word = str(self.node.value)
        if self.node.tag == _NULL:
            return None
        truth = {"true": True, "false": False} if self.node.tag == _BOOLEAN else {}
        return truth.get(word.lower(), word)

    def integer(self) -> int:
        """Read a whole number."""
        if not isinstance(self.node, ScalarNode) or self.node.tag != _INTEGER:
            raise self.error("Expected a whole number here.")
        try:
            return int(self.node.value)
        except ValueError:
            raise self.error("Expected a whole number here, in plain digits.") from None

    def yes(self) -> bool:
        """Read `true` or `false`."""
        found = self.scalar() if isinstance(self.node, ScalarNode) and self.is_plain else None
        if not isinstance(found, bool):
            raise self.error("Expected true or false here.")
        return found

    def one_of(self, known: Iterable[str], what: str) -> str:
        """Read a text that must be one of a known set."""
        word, choices = self.text(), set(known)
        if word not in choices:
            hint = did_you_mean(word, choices) or f"Known: {', '.join(sorted(choices))}."
            raise self.error(f'"{word}" is not {what}.', hint=hint)
        return word


def compose(text: str, file: str) -> Located:
    """Turn YAML text into its one root node; anything that is not YAML is an error with a place."""
    try:
        return _composed(text, file)
    except MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        place = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else f"{file}:1:1"
        said = f": {_said(problem)}"
    except ReaderError as problem:
        line = text.count("\n", 0, problem.position) + 1
        place, said = f"{file}:1:1", f": there is a control character on line {line}"
    except (YAMLError, RecursionError, ValueError, OverflowError):
        place, said = f"{file}:1:1", ""
    # Out here, so that the error does not keep ruamel's one, which quotes the line.
    raise ConfigError(f"{place}: This is not valid YAML{said}.", hint=_ADVICE)


_ADVICE = "Look at the indentation, the colons and the quotes on this line and the one before."


def _composed(text: str, file: str) -> Located:
    yaml = YAML(typ="safe", pure=True)
    yaml.composer.warn_double_anchors = False
    root = yaml.compose(text)
    if root is None:
        raise ConfigError(f"{file}:1:1: The file is empty.")
    return Located(root, file)


def _said(problem: MarkedYAMLError) -> str:
    """Say what the parser says, less the words it quotes: one may be a secret in the wrong place."""
    said = " ".join(str(problem.problem or "the text cannot be read").removeprefix("but ").split())
    return re.sub(r"""(['"])(?!(?:<[a-z ]+>|[^\w\s])\1).*\1""", "…", said).rstrip(".")


def read(path: Path, *, largest: int = LARGEST) -> Located:
    """Read a YAML file; one that is absent, unreadable, too large or not UTF-8 is an error that names it."""
    return compose(text_of(path, largest=largest), str(path))


def text_of(path: Path, *, largest: int = LARGEST) -> str:
    """Read the text of a file of limited size, in UTF-8 with or without a byte order mark."""
    try:
        # Before it is opened: a pipe into which nobody writes would hold the program for ever.
        kind = path.stat().st_mode
        if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
            raise ConfigError(
                f"{path}: This is a pipe or a device, not a file.",
                hint="Write its content to a file, and name that.",
            )
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except (OSError, ValueError) as problem:
        why = isinstance(problem, OSError) and problem.strerror
        raise ConfigError(
            f"{path}: The file cannot be read: {why or 'not a usable path'}.", hint=_neighbour(path)
        ) from None
    if len(content) > largest:
        raise ConfigError(
            f"{path}: The file is larger than {largest // 1024} KiB.",
            hint="Is this the file you meant to give?",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        before = content[: problem.start]
        line, column = before.count(b"\n") + 1, problem.start - before.rfind(b"\n")
    # Out here, so that the error does not keep Python's one, which holds the whole content.
    raise ConfigError(f"{path}:{line}:{column}: The file is not UTF-8 text.", hint="Save the file as UTF-8.")


def _neighbour(path: Path) -> str:
    """Suggest the file beside a missing one that has nearly its name."""
    try:
        names = {entry.name for entry in path.parent.iterdir()} - {path.name}
    except (OSError, ValueError):
        return ""
    close = nearest(path.name, names)
    return f'Did you mean "{path.with_name(close)}"?' if close else ""
