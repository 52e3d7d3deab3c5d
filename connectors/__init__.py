"""Connectors: one folder per CRM, read-only, each giving the same kind of snapshot."""
