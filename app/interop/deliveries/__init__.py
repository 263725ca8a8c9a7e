"""Deliveries: what is to be sent to other systems, tried until it has arrived, given up or taken back."""

from __future__ import annotations

from flask import Flask

from app.interop.deliveries import destinations, views
from app.interop.deliveries import jobs as jobs  # so that the worker knows them
from app.interop.deliveries import subjects as subjects  # the audit log asks whose a delivery is
from app.interop.deliveries.selectors import has_deliveries
from app.interop.deliveries.shown import deliveries, sent_elsewhere, undelivered
from app.upload.new_tests import hold_tests


def init_app(app: Flask) -> None:
    """Register the pages, and what pages say of what was sent and of what could not be; nothing is configured yet."""
    destinations.init_app(app)
    app.add_template_filter(deliveries, "deliveries")
    app.add_template_filter(sent_elsewhere)
    app.add_template_global(undelivered)
    app.jinja_env.globals["SYSTEMS"] = destinations.KINDS
    hold_tests(app, has_deliveries)
    app.register_blueprint(views.blueprint)
