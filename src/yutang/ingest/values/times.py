"""Instants and days as platforms, tills and spreadsheet programs write them."""

from __future__ import annotations

import datetime as dt
from itertools import product
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yutang.ingest.values.outcome import (
    AMBIGUOUS_DATE,
    NOT_A_DATE,
    Parsed,
    cast_whole,
    each_distinct,
    one_array,
    positions_where,
    without_problems,
)
from yutang.ingest.values.texts import cleaned

LOCAL = pa.timestamp("us")
_WHOLE_SECONDS = pa.timestamp("s")
INSTANT_TYPE = pa.struct([("local", LOCAL), ("offset_minutes", pa.int32())])

_CLOCKS = (" %H:%M:%S", " %H:%M", "", "T%H:%M:%S", "T%H:%M", " %I:%M:%S %p", " %I:%M %p", "%H:%M:%S", " %H时%M分%S秒")
_YEAR_FIRST = tuple(
    day + clock for day, clock in product(("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"), _CLOCKS)
)
_NAMED_MONTH = tuple(
    day + clock for day, clock in product(("%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%b %d %Y"), _CLOCKS[:7])
)
_DAY_FIRST = tuple(day + clock for day, clock in product(("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"), _CLOCKS[:7]))
_MONTH_FIRST = tuple(day + clock for day, clock in product(("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y"), _CLOCKS[:7]))
_COMPACT = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_ZONES = ((r"[+-]\d{4}", 5), (r"[+-]\d{2}:\d{2}", 6), ("Z", 1), ("(UTC|GMT)", 3))
_TAIL = r":\d{2}(\.\d+)? ?(Z|UTC|GMT|[+-]\d{2}:?\d{2})$|:\d{2}\.\d+$"
_COUNTED = r"^(\d{10}|\d{13}|\d{5}(\.\d+)?)$"
_TWINS = "^(" + "|".join(rf"0?{n}[-/.]0?{n}" for n in range(1, 13)) + r")[-/.]\d{4}\b"
_YEAR_LAST = r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{4}\b"
#: Texts whose day is at the end of a month; the parser rolls the 30th of February over into March.
_LATE_DAY = r"^(\d{4}\D+\d{1,2}\D+(29|30|31)(\D|$)|\d{6}(29|30|31)|(29|30|31)[-/. ]|\d{1,2}[-/.](29|30|31)[-/.])"
_EXCEL_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock
_EARLIEST, _LATEST = np.datetime64("1900-01-01", "us"), np.datetime64("2100-01-01", "us")
_SAMPLE = 200


def instant(array: pa.StringArray, *, time_zone: str, day_first: bool | None) -> Parsed:
    """Return wall clock, to the second, and stated offset of every cell."""
    cells = cleaned(array)
    seconds = cast_whole(cells, _WHOLE_SECONDS)
    if seconds is None or _out_of_range(_numpy(seconds)).any():
        return _oddly_written(cells, time_zone=time_zone, day_first=day_first)
    return without_problems(_instants(pc.cast(seconds, LOCAL), pa.nulls(len(cells), pa.int32())))


def day(array: pa.StringArray, *, time_zone: str, day_first: bool | None) -> Parsed:
    """Return the day of every cell as its own clock shows it."""
    parsed = instant(array, time_zone=time_zone, day_first=day_first)
    return Parsed(pc.cast(pc.struct_field(parsed.values, "local"), pa.date32(), safe=False), parsed.problems)


def day_first_of(array: pa.StringArray) -> bool | None:
    """Return whether dates such as 25/12/2024 put the day first, as far as the cells settle it."""
    cells = cleaned(array)
    if not len(cells):
        return None
    late_first = pc.any(pc.match_substring_regex(cells, r"^(1[3-9]|2\d|3[01])[-/.]\d{1,2}[-/.]\d{4}\b")).as_py()
    late_second = pc.any(pc.match_substring_regex(cells, r"^\d{1,2}[-/.](1[3-9]|2\d|3[01])[-/.]\d{4}\b")).as_py()
    return None if bool(late_first) == bool(late_second) else bool(late_first)


