"""Which function works out what an action changes; the table between lifecycle and effects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from services.domain import effects_closing as closing
from services.domain import effects_handling as handling
from services.domain import effects_intake as intake
from services.domain.case import Case
from services.domain.commands import Command, Rejected
from services.domain.reference import Rules
from services.domain.roles import Actor
from services.domain.steps import Ctx, Result

#: actions that make a case: (command, actor, now, rules) -> case or refusal
BIRTHS: dict[str, Callable[[Command, Actor, datetime, Rules], Case | Rejected]] = {
    "register": intake.register,
    "import": intake.import_case,
}

#: every other action: context -> changed fields or refusal
EFFECTS: dict[str, Callable[[Ctx], Result]] = {
    "accept": intake.plain,
    "send_verify": intake.send_verify,
    "verify_result": intake.verify_result,
    "reject": intake.end,
    "file": intake.file,
    "self_close": intake.end,
    "cancel": intake.cancel,
    "amend": intake.amend,
    "split": intake.split,
    "dispatch": handling.dispatch,
    "recall": handling.recall,
    "redispatch": handling.redispatch,
    "return_to_filing": handling.return_to_filing,
    "return_case": handling.return_case,
    "sign": intake.plain,
    "assign": handling.assign,
    "feed_back": handling.feed_back,
    "send_check": intake.plain,
    "rework": handling.again,
    "check_pass": intake.plain,
    "check_fail": handling.again,
    "close": closing.close,
    "adjust_limit": handling.adjust_limit,
    "apply_extension": handling.apply_extension,
    "decide_extension": handling.decide_extension,
    "apply_suspend": handling.apply_suspend,
    "decide_suspend": handling.decide_suspend,
    "resume": handling.resume,
    "reopen": closing.reopen,
    "archive": closing.archive,
    "appeal": closing.appeal,
    "decide_appeal": closing.decide_appeal,
    "supervise": closing.supervise,
    "reply_supervise": closing.reply_supervise,
    "urge": closing.urge,
    "flag_urgent": closing.flag_urgent,
    "log_call": closing.note,
    "callback": closing.callback,
    "contact_citizen": closing.contact_citizen,
    "co_reply": closing.note,
    "link": closing.link,
    "comment": closing.note,
    "attach": closing.note,
}
