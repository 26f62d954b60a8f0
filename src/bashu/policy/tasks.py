"""Long work of policy: what-if studies over many entities."""

import gzip
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from bashu.kernel.commands.actor import Actor
from bashu.kernel.errors import Malformed, NotFound
from bashu.kernel.jobs.progress import Progress
from bashu.kernel.jobs.registry import job
from bashu.kernel.parties.selectors import seen_by
from bashu.policy.formats.rule_files import rules_of_texts
from bashu.policy.formats.yaml_lines import FileFaults
from bashu.policy.models import WhatIfStudy
from bashu.policy.selectors import studies
from bashu.policy.services.studies import STUDY, study_keep


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
