"""Validity detectors, one a file: whether a leakage figure would mean anything.

A detector is a function that answers its `TOPIC`. One that can be wrong never FAILs a model: its
alarm is INCONCLUSIVE with the cause `detector-failed` and what to do. `audit.examination` lists
them, with what each of them looks at.
"""
