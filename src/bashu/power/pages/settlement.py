"""Settlements between the two grids: what is proposed, what binds, and each line of it."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bashu.kernel.commands.command import label_of
from bashu.kernel.web.acting import Act, acted, may, must, sent
from bashu.kernel.web.requests import actor_of, seen
from bashu.power.forms_certificates import NothingAsked, ProposalForm, ReasonForm
from bashu.power.models import Settlement
from bashu.power.selectors.settlement import settlement_list
from bashu.power.services import settlement as services

RULES = {
    "shapley": gettext_lazy("Shapley value"),
    "nucleolus": gettext_lazy("Nucleolus"),
    "nash": gettext_lazy("Weighted Nash"),
}
BASELINES = {"isolated": gettext_lazy("each side alone"), "ties": gettext_lazy("existing ties")}


def settlements(request: HttpRequest) -> HttpResponse:
    """Binding settlements, and proposals that the viewer may see."""
    return render(request, "power/settlements.html", {
        "settlements": [(row, RULES.get(row.division, row.division)) for row in settlement_list()[:100]],
        "may_propose": may(request, "power.settlement.propose"),
    })  # fmt: skip


def settlement(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One settlement: its lines in yuan, the rounding account, the signatures."""
    found = seen(request, settlement_list(), public_id=public_id)
    open_ = found.state == "proposed"
    return render(request, "power/settlement.html", {
        "settlement": found,
        "rule": RULES.get(found.division, found.division),
        "baseline": BASELINES.get(found.baseline, found.baseline),
        "lines": [
            (line.player, yuan(line.target_fen), yuan(line.settled_fen), yuan(line.transfer_fen)) for line in found.lines.all()
        ],
        "rounding": yuan(found.rounding_fen),
        "may_sign": open_ and may(request, "power.settlement.sign", settlement=found),
        "may_withdraw": open_ and may(request, "power.settlement.withdraw", settlement=found),
        "subject": label_of(found),
    })  # fmt: skip


def yuan(fen: int) -> str:
    """Fen as yuan, to the fen.

    >>> yuan(-301872373)
    '−3,018,723.73'
    """
    return f"{'−' * (fen < 0)}{abs(fen) // 100:,}.{abs(fen) % 100:02}"


def propose(request: HttpRequest) -> HttpResponse:
    """Propose a settlement from the file of a division."""
    must(request, "power.settlement.propose")
    sides = [grant.jurisdiction for grant in actor_of(request).grants]
    act = Act(
        title=_("Propose a settlement"), button=_("Sign and propose"), about="", back=reverse("power:settlements"), over=_("Settlements"),
        explain=_(
            "Transfer = target share less what prices gave already, in whole fen. You sign for your side; it binds when the other "
            "grid signs."
        ),
    )  # fmt: skip

    def run(ctx: Any, data: dict[str, Any]) -> Settlement:
        return services.settlement_propose(ctx=ctx, **data.pop("file"), **data)

    return acted(
        request,
        ProposalForm(*sent(request), sides=sides),
        act,
        run=run,
        done=_("Proposed. It waits for the other grid."),
    )


def answer(request: HttpRequest, public_id: UUID, how: str) -> HttpResponse:
    """Sign, decline or withdraw a proposal."""
    found = seen(request, settlement_list(), public_id=public_id)
    must(request, f"power.settlement.{how}", settlement=found)
    back = reverse("power:settlement", args=[found.public_id])
    said = f"{found.period_start} – {found.period_end} · {found.proposer.name} → {found.counterparty.name}"
    version = found.version
    if how == "sign":
        act = Act(
            _("Sign the settlement"), _("Sign"), said, back, version=version, over=_("Settlements"),
            explain=_("Your signature binds both sides to the transfers, and everybody sees them."),
            confirm=_("Sign this settlement? It binds both sides and cannot be undone."),
        )  # fmt: skip
        return acted(
            request, NothingAsked(*sent(request)), act,
            run=lambda ctx, _data: services.settlement_sign(ctx=ctx, settlement=found), done=_("Signed. The settlement is binding."),
        )  # fmt: skip
    decline = how == "decline"
    title, button = (
        (_("Decline the settlement"), _("Decline")) if decline else (_("Withdraw the settlement"), _("Withdraw"))
    )
    service = services.settlement_decline if decline else services.settlement_withdraw
    act = Act(
        title,
        button,
        said,
        back,
        version=version,
        over=_("Settlements"),
        explain=_("It stays on record with your reason, and binds nobody."),
        danger=True,
    )
    return acted(
        request, ReasonForm(*sent(request)), act,
        run=lambda ctx, data: service(ctx=ctx, settlement=found, **data), done=_("The proposal is closed."),
    )  # fmt: skip
