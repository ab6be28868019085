"""Compress under simulated attack, export, and audit the file that ships."""
