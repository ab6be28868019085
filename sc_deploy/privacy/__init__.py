"""Membership inference on arrays: signals, attacks, statistics. Knows nothing of training."""
