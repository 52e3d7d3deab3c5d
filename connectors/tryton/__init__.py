"""Tryton and what is built on it, such as GNU Health: what its own tables of rights say, and what they mean."""
