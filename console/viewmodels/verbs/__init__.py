"""Everything that can be done in the console, in one list: command bar, hot keys, context menus and `?` read it.

**To add a verb** from a page, the shell or any window that has the seat, say it and what it does in one line::

    seat.verbs.add(Verb("handover.open", noop("交接班"), ("jiaojie",), keys=("F9",)), self.open_hand_over)

It then stands in the command bar (found by Chinese, pinyin, initials and aliases), hears its key, is listed under `?`
and is held to the rules by `tests/widgets/console/palette/test_three_lists.py` (no key twice in one place, ...).

With a reason why it cannot be done now (a sentence; empty when it can)::

    seat.verbs.add(verb, self.export, lambda: "" if self.rows else tr("列表里没有案件"))

A verb about a case, unit or area says so with `takes`, is bound with `add_for`, and gets a `Call`; a case verb stands
in the context menus of queue and map by itself::

    seat.verbs.add_for(
        Verb("case.watch", noop("加入关注"), group=CASE_GROUP, place=CASE, keys=("Y",), takes=(A_CASE,)),
        lambda call: self.watch(call.case),
        lambda call: "" if self.seat.case(call.case) else tr("还没有选中案件"),
    )

`verb.py` holds the values, `book.py` the book of one seat (`seat.verbs`), `keymap.py` the keys a user has changed.
"""
