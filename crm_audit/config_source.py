"""What was said and where: a configuration file, with flags and environment laid over it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm_audit.config_problems import Problem, Route, dotted, in_words, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mappings.located import Located

Value = str | bool | None | list["Value"] | dict[str, "Value"]

ENVIRONMENT: Mapping[str, str] = {
    "strict_credential": "CRM_AUDIT_STRICT_CREDENTIAL",
    "report.directory": "CRM_AUDIT_REPORT_DIRECTORY",
}
"""Settings that a flag or an environment variable may override, by their key in the file."""

# Line breaks and tabs are text; escape sequences could rewrite a terminal, lone surrogates cannot be written.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(slots=True)
class Source:
    """A value with the places of its keys and parts, and the problems that were seen while reading it.

    `origins` says where a value came from that is not in the file. Routes in `spoilt` already have a problem.
    """

    file: str
    # Not in the repr: a secret in the wrong place must not get out through a traceback's locals.
    value: Value = field(default=None, repr=False)
    keys: dict[Route, Located] = field(default_factory=dict, repr=False)
    values: dict[Route, Located] = field(default_factory=dict, repr=False)
    origins: dict[Route, str] = field(default_factory=dict)
    spoilt: set[Route] = field(default_factory=set, repr=False)
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def of(cls, root: Located) -> Source:
        """Take what stands in a YAML file: plain data only, so that nothing but its own text decides."""
        source = cls(root.file)
        source.value = source._read(root, ())
        return source

    def _read(self, here: Located, route: Route) -> Value:
        self.values[route] = here
        # What has an anchor is not entered: an alias could stand within what it repeats.
        if here.is_anchored:
            self._spoil(route, "YAML anchors (&name) are not accepted.", "Write each value out.")
        elif not here.is_plain:
            self._spoil(route, "YAML tags (!name) are not accepted.", "Remove the tag, or quote the value.")
        elif here.is_mapping:
            return self._mapping(here, route)
        elif here.is_list:
            return [self._read(item, (*route, index)) for index, item in enumerate(here.items())]
        elif (word := here.scalar()) is None:
            name = f"“{in_words(route)}”" if route else "The file"
            self._spoil(route, f"{name} is empty.", "Give it a value, or remove it.", key=True)
        elif _CONTROL.search(str(word)):
            self._spoil(route, "A control character cannot stand here.", "Remove it.")
        else:
            return word
        return None

    def _mapping(self, here: Located, route: Route) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for key, value in here.pairs():
            word = key.key()
            inner = (*route, word)
            if word in found:
                first = self.keys[inner].line
                hint = f"It already stands on line {first}; remove one of them."
                sentence = f"The key {shown(word)} is given twice."
                self.problems.append(Problem(key.line, key.column, key.place, sentence, hint))
                continue
            self.keys[inner] = key
            found[word] = self._read(value, inner)
        return found

    def _spoil(self, route: Route, sentence: str, hint: str, *, key: bool = False) -> None:
        self.spoilt.add(route)
        self.problems.append(self.problem(route, sentence, hint, key=key))

    def lay_over(self, flags: Mapping[str, object], environ: Mapping[str, str]) -> None:
        """Let flags win over the environment, and both over the file."""
        for key, variable in ENVIRONMENT.items():
            if (flag := flags.get(key)) is not None:
                self._set(tuple(key.split(".")), str(flag), "command line")
            elif environ.get(variable):
                self._set(tuple(key.split(".")), environ[variable], f"environment {variable}")

    def _set(self, route: tuple[str, ...], text: str, origin: str) -> None:
        section = self.value
        for step in route[:-1]:
            section = section.setdefault(step, {}) if isinstance(section, dict) else None
        if isinstance(section, dict):
            section[route[-1]] = text
            self.origins[route] = origin

    def texts(self, *steps: str | None) -> Iterable[tuple[Route, str]]:
        """Find every text at a route, where None stands for any key or index."""
        found: list[tuple[Route, Value]] = [((), self.value)]
        for step in steps:
            found = [
                ((*route, key), inner)
                for route, value in found
                for key, inner in _parts(value)
                if step in {None, key}
            ]
        return [(route, value) for route, value in found if isinstance(value, str)]

    def where(self, route: Route) -> Located | None:
        """Find where a value stands; for something left out, where its parent stands."""
        while route and route not in self.values:
            route = route[:-1]
        return self.values.get(route)

    def problem(self, route: Route, sentence: str, hint: str = "", *, key: bool = False) -> Problem:
        """Say what is wrong with the value (or its key) at a route."""
        if route in self.origins:
            return Problem(0, 0, self.origins[route], sentence, hint)
        place = self.keys.get(route) if key else None
        place = place or self.where(route)
        if place is None:
            return Problem(0, 0, self.file, sentence, hint)
        return Problem(place.line, place.column, place.place, sentence, hint)

    def sources(self) -> dict[str, str]:
        """Say for each key that was set where it was set."""
        places = {route: located.place for route, located in self.values.items()}
        return {dotted(route): where for route, where in {**places, **self.origins}.items() if route}


def _parts(value: Value) -> Iterable[tuple[str | int, Value]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()
