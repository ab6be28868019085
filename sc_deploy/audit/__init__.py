"""The audit of an artifact: validity, accuracy, attacks, and the gate."""
