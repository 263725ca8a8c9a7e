"""Deliveries: what is to be sent to other systems, tried until it has arrived, given up or taken back."""

from __future__ import annotations

from flask import Flask

from app.interop.deliveries import destinations, views
from app.interop.deliveries import jobs as jobs  # so that the worker knows them
from app.interop.deliveries.selectors import has_deliveries
from app.interop.deliveries.shown import deliveries
from app.upload.new_tests import hold_tests


def init_app(app: Flask) -> None:
    """Register the pages, and the filter with which the page of a test lists what was sent; nothing is configured."""
    destinations.init_app(app)
    app.add_template_filter(deliveries, "deliveries")
    hold_tests(app, has_deliveries)
    app.register_blueprint(views.blueprint)
