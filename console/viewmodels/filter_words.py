"""The parts of a filter in words: one chip for each thing that is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from console.viewmodels.case_filter import BOX, CaseFilter
from console.viewmodels.rows import dept_word
from console.viewmodels.seat import SeatViewModel
from services.domain.states import STAGE_NAMES, STATES


def tr(text: str) -> str:
    """Translate a word of the filter."""
    return QCoreApplication.translate("Filter", text)


MOST_CHIPS = 3
"""More choices than this of one kind share one chip."""


@dataclass(frozen=True, slots=True)
class FilterPart:
    """One chip: `key` names what its cross takes away (`text`, `areas:990101001` …); `title` and `value` its words."""

    key: str
    title: str
    value: str

    @property
    def words(self) -> str:
        """Return 区域：望塔街道."""
        return f"{self.title}：{self.value}"


def band_word(band: str) -> str:
    """Return the word of a time-limit band."""
    words = {
        "ok": tr("未到期"),
        "soon": tr("即将超时"),
        "over1": tr("超时不足1天"),
        "over2": tr("超时1至3天"),
        "over3": tr("超时3天以上"),
        "suspended": tr("挂账"),
        "closed": tr("已结束"),
    }
    return words.get(band, band)


def urgency_word(urgency: int) -> str:
    """Return the word of an urgency."""
    return (tr("一般"), tr("较急"), tr("紧急"), tr("特急"))[min(max(urgency, 0), 3)]


def category_part_word(code: str, seat: SeatViewModel) -> str:
    """Return the name of a category, or of the major class a beginning stands for."""
    entry = seat.rules.categories.get(code)
    if entry is not None:
        return entry.name
    found = next((c for known, c in sorted(seat.rules.categories.items()) if known.startswith(code)), None)
    return found.major_name if found is not None else code


def parts_of(wanted: CaseFilter, seat: SeatViewModel) -> tuple[FilterPart, ...]:
    """Return the chips of a filter, in the order of the filter bar."""
    rules, areas = seat.rules, seat.areas
    found = [
        *_each("areas", tr("区域"), [(code, areas.name(code)) for code in wanted.areas]),
        *_each("sources", tr("来源"), [(s, rules.sources.get(s, s)) for s in wanted.sources]),
        *_each("categories", tr("类别"), [(c, category_part_word(c, seat)) for c in wanted.categories]),
        *_each("stages", tr("环节"), [(s, stage_word(s)) for s in wanted.stages]),
        *_each("states", tr("状态"), [(s, state_name(s)) for s in wanted.states]),
        *_each("bands", tr("时限"), [(b, band_word(b)) for b in wanted.bands]),
        *_each("urgency", tr("紧急程度"), [(str(u), urgency_word(u)) for u in wanted.urgency]),
        *_each("departments", tr("承办"), [(d, dept_word(d, seat)) for d in wanted.departments]),
    ]
    if wanted.region is not None:
        drawn = tr("框选范围") if wanted.region.drawn == BOX else tr("圈选范围")
        found.append(FilterPart("region", tr("地图"), drawn))
    if wanted.legend is not None:
        found.append(FilterPart("legend", tr("图例"), wanted.legend.words))
    if wanted.ids is not None:
        words = tr("{words} {n} 件").format(words=wanted.ids_words, n=len(wanted.ids)).strip()
        found.append(FilterPart("ids", tr("指定"), words))
    if wanted.unplaced:
        found.append(FilterPart("unplaced", tr("位置"), tr("无坐标")))
    if wanted.text:
        found.append(FilterPart("text", tr("文字"), wanted.text))
    return tuple(found)


def state_name(state: str) -> str:
    """Return the full name of a state: 待派遣, 处置中, 已回退."""
    return QCoreApplication.translate("Filter", STATES[state].name) if state in STATES else state


def stage_word(stage: str) -> str:
    """Return the name of a step."""
    return QCoreApplication.translate("Filter", STAGE_NAMES.get(stage, stage))


def _each(name: str, title: str, words: list[tuple[str, str]]) -> list[FilterPart]:
    """Return a chip for each choice, one for all when there are many."""
    if len(words) > MOST_CHIPS:
        value = tr("{first} 等 {n} 项").format(first=words[0][1], n=len(words))
        return [FilterPart(name, title, value)]
    return [FilterPart(f"{name}:{key}", title, word) for key, word in words]
