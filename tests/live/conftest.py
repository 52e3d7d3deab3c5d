"""One server of each kind for all tests that ask it."""

from __future__ import annotations

import pytest
import random_rules
from live_server import running


@pytest.fixture(scope="session")
def clinic(tmp_path_factory):
    """GNU Health as installed, on SQLite, with the test users."""
    with running(tmp_path_factory.mktemp("clinic")) as server:
        yield server


@pytest.fixture(scope="session")
def tangled(tmp_path_factory):
    """The same with 200 random groups, and 20,000 random rules about fields."""
    with running(tmp_path_factory.mktemp("tangled"), random_rules.tangle) as server:
        yield server
