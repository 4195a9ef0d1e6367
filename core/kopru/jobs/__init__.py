"""Jobs: handlers, retry policy, workers, relay and scheduler. The only module that touches Dramatiq."""
