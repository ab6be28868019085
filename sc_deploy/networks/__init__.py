"""The models that can be trained: our few reference networks, or the user's own."""
