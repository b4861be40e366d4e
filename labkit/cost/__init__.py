"""Cost: what each way of reusing an instance takes."""

from labkit.cost.comparison import Comparison, Noise, Pair
from labkit.cost.measure import CostReport, PolicyCost, measure_policies
from labkit.cost.plans import Plan, is_subject, narrowed, plans
from labkit.cost.pyperf_file import pyperf_suite
from labkit.cost.recovery import RecoveryReport, measure_recovery
from labkit.cost.results import Machine, Results, Row, Subject, Table, Times, read_results
from labkit.cost.session import Session
from labkit.cost.units import open_session
from labkit.cost.workloads import WORKLOADS, Workload, programs, workload

__all__ = [
    "WORKLOADS",
    "Comparison",
    "CostReport",
    "Machine",
    "Noise",
    "Pair",
    "Plan",
    "PolicyCost",
    "RecoveryReport",
    "Results",
    "Row",
    "Session",
    "Subject",
    "Table",
    "Times",
    "Workload",
    "is_subject",
    "measure_policies",
    "measure_recovery",
    "narrowed",
    "open_session",
    "plans",
    "programs",
    "pyperf_suite",
    "read_results",
    "workload",
]
