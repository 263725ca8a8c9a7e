"""Spans by OpenTelemetry, sent to an OTLP receiver; needs the extra `tracing`.

What an error says is never told, for it may quote what somebody has typed: only its class is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Link, SpanKind, Status, StatusCode, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from app.product import VERSION
from app.tracing import Attribute, Span

TRACES = "/v1/traces"  # below the base address, by OTLP
PREFIX = "lentigo."
KINDS = {"server": SpanKind.SERVER, "consumer": SpanKind.CONSUMER, "client": SpanKind.CLIENT}
CONTEXT = TraceContextTextMapPropagator()


def to_receiver(endpoint: str) -> BatchSpanProcessor:
    """Return what sends spans to a receiver, from time to time and at the end."""
    return BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint.rstrip("/") + TRACES))


class Telemetry:
    """Makes the spans of a process, called `role`, and hands them to a processor."""

    def __init__(self, role: str, processor: SpanProcessor) -> None:
        named = {"service.name": "lentigo", "service.version": VERSION, "lentigo.role": role}
        self._provider = TracerProvider(sampler=ALWAYS_ON, resource=Resource.create(named))
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("lentigo")

    @contextmanager
    def span(
        self,
        name: str,
        kind: str,
        attributes: Mapping[str, Attribute],
        came_from: Mapping[str, str],
        linked: Mapping[str, str],
    ) -> Iterator[Span]:
        """Run what follows as a step, of what has come from elsewhere or else of what is under way here."""
        before = get_current_span(CONTEXT.extract(linked)).get_span_context()
        with self._tracer.start_as_current_span(
            name,
            context=CONTEXT.extract(came_from) if came_from else None,
            kind=KINDS.get(kind, SpanKind.INTERNAL),
            links=[Link(before)] if before.is_valid else [],
            record_exception=False,
            set_status_on_exception=False,
        ) as made:
            under_way = _UnderWay(made)
            under_way.tell(**attributes)
            try:
                yield under_way
            except BaseException as error:
                made.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def carried(self) -> dict[str, str]:
        """Return the headers of W3C Trace Context for what is under way."""
        headers: dict[str, str] = {}
        CONTEXT.inject(headers)
        return {name: value for name, value in headers.items() if name == "traceparent"}

    def end(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


class _UnderWay:
    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def tell(self, **attributes: Attribute) -> None:
        """Add attributes: ours, or those that OpenTelemetry has a name with dots for."""
        for name, value in attributes.items():
            dotted = name.replace("__", ".")
            self._span.set_attribute(dotted if "." in dotted else PREFIX + name, value)

    def rename(self, name: str) -> None:
        """Call the step what is known only now."""
        self._span.update_name(name)
