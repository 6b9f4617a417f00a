"""Half a million invented cases as rows of `cache.db`, made in seconds: a few real ones, told again and again.

Every row holds together: number, text, address and id in the columns are those of its document.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.domain.case import Case
from services.store.case_rows import case_values
from tests.support.fakes import shipped_rules
from tests.support.many_cases import many

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
OPEN, ALL = 50_000, 500_000
KINDS = 3000
"""So many cases are made by the product's own code; the others have their states and clocks."""

_WHERE = (
    "建设路",
    "中山大道",
    "望塔街",
    "柳岸北路",
    "青禾巷",
    "滨江东路",
    "文明里",
    "解放路",
    "学府路",
    "工业大道",
)
_WHAT = (
    "井盖缺失", "路灯不亮", "垃圾堆积", "占道经营", "违章停车", "道路破损", "污水外溢", "树枝压线", "乱贴广告",
    "围挡破损", "噪声扰民", "共享单车乱停", "护栏松动", "暴露垃圾", "积水", "油烟扰民",
)  # fmt: skip
_SAYS = (
    "市民反映影响通行，请尽快处理", "巡查发现，已拍照", "附近有学校，注意安全", "夜间尤为严重", "多次反映未解决",
    "临近路口，行人绕行", "老人险些摔倒", "周边居民意见较大", "希望今日内到场", "现场已设警示",
)  # fmt: skip


def _kinds(rng: random.Random) -> tuple[list[Case], list[Case]]:
    """Return open cases of all kinds, and ended ones."""
    rules = shipped_rules()
    depts = sorted(rules.departments)
    found = [entry.case for entry in many(KINDS, NOW, rules)]
    live = [replace(case, lead_dept=case.lead_dept or rng.choice(depts)) for case in found]
    ended = [replace(case, state="closed", closed_at=NOW - timedelta(days=1)) for case in live]
    return live, ended


def rows(total: int = ALL, still_open: int = OPEN, seed: int = 5) -> Iterator[tuple[Any, ...]]:
    """Yield the values of `services.store.case_rows.UPSERT`; every `total / still_open`-th case is open."""
    rng = random.Random(seed)
    made = [[_pattern(case) for case in part] for part in _kinds(rng)]
    live, ended = (itertools.cycle(part) for part in made)
    stride = max(1, total // max(1, still_open))
    step = timedelta(days=180) / total
    for i in range(total):
        is_open = i % stride == 0 and i // stride < still_open
        values, doc = next(live if is_open else ended)
        born = NOW - timedelta(days=180) + step * i
        number = f"{born:%Y%m%d}-{i % 10_000:04d}"
        key = str(UUID(int=(int(born.timestamp() * 1000) << 80) + i))
        address = f"{rng.choice(_WHERE)}{rng.randrange(1, 400)}号"
        text = f"{address}{rng.choice(_WHAT)}，{rng.choice(_SAYS)}，编号{i}。"
        row = list(values)
        row[0], row[1], row[19], row[20], row[22] = key, number, address, text, int(born.timestamp()) * 1000
        row[26] = doc % (key, number, text, f"{born:%Y-%m-%dT%H:%M:%SZ}", address)
        yield tuple(row)


def _pattern(case: Case) -> tuple[tuple[Any, ...], str]:
    """Return the values of a case, and its document with the places of what differs from row to row."""
    marked = replace(
        case, case_id="@1", number="@2", description="@3", location=replace(case.location, address="@5")
    )
    values = case_values(marked)
    doc = str(values[26]).replace("%", "%%")
    for mark in ("@1", "@2", "@3", "@5"):
        doc = doc.replace(f'"{mark}"', '"%s"')
    begun = doc.index('"created_at":"') + len('"created_at":"')
    return values, doc[:begun] + "%s" + doc[doc.index('"', begun) :]
