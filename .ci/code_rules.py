"""The house rules themselves: each looks at one file and yields the lines that break it.

A rule is waived on one line by a comment there with a reason: ``# house: ok <rule>: <reason>``.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

SOURCE_ROOMS = ("console", "widgets", "maps", "services", "resources")
SCREEN_ROOMS = ("console", "widgets", "maps")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
VAGUE_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|managers?|misc)$")
CHINESE = re.compile(r"[\u3400-\u9fff]")

# Put together from halves so that this file does not find itself.
HOST_NAMES = [
    "pypi" + ".org", "python" + "hosted.org", "tuna." + "tsinghua", "mirrors." + "aliyun", "pypi." + "tuna",
    "mirrors." + "ustc", "npm" + "js.org", "conda." + "anaconda",
]  # fmt: skip
MACHINE_PATHS = re.compile(
    r"(?<![\w./~-])/(?:" + "|".join(["wo" + "rk", "ro" + "ot", "op" + "t"]) + r")/[\w.]"
)
INDEX_OPTION = re.compile(r"^\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)\b")

TEXT_TAKERS = {
    "QAction", "QCheckBox", "QCommandLinkButton", "QDockWidget", "QGroupBox", "QLabel", "QListWidgetItem",
    "QMenu", "QPushButton", "QRadioButton", "QStandardItem", "QTableWidgetItem", "QToolBar", "QToolButton",
    "QTreeWidgetItem",
    "about", "addAction", "addButton", "addItem", "addItems", "addMenu", "addRow", "addSection", "addTab",
    "addToolBar",
    "critical", "information", "insertItem", "insertTab", "question", "setAccessibleDescription",
    "setAccessibleName", "setDetailedText", "setHeaderLabels", "setHorizontalHeaderLabels",
    "setInformativeText", "setItemText", "setLabelText", "setPlaceholderText", "setPrefix",
    "setSpecialValueText", "setStatusTip", "setSubTitle", "setSuffix", "setTabText", "setTabToolTip",
    "setText", "setTitle", "setToolTip", "setWhatsThis", "setWindowTitle", "showMessage", "warning",
}  # fmt: skip
TRANSLATORS = {"tr", "translate", "QT_TR_NOOP", "QT_TRANSLATE_NOOP"}
LOG_RECEIVERS = {"log", "_log", "logger", "_logger", "logging", "LOG", "LOGGER"}
SQL_TAKERS = {"text", "execute", "executemany", "executescript", "exec_driver_sql"}
LOSSY_SIGNAL_TYPES = {"dict", "list", "set", "tuple", "int"}
WAIVER = re.compile(r"#\s*house: ok (?P<rule>[\w-]+): \S+")
BARE_WAIVER = re.compile(r"#\s*(type:\s*ignore(?!\[)|noqa(?!:\s*[A-Z]))")
UNREASONED_WAIVER = re.compile(
    r"#\s*(?:type:\s*ignore\[[^\]]*\]|noqa:\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*)\s*(?:$|#\s*(?:type:|noqa))"
)


@dataclass
class Source:
    """One text file of the project, with its syntax tree when it is Python."""

    root: Path
    path: str
    syntax_error: SyntaxError | None = field(default=None)

    @property
    def room(self) -> str:
        """First folder of the path."""
        return self.path.split("/", 1)[0]

    @property
    def is_python(self) -> bool:
        """Whether it is a Python module."""
        return self.path.endswith(".py")

    @property
    def is_test(self) -> bool:
        """Whether it belongs to the tests."""
        return self.room == "tests"

    def is_in(self, *folders: str) -> bool:
        """Whether the file lies below one of ``folders``."""
        return any(self.path.startswith(folder.rstrip("/") + "/") for folder in folders)

    @cached_property
    def text(self) -> str:
        """The whole text; empty for files that are no text."""
        raw = (self.root / self.path).read_bytes()
        return "" if b"\0" in raw[:4096] else raw.decode("utf-8", errors="replace")

    @cached_property
    def lines(self) -> list[str]:
        """The text by lines, without their ends."""
        return self.text.splitlines()

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the syntax tree; none when the file does not parse."""
        try:
            return list(ast.walk(ast.parse(self.text)))
        except SyntaxError as error:
            self.syntax_error = error
            return []

    def waived(self, line: int, rule: str) -> bool:
        """Whether a comment on ``line`` (from 1) waives ``rule`` and gives a reason."""
        if not 1 <= line <= len(self.lines):
            return False
        match = WAIVER.search(self.lines[line - 1])
        return match is not None and match["rule"] == rule


