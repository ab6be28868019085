"""Before any training: which samples a policy needs, and what it can decide with them."""
