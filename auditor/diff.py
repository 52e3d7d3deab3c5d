"""What changed between two audits of one org."""

DIFFERENT = 6
"""Exit code of two reports that differ."""
