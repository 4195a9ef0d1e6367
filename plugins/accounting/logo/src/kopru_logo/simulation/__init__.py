"""The parts of the simulated Logo: what it stores, how it calculates, what it refuses."""
