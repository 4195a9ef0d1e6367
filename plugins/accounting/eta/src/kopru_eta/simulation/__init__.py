"""The parts of the simulated ETA: its tables and the procedures a site may have installed."""
