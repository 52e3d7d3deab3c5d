"""Telling somebody, through Apprise. The only other request that may leave the process, and only when configured.

A message holds counts, names of rules and of targets. An alert marked `internal` also holds what was found in
words. An address is a secret: it is in no log, error or repr.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from auditor.errors import AuditorError, ConfigError
from crm_audit.config import Alert
from crm_audit.runs.chain import Told
from reports.inert import one_line

LONGEST = 300
"""Characters of one line of what was found."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """What is told: a title, lines for everybody, and lines for alerts that may hold names."""

    title: str
    lines: tuple[str, ...]
    internal: tuple[str, ...] = ()

    def body(self, *, internal: bool) -> str:
        """The text, one line per fact, in which nothing that others typed starts a line of its own."""
        lines = (*self.lines, *self.internal) if internal else self.lines
        return "\n".join(one_line(line)[:LONGEST] for line in lines)


class Alerts:
    """Whom to tell. What is wrong with an address shows in every run, not only in one that has news."""

    def __init__(self, configured: Sequence[Alert]) -> None:
        self.wanted = bool(configured)
        self._ready: list[tuple[Alert, Any]] = []
        self._broken = False
        for alert in configured:
            try:
                self._ready.append((alert, service_of(alert)))
            except AuditorError as error:
                self._warn(alert, f"{error.message} {error.hint}".strip())

    def tell(self, message: Message | None) -> Told:
        """Send a message to everybody, None if there is nothing to say; never raises for what a service does."""
        sent = [self._sent(alert, service, message) for alert, service in self._ready] if message else []
        if self._broken or not all(sent):
            return Told.FAILED
        return Told.SENT if message else Told.NOTHING

    def _sent(self, alert: Alert, service: Any, message: Message) -> bool:
        try:
            done = bool(
                service.notify(title=one_line(message.title), body=message.body(internal=alert.internal))
            )
        except Exception as error:  # noqa: BLE001 - one of a hundred services; its message may hold the address
            self._warn(alert, f"The service's plugin broke ({type(error).__name__}).")
            return False
        if not done:
            self._warn(
                alert, "The service did not take the message. Test its address with a message of your own."
            )
        return done

    def _warn(self, alert: Alert, detail: str) -> None:
        self._broken = True
        log.warning("alert not sent", target=alert.place, detail=detail)


def service_of(alert: Alert) -> Any:
    """Make a service of a secret address. Raises ConfigError in one sentence that does not repeat it."""
    try:
        import apprise
    except ModuleNotFoundError:
        raise ConfigError(
            "Alerts need the package “apprise”.", hint="Install the extra: pip install 'crm-audit[alerts]'."
        ) from None
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    asset = apprise.AppriseAsset(
        app_id="crm-audit",
        app_desc="crm-audit",
        app_url="",
        image_url_mask=None,
        image_path_mask=None,
        async_mode=False,
        http_redirects=False,
    )
    services = apprise.Apprise(asset=asset)
    service = apprise.Apprise.instantiate(alert.url.reveal(), asset=asset, suppress_exceptions=True)
    where = f"The address in {alert.url.reference}"
    if service is None:
        raise ConfigError(
            f"{where} is not one that Apprise knows.", hint="Write it as Apprise's documentation says."
        )
    if not getattr(service, "verify_certificate", True):
        raise ConfigError(f"{where} switches the check of certificates off.", hint="Take out verify=no.")
    services.add(service)
    return services
