"""Analyses: result page, history, report."""

from __future__ import annotations

from flask import Flask

from app.results import objects as objects  # so that copies of the site have them
from app.results import wording
from app.results.authors import colleague
from app.results.history.views import blueprint as history
from app.results.outlines.presentation import outlined
from app.results.outlines.views import blueprint as outlines
from app.results.outlines.wording import figure
from app.results.presentation import label_of
from app.results.saved_filters.views import blueprint as saved_filters
from app.results.similar import similar_cases
from app.results.verdicts.blind import CONCEALED, is_concealed
from app.results.verdicts.labels import BASES, VERDICTS
from app.results.verdicts.views import blueprint as verdicts
from app.results.views import blueprint


def init_app(app: Flask) -> None:
    """Register the pages, and the filters and the test with which any page can show an analysis."""
    app.add_template_filter(wording.percent, "percent")
    app.add_template_filter(label_of, "answered")
    app.add_template_filter(colleague, "colleague")
    app.add_template_filter(wording.inline, "inline")
    app.add_template_filter(wording.cautions, "cautions")
    app.add_template_filter(similar_cases, "similar_cases")
    app.add_template_filter(outlined, "outlined")
    app.add_template_filter(figure, "figure")
    app.add_template_test(is_concealed, "concealed")
    app.jinja_env.globals.update(CONCEALED=CONCEALED, VERDICTS=VERDICTS, BASES=BASES)
    for part in (blueprint, verdicts, outlines, history, saved_filters):
        app.register_blueprint(part)
