"""What the jobs room refuses, and how running work is told to stop."""

from django.utils.translation import gettext_lazy as _

from bashu.kernel.errors import BashuError


class UnknownKind(BashuError):
    """No installed system does this kind of work."""

    code, status, message = "jobs.unknown_kind", 422, _("There is no work of the kind “{kind}”.")


class JobEnded(BashuError):
    """What has ended cannot be cancelled any more."""

    code, status, message = (
        "jobs.ended",
        409,
        _("The job has already ended ({state}). There is nothing left to cancel."),
    )


class ItemFailed(BashuError):
    """One item of a sweep failed; the rest was given up."""

    code, status, message = "jobs.item_failed", 500, _("Item {number} of the sweep ({item}) failed: {problem}")


class Stopped(Exception):
    """Raised inside running work at its next progress call; work lets it pass and frees what it holds."""


class Cancelled(Stopped):
    """Somebody cancelled the job."""


class Superseded(Stopped):
    """Another worker has taken the job up because this one was thought dead: nothing of this attempt counts any more."""


class WorkerStopping(Stopped):
    """The worker is shutting down; the job goes back into the queue with its checkpoint."""
