"""The forms of the web seats as data: one per action, with its fields, words, and what is said afterwards."""

from __future__ import annotations

from dataclasses import dataclass

#: kinds of fields: how one is drawn and how its value becomes part of a payload
KINDS = (
    "area", "radio", "check", "moment", "day", "person", "limit", "photos", "photo", "here", "place", "category",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field: the payload's name, how it is drawn, its words.

    `choices` of a radio are (value, word); a `check` gives true or is left out. `start` is what stands in it at first.
    """

    name: str
    kind: str
    label: str
    required: bool = False
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    start: str = ""
    rows: int = 3
    most: int = 1000


@dataclass(frozen=True, slots=True)
class Form:
    """One action's form: title, the word on its button, its fields, and the sentence after it took effect.

    `main` forms stand out among the actions of a case, in the order of the table; `intro` is said above the fields.
    """

    action: str
    title: str
    verb: str
    done: str
    fields: tuple[Field, ...] = ()
    main: bool = False
    intro: str = ""
    icon: str = "check"


_YES_NO = (("yes", "是"), ("no", "否"))
_PHOTOS = Field("photos", "photos", "照片", hint="最多 9 张，每张不超过 20 MiB；保留原图和拍摄信息。")
_HERE = Field("here", "here", "现场位置", hint="点“取当前位置”，或填写经纬度；与案件位置的距离会一并记入。")


def _reason(label: str, hint: str = "") -> Field:
    return Field("reason", "area", label, True, hint)


FORMS: dict[str, Form] = {
    form.action: form
    for form in (
        Form("sign", "签收", "签收", "已签收，处置时限继续计时。", main=True, icon="check"),
        Form(
            "feed_back",
            "反馈处置结果",
            "提交反馈",
            "已反馈，等待批转和核查。",
            (
                Field(
                    "result", "area", "处置情况", True, "内部可见：做了什么、现状如何。", rows=4, most=5000
                ),
                Field(
                    "solved", "radio", "是否解决", choices=(("yes", "已解决"), ("no", "未解决")), start="yes"
                ),
                Field(
                    "public_reply", "area", "公开答复", hint="可对来电人公开的答复，不写个人信息。", most=2000
                ),
                _PHOTOS,
                Field("outside_duty", "check", "不属于本单位职责"),
            ),
            main=True,
            icon="send",
        ),
        Form(
            "verify_result",
            "反馈核实结果",
            "提交核实结果",
            "核实结果已提交。",
            (
                Field(
                    "result",
                    "radio",
                    "核实结果",
                    True,
                    choices=(("true", "属实"), ("false", "不属实"), ("not_found", "未找到")),
                ),
                Field("note", "area", "说明", most=1800),
                _PHOTOS,
                _HERE,
            ),
            main=True,
            icon="eye",
        ),
        Form(
            "check_pass",
            "核查通过",
            "核查通过",
            "已核查通过，等待结案。",
            (Field("note", "area", "说明", most=1800), _PHOTOS, _HERE),
            main=True,
            icon="check_circle",
        ),
        Form(
            "check_fail",
            "核查不通过",
            "核查不通过",
            "已退回处置单位返工。",
            (_reason("不通过的原因", "现场看到了什么，还差什么。"), _PHOTOS, _HERE),
            main=True,
            icon="x",
        ),
        Form(
            "decide_appeal",
            "裁定申诉",
            "提交裁定",
            "裁定已提交。",
            (
                Field(
                    "approve",
                    "radio",
                    "裁定",
                    True,
                    "同意后本案不计入超期统计，超期的事实仍然可见。",
                    (("yes", "同意申诉"), ("no", "不同意")),
                ),
                Field("note", "area", "说明", most=2000),
            ),
            main=True,
            icon="stamp",
        ),
        Form(
            "co_reply",
            "协办回复",
            "提交回复",
            "协办回复已提交。",
            (Field("text", "area", "协办情况", True, most=5000), _PHOTOS),
            main=True,
            icon="people",
        ),
        Form(
            "reply_supervise",
            "回复督办",
            "提交回复",
            "督办回复已提交。",
            (Field("text", "area", "回复内容", True, most=5000),),
            main=True,
            icon="redo",
        ),
        Form(
            "assign",
            "指派",
            "确定",
            "指派已生效。",
            (Field("to", "person", "交给谁处置", hint="只列出本单位人员；选“不指派”即撤销指派。"),),
            icon="person",
        ),
        Form(
            "contact_citizen",
            "联系群众",
            "记录联系",
            "联系情况已记录。",
            (
                Field("at", "moment", "联系时间", True),
                Field("reached", "radio", "是否联系上", True, choices=_YES_NO, start="yes"),
                Field("text", "area", "联系情况", True, hint="说了什么；不写电话号码。", most=2000),
            ),
            icon="phone",
        ),
        Form(
            "apply_extension",
            "申请延期",
            "提交申请",
            "延期申请已提交，等待审批；批准前仍按原时限计。",
            (
                _reason("延期理由"),
                Field("limit", "limit", "延长多少", hint="不填时延长一个原时限。"),
            ),
            icon="clock",
        ),
        Form(
            "apply_suspend",
            "申请挂账",
            "提交申请",
            "挂账申请已提交，等待审批；批准前时限照计。",
            (
                Field("until", "day", "挂账到（含当天）", True, "到期后自动恢复处置。"),
                _reason("挂账理由"),
            ),
            icon="pause",
        ),
        Form(
            "return_case",
            "退单",
            "退单",
            "已退单，由派遣员重新派遣。",
            (
                _reason("退单理由", "为什么不该由本单位处置。"),
                Field("basis", "area", "依据", True, "文件、职责分工或现场情况。"),
            ),
            icon="return",
        ),
        Form(
            "appeal",
            "申诉",
            "提交申诉",
            "申诉已提交，等待考评员裁定；每件只能申诉一次。",
            (_reason("申诉理由", "为什么这次超期不应计入统计。"),),
            icon="flag",
        ),
        Form(
            "self_close",
            "自行处置结案",
            "结案",
            "已自行处置结案。",
            (Field("result", "area", "处置情况", True, most=5000), _PHOTOS),
            icon="check_circle",
        ),
        Form(
            "urge",
            "催办",
            "催办",
            "已催办，次数记入案件。",
            (Field("text", "area", "催办内容", True),),
            icon="bell",
        ),
        Form(
            "comment",
            "备注",
            "添加备注",
            "备注已添加。",
            (Field("text", "area", "备注", True, most=5000),),
            icon="edit",
        ),
        Form(
            "attach",
            "添加照片",
            "上传",
            "照片已添加到案件。",
            (Field("photo", "photo", "照片", True, "一次一张，不超过 20 MiB。"),),
            icon="shot",
        ),
    )
}

REGISTER = Form(
    "register",
    "上报问题",
    "提交上报",
    "已登记，由中心受理。",
    (
        Field(
            "kind", "radio", "问题类型", True,
            choices=(("event", "事件（脏乱、占道、积水等）"), ("component", "部件（井盖、路灯、树木等）")),
            start="event",
        ),
        Field("category", "category", "类别", hint="不确定时留空，由中心确定。"),
        Field("description", "area", "情况描述", True, "看到了什么，有没有危险；不写个人信息。", rows=4, most=5000),
        Field("location", "place", "位置", True, "点“取当前位置”，或填写经纬度。"),
        Field("photos", "photos", "现场照片", hint="最多 9 张，每张不超过 20 MiB；保留原图和拍摄信息。"),
        Field("urgent", "check", "有人身安全危险，按急要件上报"),
    ),
    icon="plus",
)  # fmt: skip


def forms_for(allowed: tuple[str, ...]) -> tuple[Form, ...]:
    """Return the forms of what a person may do now, main ones first, in the order of the table."""
    mine = [form for form in FORMS.values() if form.action in allowed]
    return tuple(sorted(mine, key=lambda form: not form.main))
