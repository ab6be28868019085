"""Where sparse training meets privacy: candidates compete, simulated attackers judge."""
