"""Ask Tryton itself, as test users, whether they may read a field: of no record, so that no value is served."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.errors import CollectionError
from auditor.snapshot import Why
from connectors.protocol import Answer, Told
from connectors.tryton.client import OWN_ERROR, Client, Refused

NO_PROGRAM = "Tryton gives records of this model to no program"
ITS_ERROR = "Tryton answered with an error of its own, as models with a single record do when asked for none"


class TrytonProber:
    """One session for each test user."""

    def __init__(self, clients: Mapping[str, Client], org_id: str) -> None:
        self._clients = clients
        self._refused: dict[str, str] = {}
        self._closed: set[str] = set()
        self._org_id = org_id

    @property
    def org_id(self) -> str:
        """Host and database."""
        return self._org_id

    def open(self) -> None:
        """Log in as each user. One that is refused is not asked about; raises CollectionError if all are."""
        errors = []
        for person, client in self._clients.items():
            try:
                client.log_in()
            except CollectionError as error:
                self._refused[person] = error.message
                errors.append(error)
        if errors and len(errors) == len(self._clients):
            raise errors[0]

    def ask(self, person: str, field: str) -> Answer:
        """What the server says; a model that is given to no program is asked for once."""
        if person in self._refused:
            return Answer(Told.NOT_ASKED, self._refused[person])
        model, _, name = field.rpartition(".")
        if model in self._closed:
            return Answer(Told.NOBODY, NO_PROGRAM)
        client = self._clients[person]
        try:
            return Answer(Told.YES if client.may_read(model, name) else Told.NO)
        except Refused as refused:
            if client.stopped is not None:
                return Answer(Told.NOT_ASKED, client.stopped.detail.removeprefix(f"{field}: "))
            if refused.unread.why is Why.NOT_EXPOSED:
                self._closed.add(model)
                return Answer(Told.NOBODY, NO_PROGRAM)
            if refused.unread.code == OWN_ERROR:
                return Answer(Told.NOT_COMPARABLE, ITS_ERROR)
            return Answer(Told.NOT_ASKED, refused.unread.detail.removeprefix(f"{field}: "))

    def close(self) -> None:
        """Log every user out again."""
        for person, client in self._clients.items():
            if person not in self._refused:
                client.log_out()
