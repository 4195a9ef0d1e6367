"""The parts of the simulated ikas."""
