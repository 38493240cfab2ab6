"""The pages that explain the business, in a real browser: both widths, both languages, both themes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.console.conftest import LOOKS, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

_ADDRESSES = (
    "/business/",
    "/business/why/?by=store",
    "/business/why/?by=product&formula=new_returning",
    "/business/why/customers/?by=all&formula=buyers&part=buyers",
    "/business/cohorts/?by=store&months=24",
    "/business/cohorts/?by=month&months=12",
    "/business/traffic/?days=365",
    "/business/funnel/?days=365&steps=order:paid,order:paid&within=90d&by=store",
)


@pytest.mark.usefixtures("small_shop")
class TestBusiness:
    @pytest.mark.parametrize(("width", "language"), LOOKS)
    def test_is_well_made(self, visit: Callable[..., Visitor], width: str, language: str) -> None:
        visitor = visit(width=width, language=language, theme="dark" if width == "desktop" else "light")

        for address in _ADDRESSES:
            visitor.open(address)
            visitor.assert_well_made()
            if language == "en":
                words = visitor.page.eval_on_selector_all(
                    "h1, h2, th[scope=col], .tile-label span, .pill",
                    "found => found.map(one => one.textContent.trim())",
                )
                assert not [word for word in words if re.search(r"[\u4e00-\u9fff]", word)], visitor.page.url

    def test_an_amount_leads_to_people_and_back(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit()
        visitor.open("/business/why/?by=store&formula=buyers")

        visitor.page.locator("a.amount").first.click()
        visitor.page.wait_for_url("**/business/why/customers/*")
        people = visitor.page.locator("tbody tr").count()
        visitor.page.locator(".page-head a.btn:not([download])").click()
        visitor.page.wait_for_url("**/business/why/?*by=store*")

        assert people > 0
        assert "formula=buyers" in visitor.page.url

    def test_the_waterfall_draws_every_part(self, visit: Callable[..., Visitor]) -> None:
        visitor = visit(language="en")
        visitor.open("/business/why/?by=store")

        drawn = visitor.page.evaluate(
            "(() => { const chart = echarts.getInstanceByDom(document.querySelector('[data-chart=waterfall]'));"
            " const option = chart.getOption(); return [option.yAxis[0].data, option.series.map(one => one.stack)]; })()"
        )

        assert drawn[0][0] == "Before"
        assert drawn[0][-1] == "Now"
        assert drawn[1] == ["sales", "sales"]
