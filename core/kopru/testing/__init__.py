"""Public test tools: the contract kit, the simulator framework, a made-up world and a ready context."""
