"""A round: who competes, how candidates are examined, and who goes on."""
