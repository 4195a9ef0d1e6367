"""Pure translation between canonical documents and Logo's records."""
