"""Reuse: policies that choose the store for a call, the runner that follows them, scenarios played under them."""

from labkit.reuse.host_side import ScenarioError
from labkit.reuse.play import play, policy_for
from labkit.reuse.policy import POLICIES, POLICY_NAMES, Knobs, PolicyInfo, PolicyName, policy_info
from labkit.reuse.runner import Counts, Runner

__all__ = [
    "POLICIES",
    "POLICY_NAMES",
    "Counts",
    "Knobs",
    "PolicyInfo",
    "PolicyName",
    "Runner",
    "ScenarioError",
    "play",
    "policy_for",
    "policy_info",
]
