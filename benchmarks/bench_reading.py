"""How fast a Taobao order report (40 columns, GBK) is read and parsed, and how much memory that takes. Prints JSON.

PYTHONPATH=src python benchmarks/bench_reading.py --lines 1000000
"""

from __future__ import annotations

import argparse
import codecs
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from yutang.ingest.reading import open_source
from yutang.ingest.values import ValueKind, parse

HEADER = (
    "订单编号,买家会员名,买家支付宝账号,买家应付货款,买家应付邮费,买家支付积分,总金额,返点积分,买家实际支付金额,买家实际支付积分,订单状态,"
    "买家留言,收货人姓名,收货地址 ,运送方式,联系电话 ,联系手机,订单创建时间,订单付款时间 ,宝贝标题 ,宝贝种类 ,物流单号 ,物流公司,订单备注,"
    "宝贝总数量,店铺Id,店铺名称,订单关闭原因,卖家服务费,买家服务费,发票抬头,是否手机订单,分阶段订单信息,定金排名,修改后的sku,"
    "修改后的收货地址,异常信息,天猫卡券抵扣,集分宝抵扣,是否是O2O交易"
)
ROW = (
    '="{number}","示例买家{n}","","{price}.00","0.00","0","{price}.00","0","{price}.00","0","交易成功","","{name}",'
    '"浙江省 杭州市 西湖区 示例街道{door}号","快递","\'null","\'1455{phone:07d}","{day} {clock}:01","{day} {clock}:20",'
    '"春季新款连衣裙,{size}码","1","","圆通速递","","{pieces}","0","示例女装旗舰店","","0","0.00元","","手机订单",'
    '"","","","","","","",""\r\n'
)
#: What an import reads of the report.
KINDS = {
    "订单编号": ValueKind.ID,
    "买家会员名": ValueKind.TEXT,
    "买家应付货款": ValueKind.MONEY,
    "买家应付邮费": ValueKind.MONEY,
    "总金额": ValueKind.MONEY,
    "买家实际支付金额": ValueKind.MONEY,
    "订单状态": ValueKind.TEXT,
    "收货人姓名": ValueKind.TEXT,
    "收货地址": ValueKind.TEXT,
    "联系手机": ValueKind.PHONE,
    "订单创建时间": ValueKind.DATETIME,
    "订单付款时间": ValueKind.DATETIME,
    "宝贝标题": ValueKind.TEXT,
    "宝贝总数量": ValueKind.INTEGER,
    "店铺名称": ValueKind.TEXT,
}


def main() -> None:
    """Make the file, measure, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lines", type=int, default=1_000_000)
    options.add_argument("--alternatives", action="store_true", help="also measure other ways to decode GBK")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ExportOrderList202403100001.csv"
        making = seconds_of(lambda: make_report(path, chosen.lines))
        measured = {
            "lines": chosen.lines,
            "bytes": path.stat().st_size,
            "making_s": making,
            "reading_mapped_columns_s": seconds_of(lambda: read(path, mapped_columns(path))),
            "reading_and_parsing_s": seconds_of(lambda: read_and_parse(path)),
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "reading_all_columns_s": seconds_of(lambda: read(path, None)),
        }
        measured["lines_per_s"] = round(chosen.lines / measured["reading_and_parsing_s"])
        if chosen.alternatives:
            measured["alternatives"] = {
                "decode_in_python_only_s": seconds_of(lambda: sum(len(chunk) for chunk in utf8_chunks(path))),
                "decode_in_python_then_arrow_s": seconds_of(lambda: arrow_rows(Utf8File(path))),
                "arrow_transcoding_s": seconds_of(lambda: arrow_rows(str(path), encoding="gb18030")),
            }
    json.dump(measured, sys.stdout)
    sys.stdout.write("\n")


def make_report(path: Path, lines: int) -> None:
    """Write a report of made-up orders."""
    names = ("张三", "李四", "王五", "赵六", "欧阳娜娜")
    with path.open("w", encoding="gb18030", newline="") as file:
        file.write(HEADER + "\r\n")
        for start in range(0, lines, 10_000):
            file.write(
                "".join(
                    ROW.format(
                        number=445_566_778_899_000_000 + n,
                        n=n * 7919 % 1_000_003,
                        price=n % 900 + 10,
                        name=names[n % 5],
                        door=n % 1999,
                        phone=n * 7919 % 10_000_000,
                        day=f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}",
                        clock=f"{n % 24:02}:{n % 60:02}",
                        size="SML"[n % 3],
                        pieces=n % 3 + 1,
                    )
                    for n in range(start, min(start + 10_000, lines))
                )
            )


def mapped_columns(path: Path) -> list[int]:
    """Return the positions of the columns that an import reads."""
    header = open_source(path).sheets[0].header
    return [header.index(name) for name in KINDS]


def read(path: Path, columns: list[int] | None) -> int:
    """Return the number of rows read."""
    return sum(batch.num_rows for batch in open_source(path).batches(columns=columns))


def read_and_parse(path: Path) -> int:
    """Return the number of cells without a problem."""
    columns = dict(zip(mapped_columns(path), KINDS.values(), strict=True))
    good = 0
    for batch in open_source(path).batches(columns=list(columns)):
        for at, kind in columns.items():
            good += parse(kind, batch.column(f"c{at}")).problems.null_count
    return good


def utf8_chunks(path: Path) -> Iterator[bytes]:
    """Yield the file decoded and encoded again."""
    decoder = codecs.getincrementaldecoder("gb18030")()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield decoder.decode(chunk).encode()


class Utf8File:
    """A file object over `utf8_chunks` for Arrow."""

    closed = False

    def __init__(self, path: Path) -> None:
        self._chunks = utf8_chunks(path)
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes."""
        if not self._left:
            self._left = next(self._chunks, b"")
        given, self._left = self._left[:size], self._left[size:]
        return given

    def close(self) -> None:
        """Nothing is held."""

    def readable(self) -> bool:
        """Arrow asks."""
        return True


def arrow_rows(source: object, encoding: str = "utf8") -> int:
    """Return the number of rows that PyArrow's own streaming reader gives, all columns as text."""
    names = [f"c{n}" for n in range(HEADER.count(",") + 1)]
    reader = pa_csv.open_csv(
        source,
        read_options=pa_csv.ReadOptions(column_names=names, skip_rows=1, block_size=4 << 20, encoding=encoding),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )
    return sum(pc.count(batch.column(0), mode="all").as_py() for batch in reader)


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long the work takes, in seconds."""
    started = time.perf_counter()
    work()
    return round(time.perf_counter() - started, 3)


if __name__ == "__main__":
    main()
