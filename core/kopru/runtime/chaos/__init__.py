"""Chaos on a whole installation: real processes, a real database and a real queue that are killed at work."""
