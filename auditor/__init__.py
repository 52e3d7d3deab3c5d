"""The pure core: what was read, who can see what, and whether that is allowed.

Nothing here opens a file, a socket or a clock, and no vendor's word is known here.
"""
