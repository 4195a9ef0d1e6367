"""Pure translation between Trendyol's JSON and the canonical documents."""
