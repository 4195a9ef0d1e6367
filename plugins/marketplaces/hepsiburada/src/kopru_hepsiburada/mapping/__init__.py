"""Pure translation between Hepsiburada's JSON and the canonical documents."""
