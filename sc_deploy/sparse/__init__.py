"""Dynamic sparse training on plain tensors; knows nothing of privacy."""
