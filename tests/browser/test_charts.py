import pytest
from flask import render_template_string
from playwright.sync_api import expect

from app.security.gate import open_to_everyone
from tests.browser.checks import assert_sound

pytestmark = pytest.mark.browser

PAGE = """
{% extends "base.html" %}
{% import "_charts.html" as charts %}
{% block head %}{{ charts.style() }}{% endblock %}
{% block scripts %}{{ charts.script() }}{% endblock %}
{% block content %}
<h1>Charts</h1>
{% call charts.plot("course", "line", "Over time", x="time", y="percent", min=0, max=1, mark_y=0.3, mark="Alert") %}
<table class="table">
  <thead><tr>
    <th scope="col">Day</th><th scope="col">Malignancy</th><th scope="col" data-role="low">From</th>
    <th scope="col" data-role="high">To</th><th scope="col" data-role="reference">Usual</th>
    <th scope="col" data-role="text">Camera</th>
  </tr></thead>
  <tbody>
    <tr><th scope="row" data-value="2026-03-01">1 March</th><td data-value="0.2">20 %</td><td data-value="0.1">10 %</td>
      <td data-value="0.4">40 %</td><td data-value="0.3">30 %</td><td>A</td></tr>
    <tr data-faint><th scope="row" data-value="2026-04-01">1 April</th><td>not accepted</td><td></td><td></td>
      <td data-value="0.3">30 %</td><td>B</td></tr>
    <tr data-faint><th scope="row" data-value="2026-07-01">1 July</th><td data-value="0.9">90 %</td><td
      data-value="0.7">70 %</td><td data-value="0.95">95 %</td><td data-value="0.3">30 %</td><td>B</td></tr>
  </tbody>
</table>
{% endcall %}
{% for kind in ("bar", "stacked", "histogram", "scatter") %}
{% call charts.plot(kind, kind, kind, x="percent", y="count", mark_x=0.15, mark="Alert", diagonal=kind == "scatter") %}
<table class="table">
  <thead><tr><th scope="col">Bin</th><th scope="col">One</th><th scope="col" data-style="3">Other</th></tr></thead>
  <tbody>
    {% for low in (0, 0.1, 0.2) %}
    <tr><th scope="row" data-value="{{ low }}">from {{ low }}</th><td data-value="{{ low * 30 }}">{{ low * 30 }}</td>
      <td data-value="2">2</td></tr>
    {% endfor %}
  </tbody>
</table>
{% endcall %}
{% endfor %}
{% endblock %}
"""
INK = """(figure) => {
  const canvas = document.querySelector(`#${figure} canvas`);
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) seen.add(data.slice(i, i + 3).join(" "));
  return [...seen];
}"""
SERIES_1 = {"light": "15 92 99", "dark": "99 185 191"}


@pytest.fixture
def app(app):
    app.add_url_rule("/charts", view_func=open_to_everyone(lambda: render_template_string(PAGE)), endpoint="charts")
    return app


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_tables_are_drawn_as_charts_in_the_colours_of_either_theme(page):
    page.goto("/charts")
    expect(page.locator("figure[data-drawn] canvas")).to_have_count(5)
    light = {figure: page.evaluate(INK, figure) for figure in ("course", "bar", "stacked", "histogram", "scatter")}

    page.get_by_role("button", name="Menu").click() if page.get_by_role("button", name="Menu").is_visible() else None
    page.get_by_role("button", name="Use the dark theme").click()

    for figure, colours in light.items():
        assert SERIES_1["light"] in colours
        assert SERIES_1["dark"] in page.evaluate(INK, figure)
    expect(page.get_by_role("figure", name="Over time").get_by_text("20 %")).to_be_hidden()
    expect(page.locator("#course canvas").locator("xpath=..")).to_have_attribute("aria-hidden", "true")
    assert_sound(page)


def test_without_the_script_the_table_is_read(chromium, site):
    context = chromium.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()

    page.goto("/charts")

    expect(page.get_by_role("table")).to_have_count(5)
    expect(page.get_by_text("not accepted")).to_be_visible()
    context.close()
