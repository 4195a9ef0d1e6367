"""Plugins that lie, and the honest ones they are made from: the proof that the contract kit finds lies.

``bazaar`` is a made-up remote that speaks canonical JSON, ``honest`` has small plugins for it that keep the
contract, ``lies`` has the same plugins with one lie each. They also serve as examples of the smallest
possible plugin of each kind. None of them is installed as a plugin.
"""
