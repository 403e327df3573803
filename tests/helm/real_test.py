"""The chart on a real API server: scripts/test-chart --real."""
import copy
import json
import threading
import time
import unittest

import yaml

from chart import CHART, EXAMPLES, MINIMAL, documents, helm, pods, render
from cluster import Cluster, kubectl

EXAMPLE = {path.stem: path for path in EXAMPLES}
KINDS = ("deployment,statefulset,configmap,service,serviceaccount,poddisruptionbudget,networkpolicy,"
         "horizontalpodautoscaler")
CLUSTER = None


def setUpModule():
    global CLUSTER
    CLUSTER = Cluster()


def tearDownModule():
    CLUSTER.stop()


def done(result):
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def namespace(name):
    """One that takes pods of the restricted level only, and warns of templates of others."""
    done(kubectl("create", "namespace", name))
    done(kubectl("label", "namespace", name, "pod-security.kubernetes.io/enforce=restricted",
                 "pod-security.kubernetes.io/warn=restricted"))
    return name


def install(command, release, place, *values, sets=(), hooks=False):
    """Without hooks, since nothing here runs the Job of an upgrade."""
    arguments = [] if hooks else ["--no-hooks"]
    arguments += [word for file in values for word in ("-f", file)]
    arguments += [word for one in sets for word in ("--set", one)]
    return helm(command, release, CHART, "--namespace", place, *arguments)


def one(kind, name, place):
    return json.loads(done(kubectl("get", kind, name, "-n", place, "-o", "json")))


def left(place, release, kinds=KINDS):
    return done(kubectl("get", kinds, "-n", place, "-l", f"app.kubernetes.io/instance={release}", "-o", "name"))


class AKindsAbsent(unittest.TestCase):
    """First, by its name: later tests add the kinds."""

    def test_what_asks_for_no_such_kind_is_installed_changed_and_removed(self):
        place = namespace("plain")
        done(install("install", "sluice", place, MINIMAL))
        first = one("deployment", "sluice", place)
        self.assertEqual(first["metadata"]["generation"], 1)

        done(install("upgrade", "sluice", place, MINIMAL))
        self.assertEqual(one("deployment", "sluice", place)["metadata"]["generation"], 1, "nothing was new")

        done(install("upgrade", "sluice", place, MINIMAL, sets=["config.pipelines.deposits.workers=2"]))
        second = one("deployment", "sluice", place)
        self.assertNotEqual(*(each["spec"]["template"]["metadata"]["annotations"]["checksum/config"]
                              for each in (first, second)))

        done(helm("rollback", "sluice", "1", "--namespace", place))
        self.assertEqual(one("deployment", "sluice", place)["spec"], first["spec"])

        done(helm("uninstall", "sluice", "--namespace", place))
        self.assertEqual(left(place, "sluice"), "")

    def test_what_asks_for_one_is_refused_as_a_whole(self):
        place = namespace("refused")
        for example, kind in {"everything": "PrometheusRule", "keda": "ScaledObject", "hpa": "ServiceMonitor"}.items():
            result = install("install", example, place, EXAMPLE[example])
            self.assertNotEqual(result.returncode, 0)
            self.assertIn(f'no matches for kind "{kind}"', result.stderr)
            self.assertEqual(left(place, example), "")

    def test_an_upgrade_that_is_refused_changes_nothing(self):
        place = namespace("kept")
        done(install("install", "sluice", place, MINIMAL))
        before = one("deployment", "sluice", place)["metadata"]["resourceVersion"]
        result = install("upgrade", "sluice", place, MINIMAL,
                         sets=["monitoring.rules=true", "config.pipelines.deposits.workers=2"])
        self.assertIn('no matches for kind "PrometheusRule"', result.stderr)
        self.assertEqual(one("deployment", "sluice", place)["metadata"]["resourceVersion"], before)


