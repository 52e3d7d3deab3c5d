"""Salesforce: transport, query catalogue, collection, and the platform's own permission semantics."""
