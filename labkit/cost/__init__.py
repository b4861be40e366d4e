"""Cost: what each way of reusing an instance takes."""

from labkit.cost.measure import CostReport, PolicyCost, measure_policies
from labkit.cost.recovery import RecoveryReport, measure_recovery

__all__ = ["CostReport", "PolicyCost", "RecoveryReport", "measure_policies", "measure_recovery"]
