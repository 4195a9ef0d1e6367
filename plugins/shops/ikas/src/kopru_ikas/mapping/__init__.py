"""ikas's records to canonical documents, pure."""
