"""The types of ids that cross rooms. Each is a plain integer, told apart by the type checker."""

from typing import NewType

CustomerId = NewType("CustomerId", int)
PlanId = NewType("PlanId", int)
EnrolmentId = NewType("EnrolmentId", int)
AttemptId = NewType("AttemptId", int)
InvitationId = NewType("InvitationId", int)
ResponseId = NewType("ResponseId", int)
PersonId = NewType("PersonId", int)