Finding = tuple[int, str]
Rule = Callable[[Source], Iterator[Finding]]


# --- names of things in the tree ----------------------------------------------------------------------


def called_name(call: ast.Call) -> str:
    """Last part of what is called: ``text`` for ``sqlalchemy.text(...)``."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def receiver_name(call: ast.Call) -> str:
    """Name before the dot: ``time`` for ``time.sleep(...)``, ``_log`` for ``self._log.warning(...)``."""
    match call.func:
        case ast.Attribute(value=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name
    return ""


def calls(source: Source) -> Iterator[ast.Call]:
    """Every call in a Python file."""
    return (node for node in source.nodes if isinstance(node, ast.Call))


def arguments(call: ast.Call) -> list[ast.expr]:
    """Positional and named arguments of a call."""
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def is_built_text(node: ast.AST) -> bool:
    """Whether an expression builds a string at run time: f-string, ``%``, ``+`` or ``.format``."""
    match node:
        case ast.JoinedStr(values=values):
            return any(isinstance(value, ast.FormattedValue) for value in values)
        case ast.BinOp(op=ast.Mod() | ast.Add(), left=left):
            return is_built_text(left) or (isinstance(left, ast.Constant) and isinstance(left.value, str))
        case ast.Call(func=ast.Attribute(attr="format", value=ast.Constant())):
            return True
    return False


# --- the rules ----------------------------------------------------------------------------------------


def parses(source: Source) -> Iterator[Finding]:
    """A Python file is Python."""
    if not source.nodes and source.syntax_error is not None:
        yield source.syntax_error.lineno or 1, source.syntax_error.msg


def file_length(source: Source) -> Iterator[Finding]:
    """A file of the product has at most 400 lines (300 wanted)."""
    if source.is_python and not source.is_test and len(source.lines) > MAX_FILE_LINES:
        yield MAX_FILE_LINES, f"{len(source.lines)} lines, {MAX_FILE_LINES} are allowed"


def function_length(source: Source) -> Iterator[Finding]:
    """A function of the product has at most 60 lines after its docstring (40 wanted).

    A schema revision is exempt: it lists columns, and is never edited once it was shipped.
    """
    if source.is_test or source.is_in("services/backend/migrations/versions"):
        return
    for node in source.nodes:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        body = node.body[1:] if ast.get_docstring(node) is not None else node.body
        length = (node.end_lineno or node.lineno) - body[0].lineno + 1 if body else 0
        if length > MAX_FUNCTION_LINES:
            yield node.lineno, f"{node.name} has {length} lines, {MAX_FUNCTION_LINES} are allowed"


def module_docstring(source: Source) -> Iterator[Finding]:
    """Every module says what it is for; an empty `__init__.py` among the tests is only a marker."""
    if source.is_test and source.path.endswith("__init__.py"):
        return
    if source.nodes and isinstance(source.nodes[0], ast.Module) and not ast.get_docstring(source.nodes[0]):
        yield 1, "no docstring"


def vague_name(source: Source) -> Iterator[Finding]:
    """A name that fits everything says nothing: utils, helpers, common, manager, misc."""
    parts = [Path(part).stem for part in source.path.split("/")] if source.is_python else []
    for part in parts:
        if VAGUE_NAMES.search(part):
            yield 1, f"{part!r}"


def host_name(source: Source) -> Iterator[Finding]:
    """No file names a package index; whoever installs has their own."""
    requirements = source.path.startswith("requirements")
    for number, line in enumerate(source.lines, 1):
        yield from ((number, name) for name in HOST_NAMES if name in line)
        if requirements and INDEX_OPTION.search(line):
            yield number, line.strip()


def machine_path(source: Source) -> Iterator[Finding]:
    """No file names a place that is only on one machine."""
    if source.path.startswith("LICENSE"):
        return
    for number, line in enumerate(source.lines, 1):
        if not line.startswith("#!"):
            yield from ((number, match.group()) for match in MACHINE_PATHS.finditer(line))


def imported(source: Source) -> Iterator[Finding]:
    """Every imported module by its full name, with the line."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ""


