"""What a field lacks is said at the field, in the language of the page and not in the browser's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("transactional_db")]


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "请填写"), ("en", "Please fill this in.")])
def test_the_first_wrong_field_has_the_focus_and_each_says_what_it_lacks(
    visit: Callable[..., Any], language: str, said: str
) -> None:
    visitor = visit(width="phone", language=language)
    visitor.open("/stores/new/")
    page = visitor.page
    page.fill("#time_zone", "")

    page.locator("main form button.btn-primary").click()

    name = page.locator("#name")
    expect(name).to_be_focused()
    expect(page.locator("main form .error")).to_have_count(3)
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(page.locator(f"#{name.get_attribute('aria-describedby')}")).to_contain_text(said)
    assert page.url.endswith("/stores/new/")
    visitor.assert_well_made()

    page.fill("#name", "新店")
    expect(page.locator("main form .error")).to_have_count(2)
    assert name.get_attribute("aria-invalid") is None
    assert name.get_attribute("aria-describedby") is None
    # What explained the field before explains it still.
    assert "code-help" in str(page.locator("#code").get_attribute("aria-describedby"))
