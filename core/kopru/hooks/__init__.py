"""The plugin contract: hook specifications, manifest, context, results and errors."""
