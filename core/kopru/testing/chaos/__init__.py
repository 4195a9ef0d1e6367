"""Chaos without the engine: the plan of what goes wrong, traffic, remotes, a breaking proxy, the verdict.

What starts and kills the engine's own processes is in ``kopru.runtime.chaos``.
"""
