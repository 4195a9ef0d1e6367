"""Pure translation between canonical documents and Mikro's records."""
