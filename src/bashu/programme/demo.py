"""The scoreboard's part of the demonstration year: synthetic figures and work, played through the real services.

Every figure here is made up. Times are injected, keys are fixed: a second play finds the last reading and does nothing, an
interrupted one is taken up where it stopped.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone

from bashu.kernel.commands.actor import Actor
from bashu.kernel.commands.command import Command
from bashu.kernel.parties.engine.credit_code import ALPHABET, check_digit
from bashu.kernel.parties.selectors import actor_of_person, person_by_email, seen_by
from bashu.kernel.parties.services import ADMINISTRATOR, actor_named, node_actor
from bashu.programme.formats.evidence import File
from bashu.programme.models import PlanItem, PlanItemState, Reading, Target, Task, TaskState
from bashu.programme.services import plans, readings, work
from bashu.programme.services.measuring import indicators_measure

MARK = "演示数据"
KEY = "demo-programme-1"
LAST_NOTE = f"{MARK}：11月在办填报"
YI = 10**8  # 亿
OFFICES = {
    "CQ": "authority.cq@demo.example",
    "SC": "authority.sc@demo.example",
    "joint": "coordinator.joint@demo.example",
}
SEED = 20211214
ENTERPRISES = 1_500  # synthetic enterprises from which rosters are drawn

# target: side: yearly values 2022, 2023, 2024 (stocks at the year's end, flows of the year)
YEARLY: dict[str, dict[str, tuple[int, ...]]] = {
    "T01": {"CQ": (3180 * YI, 3420 * YI, 3710 * YI), "SC": (5240 * YI, 5690 * YI, 6150 * YI)},
    "T02": {"CQ": (4, 6, 8), "SC": (5, 8, 10)},
    "T03": {"CQ": (9, 13, 16), "SC": (10, 14, 17)},
    "T04": {"CQ": (140, 260, 370), "SC": (190, 340, 520)},
    "T06": {"CQ": (96_000, 118_000, 139_000), "SC": (215_000, 271_000, 318_000)},
    "T08": {"CQ": (37_200 * YI, 39_400 * YI, 42_100 * YI), "SC": (92_600 * YI, 98_100 * YI, 104_300 * YI)},
    "T09": {"CQ": (2_480, 2_790, 3_120), "SC": (1_930, 2_190, 2_470)},
}
# readings inside 2025: target: side: (first month, last month, value); a whole year's flow is not among them. The tour in
# README.md reports what T03 lacks: Chongqing's October.
IN_2025: dict[str, dict[str, tuple[tuple[int, int, int], ...]]] = {
    "T01": {"CQ": ((1, 6, 1890 * YI),), "SC": ((1, 6, 3120 * YI),)},
    "T02": {"CQ": ((1, 6, 9),), "SC": ((1, 6, 12),)},
    "T03": {"CQ": ((1, 3, 17), (4, 6, 18), (7, 9, 19)), "SC": ((1, 3, 17), (4, 6, 18), (7, 9, 19), (10, 10, 21))},
    "T04": {"CQ": ((1, 6, 421), (7, 9, 446)), "SC": ((1, 6, 566), (7, 9, 604))},
    "T06": {"CQ": ((1, 6, 151_000),), "SC": ((1, 6, 342_000),)},
}
JOINT = {
    "T10": ((date(2021, 12, 14), date(2022, 12, 14), 15), (date(2022, 12, 15), date(2023, 12, 14), 26)),
    "T11": ((date(2023, 1, 1), date(2023, 12, 31), 2), (date(2024, 1, 1), date(2024, 12, 31), 2)),
}  # fmt: skip
ROSTERS = {2023: {"CQ": 420, "SC": 500}, 2024: {"CQ": 560, "SC": 640}}  # enterprises of T05; overlaps come from drawing
NOTES = {"T09": "通道运量，单位：万吨", "T06": "按名单填报之前的初步统计，两地名单未提交"}

STATES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "EQ1": (("2022-03-10", "under_way", "两地装备主管部门建立月度会商"), ("2025-11-06", "done", "生态圈联席机制转为常设")),
    "EQ2": (("2022-05-18", "under_way", "清洁能源装备联合攻关启动"),),
    "EQ3": (("2023-02-20", "planned", "列入后续批次"),),
    "EQ5": (("2022-09-01", "under_way", "智能制造装备首批项目开工"), ("2024-12-12", "done", "首批项目验收")),
    "EQ8": (("2023-06-15", "under_way", "诊断服务覆盖首批企业"),),
    "GZ1": (("2022-04-01", "under_way", "主导产业目录发布"),),
    "GZ4": (("2022-07-11", "under_way", "用地指标协商机制运行"),),
    "GZ7": (("2022-06-30", "under_way", "首批管理权限移交"), ("2024-11-20", "done", "移交清单全部签收")),
    "CA1": (("2022-08-05", "under_way", "跨省绿电交易试运行"),),
    "CA8": (("2022-10-10", "planned", "方案征求意见"), ("2025-11-12", "under_way", "市场规则联合发布")),
    "CA9": (("2023-01-16", "under_way", "碳普惠互认试点"),),
    "CV1": (("2022-01-20", "under_way", "公交一卡通互通"), ("2023-11-30", "done", "覆盖全部主城区线路")),
    "CV2": (("2022-02-15", "under_way", "身份认证互认"), ("2023-10-20", "done", "互认上线")),
    "CV3": (("2022-02-15", "under_way", "社保关系转移网办"), ("2023-09-15", "done", "全程网办")),
    "CV5": (("2022-03-01", "under_way", "异地就医直接结算扩面"),),
    "CV7": (("2022-06-01", "under_way", "图书馆、景区一卡通试点"),),
    "II1": (("2022-04-22", "under_way", "网络升级改造首批园区"), ("2025-04-25", "done", "首批园区全部完成")),
    "II2": (("2022-05-10", "under_way", "二级节点建设推进"),),
    "II4": (("2023-03-08", "planned", "选址论证"),),
    "LO1": (("2022-05-30", "under_way", "口岸物流数据联通"),),
    "LO3": (("2023-05-12", "under_way", "合作港区开工"),),
    "C23": (("2024-03-15", "dropped", "并入陆海新通道运价机制，不再单列"),),
    "J01": (("2022-09-20", "under_way", "开工"),),
    "J02": (("2022-04-12", "under_way", "江津段施工"),),
    "J03": (("2022-12-02", "under_way", "全线施工"),),
    "J05": (("2023-01-10", "planned", "组建方案报批"),),
    "J06": (("2022-06-05", "under_way", "平台建设"), ("2025-11-18", "done", "平台上线运行")),
}  # fmt: skip
MILESTONES: tuple[tuple[str, str, str, str], ...] = (  # task, name, due, met on or empty
    ("EQ1", "联席机制转为常设", "2025-12-31", "2025-11-06"), ("EQ2", "首批联合攻关成果发布", "2025-10-31", ""),
    ("GZ7", "移交清单签收", "2024-12-31", "2024-11-20"), ("CA1", "跨省绿电交易转正式运行", "2026-03-31", ""),
    ("II1", "首批园区完成改造", "2025-06-30", "2025-04-25"), ("II2", "两地节点数达到40个", "2025-12-31", ""),
    ("LO1", "数据联通覆盖主要口岸", "2025-09-30", "2025-09-12"), ("LO3", "合作港区一期投用", "2025-08-31", ""),
    ("J01", "首台变压器就位", "2024-06-30", "2024-06-18"), ("J01", "全线带电", "2025-12-31", ""),
    ("J02", "控制性隧道贯通", "2025-03-31", "2025-03-20"), ("J06", "平台上线", "2025-12-31", "2025-11-18"),
    ("J06", "首批机构接入", "2026-06-30", ""),
)  # fmt: skip
BLOCKERS: tuple[tuple[str, str, str, str, str], ...] = (  # task, raised, what, resolved on or empty, how
    ("LO3", "2025-07-08", "港区用地审批材料尚缺一项环评附件", "", ""),
    ("EQ2", "2025-10-14", "联合攻关经费分摊比例未议定", "2025-11-20", "按工作量六四分摊，双方签署备忘"),
    ("J05", "2024-05-06", "机构编制名额待两地分别核定", "", ""),
    ("CA1", "2023-04-11", "计量数据口径不一", "2023-09-02", "统一采用关口表计"),
)
INVESTMENTS = {"J01": 286_40 * YI // 100, "J02": 412_00 * YI // 100, "J06": 1_35 * YI // 100}  # yuan, made up
PLAN_2024: dict[str, tuple[str, str]] = {
    "EQ5": ("done", ""), "GZ7": ("done", ""), "CV5": ("carried", "扩面涉及医保目录调整，转入下一年度"),
    "II2": ("carried", "节点数未达年度目标，转入下一年度"), "LO3": ("carried", "一期工程工期顺延"),
    "C23": ("dropped", "并入陆海新通道运价机制"), "J01": ("carried", "跨年工程"), "CA9": ("done", ""),
}  # fmt: skip
PLAN_2025 = ("EQ1", "EQ8", "CA8", "J06")

Progress = Callable[[int, int], None]


class Step(NamedTuple):
    """One act of the story: when, by whom (a key of the cast), under which key, and the service that does it."""

    at: datetime
    by: str
    key: str
    act: Callable[[Command], Any]


def play(progress: Progress | None = None) -> None:
    """Play what has not been played. Needs the demonstration's log-ins. Raises RuntimeError on a real node."""
    if not settings.BASHU_DEMO:
        raise RuntimeError("the demonstration year is played in the demonstration only")
    cast = {side: actor_of_person(person_by_email(address)) for side, address in OFFICES.items()}
    cast["second"] = actor_named(ADMINISTRATOR)
    cast["node"] = node_actor()
    if played(cast["joint"]):
        return
    steps = sorted(Story().steps(), key=lambda step: step.at)
    for number, step in enumerate(steps, start=1):
        step.act(Command(actor=cast[step.by], now=step.at, key=f"{KEY}-{step.key}"))
        if progress:
            progress(number, len(steps))


