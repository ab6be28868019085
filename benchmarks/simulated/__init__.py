"""Procedures of the audit, each simulated where the truth is known."""
