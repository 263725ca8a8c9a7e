"""The manifests for Kubernetes: valid, closed, and saying what the site understands."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from config import ROOT, Settings

FOLDER = ROOT / "deploy" / "kubernetes"


@cache
def rendered() -> tuple[dict[str, Any], ...]:
    """Return what `kubectl apply --kustomize` would send."""
    if shutil.which("kubectl") is None:
        pytest.skip("there is no kubectl here: install Debian's package `kubernetes-client`")
    done = subprocess.run(["kubectl", "kustomize", str(FOLDER)], capture_output=True, text=True, check=True)
    return tuple(yaml.safe_load_all(done.stdout))


def of(kind: str) -> list[dict[str, Any]]:
    return [one for one in rendered() if one["kind"] == kind]


def pods() -> dict[str, dict[str, Any]]:
    """Return the pods that are started, by the names of what starts them."""
    plain = {one["metadata"]["name"]: one["spec"]["template"] for kind in ("Deployment", "Job") for one in of(kind)}
    by_clock = {one["metadata"]["name"]: one["spec"]["jobTemplate"]["spec"]["template"] for one in of("CronJob")}
    return plain | by_clock


def test_every_manifest_is_what_kubernetes_understands() -> None:
    for manifest in rendered():
        kubernetes_validate.validate(manifest, "1.32", strict=True)

    assert {one["kind"] for one in rendered()} >= {"Deployment", "Job", "CronJob", "NetworkPolicy", "Ingress"}


def test_no_pod_may_more_than_the_restricted_standard_allows() -> None:
    assert set(pods()) == {"lentigo-web", "lentigo-worker", "lentigo-migrate", "lentigo-backup"}
    for name, pod in pods().items():
        spec = pod["spec"]
        (container,) = spec["containers"]
        assert spec["automountServiceAccountToken"] is False, name
        assert (spec["securityContext"]["runAsNonRoot"], spec["securityContext"]["runAsUser"]) == (True, 10001), name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
        assert container["resources"]["limits"]["memory"], name
        assert container["image"] == "registry.clinic.example/lentigo:0.1.0", name


def test_a_rollout_takes_no_web_server_away_before_another_is_ready() -> None:
    web = next(one["spec"] for one in of("Deployment") if one["metadata"]["name"] == "lentigo-web")
    (container,) = web["template"]["spec"]["containers"]

    assert web["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert "replicas" not in web  # the autoscaler's
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"  # a database that is away restarts nothing
    assert container["lifecycle"]["preStop"]


def test_the_network_is_closed_but_for_what_is_named() -> None:
    policies = {one["metadata"]["name"]: one["spec"] for one in of("NetworkPolicy")}

    assert policies["lentigo-closed"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert policies["lentigo-from-ingress"]["ingress"][0]["ports"] == [{"port": 8000}]


def test_it_says_what_the_site_understands_and_no_secret() -> None:
    (settings,) = of("ConfigMap")
    known = {f"LENTIGO_{name.upper()}" for name in Settings.model_fields}

    assert set(settings["data"]) <= known
    assert of("Secret") == []


def test_a_clinic_builds_upon_them_as_the_page_says(tmp_path: Path) -> None:
    own, named = tmp_path / "clinic", tmp_path / "lentigo" / "deploy" / "kubernetes"
    own.mkdir()
    shutil.copytree(FOLDER, named)
    page = (ROOT / "docs" / "deploy.md").read_text()
    (own / "kustomization.yaml").write_text(page.partition("```yaml kustomization\n")[2].partition("```")[0])

    done = subprocess.run(["kubectl", "kustomize", str(own)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "lentigo.clinic.example" not in done.stdout
    assert done.stdout.count("harbour.hospital.example/lentigo@sha256:") == len(pods())
