"""Checks that what the manifests name is there: references.py FOLDER FOLDER_OF_SETTINGS."""

import pathlib
import re
import sys

import yaml

folder, settings = (pathlib.Path(argument) for argument in sys.argv[1:3])
faults = []


def check(holds, sentence):
    if not holds and sentence not in faults:
        faults.append(sentence)


kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
objects = []
for name in kustomization["resources"] + ["ingress.example.yaml"]:
    if (folder / name).exists():
        objects += [item for item in yaml.safe_load_all((folder / name).read_text()) if item]
    else:
        faults.append(f"kustomization.yaml names {name}, which is not there")
listed = set(kustomization["resources"]) | {"kustomization.yaml", "ingress.example.yaml", "secrets.example.yaml"}
for file in folder.glob("*.yaml"):
    check(file.name in listed, f"{file.name} is not in kustomization.yaml")


def named(kind):
    return {item["metadata"]["name"]: item for item in objects if item["kind"] == kind}


workloads = {name: item for kind in ("Deployment", "StatefulSet", "Job") for name, item in named(kind).items()}
secrets = {name: set(item["stringData"]) for name, item in named("Secret").items()}
configs = {name: set(item["data"]) for name, item in named("ConfigMap").items()}
services = {name: {port["name"] for port in item["spec"]["ports"]} for name, item in named("Service").items()}
pods = {name: item["spec"]["template"] for name, item in workloads.items()}
known = set()
for file in settings.glob("*.example"):
    known |= set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", file.read_text(), re.MULTILINE))
known |= {"HERALD_BIN"}


def matches(selector, labels):
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            return False
    return all(labels.get(term["key"]) in term["values"] for term in selector.get("matchExpressions") or [])


def check_container(name, container):
    check(set(container["securityContext"]["capabilities"]["drop"]) == {"ALL"}, f"{name} keeps capabilities")
    check(container["securityContext"]["readOnlyRootFilesystem"], f"{name} can write to its root")
    check("memory" in container["resources"]["limits"], f"{name} has no limit of memory")
    for source in container.get("envFrom", []):
        config = source["configMapRef"]["name"]
        check(config in configs, f"{name} reads the ConfigMap {config}, which is not there")
        for key in configs.get(config, ()):
            check(key in known, f"the ConfigMap {config} has {key}, which no service reads")
    for variable in container.get("env", []):
        check(variable["name"] in known, f"{name} sets {variable['name']}, which no service reads")
        reference = variable.get("valueFrom", {}).get("secretKeyRef")
        if reference and not reference.get("optional"):
            keys = secrets.get(reference["name"], set())
            check(reference["key"] in keys, f"{name} reads {reference['key']} of the Secret {reference['name']}: not there")
    ports = {port["name"] for port in container.get("ports", [])}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        if name != "migrate":
            check(container[probe]["httpGet"]["port"] in ports, f"the {probe} of {name} asks a port that is not there")


for name, pod in pods.items():
    spec = pod["spec"]
    check(spec["securityContext"]["runAsNonRoot"], f"{name} may run as root")
    for container in spec["containers"]:
        check_container(name, container)
    if name == "migrate":
        continue
    labels = pod["metadata"]["labels"]
    check(matches(workloads[name]["spec"]["selector"], labels), f"{name} does not select its own pods")
    for kind in ("PodDisruptionBudget", "HorizontalPodAutoscaler"):
        check(name in named(kind), f"{name} has no {kind}")
    check(name in services, f"{name} has no Service")
for name, item in named("Service").items():
    selected = [pod for pod in pods.values() if matches({"matchLabels": item["spec"]["selector"]}, pod["metadata"]["labels"])]
    check(selected, f"the Service {name} selects nothing")
    for pod in selected:
        ports = {port["name"] for port in pod["spec"]["containers"][0]["ports"]}
        for port in item["spec"]["ports"]:
            check(port["targetPort"] in ports, f"the Service {name} leads to the port {port['targetPort']}: not there")
for name, item in named("HorizontalPodAutoscaler").items():
    target = item["spec"]["scaleTargetRef"]
    check(workloads.get(target["name"], {}).get("kind") == target["kind"], f"the autoscaler {name} has no target")
    check("replicas" not in workloads[target["name"]]["spec"], f"{name} has replicas, which each apply would set back")
for name, item in named("PodDisruptionBudget").items():
    check(any(matches(item["spec"]["selector"], pod["metadata"]["labels"]) for pod in pods.values()), f"the budget {name} selects nothing")
for name, item in named("NetworkPolicy").items():
    selectors = [item["spec"]["podSelector"]]
    for rule in item["spec"].get("ingress", []) + item["spec"].get("egress", []):
        selectors += [peer["podSelector"] for peer in rule.get("from", []) + rule.get("to", []) if "podSelector" in peer]
    for selector in selectors:
        for term in selector.get("matchExpressions") or []:
            for value in term["values"]:
                check(value in pods, f"the policy {name} names {value}, which is not there")
        check(any(matches(selector, pod["metadata"]["labels"]) for pod in pods.values()), f"the policy {name} selects nothing")
for name, item in named("Ingress").items():
    for rule in item["spec"]["rules"]:
        for path in rule["http"]["paths"]:
            service = path["backend"]["service"]
            check(service["port"]["name"] in services.get(service["name"], ()), f"the Ingress {name} leads to {service}: not there")

# Who calls whom stands in the settings (deploy/env): each such way must be open in both directions.
addresses = {f"{name.split('-')[0].upper()}S_URL" if name.endswith("service") else "INBOX_URL": name for name in services if name.endswith("service") or name == "inbound-gateway"}
addresses["MESSAGING_URL"] = addresses.pop("MESSAGINGS_URL")
policies = named("NetworkPolicy").values()


def is_open(caller, target):
    def allows(item, direction, near, far):
        peer = "from" if direction == "ingress" else "to"
        return matches(item["spec"]["podSelector"], pods[near]["metadata"]["labels"]) and any(
            "podSelector" in end and matches(end["podSelector"], pods[far]["metadata"]["labels"])
            for rule in item["spec"].get(direction, [])
            for end in rule.get(peer, [])
        )

    return any(allows(item, "egress", caller, target) for item in policies) and any(
        allows(item, "ingress", target, caller) for item in policies
    )


for caller in pods:
    file = settings / f"{caller}.env.example"
    if file.exists():
        for key in re.findall(r"^([A-Z]+_URL)=http", file.read_text(), re.MULTILINE):
            if key in addresses:
                check(is_open(caller, addresses[key]), f"no policy lets {caller} call {addresses[key]}")

for fault in faults:
    print(f"kubernetes: {fault}", file=sys.stderr)
sys.exit(1 if faults else 0)
