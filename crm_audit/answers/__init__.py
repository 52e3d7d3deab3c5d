"""Answers to an administrator's questions, in words: why and why not, who, what, and what lapses."""
