"""What a reader gets: the report documents, one page for people, and lines for the terminal."""
