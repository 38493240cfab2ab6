"""The words by which files of tills and ERPs name orders and refunds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import pyarrow as pa

from yutang.customers.import_words import PERSON_WORDS, STORE_WORDS
from yutang.ingest.values import ValueKind, parse
from yutang.ingest.wording import WORDS, FieldWords, TargetWords

#: Rounding of discounts to whole cents.
_SLACK = Decimal("1.01")
_ORDER_NUMBER = FieldWords(
    ValueKind.ID,
    ("订单号", "订单编号", "主订单编号", "主订单号", "小票号", "小票编号", "小票编码", "单号", "销售单号", "流水号", "交易号", "交易单号",
     "单据号", "单据编号", "票号", "账单号", "水单号", "order number", "order no", "order id", "orderid", "order", "invoice",
     "invoice no", "invoiceno",
     "invoice number", "receipt no", "receipt number", "receipt", "transaction id", "transaction number", "ticket no", "bill no",
     "sales order", "~订单号", "~订单编号", "~order number", "~order no", "~invoice"),
)  # fmt: skip

_PAID_AT = FieldWords(
    ValueKind.DATETIME,
    ("付款时间", "支付时间", "付款日期", "支付日期", "订单付款时间", "买家付款时间", "支付完成时间", "paid at", "payment time",
     "payment date", "paid time", "date paid"),
)  # fmt: skip

_PRODUCT_CODE = FieldWords(
    ValueKind.ID,
    ("商品编码", "商品编号", "商品代码", "货号", "款号", "商家编码", "sku", "sku编码", "商品id", "产品编码", "产品编号", "条码",
     "商品条码", "国际条码", "物料编码", "项目编号", "stock code", "stockcode", "product code", "product id", "item code",
     "item number", "item no", "item id", "barcode", "ean", "upc", "article", "article number", "style no"),
)  # fmt: skip

_PRODUCT_NAME = FieldWords(
    ValueKind.TEXT,
    ("商品名称", "商品", "商品标题", "宝贝标题", "产品名称", "产品", "品名", "货品名称", "项目名称", "项目", "标题", "服务项目",
     "description", "product name", "product", "item name", "item", "item description", "product title", "title"),
)  # fmt: skip

ORDER_FIELDS: Mapping[str, FieldWords] = {
    "order_number": _ORDER_NUMBER,
    "line_number": FieldWords(ValueKind.ID, ("子订单编号", "子订单号", "行号", "明细编号", "line number", "line no", "line id", "line")),
    "ordered_at": FieldWords(
        ValueKind.DATETIME,
        ("下单时间", "订单创建时间", "下单日期", "订单时间", "订单日期", "销售时间", "销售日期", "消费时间", "消费日期", "交易时间",
         "交易日期", "开单时间", "开单日期", "成交时间", "订单成交时间", "购买时间", "购买日期", "业务日期", "单据日期", "日期", "时间",
         "交易时刻", "创建时间", "invoice date", "invoicedate", "order date", "order time", "ordered at", "created at", "created time",
         "transaction date", "transaction time", "purchase date", "sale date", "sales date", "date", "time", "datetime",
         "timestamp"),
    ),
    "paid_at": _PAID_AT,
    "status": FieldWords(ValueKind.TEXT, ("订单状态", "状态", "交易状态", "单据状态", "order status", "status", "state")),
    "close_reason": FieldWords(ValueKind.TEXT, ("订单关闭原因", "关闭原因", "取消原因", "cancel reason", "close reason")),
    "refund_status": FieldWords(ValueKind.TEXT, ("退款状态", "售后状态", "订单退款状态", "refund status")),
    "currency": FieldWords(ValueKind.TEXT, ("币种", "货币", "currency", "currency code")),
    "product_code": _PRODUCT_CODE,
    "product_name": _PRODUCT_NAME,
    "product_spec": FieldWords(
        ValueKind.TEXT,
        ("规格", "商品规格", "商品属性", "规格型号", "型号", "颜色尺码", "sku属性", "spec", "specification", "variant", "variation",
         "options", "size"),
    ),
    "product_category": FieldWords(
        ValueKind.TEXT,
        ("商品类目", "商品分类", "商品类别", "商品大类", "商品品类", "产品类别", "产品分类", "货品分类", "宝贝类目", "一级类目", "一级分类",
         "类目", "品类", "类别", "大类", "分类", "品类名称", "类目名称", "分类名称", "product category", "category", "item category",
         "product type", "product group", "category name", "department"),
    ),
    "quantity": FieldWords(
        ValueKind.INTEGER,
        ("数量", "商品数量", "购买数量", "销售数量", "订购数量", "件数", "购买件数", "销量", "quantity", "qty", "units", "count",
         "cds", "~数量", "~quantity"),
    ),
    "unit_price": FieldWords(
        ValueKind.MONEY,
        ("单价", "商品单价", "商品价格", "售价", "销售单价", "成交单价", "价格", "实际单价", "零售价", "unit price", "unitprice",
         "price", "item price", "price each", "selling price", "~单价", "~unit price"),
    ),
    "line_paid": FieldWords(
        ValueKind.MONEY,
        ("商品实付", "实付小计", "小计", "行金额", "商品实付金额", "成交金额", "line total", "line amount", "subtotal", "sub total"),
    ),
    "goods_amount": FieldWords(
        ValueKind.MONEY,
        ("商品金额", "商品总价", "商品金额合计", "货款", "商品总额", "应付货款", "原价合计", "goods amount", "merchandise total"),
    ),
    "shipping_amount": FieldWords(
        ValueKind.MONEY, ("运费", "邮费", "快递费", "配送费", "shipping", "shipping fee", "shipping cost", "freight", "postage")
    ),
    "total_amount": FieldWords(
        ValueKind.MONEY,
        ("订单金额", "总金额", "订单总额", "应付金额", "应收金额", "合计", "总额", "总价", "金额", "消费金额", "销售金额", "交易金额",
         "订单总金额", "order amount", "order total", "total amount", "total", "amount", "grand total", "sales", "revenue",
         "dollars"),
    ),
    "paid_amount": FieldWords(
        ValueKind.MONEY,
        ("实付金额", "实收金额", "实付", "实收", "实付款", "支付金额", "付款金额", "买家实付金额", "订单实付金额", "实际支付金额",
         "paid amount", "amount paid", "paid", "payment amount", "net amount"),
    ),
    "refunded_amount": FieldWords(
        ValueKind.MONEY, ("退款金额", "已退款金额", "退款", "退货金额", "refunded amount", "refund amount", "refund", "refunded")
    ),
    "item_count": FieldWords(ValueKind.INTEGER, ("商品总数", "总数量", "总件数", "宝贝总数量", "item count", "items", "total items")),
    "title": FieldWords(ValueKind.TEXT, ("全部商品名称", "商品清单", "订单标题", "商品明细", "order title", "products")),
    "channel": FieldWords(
        ValueKind.TEXT,
        ("渠道", "销售渠道", "来源", "订单来源", "来源渠道", "订单渠道", "channel", "sales channel", "source", "utm source"),
    ),
    "shop_name": FieldWords(ValueKind.TEXT, ("店铺名称", "网店名称", "店铺名", "shop name")),
    **STORE_WORDS,
    **PERSON_WORDS,
}  # fmt: skip


def line_amounts_told_apart(columns: dict[str, int], sample: Sequence[Sequence[str]]) -> dict[str, int]:
    """Return the columns with an amount called the line's where it never exceeds the line's quantity times price.

    An order's amount stands on each of its lines and so exceeds single lines; a till writes each line's own.
    """
    stated = next((field for field in ("paid_amount", "total_amount") if field in columns), None)
    if stated is None or "line_paid" in columns or not {"quantity", "unit_price"} <= columns.keys():
        return columns
    cells = {
        f: pa.array([row[columns[f]] or None for row in sample], pa.string())
        for f in ("quantity", "unit_price", stated)
    }
    amounts = {f: parse(ValueKind.MONEY, array).values.to_pylist() for f, array in cells.items()}
    rows = [row for row in zip(*amounts.values(), strict=True) if None not in row]
    if not rows or not all(abs(paid) <= abs(quantity * price) * _SLACK for quantity, price, paid in rows):
        return columns
    return {("line_paid" if field == stated else field): at for field, at in columns.items()}


ORDER_WORDS = WORDS.register(
    TargetWords(
        target="orders",
        fields=ORDER_FIELDS,
        needs=(
            frozenset({"order_number"}),
            frozenset({"ordered_at", "paid_at", "product_code", "product_name", "quantity"}),
            frozenset({"unit_price", "line_paid", "goods_amount", "total_amount", "paid_amount", "quantity"}),
        ),
        revise=line_amounts_told_apart,
    )
)

REFUND_WORDS = WORDS.register(
    TargetWords(
        target="refunds",
        fields={
            "refund_number": FieldWords(
                ValueKind.ID,
                ("退款编号", "退款单号", "退货单号", "售后单号", "售后编号", "refund number", "refund id", "refund no", "return id",
                 "return number", "rma"),
            ),
            "order_number": _ORDER_NUMBER,
            "product_name": _PRODUCT_NAME,
            "product_code": _PRODUCT_CODE,
            "amount": FieldWords(
                ValueKind.MONEY,
                ("退款金额", "买家退款金额", "实退金额", "退货金额", "退款总额", "refund amount", "refunded amount", "amount refunded",
                 "amount"),
            ),
            "status": FieldWords(ValueKind.TEXT, ("退款状态", "售后状态", "状态", "refund status", "status")),
            "refunded_at": FieldWords(
                ValueKind.DATETIME,
                ("退款时间", "退款完结时间", "完结时间", "退款完成时间", "退款日期", "退货时间", "退货日期", "refunded at", "refund date",
                 "refund time", "return date", "date"),
            ),
            "paid_at": _PAID_AT,
            "customer_nickname": PERSON_WORDS["customer_nickname"],
            "total_amount": FieldWords(ValueKind.MONEY, ("订单金额", "买家实际支付金额", "order total", "order amount")),
        },
        needs=(frozenset({"refund_number"}), frozenset({"order_number"}), frozenset({"amount"})),
    )
)  # fmt: skip
