"""Measurements, paired in one run, processor time first. `make bench` prints them; nothing here is asserted."""
