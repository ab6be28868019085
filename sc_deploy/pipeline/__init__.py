"""Runs the stages in order: each takes values and files, and leaves values and files."""
