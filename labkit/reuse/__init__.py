"""Reuse: policies that choose the store for a call, the runner that follows them, scenarios played under them."""

from labkit.record.knobs import Knobs
from labkit.reuse.guard import Abort, AbortHook, Guard
from labkit.reuse.host_side import ScenarioError
from labkit.reuse.play import play, policy_for
from labkit.reuse.policy import POLICIES, POLICY_NAMES, PolicyInfo, PolicyName, policy_info
from labkit.reuse.runner import Counts, Runner
from labkit.reuse.service import Served, mixed_requests, serve

__all__ = [
    "POLICIES",
    "POLICY_NAMES",
    "Abort",
    "AbortHook",
    "Counts",
    "Guard",
    "Knobs",
    "PolicyInfo",
    "PolicyName",
    "Runner",
    "ScenarioError",
    "Served",
    "mixed_requests",
    "play",
    "policy_for",
    "policy_info",
    "serve",
]
