"""The parts of the simulated Hepsiburada."""
