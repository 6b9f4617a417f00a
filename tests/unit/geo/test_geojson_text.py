"""Bytes to JSON: limits hold, nothing crashes, every refusal is a sentence."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.geo.errors import FeatureFileError
from services.geo.geojson_text import JsonObject, Limits, parse_json, read_bytes

LIMITS = Limits()


def test_plain_and_packed_bytes_and_files(tmp_path: Path) -> None:
    text = b'{"type": "FeatureCollection"}'
    path = tmp_path / "a.geojson.gz"
    path.write_bytes(gzip.compress(text))
    assert read_bytes(text, LIMITS) == text
    assert read_bytes(gzip.compress(text), LIMITS) == text
    assert read_bytes(path, LIMITS) == text


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(FeatureFileError, match=r"读不到文件 gone\.geojson"):
        read_bytes(tmp_path / "gone.geojson", LIMITS)
    with pytest.raises(FeatureFileError, match="读不到文件"):
        read_bytes(tmp_path, LIMITS)


def test_size_limit_of_plain_bytes_and_file(tmp_path: Path) -> None:
    small = Limits(most_bytes=100)
    path = tmp_path / "big.json"
    path.write_bytes(b" " * 101)
    for source in (b" " * 101, path):
        with pytest.raises(FeatureFileError, match="上限"):
            read_bytes(source, small)
    assert len(read_bytes(b" " * 100, small)) == 100


def test_a_packed_bomb_is_stopped_while_unpacking() -> None:
    bomb = gzip.compress(b"[" * 50_000_000)
    assert len(bomb) < 100_000
    with pytest.raises(FeatureFileError, match="1 MB 的上限"):
        read_bytes(bomb, Limits(most_bytes=1 << 20))


@pytest.mark.parametrize("cut", [5, 12, -4])
def test_broken_packing(cut: int) -> None:
    packed = gzip.compress(b'{"type": "FeatureCollection", "features": []}' * 20)
    with pytest.raises(FeatureFileError, match="gzip"):
        read_bytes(packed[:cut], LIMITS)


def test_damaged_packing() -> None:
    packed = bytearray(gzip.compress(bytes(range(256)) * 40))
    packed[40:60] = b"\x00" * 20
    with pytest.raises(FeatureFileError, match="gzip"):
        read_bytes(bytes(packed), LIMITS)


@pytest.mark.parametrize("data", [b"", b"  \n"])
def test_empty(data: bytes) -> None:
    with pytest.raises(FeatureFileError, match="空的"):
        parse_json(data, LIMITS)


def test_where_the_text_is_wrong() -> None:
    with pytest.raises(FeatureFileError, match="第 2 行第 3 列"):
        parse_json(b"{\n  oops}", LIMITS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_text_in_usual_encodings(encoding: str) -> None:
    assert parse_json('{"名称": "望塔街道"}'.encode(encoding), LIMITS) == {"名称": "望塔街道"}


def test_other_bytes_are_refused() -> None:
    with pytest.raises(FeatureFileError, match="编码"):
        parse_json(b'{"a": "\xff\xff"}', LIMITS)


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_a_depth_bomb_is_a_sentence(opening: str) -> None:
    with pytest.raises(FeatureFileError, match="嵌套超过 64 层"):
        parse_json((opening * 100_000).encode(), LIMITS)


def test_depth_is_counted_across_slices_and_not_in_strings() -> None:
    deep = b"[" * 40 + b" " * (20 << 20) + b"[" * 40
    with pytest.raises(FeatureFileError, match="嵌套"):
        parse_json(deep, LIMITS)
    brackets = json.dumps({"name": "[{" * 500 + '"' + "\\" + "[" * 100}).encode()
    assert parse_json(brackets, LIMITS)["name"].startswith("[{")
    assert parse_json(b"[" * 64 + b"]" * 64, LIMITS) == json.loads("[" * 64 + "]" * 64)


def test_a_deep_limit_still_ends_in_a_sentence() -> None:
    with pytest.raises(FeatureFileError, match="嵌套"):
        parse_json(b"[" * 200_000 + b"]" * 200_000, Limits(most_depth=1_000_000))


def test_a_number_of_thousands_of_digits() -> None:
    with pytest.raises(FeatureFileError, match="位数过多"):
        parse_json(b"[" + b"9" * 5000 + b"]", LIMITS)


def test_nan_and_infinity_come_as_floats() -> None:
    values = parse_json(b"[NaN, Infinity, -Infinity, 1e999]", LIMITS)
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, -math.inf, math.inf]


def test_double_keys_are_remembered() -> None:
    made = parse_json(b'{"a": 1, "b": {"c": 1, "c": 2}, "a": 3}', LIMITS)
    assert isinstance(made, JsonObject)
    assert made == {"a": 3, "b": {"c": 2}}
    assert made.doubles == ("a",)
    assert made["b"].doubles == ("c",)
    assert parse_json(b"{}", LIMITS).doubles == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_reads_what_python_writes(value: object) -> None:
    assert parse_json(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"), LIMITS) == value


@given(st.binary(max_size=300))
def test_any_bytes_give_a_value_or_a_sentence(data: bytes) -> None:
    try:
        parse_json(read_bytes(data, LIMITS), LIMITS)
    except FeatureFileError as error:
        assert str(error).endswith("。")