def _oddly_written(cells: pa.StringArray, *, time_zone: str, day_first: bool | None) -> Parsed:
    """Read the usual format at full speed, and only what it leaves with all care."""
    usual = _likely_first(cells, list(_YEAR_FIRST))[0]
    local = np.full(len(cells), np.datetime64("NaT"), "datetime64[us]")
    if not np.isnat(_strptime(cells.slice(0, _SAMPLE), usual)).all():
        local = _strptime(cells, usual)
    left = np.flatnonzero(np.isnat(local) & cells.is_valid().to_numpy(zero_copy_only=False))
    offsets, problems = pa.nulls(len(cells), pa.int32()), pa.nulls(len(cells), pa.string())
    if left.size:
        rest = _classified(cells.take(left), time_zone=time_zone, day_first=day_first)
        local[left] = _numpy(pc.struct_field(rest.values, "local"))
        offsets = _placed(offsets, left, pc.struct_field(rest.values, "offset_minutes"))
        problems = _placed(problems, left, rest.problems)
    return Parsed(_instants(pa.array(local, LOCAL), offsets), problems)


def _classified(texts: pa.StringArray, *, time_zone: str, day_first: bool | None) -> Parsed:
    """Read texts (none null) that may hold zones, counts of seconds or days, or the year last."""
    texts, offsets = _without_zone(texts)
    local = np.full(len(texts), np.datetime64("NaT"), "datetime64[us]")
    problems = np.full(len(texts), NOT_A_DATE, object)
    counted = positions_where(pc.match_substring_regex(texts, _COUNTED))
    if counted.size:
        times = each_distinct(texts.take(counted), lambda t: (_counted(t, time_zone), None), INSTANT_TYPE).values
        local[counted] = _numpy(pc.struct_field(times, "local"))
        offsets = _placed(offsets, counted, pc.struct_field(times, "offset_minutes"))
    year_last = positions_where(pc.match_substring_regex(texts, _YEAR_LAST))
    settled = day_first if day_first is not None else day_first_of(texts.take(year_last))
    written = np.setdiff1d(np.arange(len(texts)), counted, assume_unique=True)
    formats: list[str] = [*_YEAR_FIRST, *_COMPACT.values(), *_NAMED_MONTH]
    if settled is not None:
        formats += _DAY_FIRST if settled else _MONTH_FIRST
    elif year_last.size:
        # The 5th of May is the same either way.
        twins = year_last[positions_where(pc.match_substring_regex(texts.take(year_last), _TWINS))]
        local[twins] = _read(texts.take(twins), list(_DAY_FIRST))
        problems[year_last] = AMBIGUOUS_DATE
        written = np.setdiff1d(written, year_last, assume_unique=True)
    local[written] = _read(texts.take(written), formats)
    problems[~np.isnat(local)] = None
    return Parsed(_instants(pa.array(local, LOCAL), offsets), pa.array(problems, pa.string()))


def _read(texts: pa.StringArray, formats: list[str]) -> npt.NDArray[np.datetime64]:
    """Return the times of texts in any of the formats, NaT where none fits."""
    local = np.full(len(texts), np.datetime64("NaT"), "datetime64[us]")
    if (iso := cast_whole(texts, _WHOLE_SECONDS)) is not None:
        local = _numpy(iso)
        local[_out_of_range(local)] = np.datetime64("NaT")
        return local
    left = np.arange(len(texts))
    for format_ in _likely_first(texts, formats):
        if not left.size:
            break
        local[left] = _strptime(texts if left.size == len(texts) else texts.take(left), format_)
        left = np.flatnonzero(np.isnat(local))
    return local


def _likely_first(texts: pa.StringArray, formats: list[str]) -> list[str]:
    """Return formats with those first that read cells of a sample; the others only see what these leave."""
    sample = texts.slice(0, _SAMPLE)
    hits = {format_: int(np.count_nonzero(~np.isnat(_strptime(sample, format_)))) for format_ in formats}
    return sorted(formats, key=lambda format_: -hits[format_])


