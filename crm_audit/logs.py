"""Logs: to standard error, as lines for people or as JSON for a nightly job, with known-safe keys only."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

SAFE_KEYS = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "object",
        "status",
        "code",
        "correlation",
        "detail",
        "reading",
        "rows",
        "fields",
        "asked",
        "expected",
        "calls",
        "usage",
        "target",
        "host",
        "seconds",
        "path",
        "exit_code",
        "version",
        "api_version",
        "findings",
        "unread",
    }
)
"""An allow-list (hipaa T6): whatever else somebody logs is dropped, so that no answer of a server gets in."""


def configure(*, json_lines: bool, quiet: bool) -> None:
    """Set up logging for this process. `quiet` keeps warnings and errors only."""
    level = logging.WARNING if quiet or not json_lines else logging.INFO
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=True) if json_lines else _line
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _safe,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.getLogger().addHandler(logging.NullHandler())
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    logging.getLogger("simple_salesforce").setLevel(logging.ERROR)


def _safe(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in event.items() if key in SAFE_KEYS}


def _line(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    rest = " ".join(f"{k}={v}" for k, v in event.items() if k not in {"event", "level", "timestamp"})
    return f"{event['level']}: {event['event']} {rest}".rstrip()