class KindsPresent(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        CLUSTER.add_kinds()
        namespace("monitoring")
        namespace("streams")

    def test_the_server_knows_every_field_and_warns_of_none(self):
        for example in EXAMPLES:
            with self.subTest(example.stem):
                result = kubectl("apply", "--dry-run=server", "--validate=strict", "-n", "streams", "-f", "-",
                                 stdin=render(example, sets=["monitoring.dashboards.namespace="]))
                self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_the_server_takes_every_pod_at_the_restricted_level(self):
        for example in EXAMPLES:
            for name, spec in pods(documents(render(example))):
                with self.subTest(f"{example.stem}: {name}"):
                    result = self.try_pod(spec)
                    self.assertEqual((result.returncode, result.stderr), (0, ""))
        bad = copy.deepcopy(spec)
        del bad["securityContext"]["seccompProfile"]
        self.assertIn("violates PodSecurity", self.try_pod(bad).stderr)

    def try_pod(self, spec):
        spec = {**spec, "priorityClassName": None}  # the cluster has none of that name
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "tried"}, "spec": spec}
        return kubectl("create", "--dry-run=server", "--validate=strict", "-n", "streams", "-f", "-",
                       stdin=yaml.safe_dump(pod))

    def test_each_example_is_installed_changed_and_removed(self):
        for example in EXAMPLES:
            with self.subTest(example.stem):
                place, release = namespace(f"of-{example.stem}"), example.stem
                done(install("install", release, place, example))
                self.assertIn("helm test", done(helm("get", "notes", release, "--namespace", place)))
                done(install("upgrade", release, place, example, sets=["config.shutdown_timeout=45s"]))
                grace = done(kubectl("get", "deployment,statefulset", "-n", place, "-o",
                                     "jsonpath={.items[*].spec.template.spec.terminationGracePeriodSeconds}"))
                self.assertEqual(grace, "55")
                done(helm("uninstall", release, "--namespace", place))
                self.assertEqual(left(place, release, KINDS + ",servicemonitor,podmonitor,prometheusrule,scaledobject"), "")
                self.assertEqual(left("monitoring", release), "")

    def test_monitors_and_replicas_restart_no_pod(self):
        place = namespace("still")
        done(install("install", "sluice", place, EXAMPLE["statefulset"]))
        template = one("statefulset", "sluice", place)["spec"]["template"]
        done(install("upgrade", "sluice", place, EXAMPLE["statefulset"],
                     sets=["replicas=5", "monitoring.monitor=PodMonitor", "monitoring.rules=true"]))
        after = one("statefulset", "sluice", place)
        self.assertEqual(after["spec"]["template"], template)
        self.assertEqual(after["spec"]["replicas"], 5)
        self.assertIn("sluice-4.yaml", one("configmap", "sluice", place)["data"])

    def test_an_upgrade_that_the_new_sluice_refuses_changes_nothing(self):
        for verdict, changes in {"Failed": False, "Complete": True}.items():
            with self.subTest(verdict):
                place = namespace(f"asked-{verdict.lower()}")
                done(install("install", "sluice", place, MINIMAL))
                before = [one(kind, "sluice", place) for kind in ("configmap", "deployment")]
                ends = threading.Thread(target=self.end_job, args=(place, verdict))
                ends.start()
                result = install("upgrade", "sluice", place, MINIMAL, hooks=True,
                                 sets=["config.pipelines.deposits.workers=2", "serviceAccount.name=new"])
                ends.join()
                after = [one(kind, "sluice", place) for kind in ("configmap", "deployment")]
                self.assertEqual(result.returncode == 0, changes, result.stderr)
                self.assertEqual([each["metadata"]["resourceVersion"] for each in before]
                                 != [each["metadata"]["resourceVersion"] for each in after], changes)
                self.assertEqual(kubectl("get", "configmap", "sluice-next", "-n", place).returncode, 1, "is left over")
                self.assertEqual(kubectl("get", "job", "sluice-next", "-n", place).returncode, int(changes),
                                 "kept for its log where it failed")

    def end_job(self, place, verdict):
        """What the controller of Jobs says when the pod has ended."""
        while kubectl("get", "job", "sluice-next", "-n", place).returncode:
            time.sleep(0.1)
        now = "2026-01-01T00:00:00Z"
        conditions = [{"type": "FailureTarget" if verdict == "Failed" else "SuccessCriteriaMet", "status": "True",
                       "reason": "Test", "lastTransitionTime": now},
                      {"type": verdict, "status": "True", "reason": "Test", "lastTransitionTime": now}]
        status = {"startTime": now, "conditions": conditions, "failed" if verdict == "Failed" else "succeeded": 1}
        if verdict == "Complete":
            status["completionTime"] = now
        done(kubectl("patch", "job", "sluice-next", "-n", place, "--subresource=status", "--type=merge",
                     "-p", json.dumps({"status": status})))

    def test_another_workload_takes_the_place_of_the_first(self):
        place = namespace("other")
        done(install("install", "sluice", place, MINIMAL))
        done(install("upgrade", "sluice", place, MINIMAL, sets=["workload=StatefulSet"]))
        self.assertIn("statefulset.apps/sluice", left(place, "sluice"))
        self.assertNotIn("deployment", left(place, "sluice"))

    def test_an_autoscaler_keeps_the_replicas_that_it_chose(self):
        place = namespace("scaled")
        done(install("install", "sluice", place, EXAMPLE["keda"]))
        done(kubectl("scale", "deployment", "sluice", "-n", place, "--replicas=7"))
        done(install("upgrade", "sluice", place, EXAMPLE["keda"], sets=["config.shutdown_timeout=45s"]))
        self.assertEqual(one("deployment", "sluice", place)["spec"]["replicas"], 7)

    def test_a_changed_secret_restarts_the_pods_if_asked_and_is_nowhere_to_be_read(self):
        place = namespace("secret")

        def write(value):
            text = done(kubectl("create", "secret", "generic", "sluice-api", "-n", place, f"--from-literal=token={value}",
                                "--dry-run=client", "-o", "yaml"))
            done(kubectl("apply", "-n", place, "-f", "-", stdin=text))

        def checksum(command):
            done(install(command, "sluice", place, MINIMAL, sets=["secrets.restartOnChange=true"]))
            return one("deployment", "sluice", place)["spec"]["template"]["metadata"]["annotations"]["checksum/secrets"]

        write("first-value")
        first = checksum("install")
        self.assertEqual(checksum("upgrade"), first)
        write("second-value")
        self.assertNotEqual(checksum("upgrade"), first)
        everything = done(kubectl("get", KINDS, "-n", place, "-o", "yaml")) + done(
            helm("get", "all", "sluice", "--namespace", place))
        self.assertNotIn("-value", everything)


if __name__ == "__main__":
    unittest.main()
