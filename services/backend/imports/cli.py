"""`griddesk import areas|cases|standard`: a real centre's data from files into its database."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from services.backend.db.opening import database_url, open_database
from services.backend.imports.areas import known_codes, store_areas, write_report
from services.backend.imports.cases import import_cases, summary_lines
from services.backend.imports.mapping import read_mapping
from services.backend.imports.refused import RefusedReport
from services.backend.imports.standards import merge_standard, read_standard
from services.backend.reference.load import load_reference
from services.backend.reference_store import Reference, load, newest_number, publish
from services.domain.codes import LEVELS
from services.domain.errors import DomainError
from services.geo.area_import import ImportOptions, plan_areas
from services.sql.engine import writing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the three kinds of import and their arguments."""
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    areas = kinds.add_parser("areas", help="导入区划或网格图形（GeoJSON、Shapefile、GeoPackage）")
    areas.add_argument("file", type=Path, metavar="FILE")
    areas.add_argument("--level", required=True, choices=LEVELS, help="这些图形是哪一级")
    areas.add_argument("--code", required=True, metavar="FIELD", help="编码所在的字段")
    areas.add_argument("--name", required=True, metavar="FIELD", help="名称所在的字段")
    areas.add_argument("--officer", metavar="FIELD", help="责任人所在的字段")
    areas.add_argument("--parent", metavar="CODE", help="所有图形共同的上级；不写则由编码推出")
    areas.add_argument(
        "--crs", metavar="CRS", help="坐标系：wgs84、cgcs2000、gcj02、EPSG:n 或地方坐标系参数文件"
    )
    areas.add_argument("--layer", metavar="NAME", help="GeoPackage 中的图层")
    areas.add_argument("--encoding", metavar="NAME", help="Shapefile 属性表的编码")
    areas.add_argument(
        "--codes", choices=("national", "cjt213", "any"), default="national",
        help="编码规则：国标 6/9/12/15 位、旧 14 位、或照原样保留",
    )  # fmt: skip
    cases = kinds.add_parser("cases", help="按映射文件导入案件（CSV、XLSX，可用 gzip 压缩）")
    cases.add_argument("file", type=Path, metavar="FILE")
    cases.add_argument("--mapping", type=Path, required=True, metavar="MAPPING.toml", help="列的映射")
    standard = kinds.add_parser("standard", help="导入立案、处置和结案标准（CSV、XLSX）")
    standard.add_argument("file", type=Path, metavar="FILE")
    for sub in (areas, cases, standard):
        place = sub.add_mutually_exclusive_group(required=True)
        place.add_argument("--data", type=Path, metavar="DIR", help="中心的数据目录")
        place.add_argument("--db", metavar="URL", help="中心的数据库")


def run(args: argparse.Namespace) -> int:
    """Import; 0 when the file was worked through (refused rows included), 1 when it could not be used."""
    work: Callable[[Engine, argparse.Namespace], None] = {
        "areas": _areas, "cases": _cases, "standard": _standard,
    }[args.kind]  # fmt: skip
    try:
        engine = _open(args)
        try:
            work(engine, args)
        finally:
            engine.dispose()
    except DomainError as error:
        _say(f"没有导入：{error.title}")
        return 1
    except (ArgumentError, SQLAlchemyError) as error:
        # the text of a database error may hold the URL with its password
        _say(f"没有导入：数据库不能使用（{type(getattr(error, 'orig', None) or error).__name__}）。")
        return 1
    except (OSError, ValueError) as error:
        _say(f"没有导入：{str(error).splitlines()[0][:200] if str(error) else type(error).__name__}")
        return 1
    return 0


def _open(args: argparse.Namespace) -> Engine:
    """Open the centre's database; a new one gets the shipped reference tables."""
    if args.data is not None:
        args.data.mkdir(parents=True, exist_ok=True)
    engine = open_database(database_url(args.data or Path(), args.db))
    with writing(engine) as conn:
        if newest_number(conn) == 0:
            publish(conn, load_reference())
    return engine


def _reference(engine: Engine) -> Reference:
    """Return the reference document in force."""
    with engine.connect() as conn:
        return load(conn, newest_number(conn))


def _areas(engine: Engine, args: argparse.Namespace) -> None:
    """Import areas."""
    options = ImportOptions(
        args.level,
        args.code,
        args.name,
        parent=args.parent,
        crs=args.crs,
        code_rule=args.codes,
        officer_field=args.officer,
        layer=args.layer,
        encoding=args.encoding,
        known_codes=known_codes(engine),
    )
    show = _Line()
    planned = plan_areas(args.file, options, lambda done, total: show(f"检查图形 {done:,}/{total:,}"))
    show.end()
    written = store_areas(engine, planned)
    _say(
        f"写入 {written:,} 个区域，其中修复 {len(planned.repaired):,} 个；未导入 {len(planned.refused):,} 个。"
    )
    for word, entries in (("已修复", planned.repaired), ("未导入", planned.refused)):
        for _, sentence in entries[:20]:
            _say(f"{word}：{sentence}")
        if len(entries) > 20:
            _say(f"{word}：其余 {len(entries) - 20:,} 个见报告。")
    report = write_report(args.file, planned)
    if report is not None:
        _say(f"报告在 {report}")


def _cases(engine: Engine, args: argparse.Namespace) -> None:
    """Import cases."""
    mapping = read_mapping(args.mapping)
    show = _Line()
    done = import_cases(
        engine, _reference(engine), args.file, mapping, progress=lambda rows: show(f"导入案件 {rows:,} 行")
    )
    show.end()
    for line in summary_lines(done):
        _say(line)


def _standard(engine: Engine, args: argparse.Namespace) -> None:
    """Import a standard into a new version of the reference document."""
    reference = _reference(engine)
    standard = read_standard(args.file, list(reference.doc["departments"]))
    with writing(engine) as conn:
        number = publish(conn, merge_standard(dict(reference.doc), standard))
    _say(
        f"{standard.rows:,} 行中采用 {standard.taken:,} 行，类别 {len(standard.categories):,} 个；"
        f"参考数据为第 {number} 版。"
    )
    for note in standard.notes:
        _say(note)
    report = RefusedReport(args.file, ())
    for refused in standard.refused:
        report.add(refused.line, "", refused.reason, {})
    report.close()
    if standard.refused:
        _say(f"退回 {len(standard.refused):,} 行，原因在 {report.path}")


def _say(line: str) -> None:
    """Tell the user something on standard error."""
    sys.stderr.write(line + "\n")


class _Line:
    """A line that is written over on a terminal, and kept quiet elsewhere."""

    def __init__(self) -> None:
        self._moving = sys.stderr.isatty()

    def __call__(self, text: str) -> None:
        """Show how far it is."""
        if self._moving:
            sys.stderr.write(f"\r{text}\x1b[K")
            sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._moving:
            sys.stderr.write("\n")
