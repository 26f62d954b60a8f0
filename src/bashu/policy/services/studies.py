"""What-if studies over an uploaded population: computed at once when it is small, else as a job."""

import gzip
import io
from typing import Any

from bashu.kernel.commands.actor import Role
from bashu.kernel.commands.command import Command, command
from bashu.kernel.errors import Malformed
from bashu.kernel.jobs.services import job_submit
from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.periods import period as period_of
from bashu.policy.engine.whatif import effect_of
from bashu.policy.formats.entities import read_entities
from bashu.policy.formats.yaml_lines import FileFaults
from bashu.policy.models import WhatIfStudy
from bashu.policy.selectors import studies
from bashu.policy.selectors.library import shipped, shipped_texts
from bashu.policy.services.runs import rules_keep

STUDENTS = frozenset(Role) - {Role.RESIDENT}
SHORT = 2000  # lines up to which a study is computed while one waits
STUDY = "policy.whatif.compute"


@command("policy.whatif.study", roles=STUDENTS)
def study_make(*, ctx: Command, change: dict[str, Any], period: str, entities: bytes) -> WhatIfStudy:
    """Keep a population (JSON lines) and the change to try on it; a long one is computed by a job.

    change: parameter, province, value (exact, as text), choice or None. Refuses (Malformed, 422) a change that cannot be
    computed, and the first fault of a short file; a long file's faults end its job.
    """
    rules = shipped()
    size = sum(1 for line in io.BytesIO(entities) if line.strip())
    try:
        effect_of(rules, studies.change_of(change), period_of(period), studies.none_of(rules))
        found = None
        if size <= SHORT:
            told = read_entities(io.BytesIO(entities), rules, "entities.jsonl")
            found = studies.study(rules, studies.change_of(change), period, told)
    except FileFaults as fault:
        raise Malformed(place="entities", problem=fault.faults[0]) from None
    except (RuleFault, ValueError, ZeroDivisionError) as fault:
        raise Malformed(place="change", problem=str(fault)) from None
    rules_keep(rules.digest, shipped_texts())
    study = WhatIfStudy.objects.create(
        rules_id=rules.digest, period=period, organisation_id=ctx.grant.organisation, jurisdiction=ctx.grant.jurisdiction,
        made_by=ctx.actor.label, made_at=ctx.now, change=change, population=WhatIfStudy.Population.UPLOADED, size=size,
        entities=gzip.compress(entities, mtime=0), outcome=found.figures if found else None,
        table=studies.written(found.rows) if found else None,
    )  # fmt: skip
    after = {"change": change, "period": period, "rules": rules.digest, "size": size, "input": entities}
    ctx.append(subject=study, before=None, after=after)
    if found is None:
        job = job_submit(ctx=ctx, kind=STUDY, parameters={"study": str(study.public_id)})
        study.revise(job=job.public_id)
    return study


@command("policy.whatif.keep", roles=STUDENTS, at="study")
def study_keep(*, ctx: Command, study: WhatIfStudy, figures: dict[str, Any], table: bytes) -> WhatIfStudy:
    """Keep what a study's job found."""
    study = ctx.lock(study)
    study.revise(outcome=figures, table=table)
    ctx.append(subject=study, before=None, after={"sums": figures["sums"], "table": table})
    return study