def _strptime(texts: pa.StringArray, format_: str) -> npt.NDArray[np.datetime64]:
    """Return the times that are written in exactly this format, NaT for others and for days that do not exist."""
    if format_ in _COMPACT.values():
        length = next(size for size, compact in _COMPACT.items() if compact == format_)
        shaped = pc.match_substring_regex(texts, rf"^(19|20)\d{{{length - 2}}}$")
        texts = pc.if_else(shaped, texts, pa.scalar(None, pa.string()))
    times = pc.strptime(texts, format_, "us", error_is_null=True)
    local = _numpy(times)
    early = positions_where(pc.less_equal(pc.day(times), 3))
    rolled = early[positions_where(pc.match_substring_regex(texts.take(early), _LATE_DAY))]
    local[rolled] = np.datetime64("NaT")
    local[_out_of_range(local)] = np.datetime64("NaT")
    return local


def _without_zone(texts: pa.StringArray) -> tuple[pa.StringArray, pa.Int32Array]:
    """Return the texts without zone and fractions of a second, and the offset in minutes that each states."""
    offsets = pa.nulls(len(texts), pa.int32())
    tailed = positions_where(pc.match_substring_regex(texts, _TAIL))
    for ending, length in _ZONES:
        zoned = tailed[positions_where(pc.match_substring_regex(texts.take(tailed), ending + "$"))]
        if not zoned.size:
            continue
        part = texts if zoned.size == len(texts) else texts.take(zoned)
        suffixes = pc.utf8_slice_codeunits(part, -length, 2**31 - 1)
        minutes = each_distinct(suffixes, lambda suffix: (_minutes(suffix), None), pa.int32()).values
        offsets = _placed(offsets, zoned, minutes)
        texts = _placed(texts, zoned, pc.utf8_rtrim_whitespace(pc.utf8_slice_codeunits(part, 0, -length)))
    if tailed.size:
        fractions = tailed[positions_where(pc.match_substring_regex(texts.take(tailed), r":\d{2}\.\d+$"))]
        texts = _placed(texts, fractions, pc.replace_substring_regex(texts.take(fractions), r"\.\d+$", ""))
    return texts, offsets


def _minutes(suffix: str) -> int:
    if suffix in {"Z", "UTC", "GMT"}:
        return 0
    digits = suffix[1:].replace(":", "")
    return (-1 if suffix[0] == "-" else 1) * (int(digits[:2]) * 60 + int(digits[2:]))


def _counted(text: str, time_zone: str) -> dict[str, object] | None:
    """Return the time that a number counts: seconds or milliseconds since 1970, or Excel's days since 1900."""
    number = float(text)
    if number < 100_000:
        if not 20_000 <= number < 73_000:
            return None
        return {"local": _EXCEL_EPOCH + dt.timedelta(seconds=round(number * 86_400)), "offset_minutes": None}
    aware = dt.datetime.fromtimestamp(number if number < 1e11 else number / 1000, tz=ZoneInfo(time_zone))
    offset = aware.utcoffset() or dt.timedelta()
    return {"local": aware.replace(tzinfo=None), "offset_minutes": int(offset.total_seconds() // 60)}


def _out_of_range(local: npt.NDArray[np.datetime64]) -> npt.NDArray[np.bool_]:
    return (local < _EARLIEST) | (local >= _LATEST)


def _numpy(times: pa.TimestampArray) -> npt.NDArray[np.datetime64]:
    return np.array(one_array(times).to_numpy(zero_copy_only=False), "datetime64[us]")


def _placed(array: pa.Array, positions: npt.NDArray[np.int64], parts: pa.Array) -> pa.Array:
    """Return the array with `parts` at `positions`."""
    if len(positions) == len(array):
        return one_array(parts)
    mask = np.zeros(len(array), np.bool_)
    mask[positions] = True
    return one_array(pc.replace_with_mask(array, pa.array(mask), one_array(parts)))


def _instants(local: pa.TimestampArray, offsets: pa.Int32Array) -> pa.StructArray:
    return pa.StructArray.from_arrays([one_array(local), one_array(offsets)], fields=list(INSTANT_TYPE))
