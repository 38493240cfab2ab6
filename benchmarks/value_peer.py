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
    seconds: dict[str, float] = {}
    cpu_seconds: dict[str, float] = {}
    begun = [time.perf_counter(), time.process_time()]

    def done(step: str) -> None:
        now = [time.perf_counter(), time.process_time()]
        seconds[step], cpu_seconds[step] = (round(now[each] - begun[each], 2) for each in (0, 1))
        begun[:] = now

    sales = pd.concat([pd.read_parquet(file, columns=columns) for file in files], ignore_index=True)
    sales["net"] = (sales["total_minor"] - sales["refunded_minor"]) / 100
    sales["day"] = pd.to_datetime(sales["business_date"])
    sales = sales[["customer_id", "day", "net"]]
    done("read")
    summary = summary_data_from_transaction_data(
        sales, "customer_id", "day", monetary_value_col="net", observation_period_end=last_day, freq="D"
    )
    done("summary")
    del sales
    orders = lifetimes.BetaGeoFitter()
    orders.fit(summary["frequency"], summary["recency"], summary["T"])
    done("bg_nbd")
    spenders = summary[(summary["frequency"] > 0) & (summary["monetary_value"] > 0)]
    spend = lifetimes.GammaGammaFitter()
    spend.fit(spenders["frequency"], spenders["monetary_value"])
    done("gamma_gamma")
    values = spend.customer_lifetime_value(
        orders, summary["frequency"], summary["recency"], summary["T"], summary["monetary_value"],
        time=12, discount_rate=0.0, freq="D",
    )  # fmt: skip
    done("values")
    result = {
        "version": lifetimes.__version__,
        "customers": len(summary),
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "bg_nbd": {name: float(value) for name, value in orders.params_.items()},
        "gamma_gamma": {name: float(value) for name, value in spend.params_.items()},
        "value": float(values.sum()),
    }
    print(json.dumps(result))


main()
