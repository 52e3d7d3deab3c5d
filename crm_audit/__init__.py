"""The front door: commands, configuration and composition. Only here are the clock and the environment read."""

from importlib import metadata

try:
    __version__ = metadata.version("crm-audit")
except metadata.PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"
