"""Audits what somebody brings: a model file, or predictions made elsewhere, without a run."""
