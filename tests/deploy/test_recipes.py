"""The recipes for more than one machine agree with the package, with each other, and with what reads them."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from dockerfile_parse import DockerfileParser
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from labkit.hub.board import service, wiring

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
README = (DEPLOY / "README.md").read_text()
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
VALUES = yaml.safe_load((DEPLOY / "values.yaml").read_text())
CONTAINER = VALUES["hub"]["extraContainers"][0]
CHART = "4.4.0"

# What the chart of that release knows, of what is used here; `*` stands for a name of one's own.
KNOWN = [
    "hub.config.*.*",
    "hub.services.*.url",
    "hub.services.*.oauth_no_confirm",
    "hub.loadRoles.*.services",
    "hub.loadRoles.*.scopes",
    "hub.extraContainers",
    "hub.extraVolumes",
    "hub.service.extraPorts",
    "hub.networkPolicy.ingress",
    "proxy.chp.networkPolicy.egress",
    "singleuser.image.name",
    "singleuser.image.tag",
    "singleuser.cmd",
    "singleuser.defaultUrl",
    "singleuser.extraEnv.*",
    "singleuser.lifecycleHooks.postStart.exec.command",
    "singleuser.memory.guarantee",
    "singleuser.memory.limit",
    "singleuser.cpu.guarantee",
    "singleuser.cpu.limit",
    "singleuser.storage.capacity",
    "singleuser.storage.homeMountPath",
    "singleuser.uid",
    "singleuser.fsGid",
    "singleuser.allowPrivilegeEscalation",
    "singleuser.cloudMetadata.blockWithIptables",
    "singleuser.networkPolicy.enabled",
    "singleuser.networkPolicy.egress",
    "singleuser.networkPolicy.egressAllowRules.*",
    "cull.enabled",
    "cull.timeout",
    "cull.every",
    "cull.adminUsers",
]


@pytest.fixture
def image(tmp_path: Path) -> DockerfileParser:
    parser = DockerfileParser(str(tmp_path))
    parser.content = (DEPLOY / "Containerfile").read_text()
    return parser


def _arguments(image: DockerfileParser) -> dict[str, str]:
    named = [step["value"].partition("=") for step in image.structure if step["instruction"] == "ARG"]
    return {name: value.strip('"') for name, _, value in named}


def _steps(image: DockerfileParser, instruction: str) -> list[str]:
    return [step["value"] for step in image.structure if step["instruction"] == instruction]


def _python() -> str:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    (named,) = [entry for entry in environment["dependencies"] if str(entry).startswith("python ")]
    return str(named).removeprefix("python =")


def _releases(text: str) -> list[str]:
    found = re.search(r"labkit runtimes add ((?:\d+ ?)+)", text)
    assert found
    return found[1].split()


def _bash_says(script: str) -> str:
    return subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False).stderr


def test_the_image_has_the_versions_of_the_package(image: DockerfileParser) -> None:
    arguments = _arguments(image)
    assert arguments["PYTHON"] == _python()
    assert arguments["PYTHON"] in SpecifierSet(PROJECT["requires-python"])
    assert image.parent_images == [f"docker.io/library/python:{_python()}-slim-bookworm"] * 2
    (hub,) = [
        requirement
        for requirement in map(Requirement, PROJECT["optional-dependencies"]["hub"])
        if requirement.name == "jupyterhub"
    ]
    assert arguments["JUPYTERHUB"] in hub.specifier
    wanted = arguments["RUNTIMES"].split()
    assert wanted == _releases((ROOT / "README.md").read_text()) == _releases((ROOT / "postBuild").read_text())


def test_the_image_is_made_of_what_the_wheel_is_made_of(image: DockerfileParser) -> None:
    wheel = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {"pyproject.toml", PROJECT["readme"], *wheel["packages"], *wheel["force-include"]}
    copied = (step.split()[:-1] for step in _steps(image, "COPY"))
    sources = {name for words in copied for name in words if not name.startswith("--")}
    assert needed <= sources
    assert all((ROOT / name).exists() for name in sources)


def test_the_image_runs_as_a_user_that_the_chart_knows(image: DockerfileParser) -> None:
    singleuser = VALUES["singleuser"]
    user = f"{singleuser['uid']}:{singleuser['fsGid']}"
    assert _steps(image, "USER") == [user]
    kinds = [step["instruction"] for step in image.structure]
    assert kinds.index("USER") < kinds.index("CMD")
    made = f"useradd --uid {singleuser['uid']} --gid {singleuser['fsGid']} --create-home"
    assert made in _steps(image, "RUN")[1]
    assert _steps(image, "WORKDIR")[-1] == singleuser["storage"]["homeMountPath"]
    assert f"{CONTAINER['securityContext']['runAsUser']}:{CONTAINER['securityContext']['runAsGroup']}" == user


def test_what_the_image_runs_is_shell(image: DockerfileParser) -> None:
    steps = [re.sub(r"^(--\S+ )+", "", step) for step in _steps(image, "RUN")]
    assert len(steps) == 4
    scripts = [*steps, (DEPLOY / "start").read_text(), (ROOT / "postBuild").read_text()]
    assert [_bash_says(script) for script in scripts] == [""] * 6
    assert "syntax error" in _bash_says("if true; then")
    assert os.access(DEPLOY / "start", os.X_OK)
    assert os.access(ROOT / "postBuild", os.X_OK)


def _paths(value: dict[str, Any], before: str = "") -> Iterator[str]:
    for name, inner in value.items():
        if isinstance(inner, dict):
            yield from _paths(inner, f"{before}{name}.")
        else:
            yield f"{before}{name}"


def test_the_chart_knows_every_value() -> None:
    known = [re.compile(name.replace(".", r"\.").replace("*", r"[\w-]+")) for name in KNOWN]
    unknown = [path for path in _paths(VALUES) if not any(name.fullmatch(path) for name in known)]
    assert unknown == []
    assert f"release {CHART} " in (DEPLOY / "values.yaml").read_text()
    assert f"--version {CHART} " in README


def test_jupyterhub_knows_what_the_chart_hands_on(image: DockerfileParser) -> None:
    kinds = {kind.__name__: kind for kind in (JupyterHub, Authenticator, SharedPasswordAuthenticator)}
    passwords = yaml.safe_load(README.partition("<<END\n")[2].partition("END\n")[0])["hub"]["config"]
    for section, given in (VALUES["hub"]["config"] | passwords).items():
        assert set(given) <= set(kinds[section].class_trait_names(config=True)), section
    assert "JupyterHub 5.5.0" in README
    assert _arguments(image)["JUPYTERHUB"] == "5.5.0"


def test_the_image_has_one_name() -> None:
    singleuser = VALUES["singleuser"]["image"]
    assert singleuser == {"name": "labkit", "tag": PROJECT["version"]}
    assert CONTAINER["image"] == f"labkit:{PROJECT['version']}"
    named = re.findall(r"\blabkit:(\d+\.\d+\.\d+)", README + (DEPLOY / "Containerfile").read_text())
    assert len(named) == 4
    assert set(named) == {PROJECT["version"]}


def test_the_board_of_the_cluster_is_the_board_of_one_machine() -> None:
    roles = [{"name": name} | role for name, role in VALUES["hub"]["loadRoles"].items()]
    assert roles == wiring.roles()
    (name,) = VALUES["hub"]["services"]
    alone = wiring.service(Path("/board/attendees"))
    assert name == alone["name"]
    assert VALUES["hub"]["services"][name] == {"url": f"http://hub:{wiring.PORT}", "oauth_no_confirm": True}
    assert CONTAINER["command"][1:] == alone["command"][1:]
    given = {entry["name"]: entry.get("value", "secret") for entry in CONTAINER["env"]}
    assert set(service.NEEDED) <= set(given)
    assert given["JUPYTERHUB_CLIENT_ID"] == f"service-{name}"
    assert given["JUPYTERHUB_SERVICE_PREFIX"] == f"/services/{name}/"
    (token,) = [entry for entry in CONTAINER["env"] if entry["name"] == "JUPYTERHUB_API_TOKEN"]
    assert token["valueFrom"]["secretKeyRef"] == {"name": "hub", "key": f"hub.services.{name}.apiToken"}
    attendees = wiring.attendees_environment()
    assert VALUES["singleuser"]["extraEnv"] == {
        variable: value.replace("127.0.0.1", "hub") for variable, value in attendees.items()
    }


def test_attendees_reach_the_board_and_not_the_internet() -> None:
    policy = VALUES["singleuser"]["networkPolicy"]
    allowed = {name for name, allows in policy["egressAllowRules"].items() if allows}
    assert allowed == {"dnsPortsCloudMetadataServer", "dnsPortsKubeSystemNamespace", "dnsPortsPrivateIPs"}
    hub = {"podSelector": {"matchLabels": {"app": "jupyterhub", "component": "hub"}}}
    to_the_board = [{"to": [hub], "ports": [{"port": wiring.PORT}]}]
    assert policy["egress"] == VALUES["proxy"]["chp"]["networkPolicy"]["egress"] == to_the_board
    (ingress,) = VALUES["hub"]["networkPolicy"]["ingress"]
    (port,) = VALUES["hub"]["service"]["extraPorts"]
    ports = [ingress["ports"][0]["port"], port["port"], port["targetPort"], CONTAINER["ports"][0]["containerPort"]]
    assert ports == [wiring.PORT] * 4


def test_repo2docker_finds_everything_at_the_top() -> None:
    # It takes its files out of these folders alone, where there is one, and environment.yml would not count.
    assert not [name for name in ("binder", ".binder") if (ROOT / name).exists()]
    # It reads `python =3.13`, and nothing with `>` or `<` in it.
    assert re.fullmatch(r"3\.\d+", _python())


def test_the_commands_of_the_page() -> None:
    commands = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert len(commands) == 3
    assert [_bash_says(script) for script in commands] == [""] * 3
    files = re.findall(r"(?:--file|--values) (deploy/\S+)", README)
    assert files == ["deploy/Containerfile", "deploy/values.yaml"]
    assert all((ROOT / name).is_file() for name in files)
