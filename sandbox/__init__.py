"""The other side of the wire: servers that answer like a CRM, so the product can be tested against something real.

Nothing in here imports the product, and the product's packages do not import this one.
"""
