"""The parts of the simulator: what the simulated Trendyol holds, apart from how it speaks HTTP."""
