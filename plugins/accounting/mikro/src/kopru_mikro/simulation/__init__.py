"""Parts of the simulated Mikro service."""
