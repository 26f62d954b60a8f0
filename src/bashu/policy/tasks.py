"""Long work of policy: what-if studies over many entities; offers computed anew by themselves."""

import gzip
from collections.abc import Mapping
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from bashu.kernel.commands.actor import Actor
from bashu.kernel.commands.command import Command
from bashu.kernel.errors import Malformed, NotFound
from bashu.kernel.jobs.progress import Progress
from bashu.kernel.jobs.registry import job, periodic
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.parties.services import node_actor
from bashu.kernel.web import clock
from bashu.policy.formats.rule_files import rules_of_texts
from bashu.policy.formats.yaml_lines import FileFaults
from bashu.policy.models import WhatIfStudy
from bashu.policy.selectors import studies, support
from bashu.policy.services.catalogues import offers_push
from bashu.policy.services.studies import STUDY, study_keep

OFFERS_EVERY = 60.0  # seconds


@periodic("policy.offers", every=OFFERS_EVERY)
def offers_keep() -> int:
    """Push offers under the catalogues for which that is due, under the node's own name; how many catalogues that were.

    The key names the run that went before: of several workers who find the same catalogue due, one pushes.
    """
    now, node = clock.now(), node_actor()
    with seen_by(node):
        due = support.catalogues_due(now)
    for catalogue, last in due:
        key = f"offers-{catalogue.public_id}-after-{last.public_id if last else 'none'}"
        offers_push(ctx=Command(actor=node, now=now, key=key), catalogue=catalogue, year=localdate(now).year)
    return len(due)


@job(STUDY, title=_("What-if study"))
def study_compute(progress: Progress, parameters: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Read the population, compute both sides of the change, keep what came out. A fault of the file ends the job with its line."""
    with seen_by(actor):
        study = WhatIfStudy.objects.select_related("rules").filter(public_id=parameters["study"]).first()
        if study is None:
            raise NotFound
        rules = rules_of_texts(study.rules.files)
    total = study.size + study.size // 10
    try:
        told = studies.read_slowly(
            gzip.decompress(bytes(study.entities)), rules, "entities.jsonl",
            lambda done: progress.advance(min(done, study.size), total, _("reading")),
        )  # fmt: skip
    except FileFaults as fault:
        raise Malformed(place="entities", problem="; ".join(fault.faults[:10])) from None
    progress.advance(study.size, total, _("computing"))
    found = studies.study(rules, studies.change_of(study.change), study.period, told)
    study_keep(ctx=progress.command("keep"), study=study, figures=found.figures, table=studies.written(found.rows))
    progress.advance(total, total)
    return {"study": str(study.public_id), **found.figures["sums"]}
