"""What a token may let its holder do."""

from enum import StrEnum


class Scope(StrEnum):
    """A part of the API; no scope includes another one."""

    TICKETS_READ = "tickets:read"
    TICKETS_WRITE = "tickets:write"
    CONVERSATIONS_READ = "conversations:read"
    CONVERSATIONS_WRITE = "conversations:write"
    ATTACHMENTS_READ = "attachments:read"
    LABELS_READ = "labels:read"
    LABELS_WRITE = "labels:write"
    DELIVERIES_READ = "deliveries:read"


MEANINGS = {
    Scope.TICKETS_READ: "read tickets, with the shoppers' messages, scores, notes and audit",
    Scope.TICKETS_WRITE: "claim, release, assign, hand back, resolve, reopen, and write notes",
    Scope.CONVERSATIONS_READ: "read what both sides said, and who talks",
    Scope.CONVERSATIONS_WRITE: "write to shoppers",
    Scope.ATTACHMENTS_READ: "read the files that shoppers sent",
    Scope.LABELS_READ: "read what was corrected",
    Scope.LABELS_WRITE: "correct scores and categories",
    Scope.DELIVERIES_READ: "see what is still to be delivered, and what never was",
}
