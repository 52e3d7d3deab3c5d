"""A HubSpot portal out of a fixture file, served as a live REST API (hubspot 9).

`with running("portal.json") as portal:` gives an address, a token and the log of what was asked.
"""

from sandbox.hubspot.faults import load_faults
from sandbox.hubspot.fixture import FixtureError, load_fixture
from sandbox.hubspot.running import Running, running, serve_forever

__all__ = ["FixtureError", "Running", "load_faults", "load_fixture", "running", "serve_forever"]
