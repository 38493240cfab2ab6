"""Order and refund exports of the platforms, one file a platform; importing this package registers them."""

from yutang.orders.import_formats import (
    alibaba_1688,
    douyin,
    jd,
    pdd,
    qianniu,
    shopify,
    taobao,
    tiktok_shop,
    tmall,
    wechat_shop,
    woocommerce,
    words,
    youzan,
)

__all__ = [
    "alibaba_1688",
    "douyin",
    "jd",
    "pdd",
    "qianniu",
    "shopify",
    "taobao",
    "tiktok_shop",
    "tmall",
    "wechat_shop",
    "woocommerce",
    "words",
    "youzan",
]
