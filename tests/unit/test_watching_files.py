"""Alert rules and dashboard name measures that there are, and every alert has a section that says what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
import yaml
from flask import Flask

from app.jobs.registry import JOBS
from app.operations.exposition import exposition
from config import ROOT

ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"
DASHBOARD = ROOT / "deploy" / "grafana" / "lentigo.json"
RUNBOOK = ROOT / "docs" / "operations.md"
# of Prometheus itself, blackbox_exporter and postgres_exporter
OTHERS = {"up", "probe_success", "probe_ssl_earliest_cert_expiry", "pg_replication_lag_seconds"}
WORDS = {"and", "or", "unless", "bool", "on", "ignoring", "group_left", "group_right", "offset"}
NOT_MEASURES = re.compile(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(?:by|without)\s*\([^)]*\)')
MEASURE = re.compile(r"(?<![\w.$])[a-zA-Z_]\w*\b(?!\s*\()")


def rules() -> list[dict[str, object]]:
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def expressions() -> Iterator[tuple[str, str]]:
    for rule in rules():
        yield str(rule["alert"]), str(rule["expr"])
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


def measures(expression: str) -> set[str]:
    bare = re.sub(r'"[^"]*"', '""', expression)
    return set(MEASURE.findall(NOT_MEASURES.sub(" ", bare))) - WORDS


@pytest.fixture
def told(app: Flask) -> set[str]:
    """The names of all series that the site tells."""
    with app.app_context():
        kinds = re.findall(r"^# TYPE (\S+) (\S+)$", exposition().decode(), re.MULTILINE)
    parts = {"histogram": ("_bucket", "_count", "_sum")}
    return {f"{name}{part}" for name, kind in kinds for part in parts.get(kind, ("",))}


def test_the_reader_of_expressions_finds_measures_and_nothing_else() -> None:
    expression = 'sum by (le) (rate(a_bucket{job="b", c!~"d.*"}[5m:1m])) > 0.5 * max(e) and deriv(f[15m]) > 1.5e9'

    assert measures(expression) == {"a_bucket", "e", "f"}


def test_every_measure_that_is_asked_for_is_told(told: set[str]) -> None:
    unknown = {f"{name}: {measure}" for name, said in expressions() for measure in measures(said) - told - OTHERS}

    assert unknown == set()


def test_every_measure_is_asked_for_or_told_of_on_the_page(told: set[str]) -> None:
    page = RUNBOOK.read_text()

    plain = {re.sub("_(bucket|count|sum)$", "", name.removeprefix("lentigo_")) for name in told}
    assert {name for name in plain if f"`{name}`" not in page} == set()


def test_every_job_that_is_waited_for_is_one() -> None:
    named = {job for _, said in expressions() for job in re.findall(r'job="(app\.[^"]+)"', said)}

    assert named
    assert named <= set(JOBS)


def test_every_alert_has_a_section_of_the_runbook_and_every_section_an_alert() -> None:
    sections = re.findall(r"^### (\w+)$", RUNBOOK.read_text(), re.MULTILINE)

    links = {str(rule["alert"]): rule["annotations"]["runbook"] for rule in rules()}  # type: ignore[index]
    assert links == {name: f"docs/operations.md#{name.lower()}" for name in sections}
    assert {rule["labels"]["severity"] for rule in rules()} == {"page", "ticket"}  # type: ignore[index]


def test_the_links_of_the_page_lead_somewhere() -> None:
    page = RUNBOOK.read_text()
    sections = {name.lower() for name in re.findall(r"^### (\w+)$", page, re.MULTILINE)}

    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= sections
