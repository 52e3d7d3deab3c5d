"""The least of a client for Tryton's JSON-RPC, apart from the product's, so that both can be compared."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from typing import Any, Self


class Failed(Exception):
    """The server answered with an error; `status` is HTTP's, `error` what it says."""

    def __init__(self, status: int, error: Any) -> None:
        super().__init__(f"{status} {error}")
        self.status, self.error = status, error


class Rpc:
    """One session with one database."""

    def __init__(self, url: str, database: str) -> None:
        self._url = f"{url}/{database}/"
        self._session = ""
        # Whatever proxy the machine has is not for this machine's own ports.
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def login(self, login: str, password: str) -> Self:
        """Log in; raises Failed when the server refuses."""
        answer = self.call("common.db.login", login, {"password": password})
        if not answer:
            raise Failed(200, "the login was refused")
        user, key = answer
        self._session = base64.b64encode(f"{login}:{user}:{key}".encode()).decode()
        return self

    def call(self, method: str, *params: Any) -> Any:
        """One call; raises Failed for a refusal, which mostly arrives as HTTP 200."""
        headers = {"Content-Type": "application/json"}
        if self._session:
            headers["Authorization"] = f"Session {self._session}"
        body = json.dumps({"id": 1, "method": method, "params": params}).encode()
        request = urllib.request.Request(self._url, body, headers)
        try:
            with self._open(request, timeout=60) as answered:
                answer = json.load(answered)
        except urllib.error.HTTPError as refused:
            raise Failed(refused.code, refused.reason) from None
        if "error" in answer:
            raise Failed(200, answer["error"])
        return answer["result"]

    def rows(self, model: str, *columns: str) -> list[dict[str, Any]]:
        """Every row of a model that this user is shown; those that are not active too, where there are such."""
        context = {"active_test": False}
        return self.call(f"model.{model}.search_read", [], 0, None, [["id", "ASC"]], list(columns), context)
