"""What every test shares: the reference data beside the checkout, no network but this machine, honest skips."""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
ABSENT = "../shared is absent"


def pytest_addoption(parser):
    parser.addoption("--campaign", action="store_true", help="run the campaigns as a whole")
    parser.addoption("--set-aside", action="store_true", help="score the tagger on what was set aside")
    parser.addoption("--live", action="store_true", help="run the tests that start a server")


def pytest_collection_modifyitems(config, items):
    """Some tests, such as long campaigns, run only when asked for; they are left out, not skipped."""
    unwanted = [name for name in ("campaign", "live", "set_aside") if not config.getoption(name)]
    left_out = [i for i in items if any(i.get_closest_marker(name) for name in unwanted)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [i for i in items if i not in left_out]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI a skipped test is a failed one, unless it needs the reference data and that is not there."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[-1]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if "shared" not in reason:
            report.outcome = "failed"
            report.longrepr = f"skipped in CI: {reason}"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with reference data; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(ABSENT)
    return SHARED


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch):
    """Opening a socket to any other machine is an error."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            host = address[0]
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"a test tried to reach {host}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    """No variable of the machine reaches the program under test."""
    for name in list(os.environ):
        if name.startswith(("SF_", "CRM_AUDIT_")) or name.upper() in {
            "HTTPS_PROXY",
            "HTTP_PROXY",
            "ALL_PROXY",
        }:
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