def played(actor: Actor) -> bool:
    """Whether the story's last reading is there."""
    with seen_by(actor):
        return Reading.objects.filter(note=LAST_NOTE).exists()


def at(day: str | date, hour: int = 10) -> datetime:
    """An hour of a day in the region, never after the demonstration's instant."""
    moment = datetime.combine(
        date.fromisoformat(day) if isinstance(day, str) else day, datetime.min.time().replace(hour=hour)
    )
    return min(moment.replace(tzinfo=timezone.get_default_timezone()), settings.DEMO_INSTANT)


def measure(ctx: Command, *, day: date) -> None:
    """Every system's indicators as of a day."""
    indicators_measure(actor=ctx.actor, now=ctx.now, as_of=day)


class Story:
    """The acts, and what earlier acts made that later ones need."""

    def __init__(self) -> None:
        self.targets = {target.code: target for target in Target.objects.all()}
        self.tasks = {task.code: task for task in Task.objects.all()}
        self.made: dict[str, Any] = {}

    def steps(self) -> Iterator[Step]:
        """All acts, in no order."""
        yield from self.yearly()
        yield from self.inside_2025()
        yield from self.joint()
        yield from self.rosters()
        yield from self.partial()
        yield from self.troubled()
        yield from self.work()
        yield from self.plans()
        yield from self.measured()

    def told(
        self, key: str, day: date, side: str, target: str, figure: dict[str, Any], *, ends: bool = True
    ) -> Iterator[Step]:
        """A figure reported on a day and, when it `ends` so, confirmed four days later by another office."""
        values = {
            "jurisdiction": side, "target": self.targets[target], "note": f"{MARK}：{NOTES.get(target, '合成数值')}",
            "evidence": [document(target, side, day)], **figure,
        }  # fmt: skip

        def report(ctx: Command) -> None:
            self.made[key] = readings.reading_report(ctx=ctx, **values)

        yield Step(at(day), side, f"report-{key}", report)
        if ends:
            confirmer = "second" if side == "joint" else "joint"
            yield Step(
                at(day + timedelta(days=4), 15), confirmer, f"confirm-{key}",
                lambda ctx: readings.reading_confirm(ctx=ctx, reading=self.made[key]),
            )  # fmt: skip

    def yearly(self) -> Iterator[Step]:
        """Each year's figures of both sides, reported in the following February."""
        for target, sides in YEARLY.items():
            for side, values in sides.items():
                for year, value in enumerate(values, start=2022):
                    span = {"period_start": date(year, 1, 1), "period_end": date(year, 12, 31)}
                    day = date(year + 1, 2, 6 if side == "CQ" else 17)
                    yield from self.told(
                        f"{target}-{side}-{year}", day, side, target, {**span, "value": Decimal(value)}
                    )

    def inside_2025(self) -> Iterator[Step]:
        """The running year, three weeks after each period."""
        for target, sides in IN_2025.items():
            for side, spans in sides.items():
                for first, last, value in spans:
                    end = date(2025, last + 1, 1) - timedelta(days=1)
                    span = {"period_start": date(2025, first, 1), "period_end": end}
                    day = end + timedelta(days=14 if side == "CQ" else 21)
                    figure = {**span, "value": Decimal(value)}
                    yield from self.told(f"{target}-{side}-2025-{last:02}", day, side, target, figure)

    def joint(self) -> Iterator[Step]:
        """What both sides do together is reported by the joint office."""
        for target, spans in JOINT.items():
            for start, end, value in spans:
                key = f"{target}-joint-{end}"
                span = {"period_start": start, "period_end": end}
                yield from self.told(key, end + timedelta(days=20), "joint", target, {**span, "value": Decimal(value)})

    def rosters(self) -> Iterator[Step]:
        """Enterprises by roster; some stand on both sides' rosters and count once."""
        random = Random(SEED)  # noqa: S311 - a repeatable story, not a secret
        codes = enterprises(random)
        for year, sides in ROSTERS.items():
            for side, number in sides.items():
                figure = {
                    "period_start": date(year, 1, 1), "period_end": date(year, 12, 31), "roster": sorted(random.sample(codes, number)),
                }  # fmt: skip
                yield from self.told(f"T05-{side}-{year}", date(year + 1, 3, 3), side, "T05", figure)

    def partial(self) -> Iterator[Step]:
        """What one platform saw: shown, never judging."""
        for year, value in ((2023, 610), (2024, 880)):
            figure = {
                "period_start": date(year, 1, 1), "period_end": date(year, 12, 31), "value": Decimal(value * YI), "coverage": "partial",
                "note": f"{MARK}：仅一个平台的订舱货值",
            }  # fmt: skip
            yield from self.told(f"T08-part-{year}", date(year + 1, 1, 20), "CQ", "T08", figure)

    def troubled(self) -> Iterator[Step]:
        """One figure rejected, one withdrawn, three that wait."""
        whole_2024 = {"period_start": date(2024, 1, 1), "period_end": date(2024, 12, 31)}
        yield from self.told(
            "T07-joint", date(2025, 9, 10), "joint", "T07", {**whole_2024, "achieved": True}, ends=False
        )
        yield Step(
            at("2025-09-16"), "second", "reject-T07",
            lambda ctx: readings.reading_reject(ctx=ctx, reading=self.made["T07-joint"], reason=f"{MARK}：缺少验收文件"),
        )  # fmt: skip
        quarter = {"period_start": date(2025, 4, 1), "period_end": date(2025, 4, 30)}
        yield from self.told("T02-SC-wrong", date(2025, 5, 12), "SC", "T02", {**quarter, "value": Decimal(31)})
        yield Step(
            at("2025-05-28"), "SC", "withdraw-T02",
            lambda ctx: readings.reading_withdraw(ctx=ctx, reading=self.made["T02-SC-wrong"], reason=f"{MARK}：误将培育库企业计入"),
        )  # fmt: skip
        october = {"period_start": date(2025, 10, 1), "period_end": date(2025, 10, 31)}
        yield from self.told(
            "T04-CQ-wait", date(2025, 11, 21), "CQ", "T04", {**october, "value": Decimal(455)}, ends=False
        )
        yield from self.told(
            "T02-CQ-wait", date(2025, 11, 24), "CQ", "T02", {**october, "value": Decimal(10)}, ends=False
        )
        last = {**october, "value": Decimal(361_000), "note": LAST_NOTE}
        yield from self.told("T06-SC-wait", date(2025, 11, 28), "SC", "T06", last, ends=False)

    def work(self) -> Iterator[Step]:
        """States, milestones, blocking issues and made-up investments."""
        for code, changes in STATES.items():
            for number, (day, state, note) in enumerate(changes):
                yield self.on_task(
                    f"state-{code}-{number}",
                    day,
                    code,
                    work.task_set_state,
                    state=TaskState(state),
                    note=f"{MARK}：{note}",
                )
        for number, (code, name, due, met) in enumerate(MILESTONES):
            key = f"milestone-{number}"
            yield self.on_task(key, "2024-01-15", code, work.milestone_add, name=name, due=date.fromisoformat(due))
            if met:
                yield self.later(key, met, code, work.milestone_meet, {"met_on": date.fromisoformat(met)}, "milestone")
        for number, (code, raised, what, resolved, how) in enumerate(BLOCKERS):
            key = f"blocker-{number}"
            yield self.on_task(key, raised, code, work.blocker_raise, description=f"{MARK}：{what}")
            if resolved:
                yield self.later(key, resolved, code, work.blocker_resolve, {"resolution": f"{MARK}：{how}"}, "blocker")
        for code, yuan in INVESTMENTS.items():
            amount = {"investment_fen": yuan * 100, "source": f"{MARK}：合成金额，非官方数字"}
            yield self.on_task(f"investment-{code}", "2024-02-01", code, work.task_set_investment, **amount)

    def on_task(self, key: str, day: str, code: str, service: Callable[..., Any], **values: Any) -> Step:
        """An act on a task by the office of one side; which side is settled by the task's number."""

        def act(ctx: Command) -> None:
            self.made[key] = service(ctx=ctx, task=self.tasks[code], **values)

        return Step(at(day), side_of(code), key, act)

    def later(
        self, made: str, day: str, code: str, service: Callable[..., Any], values: dict[str, Any], name: str
    ) -> Step:
        """An act on what an earlier act made, by the same office; `name` is what the service calls it."""

        def act(ctx: Command) -> None:
            service(ctx=ctx, **{name: self.made[made]}, **values)

        return Step(at(day, 14), side_of(code), f"{made}-end", act)

    def measured(self) -> Iterator[Step]:
        """What the node measures from every system's records: on the last day of each month, and on the demonstration's own.

        The other systems have played their parts by now.
        """
        today = timezone.localdate(settings.DEMO_INSTANT)
        for month in range(1, today.month + 1):
            day = min(date(today.year, month, monthrange(today.year, month)[1]), today)
            yield Step(at(day, 23), "node", f"measured-{month}", partial(measure, day=day))

    def plans(self) -> Iterator[Step]:
        """2024 planned, decided, closed; what is unfinished rolls over into 2025."""

        def opened(ctx: Command) -> None:
            self.made["plan"] = plans.plan_open(ctx=ctx, year=2024)

        yield Step(at("2024-01-08"), "joint", "plan-2024", opened)
        for code, (state, reason) in PLAN_2024.items():
            yield Step(at("2024-01-09"), "joint", f"plan-2024-{code}", self.taken_in(code, "plan"))
            yield Step(at("2024-12-20"), "joint", f"plan-2024-{code}-end", self.decided(code, state, reason))
        yield Step(at("2024-12-27"), "joint", "plan-2024-close", self.closed)
        for code in PLAN_2025:
            yield Step(at("2025-01-06"), "joint", f"plan-2025-{code}", self.taken_in(code, "following"))
        yield Step(at("2025-11-25"), "joint", "plan-2025-EQ1-end", self.decided("EQ1", "done", ""))

    def taken_in(self, code: str, plan: str) -> Callable[[Command], None]:
        """The act of taking a task into a plan."""

        def act(ctx: Command) -> None:
            goal = f"{MARK}：年度目标见任务说明"
            self.made[f"item-{code}"] = plans.plan_item_add(
                ctx=ctx, plan=self.made[plan], task=self.tasks[code], goal=goal
            )

        return act

    def decided(self, code: str, state: str, reason: str) -> Callable[[Command], PlanItem]:
        """The act of saying how an item ended."""
        why = f"{MARK}：{reason}" if reason else ""
        return lambda ctx: plans.plan_item_decide(
            ctx=ctx, item=self.made[f"item-{code}"], state=PlanItemState(state), reason=why
        )

    def closed(self, ctx: Command) -> None:
        """The act of closing 2024, which opens 2025."""
        closed = plans.plan_close(
            ctx=ctx, plan=self.made["plan"], summary=f"{MARK}：八项中三项完成、四项结转、一项并入其他机制。"
        )
        self.made["following"] = type(closed).objects.get(year=2025)


