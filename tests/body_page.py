"""A page with nothing on it but a body map, and what a map needs to know of a lesion."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, render_template_string, request

from app.security.gate import open_to_everyone
from models.patient import SITES

PAGE = """
{% extends "base.html" %}
{% from "patients/_body_map.html" import body_map %}
{% block head %}<link rel="stylesheet" href="{{ url_for('static', filename='css/patients.css') }}">{% endblock %}
{% block content %}
<h1>Body map</h1>
<section aria-label="Lesions">{{ body_map(lesions) }}</section>
<form>
  <label for="site">Body site</label>
  <select class="form-select" id="site" name="site"><option value="">Not given</option>
    {% for word in sites %}
    <option value="{{ word }}"{% if word == given.site %} selected{% endif %}>{{ word | capitalize }}</option>
    {% endfor %}
  </select>
  {% for name in ("side", "x", "y") %}
  <input type="hidden" name="{{ name }}" value="{{ given[name] }}" autocomplete="off">
  {% endfor %}
  {{ body_map(lesions, input_names=("side", "x", "y", "site")) }}
</form>
{% endblock %}
{% block scripts %}
<script type="module" src="{{ url_for('static', filename='js/body_map.js') }}"></script>
{% endblock %}
"""


@dataclass(frozen=True)
class Spot:
    """A lesion as the body map sees it."""

    public_id: str
    label: str | None = None
    site: str | None = None
    side: str | None = None
    x: float | None = None
    y: float | None = None

    @property
    def url(self) -> str:
        return f"/lesions/{self.public_id}"


SPOTS = (
    Spot("mole", "Mole by the scapula", "back", "back", 0.57, 0.28),
    Spot("patch", "Brown patch", "lower extremity", "front", 0.37, 0.68),
    Spot("nail", None, "acral"),
)


def add_body_page(app: Flask, lesions: tuple[Spot, ...] = SPOTS) -> None:
    """Serve a show of lesions and a form at /body-map; the query fills the form in."""

    @app.get("/body-map")
    @open_to_everyone
    def body_page() -> str:
        given = {name: request.args.get(name, "") for name in ("side", "x", "y", "site")}
        return render_template_string(PAGE, lesions=lesions, given=given, sites=SITES)
