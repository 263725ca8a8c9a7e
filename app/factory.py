"""Build the application: wires everything, knows everything."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import auth, cli, error_pages, extensions, inference, jobs, landing, logs, operations, results, storage, upload
from app.inference import Classifiers
from app.security import gate, headers
from config import ROOT, Settings

FEATURES = (landing, auth, upload, results, operations)


def create_app(settings: Settings | None = None, classifiers: Classifiers | None = None) -> Flask:
    """Build an application; tests hand in their own settings and fake classifiers."""
    settings = Settings() if settings is None else settings
    settings.instance.mkdir(parents=True, exist_ok=True)
    app = Flask(__name__, template_folder=ROOT / "templates", static_folder=ROOT / "static")
    app.config.from_mapping(settings.to_flask())
    inference.init_app(app, classifiers)
    # the gate stands before the form check: what an anonymous person sends to a closed page is not even read
    for bind in (logs, headers, gate, extensions, storage, jobs, error_pages, *FEATURES, cli):
        bind.init_app(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app
