"""File formats: each owns export, inspection and bundle of its files."""
