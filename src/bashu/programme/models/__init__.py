"""Records of the scoreboard: cited facts, readings with their evidence, and the work on tasks."""

from bashu.programme.models.facts import Body, Count, Document, Fact, Source, Statement, Target, Task, Unknown
from bashu.programme.models.readings import Evidence, Reading, ReadingState, RosterLine, TaskReading
from bashu.programme.models.work import Blocker, Milestone, Plan, PlanItem, PlanItemState, StatusChange, TaskState

__all__ = [
    "Blocker", "Body", "Count", "Document", "Evidence", "Fact", "Milestone", "Plan", "PlanItem", "PlanItemState", "Reading",
    "ReadingState", "RosterLine", "Source", "Statement", "StatusChange", "Target", "Task", "TaskReading", "TaskState", "Unknown",
]  # fmt: skip
