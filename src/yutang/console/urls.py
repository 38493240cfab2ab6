"""Addresses of the console."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, path

from yutang.console.rooms import (
    account,
    components,
    customer,
    customer_changes,
    customers,
    dashboard,
    import_columns,
    import_rows,
    imports,
    jobs,
    review,
    today,
    value,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", account.home, name="home"),
    path("login/", account.LogIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("preferences/language/", account.change_language, name="language"),
    path("preferences/theme/", account.change_theme, name="theme"),
    path("business/", dashboard.dashboard, name="dashboard"),
    path("value/", value.value, name="value"),
    path("today/", today.today, name="today"),
    path("today/<int:proposal_id>/done/", today.done, name="today-done"),
    path("today/<int:proposal_id>/snooze/", today.snooze, name="today-snooze"),
    path("today/<int:proposal_id>/not-useful/", today.not_useful, name="today-not-useful"),
    path("customers/", customers.customers, name="customers"),
    path("customers/<int:customer_id>/", customer.customer, name="customers-one"),
    path("customers/<int:customer_id>/unmask/", customer_changes.unmask, name="customers-unmask"),
    path("customers/<int:customer_id>/tags/", customer_changes.tag, name="customers-tag"),
    path("customers/<int:customer_id>/tags/<int:tag_id>/remove/", customer_changes.untag, name="customers-untag"),
    path("customers/<int:customer_id>/consents/", customer_changes.consent, name="customers-consent"),
    path("customers/<int:customer_id>/merges/<int:merge_id>/undo/", customer_changes.unmerge, name="customers-unmerge"),
    path("review/", review.review, name="review"),
    path("review/<int:case_id>/same/", review.same, name="review-merge"),
    path("review/<int:case_id>/apart/", review.apart, name="review-apart"),
    path("imports/", imports.imports, name="imports"),
    path("imports/new/", imports.new, name="imports-new"),
    path("imports/<int:import_id>/", imports.one, name="imports-one"),
    path("imports/<int:import_id>/columns/", import_columns.columns, name="imports-columns"),
    path("imports/<int:import_id>/start/", imports.start, name="imports-start"),
    path("imports/<int:import_id>/cancel/", imports.cancel, name="imports-cancel"),
    path("imports/<int:import_id>/undo/", imports.undo, name="imports-undo"),
    path("imports/<int:import_id>/rows/", import_rows.rows, name="imports-rows"),
    path("imports/<int:import_id>/rows/mend/", import_rows.mend, name="imports-rows-mend"),
    path("imports/<int:import_id>/rows/dismiss/", import_rows.dismiss, name="imports-rows-dismiss"),
    path("imports/<int:import_id>/rows/download/", import_rows.download, name="imports-rows-download"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<int:job_id>/retry/", jobs.retry, name="jobs-retry"),
    path("jobs/<int:job_id>/cancel/", jobs.cancel, name="jobs-cancel"),
    path("_components", components.components, name="components"),
]