def one_dbapi(source: Source) -> Iterator[Finding]:
    """Two SQLite libraries in one process on one file damage it; services/sql holds the one."""
    if source.is_in("services/sql", "tests/bench"):
        return
    for line, name in imported(source):
        if name.split(".")[0] in {"sqlite3", "sqlcipher3", "pysqlite3"}:
            yield line, f"import of {name} outside services/sql"


def domain_imports(source: Source) -> Iterator[Finding]:
    """services/domain imports the standard library and itself."""
    if not source.is_in("services/domain"):
        return
    for line, name in imported(source):
        ours = name == "services" or f"{name}.".startswith("services.domain.")
        if not ours and name.split(".")[0] not in sys.stdlib_module_names:
            yield line, f"import of {name}"


def lossy_signal(source: Source) -> Iterator[Finding]:
    """Signal(dict) loses integer keys, Signal(int) wraps at 32 bits: use object or 'qint64'."""
    for call in calls(source):
        if called_name(call) != "Signal":
            continue
        for argument in call.args:
            match argument:
                case ast.Name(id=name) | ast.Constant(value=str(name)):
                    if name in LOSSY_SIGNAL_TYPES or name.startswith("QVariant"):
                        yield call.lineno, f"Signal({name}): use Signal(object) or Signal('qint64')"


def chinese_in(node: ast.AST) -> Iterator[str]:
    """Chinese literals below ``node`` that no translator call encloses."""
    if isinstance(node, ast.Call) and called_name(node) in TRANSLATORS:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and CHINESE.search(node.value):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from chinese_in(child)


def untranslated(source: Source) -> Iterator[Finding]:
    """What the operator reads passes tr(), and tr() gets a plain literal that can be extracted."""
    if source.room not in SCREEN_ROOMS:
        return
    for call in calls(source):
        name = called_name(call)
        if name in TRANSLATORS and any(is_built_text(argument) for argument in call.args):
            yield call.lineno, f"{name}() of a text built at run time; translate the pattern, then fill it"
        if name in TEXT_TAKERS and receiver_name(call) not in LOG_RECEIVERS:
            found = [text for argument in arguments(call) for text in chinese_in(argument)]
            yield from ((call.lineno, f"{name}({text!r}) without tr()") for text in found)


def built_sql(source: Source) -> Iterator[Finding]:
    """SQL is written with bound parameters, never put together from strings."""
    if source.is_test:
        return
    for call in calls(source):
        if called_name(call) in SQL_TAKERS and call.args and is_built_text(call.args[0]):
            yield call.lineno, f"{called_name(call)}() of a text built at run time"


def sleeping_test(source: Source) -> Iterator[Finding]:
    """A test waits for a condition (waitUntil, waitSignal, an event), it does not sleep."""
    if not source.is_test or source.is_in("tests/support", "tests/faults", "tests/bench"):
        return
    for call in calls(source):
        if called_name(call) == "sleep" and receiver_name(call) in {"", "time"}:
            yield call.lineno, "time.sleep in a test"


def bare_waiver(source: Source) -> Iterator[Finding]:
    """A check is silenced with its code and a reason, or not at all."""
    if not source.is_python or source.path == ".ci/code_rules.py":
        return
    for number, line in enumerate(source.lines, 1):
        if BARE_WAIVER.search(line):
            yield number, "noqa or type: ignore without a code"
        elif not source.is_test and UNREASONED_WAIVER.search(line):
            yield number, "noqa or type: ignore without a reason"


RULES: dict[str, Rule] = {
    "parses": parses,
    "file-length": file_length,
    "function-length": function_length,
    "module-docstring": module_docstring,
    "vague-name": vague_name,
    "host-name": host_name,
    "machine-path": machine_path,
    "one-dbapi": one_dbapi,
    "domain-imports": domain_imports,
    "lossy-signal": lossy_signal,
    "untranslated": untranslated,
    "built-sql": built_sql,
    "sleeping-test": sleeping_test,
    "bare-waiver": bare_waiver,
}
