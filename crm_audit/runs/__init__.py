"""Runs, night after night: one sealed folder per run, chained, pruned, checked and told about.

chain      what happened to the folder, one line per event
record     what `run.json` holds
locks      one run per target at a time
folder     staging, sealing, mending, removing
news       what a run brings that the one before had not
night      one run, from lock to alert
checking   whether the past is as it was
standing   whether the job still works
"""
