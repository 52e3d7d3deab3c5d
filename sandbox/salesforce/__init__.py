"""A Salesforce org out of a fixture file, served as a live REST API over TLS (salesforce 9).

`with running("clinic.org.json") as org:` gives an address, a token and the file of the private authority.
"""

from sandbox.salesforce.faults import Fault, Faults, Kind
from sandbox.salesforce.fixture import FixtureError, load_fixture
from sandbox.salesforce.login import Credentials
from sandbox.salesforce.running import Running, running, serve_forever

__all__ = [
    "Credentials",
    "Fault",
    "Faults",
    "FixtureError",
    "Kind",
    "Running",
    "load_fixture",
    "running",
    "serve_forever",
]
