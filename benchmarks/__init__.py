"""What the program costs and how well it keeps its promises, measured outside of the tests."""
