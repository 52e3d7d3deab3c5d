"""YAML that remembers where it was written, so that an error can point at the very word.

Nothing is constructed: the text is composed into nodes, and each node is asked for what the reader expects. A
tag such as `!!python/object` is therefore never more than a surprising word, and a key written twice is seen
before it is lost.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from auditor.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_TEXT = "tag:yaml.org,2002:str"
_INTEGER = "tag:yaml.org,2002:int"
_BOOLEAN = "tag:yaml.org,2002:bool"
_PLAIN = {MappingNode: "tag:yaml.org,2002:map", SequenceNode: "tag:yaml.org,2002:seq"}


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the known word closest to a misspelt one, or say nothing."""
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f'Did you mean "{close[0]}"?' if close else ""


@dataclass(frozen=True, slots=True)
class Located:
    """One node of a YAML file, with the file it came from."""

    node: Any
    file: str

    @property
    def line(self) -> int:
        """The line, counted from one."""
        return int(self.node.start_mark.line) + 1

    @property
    def column(self) -> int:
        """The column, counted from one."""
        return int(self.node.start_mark.column) + 1

    def error(self, sentence: str, *, hint: str = "") -> ConfigError:
        """Say what is wrong here, as `file:line:column: sentence`."""
        return ConfigError(f"{self.file}:{self.line}:{self.column}: {sentence}", hint=hint)

    def mapping(
        self, *, required: Iterable[str] = (), optional: Iterable[str] | None = ()
    ) -> dict[str, Located]:
        """Read keys and values; unknown, repeated and missing keys are errors.

        `optional=None` allows any key.
        """
        if not isinstance(self.node, MappingNode) or self.node.tag != _PLAIN[MappingNode]:
            raise self.error("Expected keys and values here.")
        needed = tuple(required)
        allowed = None if optional is None else {*needed, *optional}
        found: dict[str, Located] = {}
        for key_node, value_node in self.node.value:
            key = Located(key_node, self.file)
            word = key.key()
            if allowed is not None and word not in allowed:
                hint = did_you_mean(word, allowed) or f"Allowed here: {', '.join(sorted(allowed))}."
                raise key.error(f'The key "{word}" is not known here.', hint=hint)
            if word in found:
                first = found[word].line
                raise key.error(f'The key "{word}" is given twice; the first is on line {first}.')
            found[word] = Located(value_node, self.file)
        for word in needed:
            if word not in found:
                raise self.error(f'The key "{word}" is missing.')
        return found

    def items(self) -> list[Located]:
        """Read a list."""
        if not isinstance(self.node, SequenceNode) or self.node.tag != _PLAIN[SequenceNode]:
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

    def texts(self) -> tuple[str, ...]:
        """Read one text or a list of texts."""
        if isinstance(self.node, ScalarNode):
            return (self.text(),)
        return tuple(item.text() for item in self.items())

    def key(self) -> str:
        """Read the word a key is, whatever YAML would make of it; a merge (`<<`) is only an unknown key."""
        if not isinstance(self.node, ScalarNode):
            raise self.error("Expected a word as the key here.")
        return str(self.node.value)

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
        if not isinstance(self.node, ScalarNode) or self.node.tag != _BOOLEAN:
            raise self.error("Expected true or false here.")
        return str(self.node.value).lower() == "true"

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
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        place = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else f"{file}:1:1"
        said = " ".join(str(problem.problem or "the text cannot be read").split())
        raise ConfigError(f"{place}: This is not valid YAML: {said}.") from None
    except (YAMLError, RecursionError, ValueError):
        raise ConfigError(f"{file}:1:1: This is not valid YAML.") from None
    if root is None:
        raise ConfigError(f"{file}:1:1: The file is empty.")
    return Located(root, file)


def read(path: Path) -> Located:
    """Read a YAML file; one that is absent, unreadable or not UTF-8 is an error that names it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{path}:1:1: The file is not UTF-8 text.") from None
    except OSError as problem:
        why = problem.strerror or "unknown reason"
        raise ConfigError(f"{path}: The file cannot be read: {why}.") from None
    return compose(text, str(path))
