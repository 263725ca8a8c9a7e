"""Pages of the shell, what waits on this device, and what a browser needs to install Lentigo and to work offline."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, json, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from app.phone import shell
from app.phone.manifest import MEDIA_TYPE, manifest
from app.phone.person import person
from app.security.gate import open_to_everyone
from app.security.headers import kept_by_browsers
from app.security.policy import WORKER_POLICY, Need, needs
from app.security.roles import for_those_who_work
from app.unattended import unattended
from app.upload.views import offline_form

blueprint = Blueprint("phone", __name__)

WRITTEN = "service_worker"
WORKER = "import {{ serve }} from {script};\n\nserve({shell});\n"


@blueprint.get("/manifest.webmanifest")
@open_to_everyone
@kept_by_browsers
def web_manifest() -> ResponseReturnValue:
    """Say how Lentigo is installed."""
    return Response(json.dumps(manifest()), mimetype=MEDIA_TYPE)


@blueprint.get("/service-worker.js")
@open_to_everyone
@needs(Need.SAME_EACH_TIME)
def service_worker() -> ResponseReturnValue:
    """Send the service worker of this deployment: its text changes whenever anything of the shell does.

    Browsers ask for it at every page, so it is written once: pages of the shell change with code and settings alone.
    """
    written, now = current_app.extensions.setdefault(WRITTEN, {}), shell.stamp()
    if now not in written:
        written[now] = _worker()
    response = Response(written[now], mimetype="text/javascript")
    response.headers["Content-Security-Policy"] = WORKER_POLICY
    return response


@blueprint.get("/offline")
@open_to_everyone
@needs(Need.OWN_FILES, Need.SAME_EACH_TIME)
def offline() -> str:
    """Show what there is without network; the same for everybody."""
    return render_template("phone/offline.html")


@blueprint.get("/offline/prediction")
@open_to_everyone
@needs(Need.CAMERA, Need.SAME_EACH_TIME)
def offline_test() -> str:
    """Show the form of a new test that is kept on the device until there is a network; the same for everybody."""
    return offline_form("phone/shell.html")


@blueprint.get("/waiting")
@needs(Need.OWN_FILES)
@for_those_who_work
def waiting() -> ResponseReturnValue:
    """Show what waits on this device, which only its scripts know."""
    return render_template("phone/waiting.html")


@blueprint.get("/waiting/session")
@unattended
def session() -> ResponseReturnValue:
    """Tell the queue who is signed in, and the token of this session's forms."""
    signed_in = person()
    return jsonify(person=signed_in and signed_in.key, csrf_token=generate_csrf())


def _worker() -> str:
    pages = {url_for("phone.offline"): offline(), url_for("phone.offline_test"): offline_test()}
    kept = {
        "version": shell.version(pages),
        "files": shell.files(),
        "page": url_for("phone.offline"),
        "forms": {url_for("upload.prediction"): url_for("phone.offline_test")},
    }
    script = url_for("static", filename="js/phone-worker.js")
    return WORKER.format(script=json.dumps(script), shell=json.dumps(kept, indent=2))
