"""How a fleet is replaced: what to launch, wait for and terminate next, without downtime.

`preferences` says how careful a rollout is, `steps` decides what comes next from what is seen of
a fleet, `simulate` plays a whole rollout in simulated time.  It is pure, knows no
cloud, and serves both the region's Auto Scaling and the plans that foretell a rollout.
May import the standard library only.  Read next: `preferences`, then `steps`.
"""

from cotta.rollouts.preferences import Bounds, Preferences, Protected, Standby, bounds, mistakes
from cotta.rollouts.simulate import Course, simulate
from cotta.rollouts.steps import Fleet, Member, Outcome, Progress, Stage, Step, next_step, survey

__all__ = [
    "Bounds",
    "Course",
    "Fleet",
    "Member",
    "Outcome",
    "Preferences",
    "Progress",
    "Protected",
    "Stage",
    "Standby",
    "Step",
    "bounds",
    "mistakes",
    "next_step",
    "simulate",
    "survey",
]
