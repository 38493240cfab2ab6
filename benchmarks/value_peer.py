"""The same work by `lifetimes`; run by `bench_value` in an environment of its own. Prints one JSON object."""

from __future__ import annotations

import glob
import json
import resource
import sys
import time


def main() -> None:
    """Read sales from Parquet files, summarise, fit, value."""
    files, last_day = sorted(glob.glob(sys.argv[1])), sys.argv[2]  # noqa: PTH207
    import lifetimes
    import pandas as pd
    from lifetimes.utils import summary_data_from_transaction_data

    columns = ["customer_id", "business_date", "total_minor", "refunded_minor"]
    seconds = {}
    started = time.perf_counter()
    sales = pd.concat([pd.read_parquet(file, columns=columns) for file in files], ignore_index=True)
    sales["net"] = (sales["total_minor"] - sales["refunded_minor"]) / 100
    sales["day"] = pd.to_datetime(sales["business_date"])
    sales = sales[["customer_id", "day", "net"]]
    seconds["read"] = time.perf_counter() - started
    started = time.perf_counter()
    summary = summary_data_from_transaction_data(
        sales, "customer_id", "day", monetary_value_col="net", observation_period_end=last_day, freq="D"
    )
    seconds["summary"] = time.perf_counter() - started
    del sales
    started = time.perf_counter()
    orders = lifetimes.BetaGeoFitter()
    orders.fit(summary["frequency"], summary["recency"], summary["T"])
    seconds["bg_nbd"] = time.perf_counter() - started
    started = time.perf_counter()
    spenders = summary[(summary["frequency"] > 0) & (summary["monetary_value"] > 0)]
    spend = lifetimes.GammaGammaFitter()
    spend.fit(spenders["frequency"], spenders["monetary_value"])
    seconds["gamma_gamma"] = time.perf_counter() - started
    started = time.perf_counter()
    values = spend.customer_lifetime_value(
        orders, summary["frequency"], summary["recency"], summary["T"], summary["monetary_value"],
        time=12, discount_rate=0.0, freq="D",
    )  # fmt: skip
    seconds["values"] = time.perf_counter() - started
    result = {
        "version": lifetimes.__version__,
        "customers": len(summary),
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "bg_nbd": {name: float(value) for name, value in orders.params_.items()},
        "gamma_gamma": {name: float(value) for name, value in spend.params_.items()},
        "value": float(values.sum()),
    }
    print(json.dumps(result))


main()
