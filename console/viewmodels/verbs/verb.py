"""A verb: one thing the operator can do, with its words, keys, place and what it is done to. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

# --- places: where a key counts; the workspace says which of them are under the operator's hand ---------------
EVERYWHERE, QUEUE, CASE, MAP, INTAKE = "everywhere", "queue", "case", "map", "intake"
POOL_REPORTED, POOL_FILING, POOL_CLOSE = "pool.reported", "pool.pending_filing", "pool.pending_close"

#: place -> its name as `?` writes it
PLACE_WORDS: dict[str, str] = {
    EVERYWHERE: "随处可用",
    QUEUE: "队列",
    CASE: "案件",
    MAP: "地图",
    INTAKE: "登记表单",
    POOL_REPORTED: "待受理",
    POOL_FILING: "待立案",
    POOL_CLOSE: "待结案",
}
#: place -> workspace that must be in front before a verb of that place runs
WORKSPACE_OF: dict[str, str] = {
    QUEUE: "dispatch",
    CASE: "",
    MAP: "dispatch",
    INTAKE: "intake",
    POOL_REPORTED: "intake",
    POOL_FILING: "intake",
    POOL_CLOSE: "intake",
}

# --- groups: the heading under which `?` and the settings list a verb ----------------------------------------
COMMAND_GROUP, CASE_GROUP, QUEUE_GROUP, MAP_GROUP = "command", "case", "queue", "map"
INTAKE_GROUP, SETTINGS_GROUP = "intake", "settings"
GROUP_WORDS: dict[str, str] = {
    COMMAND_GROUP: "命令",
    CASE_GROUP: "案件",
    QUEUE_GROUP: "队列",
    MAP_GROUP: "地图",
    INTAKE_GROUP: "受理",
    SETTINGS_GROUP: "设置",
}

# --- objects a verb takes ------------------------------------------------------------------------------------
A_CASE, A_UNIT, AN_AREA, A_TEXT = "case", "unit", "area", "text"


def noop(text: str) -> str:
    """Mark a Chinese source text for translation without translating it; `Verb.words` translates."""
    return str(QT_TRANSLATE_NOOP("Verbs", text))


def tr(text: str) -> str:
    """Translate a word of the verbs."""
    return QCoreApplication.translate("Verbs", text)


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that can be done.

    Attributes:
        id: `room.word`, unique, never shown.
        title: what it is called; Chinese source text, marked with `noop`.
        aliases: other words it is found by: Chinese, pinyin or initials (`pf` for 派发). The title's own pinyin and
            initials need not be given.
        group: heading in the list of verbs.
        keys: keys that run it where `place` is; `pool.reported:V` counts in another place. Written as Qt writes them
            (`D`, `Shift+D`, `Ctrl+K`, `?`).
        place: where the keys count.
        takes: objects it is done to, in the order in which they are said.
        icon: drawing beside it in the command bar.
        fixed: the keys are heard by a list, a map or a field itself and cannot be changed.
        listed: whether the command bar offers it; False for mere movements of a cursor.
        instead_of: id of the verb that has the same key and is never possible at the same time (改派 for 派遣).
    """

    id: str
    title: str
    aliases: tuple[str, ...] = ()
    group: str = COMMAND_GROUP
    keys: tuple[str, ...] = ()
    place: str = EVERYWHERE
    takes: tuple[str, ...] = ()
    icon: str = ""
    fixed: bool = False
    listed: bool = True
    instead_of: str = ""

    @property
    def words(self) -> str:
        """The title in the operator's language."""
        return tr(self.title)

    @property
    def bindings(self) -> tuple[tuple[str, str], ...]:
        """The shipped keys as (place, key)."""
        return tuple(split_key(key, self.place) for key in self.keys)

    @property
    def in_case_menu(self) -> bool:
        """Whether it stands in the context menus of a case."""
        return A_CASE in self.takes[:1] and self.listed


def split_key(key: str, place: str) -> tuple[str, str]:
    """Return (place, key) of a key that may name its place: `pool.reported:V`, `D`, `Ctrl+:`."""
    head, colon, rest = key.partition(":")
    return (head, rest) if colon and rest and head in PLACE_WORDS else (place, key)


@dataclass(frozen=True, slots=True)
class Call:
    """What a verb is done to: cases (several when rows are marked), a unit, an area, a text. Empty is not said.

    `at_once` asks for no dialog where none is needed.
    """

    cases: tuple[str, ...] = ()
    unit: str = ""
    area: str = ""
    text: str = ""
    at_once: bool = False

    @property
    def case(self) -> str:
        """The case, the first of several; empty for none."""
        return self.cases[0] if self.cases else ""
