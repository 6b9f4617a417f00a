"""How numbers, dates and spans are written (DESIGN §11). Pure functions; no screen, no clock of their own.

Every function takes the present moment where it needs one. Date-times must carry a time zone; they are shown in the
zone they carry. The minus sign is U+2212, ranges take an en dash.
"""

from datetime import date, datetime, timedelta

from PySide6.QtCore import QCoreApplication

MINUS = "\u2212"
DASH = "—"
_DAY = 86400


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{secs:02d}"


def remaining(seconds: float) -> str:
    """Write a remaining time: 余 h:mm:ss below 24 h, 余 2天 from there (whole days, rounded down).

    Seconds are rounded up, so that 余 0:00:00 appears only when nothing is left.
    """
    whole = max(0, -int(-seconds // 1))
    if whole >= _DAY:
        return QCoreApplication.translate("Format", "余 {0}天").format(whole // _DAY)
    return QCoreApplication.translate("Format", "余 {0}").format(_clock(whole))


def overdue(seconds: float, *, wall: bool = False) -> str:
    """Write a time past the limit: 超 h:mm:ss, from 24 h 超 3天 08:14, on the wall 超 3天 21时.

    Args:
        seconds: how long ago the limit passed, not negative.
        wall: the short form of the video wall.
    """
    whole = max(0, int(seconds))
    if whole < _DAY:
        return QCoreApplication.translate("Format", "超 {0}").format(_clock(whole))
    days, rest = divmod(whole, _DAY)
    if wall:
        return QCoreApplication.translate("Format", "超 {0}天 {1}时").format(days, rest // 3600)
    return QCoreApplication.translate("Format", "超 {0}天 {1:02d}:{2:02d}").format(
        days, rest // 3600, rest % 3600 // 60
    )


def span_words(seconds: float) -> str:
    """Write a span in words for a screen reader: 4 分 52 秒, 2 天 3 小时."""
    whole = max(0, int(seconds))
    days, rest = divmod(whole, _DAY)
    hours, rest = divmod(rest, 3600)
    minutes, secs = divmod(rest, 60)
    if days:
        return QCoreApplication.translate("Format", "{0} 天 {1} 小时").format(days, hours)
    if hours:
        return QCoreApplication.translate("Format", "{0} 小时 {1} 分").format(hours, minutes)
    if minutes:
        return QCoreApplication.translate("Format", "{0} 分 {1} 秒").format(minutes, secs)
    return QCoreApplication.translate("Format", "{0} 秒").format(secs)


def time_of_day(moment: datetime, *, seconds: bool = False) -> str:
    """Write 14:32, or 14:32:08 for the clock in the top bar."""
    return moment.strftime("%H:%M:%S" if seconds else "%H:%M")


def moment_text(moment: datetime, now: datetime) -> str:
    """Write a moment: today 14:32, this year 11-20 14:32, else 2025-11-20 14:32."""
    if moment.date() == now.date():
        return moment.strftime("%H:%M")
    if moment.year == now.year:
        return moment.strftime("%m-%d %H:%M")
    return moment.strftime("%Y-%m-%d %H:%M")


def weekday(day: date, *, long: bool = False) -> str:
    """Write 周五, or 星期五 on the lock screen."""
    short = (
        QCoreApplication.translate("Format", "周一"),
        QCoreApplication.translate("Format", "周二"),
        QCoreApplication.translate("Format", "周三"),
        QCoreApplication.translate("Format", "周四"),
        QCoreApplication.translate("Format", "周五"),
        QCoreApplication.translate("Format", "周六"),
        QCoreApplication.translate("Format", "周日"),
    )
    full = (
        QCoreApplication.translate("Format", "星期一"),
        QCoreApplication.translate("Format", "星期二"),
        QCoreApplication.translate("Format", "星期三"),
        QCoreApplication.translate("Format", "星期四"),
        QCoreApplication.translate("Format", "星期五"),
        QCoreApplication.translate("Format", "星期六"),
        QCoreApplication.translate("Format", "星期日"),
    )
    return (full if long else short)[day.weekday()]


def date_heading(day: date) -> str:
    """Write a heading: 11 月 20 日 周五."""
    return QCoreApplication.translate("Format", "{0} 月 {1} 日 {2}").format(day.month, day.day, weekday(day))


def date_short(day: date) -> str:
    """Write the date under the clock: 11-20 周五."""
    return f"{day:%m-%d} {weekday(day)}"


def date_full(day: date) -> str:
    """Write the date of the lock screen: 2026 年 11 月 20 日 星期五."""
    return QCoreApplication.translate("Format", "{0} 年 {1} 月 {2} 日 {3}").format(
        day.year, day.month, day.day, weekday(day, long=True)
    )


def age(moment: datetime, now: datetime) -> str:
    """Write how old something is: 3 秒前, 25 分钟前, 2 小时前, from a day on the date."""
    seconds = max(0, int((now - moment).total_seconds()))
    if seconds < 60:
        return QCoreApplication.translate("Format", "{0} 秒前").format(seconds)
    if seconds < 3600:
        return QCoreApplication.translate("Format", "{0} 分钟前").format(seconds // 60)
    if seconds < _DAY:
        return QCoreApplication.translate("Format", "{0} 小时前").format(seconds // 3600)
    return moment_text(moment, now)


def call_duration(span: timedelta) -> str:
    """Write the length of a call: 2:31 (m:ss)."""
    whole = max(0, int(span.total_seconds()))
    return f"{whole // 60}:{whole % 60:02d}"


def wait(span: timedelta) -> str:
    """Write a wait: 11 秒."""
    return QCoreApplication.translate("Format", "{0} 秒").format(max(0, int(span.total_seconds())))


def count(number: int, *, wall: bool = False) -> str:
    """Write a count: 33,385; on the wall from 100,000 on 19.0 万."""
    if wall and abs(number) >= 100_000:
        return QCoreApplication.translate("Format", "{0} 万").format(signed(f"{number / 10_000:.1f}"))
    return signed(f"{number:,}")


def signed(text: str) -> str:
    """Put the true minus sign (U+2212) where a hyphen stands in front of a number."""
    return MINUS + text[1:] if text.startswith("-") else text


def rate(numerator: float, denominator: float, *, report: bool = False) -> str:
    """Write a rate in percent.

    One decimal on screens and wall, two in reports and below 1 %; 100% and 0% only when exact (99.96 % is shown as
    99.9%); without denominator —.
    """
    if not denominator:
        return DASH
    percent = numerator / denominator * 100
    if numerator == denominator:
        return "100%"
    if numerator == 0:
        return "0%"
    decimals = 2 if report or abs(percent) < 1 else 1
    text = f"{percent:.{decimals}f}"
    if percent < 100 and float(text) >= 100:
        text = "99." + "9" * decimals
    return signed(f"{text}%")


def points(difference: float) -> str:
    """Write a difference of two rates in percentage points: −3.4, +0.6, 0.0."""
    text = f"{difference:+.1f}"
    return "0.0" if float(text) == 0 else signed(text)


def distance(metres: float) -> str:
    """Write a distance: 180 米; from 1,000 m on 1.2 公里."""
    whole = round(metres)
    if whole < 1000:
        return QCoreApplication.translate("Format", "{0} 米").format(whole)
    return QCoreApplication.translate("Format", "{0:.1f} 公里").format(metres / 1000)


def short_number(number: str, year: int) -> str:
    """Write a case number in lists: 1120-0417 for this year's, else the full 20251120-0417.

    Args:
        number: the full number ``YYYYMMDD-NNNN``.
        year: the present year.
    """
    return number[4:] if number.startswith(f"{year:04d}") and "-" in number else number


def limit_amount(amount: float, unit: str) -> str:
    """Write a limit as filed: 2 紧急工作时, 4 工作时, 1 工作日 (the unit comes as the word filed)."""
    text = f"{amount:g}"
    return f"{text} {unit}"
