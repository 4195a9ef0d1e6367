"""The I/O objects handed to plugins: HTTP with all its guards, the connection's folder, rate limits.

Start at ``context.make_ctx``, which composes everything from a manifest and a config; ``ports`` is what the
engine supplies.
"""
