"""The parts of the simulated Uyumsoft."""
