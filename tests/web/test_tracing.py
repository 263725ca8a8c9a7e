"""Traces: which steps a request took, without a word of what was typed; and nothing at all unless a receiver is set."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from flask import Flask
from flask.testing import FlaskClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.jobs import job
from app.metrics.requests import Counted
from app.tracing import carried, is_traced, span, starting, traced_by
from app.tracing.requests import Traced
from app.tracing.telemetry import Telemetry
from config import Settings
from tests.factories import post
from tests.pictures import jpeg, lesion_picture

NAME, MAIL = "Quendolyn Marker", "marker.secret@clinic.example"
BEGAN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@job
def linked_job() -> None:
    """Do nothing."""


@pytest.fixture
def spans(app: Flask) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    telemetry = Telemetry("web", SimpleSpanProcessor(exporter))
    app.wsgi_app = Traced(Counted(app.wsgi_app))  # type: ignore[method-assign]  # as Flask means it
    traced_by(telemetry)
    yield exporter
    traced_by(None)
    telemetry.end()


def named(spans: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [found for found in spans.get_finished_spans() if found.name == name]


def test_an_upload_is_traced_step_by_step_and_nobody_is_named(
    app: Flask, reader: FlaskClient, spans: InMemorySpanExporter
) -> None:
    def fails() -> str:
        raise KeyError(NAME)

    app.view_functions["classifiers.index"] = fails
    app.config["PROPAGATE_EXCEPTIONS"] = False

    made = post(
        reader, "/prediction", {"patient_name": NAME, "image": (io.BytesIO(jpeg(lesion_picture())), f"{NAME}.jpg")}
    )
    for address in (
        f"/patients?name={NAME}",
        f"/previous_tests?patient={NAME}",
        f"/{NAME}",
        made.location,
        "/classifiers",
    ):
        reader.get(address, headers={"User-Agent": NAME, "traceparent": MAIL})
    post(app.test_client(), "/login", {"email": MAIL, "password": NAME})

    told = [found.to_json() for found in spans.get_finished_spans()]
    [upload] = named(spans, "POST upload.prediction")
    of_it = {found.name for found in spans.get_finished_spans() if found.context.trace_id == upload.context.trace_id}
    assert {"decode", "classify", "storage put", "database"} <= of_it
    assert upload.attributes is not None
    assert upload.attributes["http.response.status_code"] == 303
    assert upload.attributes["lentigo.request_id"] == made.headers["X-Request-ID"]
    assert not [line for line in told if "arker" in line or "uendolyn" in line]


def test_a_trace_that_a_proxy_has_begun_goes_on(client: FlaskClient, spans: InMemorySpanExporter) -> None:
    client.get("/healthz", headers={"traceparent": BEGAN})
    client.get("/healthz", headers={"traceparent": "00-" + "f" * 500})

    first, second = named(spans, "GET operations.healthz")
    assert first.parent is not None
    assert (f"{first.context.trace_id:032x}", f"{first.parent.span_id:016x}") == tuple(BEGAN.split("-")[1:3])
    assert second.parent is None


def test_a_job_is_linked_to_the_step_that_sent_it(app: Flask, spans: InMemorySpanExporter) -> None:
    with app.app_context(), span("sends") as _:
        sent_by = carried()["traceparent"]
        linked_job.send()

    [ran] = named(spans, "job")
    assert ran.attributes is not None
    assert ran.attributes["lentigo.job"] == linked_job.name
    assert [f"{link.context.span_id:016x}" for link in ran.links] == [sent_by.split("-")[2]]


def test_an_error_is_told_by_its_class_alone(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match=NAME), span("fails"):
        raise ValueError(NAME)

    [failed] = named(spans, "fails")
    assert (failed.status.description, list(failed.events)) == ("ValueError", [])


def test_without_a_receiver_nothing_is_traced(settings: Settings) -> None:
    starting.start(settings, "web")

    with span("anything") as under_way:
        under_way.tell(endpoint="results.show")

    assert not is_traced()
    assert carried() == {}


def test_a_receiver_is_sent_the_spans_of_a_process(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    received = list[ExportTraceServiceRequest]()
    at_the_end = list[object]()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(ExportTraceServiceRequest.FromString(content))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(starting.atexit, "register", at_the_end.append)
    endpoint = f"http://127.0.0.1:{server.server_port}"

    starting.start(settings.model_copy(update={"otlp_endpoint": endpoint}), "worker")
    with span("step", model="mobilenetv2-ham7"):
        pass
    traced_by(None)
    at_the_end[0]()  # type: ignore[operator]

    server.shutdown()
    server.server_close()
    [resource] = received[0].resource_spans
    assert {one.key: one.value.string_value for one in resource.resource.attributes}["lentigo.role"] == "worker"
    assert [one.name for one in resource.scope_spans[0].spans] == ["step"]


def test_a_start_without_the_packages_says_what_to_install(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "app.tracing.telemetry", None)

    with pytest.raises(SystemExit, match=r"pip install 'lentigo\[tracing\]'"):
        starting.require_packages(settings.model_copy(update={"otlp_endpoint": "https://traces.clinic.example"}))