def side_of(code: str) -> str:
    """Which side's office tells of a task: by the last digit of its code, so that both have work."""
    return ("CQ", "SC")[int(code[-1]) % 2]


def enterprises(random: Random) -> list[str]:
    """Synthetic credit codes with right check characters (GB 32100), of a division that does not exist (999999)."""
    bodies = {"91999999" + "".join(random.choices(ALPHABET, k=9)) for _ in range(ENTERPRISES)}
    return sorted(body + check_digit(body) for body in bodies)


def document(target: str, side: str, day: date) -> File:
    """A small file that stands for evidence and says that it is none: a table, or for the joint office a PDF."""
    name = f"demo-{target}-{side}-{day}"
    if side == "joint":
        return File(f"{name}.pdf", pdf(f"Demonstration data. Not evidence of anything. {name}"))
    text = f"{MARK},demonstration data\r\ntarget,side,reported\r\n{target},{side},{day}\r\n"
    return File(f"{name}.csv", text.encode("utf-8-sig"))


def pdf(text: str) -> bytes:
    """A one-page PDF with one line of ASCII (ISO 32000-1, 7.5: header, body, cross-reference table, trailer)."""
    line = f"BT /F1 14 Tf 60 780 Td ({text}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(line), line), b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]  # fmt: skip
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + end
