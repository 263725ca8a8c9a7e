"""The result page, for the views that show it and those that have to show it again."""

from __future__ import annotations

from flask import current_app, render_template

from app.extensions import db
from app.results.presentation import card_of, present
from app.results.tables import Analysis
from app.results.verdicts.panels import Refused, panels


def result_page(analysis: Analysis, refused: Refused | None = None) -> str:
    """Return the page of an analysis; `refused` is a form of it that was sent and not recorded."""
    shown = present(analysis, card_of(analysis), current_app.config["SETTINGS"].prevalence)
    verdicts = panels(db.session(), analysis, refused)
    return render_template("results/show.html", analysis=analysis, shown=shown, verdicts=verdicts)
