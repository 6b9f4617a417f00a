"""How documents lie in the log: compact JSON, deflated against a fixed dictionary of the field's own words.

A dispatch takes 400 bytes as JSON, 235 deflated, about 70 with the dictionary, at 4 µs to pack and 1 µs to
unpack; 25 million changes fit in the space promised. The first byte names the form, so that a later
dictionary can join (1: deflate with dictionary 1; 0: plain JSON). A dictionary is never edited: old rows
need it as it was.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

_DICTIONARY_1 = (
    '{"d":{"parent":null,"upper_id":null,"upper_due":null,"caller_masked":"**  1****","need_callback":false,'
    '"assignee":null,"pending":{"suspend":{"until":"2026-","extension":{"amount":,"unit":"natural_day",'
    '"reason":"","by":"}},"marks":["until:2026-","contacted","called_back","verified_true","imported"],'
    '"flags":["appeal_exempt","appeal_pending","confidential","extension_pending","near_boundary","override",'
    '"reply_due","suspend_pending","unlocated"],"closed_at":"2026-","counts":[0,0,0,0,0,0],"round":2,'
    '"case_id":"019","number":"2026","kind":"component","kind":"grid","kind":"service","kind":"hotline",'
    '"kind":"event","source":"hotline","source":"grid_worker","source":"app","source":"video",'
    '"source":"patrol","state":"reported","category":"component-","category":"grid-G",'
    '"category":"event-01","condition":0,"description":"","grid":"440","urgent":false,"level":0,"lead_dept":'
    'null,"round":1,"parent":null,"upper_id":null,"caller_masked":null,"need_callback":false,"reporter":"u-",'
    '"assignee":null,"version":1,"xver":1,"created_at":"2026-","closed_at":null,"upper_due":null,"flags":[],'
    '"marks":[],"clocks":{"accept":{"start":"2026-","limit":[30,"minute"],"due":"2026-"}},"pending":{},'
    '"location":[113.,22.,"路号旁"],"owner":["acceptor",null,null],"counts":[0,0,0,0,0,0],"area_path":["44'
    '","area_path":[],"co_depts":[]},"p":{"reason":"","note":"","photos":["","text":"","basis":"",'
    '"result":"","public_reply":"","solved":true,"callback":{"reached":true,"solved":true,"satisfaction":5,'
    '"text":""},"closing_condition":"","kind":"event","source":"","location":{"lon":1,"lat":2,"address":""},'
    '"description":"","category":"event-","caller":{"name":"*","phone":"1****"},"level":0,"at":"2026-",'
    '"reached":true,"text":""},"d":{"state":"not_accepted","state":"not_filed","state":"cancelled",'
    '"state":"archived","state":"verifying","state":"returned","state":"suspended","version":12,"xver":12,'
    '"more":[[1,"work_day"]],"gaps":[["suspend","2026-",null,""],["window","2026-"]],"fixed":"2026-","left":'
    '"limit":[1,"urgent_day"],"limit":[2,"urgent_hour"],"limit":[7,"work_day"],"limit":[4,"work_hour"],'
    '"d":{"state":"pending_filing","version":2,"xver":2,"clocks":{"accept":{"start":"2026-","limit":[30,'
    '"minute"],"due":"2026-","stop":"2026-"},"file":{"start":"2026-","limit":[30,"minute"],"due":"2026-"}},'
    '"owner":["shift_leader",null,null]},"p":{},"n":"","d":{"state":"pending_dispatch","category":"event-",'
    '"condition":0,"version":3,"xver":3,"clocks":{"file":{"start":"2026-","limit":[30,"minute"],"due":"2026-'
    '","stop":"2026-"},"dispatch":{"start":"2026-","limit":[30,"minute"],"due":"2026-"}},"owner":['
    '"dispatcher",null,null]},"p":{"category":"event-","condition":0},"n":"","d":{"state":"feedback_review",'
    '"version":6,"xver":6,"clocks":{"handle":{"start":"2026-","limit":[4,"work_hour"],"due":"2026-","stop":'
    '"2026-"},"forward":{"start":"2026-","limit":[30,"minute"],"due":"2026-"}},"owner":["dispatcher",null,'
    'null]},"p":{"result":"","n":"","d":{"state":"checking","version":7,"xver":7,"clocks":{"forward":{"start"'
    ':"2026-","limit":[30,"minute"],"due":"2026-","stop":"2026-"},"check":{"start":"2026-","limit":[2,'
    '"urgent_hour"],"due":"2026-"}},"owner":["supervisor",null,null]},"p":{},"n":"","d":{"state":'
    '"pending_close","version":8,"xver":8,"clocks":{"check":{"start":"2026-","limit":[2,"urgent_hour"],'
    '"due":"2026-","stop":"2026-"},"close":{"start":"2026-","limit":[1,"urgent_day"],"due":"2026-"}},'
    '"owner":["shift_leader",null,null]},"p":{},"n":"","d":{"state":"closed","version":9,"xver":9,'
    '"closed_at":"2026-","clocks":{"close":{"start":"2026-","limit":[1,"urgent_day"],"due":"2026-","stop":'
    '"2026-"}},"owner":[null,null,null]},"p":{"closing_condition":""},"n":"","d":{"state":"handling","version"'
    ':5,"xver":5,"owner":["street_user","street-","d":{"state":"handling","version":5,"xver":5},"p":{},"n":"'
    '","d":{"state":"pending_sign","lead_dept":"","version":4,"xver":4,"clocks":{"dispatch":{"start":"2026-",'
    '"limit":[30,"minute"],"due":"2026-","stop":"2026-"},"handle":{"start":"2026-","limit":[4,"work_hour"],'
    '"due":"2026-"}},"owner":["dept_user","",null],"co_depts":[""]},"p":{"lead_dept":"","co_depts":[],'
    '"note":""},"n":"'
).encode()

_PLAIN, _DEFLATED_1 = b"\x00", b"\x01"
_LEVEL, _WINDOW, _MEMORY = 6, -13, 6
_pack_1 = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zlib.Z_DEFAULT_STRATEGY, _DICTIONARY_1)
_unpack_1 = zlib.decompressobj(_WINDOW, _DICTIONARY_1)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def compact(value: Any) -> str:
    """Return a value as compact JSON; raises ValueError for NaN and infinity."""
    return _encode(value)


def pack(doc: Mapping[str, Any]) -> bytes:
    """Pack a document; the same document (in the same key order) gives the same bytes under one zlib."""
    packer = _pack_1.copy()
    return _DEFLATED_1 + packer.compress(compact(doc).encode()) + packer.flush()


def unpack(packed: bytes) -> dict[str, Any]:
    """Read what `pack` wrote; raises ValueError for bytes of no known form."""
    form, rest = packed[:1], packed[1:]
    if form == _DEFLATED_1:
        try:
            rest = _unpack_1.copy().decompress(rest)
        except zlib.error as error:
            raise ValueError("a packed document is damaged") from error
    elif form != _PLAIN:
        raise ValueError("a packed document of unknown form")
    found: dict[str, Any] = json.loads(rest)
    return found
