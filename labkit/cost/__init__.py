"""Cost: what each way of reusing an instance takes."""

from labkit.cost.measure import CostReport, PolicyCost, measure_policies

__all__ = ["CostReport", "PolicyCost", "measure_policies"]
