"""Build the application: wires everything, knows everything."""

from __future__ import annotations

from flask import Flask

from app import (
    admission,
    api,
    audit,
    auth,
    backups,
    batches,
    classifiers,
    cli,
    clinics,
    dashboard,
    demo,
    erasures,
    error_pages,
    extensions,
    fleet,
    inference,
    interop,
    jobs,
    keys,
    landing,
    lasting,
    live,
    logs,
    moving,
    operations,
    oversight,
    patients,
    phone,
    private,
    reports,
    results,
    rights,
    static_files,
    storage,
    upload,
    worklist,
)
from app.inference import Classifiers
from app.metrics import requests
from app.security import gate, headers, hosts, isolation, sizes
from config import ROOT, Settings

# the gate stands before the form check: what an anonymous person sends to a closed page is not even read
SURROUNDINGS = (requests, logs, fleet, private, headers, static_files, isolation, gate, sizes, admission)
SHARED = (extensions, lasting, keys, storage, jobs, erasures, live, error_pages, backups)
PAGES = (
    landing, auth, clinics, upload, results, patients, batches, worklist, reports, classifiers, dashboard, phone,
    operations, oversight,
)  # fmt: skip
FEATURES = (*PAGES, interop, rights, api, demo)


def create_app(settings: Settings | None = None, classifiers: Classifiers | None = None) -> Flask:
    """Build an application; tests hand in their own settings and fake classifiers."""
    settings = Settings() if settings is None else settings
    private.folder(settings.instance)
    app = Flask(__name__, template_folder=ROOT / "templates", static_folder=ROOT / "static")
    app.config.from_mapping(settings.to_flask())
    inference.init_app(app, classifiers)
    for bind in (*SURROUNDINGS, *SHARED, *FEATURES, cli, audit, hosts):  # the audit log is the first to see an answer
        bind.init_app(app)
    moving.init_app(app, lambda others: create_app(others, classifiers))
    return app
