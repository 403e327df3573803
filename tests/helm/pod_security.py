"""The restricted level of Kubernetes' Pod Security Standards, and what Sluice adds to it.

https://kubernetes.io/docs/concepts/security/pod-security-standards/ has the rules; a real API server
judges the same pods in scripts/test-chart.
"""
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected",
           "secret"}


def problems(pod):
    """What the spec of a pod breaks, one sentence each."""
    for key in "hostNetwork", "hostPID", "hostIPC":
        if pod.get(key):
            yield f"{key} is set"
    if pod.get("automountServiceAccountToken") is not False:
        yield "a token of the Kubernetes API is mounted"
    for volume in pod.get("volumes", []):
        for kind in set(volume) - {"name"} - VOLUMES:
            yield f"volume {volume['name']} is a {kind}"
    of_pod = pod.get("securityContext", {})
    if of_pod.get("sysctls"):
        yield "sysctls are set"
    containers = pod.get("initContainers", []) + pod["containers"] + pod.get("ephemeralContainers", [])
    for container in containers:
        for problem in container_problems(container, of_pod):
            yield f"container {container['name']}: {problem}"


def container_problems(container, of_pod):
    own = container.get("securityContext", {})
    both = {**of_pod, **own}
    if own.get("privileged"):
        yield "is privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "may gain privileges"
    if "ALL" not in own.get("capabilities", {}).get("drop", []):
        yield "does not drop ALL capabilities"
    if set(own.get("capabilities", {}).get("add", [])) - {"NET_BIND_SERVICE"}:
        yield "adds capabilities"
    if both.get("runAsNonRoot") is not True:
        yield "may run as root"
    if both.get("runAsUser", 1) == 0:
        yield "runs as root"
    if both.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
        yield "has no seccomp profile"
    if own.get("procMount", "Default") != "Default":
        yield "has an unmasked /proc"
    if any(port.get("hostPort") for port in container.get("ports", [])):
        yield "takes a port of the host"
    # Not asked for by the restricted level:
    if own.get("readOnlyRootFilesystem") is not True:
        yield "may write to its image"
    if "memory" not in container.get("resources", {}).get("limits", {}):
        yield "has no limit of memory"
