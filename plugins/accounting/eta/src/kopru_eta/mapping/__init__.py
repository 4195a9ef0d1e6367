"""Pure mapping between ETA's rows and lines and canonical documents."""
