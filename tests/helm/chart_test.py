"""The chart by itself: what Helm makes of each example, and what it refuses."""
import copy
import os
import pathlib
import tempfile
import unittest

import yaml

import pod_security
from chart import (CHART, EXAMPLES, MINIMAL, ROOT, VERSION, blocks, documents, golden_text, helm, of_kind,
                   pods, render)

GOLDEN = pathlib.Path(__file__).parent / "golden"
EXAMPLE = {path.stem: path for path in EXAMPLES}


class Golden(unittest.TestCase):
    def test_each_example_renders_as_it_did(self):
        self.assertEqual(len(EXAMPLES), 8)
        for example in EXAMPLES:
            with self.subTest(example.stem):
                rendered = golden_text(render(example))
                golden = GOLDEN / example.name
                if os.environ.get("SLUICE_UPDATE_GOLDEN"):
                    golden.write_text(rendered)
                self.assertEqual(golden.read_text(), rendered, "SLUICE_UPDATE_GOLDEN=1 takes it over")

    def test_no_golden_file_is_left_over(self):
        self.assertEqual({path.name for path in GOLDEN.iterdir()}, {path.name for path in EXAMPLES})

    def test_lint_is_content_with_each_example(self):
        for example in EXAMPLES:
            with self.subTest(example.stem):
                done = helm("lint", "--strict", CHART, "-f", example)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_package_holds_what_the_links_lead_to(self):
        with tempfile.TemporaryDirectory() as folder:
            done = helm("package", CHART, "-d", folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            package = pathlib.Path(folder) / f"sluice-{VERSION}.tgz"
            self.assertEqual(render(EXAMPLE["everything"], chart=package), render(EXAMPLE["everything"]))

    def test_the_chart_has_the_version_of_the_project(self):
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
        self.assertEqual((chart["version"], chart["appVersion"]), (VERSION, VERSION))


class Refused(unittest.TestCase):
    def refused(self, *sets):
        with self.assertRaises(RuntimeError) as caught:
            render(MINIMAL, sets=sets)
        return str(caught.exception)

    def test_wrong_names_and_types_are_refused_by_name(self):
        for setting, named in {
                "replicaz=3": "'replicaz' not allowed",
                "image.tags=1": "'tags' not allowed",
                "monitoring.dashboards.enable=true": "'enable' not allowed",
                "secrets.env.API_TOKEN.name=x": "'name' not allowed",
                "networkPolicy.egres=x": "'egres' not allowed",
                "replicas=two": "/replicas",
                "replicas=-1": "/replicas",
                "workload=DaemonSet": "/workload",
                "autoscaling.type=vpa": "/autoscaling/type",
                "autoscaling.minReplicas=0": "/autoscaling/minReplicas",
                "monitoring.monitor=true": "/monitoring/monitor",
                "monitoring.rules=very": "/monitoring/rules",
                "image.digest=latest": "/image/digest",
                "secrets.files.API=x": "/secrets/files",
                "config.kafka.brokers=kafka:9092": "/config/kafka/brokers",
                "config.targets=null": "/config/targets",
                "config.kafka.broker=x": "'broker' not allowed",
                "config.targets.api.auth.tokn=x": "'tokn' not allowed",
                "config.targets.api.base_ulr=x": "'base_ulr' not allowed",
                "config.pipelines.deposits.batch.lingr=1s": "'lingr' not allowed",
                "config.pipelines.deposits.batch.linger=5": "/config/pipelines/deposits/batch/linger",
                "config.kafka.properties.group\\.id=x": "invalid propertyName 'group.id'",
                "config.targets.api.base_url=api.example.com": "/config/targets/api/base_url",
                "config.targets.api.base_url=${env:URL}": "/config/targets/api/base_url",
                "config.shutdown_timeout=25x": "/config/shutdown_timeout",
                "preUpgradeCheck.enable=false": "'enable' not allowed",
                "podDisruptionBudget.minAvailable=1": "'minAvailable' not allowed",
                "podDisruptionBudget.maxUnavailable=0": "/podDisruptionBudget/maxUnavailable",
                "podDisruptionBudget.maxUnavailable=0%": "/podDisruptionBudget/maxUnavailable",
                "podDisruptionBudget.maxUnavailable=200%": "/podDisruptionBudget/maxUnavailable",
                "config.pipelines.deposits.workers=all": "/config/pipelines/deposits/workers",
        }.items():
            with self.subTest(setting):
                self.assertIn(named, self.refused(setting))

    def test_a_chart_without_values_says_what_is_missing(self):
        done = helm("template", "sluice", CHART)
        self.assertRegex(done.stderr, "'/config': missing properties 'kafka', 'targets', 'pipelines'")

    def test_a_secret_in_clear_is_named_and_not_shown(self):
        other = "config.targets.other."
        for key, others in {
                "config.admin.token": [],
                "config.targets.api.auth.token": [],
                other + "proxy.password": ["proxy.url=http://proxy:3128", "proxy.user=sluice"],
                other + "tenants.of.acme.token": ["tenants.by=/tenant", "tenants.of.acme.type=bearer"],
                other + "auth.client_secret": ["auth.type=oauth2", "auth.client_id=sluice",
                                               "auth.token_url=https://login.example.com/token"],
                other + "auth.value": ["auth.type=api_key", "auth.name=X-Key"],
                "config.kafka.sasl.password": ["mechanism=PLAIN", "user=sluice"],
                "config.kafka.properties.ssl\\.key\\.password": [],
        }.items():
            section = other if key.startswith(other) else "config.kafka.sasl."
            others = [section + each for each in others]
            if section == other:
                others.append(other + "base_url=https://other.example.com")
            elif others:
                others.append("config.kafka.tls=true")
            with self.subTest(key):
                words = self.refused(f"{key}=hunter2-hunter2", *others)
                self.assertIn(f"{key}: is a secret in clear".replace("\\", ""), words)
                self.assertNotIn("hunter2", words)
        words = self.refused("config.targets.api.auth.token=prefix-${env:API_TOKEN}")
        self.assertIn("config.targets.api.auth.token: is a secret in clear", words)

    def test_all_that_would_fail_in_the_pod_is_said_at_once(self):
        words = self.refused("config.instance_id=a", "config.admin.token=${env:ADMIN_TOKEN}",
                             "config.targets.api.tls.ca=/secrets/ca/ca.crt",
                             "config.pipelines.deposits.schema=schemas/none.json",
                             "config.memory.budget=1GiB", "autoscaling.type=keda",
                             "autoscaling.minReplicas=4")
        for sentence in ("config.instance_id: would be the same in each pod",
                         "secrets.env.ADMIN_TOKEN: {secret: NAME, key: KEY}",
                         "secrets.files.ca: {secret: NAME}",
                         "config.pipelines.deposits.schema: there is no schemas/none.json",
                         "resources.limits.memory: 512Mi is too little: config.memory.budget is 1GiB, so at least 1152Mi",
                         "autoscaling.keda.serverAddress: is not set",
                         "autoscaling.maxReplicas: is below autoscaling.minReplicas"):
            self.assertIn(sentence, words)

    def test_only_what_is_below_secrets_itself_has_to_be_mounted(self):
        for path in ("${file:/vault/secrets/token}", "${file:/run/secrets/token}"):
            render(MINIMAL, sets=[f"config.targets.api.auth.token={path}"])
        render(MINIMAL, sets=["config.targets.api.base_url=https://vault.example.com/v1/secrets/events"])
        self.assertIn("secrets.files.other", self.refused("config.targets.api.auth.token=${file:/secrets/other/key}"))
        render(MINIMAL, sets=["config.targets.api.auth.token=${file:/secrets/other/key}",
                              "extraVolumeMounts[0].name=other", "extraVolumeMounts[0].mountPath=/secrets/other"])

    def test_an_admin_port_that_nobody_reaches_is_refused(self):
        self.assertIn("config.admin.listen: 127.0.0.1:9464", self.refused("config.admin.listen=127.0.0.1:9464"))
        self.assertIn("no fixed port", self.refused("config.admin.listen=0.0.0.0:0"))


class Pods(unittest.TestCase):
    def test_every_pod_is_of_the_restricted_level(self):
        for example in EXAMPLES:
            found = list(pods(documents(render(example))))
            self.assertEqual(len(found), 3, "the one that streams, those of helm test and before an upgrade")
            for name, pod in found:
                with self.subTest(f"{example.stem}: {name}"):
                    self.assertEqual(list(pod_security.problems(pod)), [])

    def test_the_rules_see_each_thing_that_is_wrong(self):
        _, good = next(pods(documents(render(MINIMAL))))
        for change, problem in {
                lambda pod, _: pod.update(hostNetwork=True): "hostNetwork",
                lambda pod, _: pod.pop("automountServiceAccountToken"): "a token",
                lambda pod, _: pod["volumes"].append({"name": "h", "hostPath": {}}): "is a hostPath",
                lambda pod, _: pod["securityContext"].update(sysctls=[{}]): "sysctls",
                lambda pod, _: pod["securityContext"].pop("runAsNonRoot"): "may run as root",
                lambda pod, _: pod["securityContext"].update(runAsUser=0): "runs as root",
                lambda pod, _: pod["securityContext"].pop("seccompProfile"): "seccomp",
                lambda _, own: own["securityContext"].update(privileged=True): "is privileged",
                lambda _, own: own["securityContext"].pop("allowPrivilegeEscalation"): "gain privileges",
                lambda _, own: own["securityContext"].pop("capabilities"): "does not drop ALL",
                lambda _, own: own["securityContext"]["capabilities"].update(add=["SYS_ADMIN"]): "adds",
                lambda _, own: own["securityContext"].update(procMount="Unmasked"): "/proc",
                lambda _, own: own["securityContext"].pop("readOnlyRootFilesystem"): "may write",
                lambda _, own: own["ports"][0].update(hostPort=1): "port of the host",
                lambda _, own: own["resources"].pop("limits"): "no limit of memory",
        }.items():
            pod = copy.deepcopy(good)
            change(pod, pod["containers"][0])
            with self.subTest(problem):
                self.assertRegex("\n".join(pod_security.problems(pod)), problem)

    def test_a_drain_has_ten_seconds_more_than_it_may_take(self):
        for timeout, seconds in {None: 35, "20s": 30, "1500ms": 12, "2m": 130, "1h": 3610}.items():
            sets = [f"config.shutdown_timeout={timeout}"] if timeout else []
            deployment, = of_kind(documents(render(MINIMAL, sets=sets)), "Deployment")
            pod = deployment["spec"]["template"]["spec"]
            self.assertEqual(pod["terminationGracePeriodSeconds"], seconds, timeout)

    def test_a_changed_configuration_or_schema_restarts_the_pods_and_nothing_else_does(self):
        def annotations(*sets):
            docs = documents(render(EXAMPLE["statefulset"], sets=sets))
            return of_kind(docs, "StatefulSet")[0]["spec"]["template"]["metadata"]["annotations"]

        before = annotations()
        self.assertEqual(annotations("replicas=7", "monitoring.monitor=PodMonitor"), before)
        self.assertNotEqual(annotations("config.pipelines.deposits.workers=2"), before)
        one, other = (annotations("config.pipelines.deposits.schema=schemas/own.json",
                                  f"schemas.own\\.json={content}") for content in ("one", "other"))
        self.assertNotEqual(one, other)

    def test_each_pod_finds_a_configuration_of_its_own_id(self):
        for example, count in {"statefulset": 3, "everything": 4}.items():
            docs = documents(render(EXAMPLE[example]))
            files = of_kind(docs, "ConfigMap")[0]["data"]
            workload, = of_kind(docs, "StatefulSet")
            path = workload["spec"]["template"]["spec"]["containers"][0]["args"][1]
            for i in range(count):
                name = f"{workload['metadata']['name']}-{i}"
                file = path.replace("$(POD_NAME)", name).removeprefix("/etc/sluice/")
                self.assertEqual(yaml.safe_load(files[file])["instance_id"], name)
            self.assertEqual(len(files), count)

    def test_only_pods_that_stream_are_selected(self):
        docs = documents(render(EXAMPLE["everything"]))
        check = of_kind(docs, "Pod")[0]["metadata"]["labels"]
        stream = of_kind(docs, "StatefulSet")[0]["spec"]["template"]["metadata"]["labels"]
        selectors = [of_kind(docs, "Service")[0]["spec"]["selector"]]
        selectors += [of_kind(docs, kind)[0]["spec"]["selector"]["matchLabels"]
                      for kind in ("StatefulSet", "PodDisruptionBudget")]
        for selector in selectors:
            self.assertLessEqual(selector.items(), stream.items())
            self.assertFalse(selector.items() <= check.items())
        monitor = of_kind(docs, "ServiceMonitor")[0]["spec"]["selector"]["matchLabels"]
        self.assertLessEqual(monitor.items(), of_kind(docs, "Service")[0]["metadata"]["labels"].items())
        policy = of_kind(docs, "NetworkPolicy")[0]["spec"]["podSelector"]["matchLabels"]
        self.assertLessEqual(policy.items(), stream.items() & check.items())

    def test_a_policy_lets_out_to_every_port_of_the_configuration(self):
        policy, = of_kind(documents(render(EXAMPLE["everything"])), "NetworkPolicy")
        ports = {port["port"] for port in policy["spec"]["egress"][1]["ports"]}
        self.assertEqual(ports, {9092, 9094, 8080, 443, 3128, 8443})


class PreUpgrade(unittest.TestCase):
    """An upgrade runs a Job first, with all that it needs."""

    def test_it_asks_about_the_new_configuration_with_what_the_pods_will_have(self):
        for example in EXAMPLES:
            with self.subTest(example.stem):
                docs = documents(render(example))
                job, = of_kind(docs, "Job")
                maps = {each["metadata"]["name"]: each for each in of_kind(docs, "ConfigMap")}
                asked = job["spec"]["template"]["spec"]
                runs = (of_kind(docs, "Deployment") + of_kind(docs, "StatefulSet"))[0]["spec"]["template"]["spec"]
                container, streaming = asked["containers"][0], runs["containers"][0]
                self.assertEqual(container["args"], ["check", "--offline", streaming["args"][1]])
                for key in "image", "volumeMounts", "resources", "securityContext":
                    self.assertEqual(container[key], streaming[key])
                self.assertEqual(container["env"][1:], streaming["env"][1:])
                self.assertEqual(asked["volumes"][1:], runs["volumes"][1:])
                sources = asked["volumes"][0]["projected"]["sources"], runs["volumes"][0]["projected"]["sources"]
                for new, own in zip(*sources, strict=True):
                    names = new["configMap"].pop("name"), own["configMap"].pop("name")
                    self.assertEqual(new, own)
                    self.assertLessEqual(*(maps[name]["data"].items() for name in names))
                    self.hook(maps[names[0]], "-1")
                    self.assertNotIn("annotations", maps[names[1]]["metadata"])
                path = container["args"][2].replace("$(POD_NAME)", container["env"][0]["value"])
                self.assertIn(path.removeprefix("/etc/sluice/"), maps[job["metadata"]["name"]]["data"])
                self.hook(job, "0")

    def hook(self, document, weight):
        annotations = document["metadata"]["annotations"]
        self.assertEqual(annotations["helm.sh/hook"], "pre-upgrade")
        self.assertEqual(annotations["helm.sh/hook-weight"], weight)

    def test_it_needs_nothing_that_the_release_makes_only_later(self):
        account = lambda *sets: of_kind(documents(render(MINIMAL, sets=sets)), "Job")[0]["spec"]["template"]["spec"][
            "serviceAccountName"]
        self.assertEqual(account("serviceAccount.name=new"), "default")
        self.assertEqual(account("serviceAccount.create=false", "serviceAccount.name=there"), "there")

    def test_a_claim_stays_with_the_pods_that_stream(self):
        docs = documents(render(MINIMAL, sets=["extraVolumes[0].name=store",
                                               "extraVolumes[0].persistentVolumeClaim.claimName=tokens"]))
        job, deployment = of_kind(docs, "Job")[0], of_kind(docs, "Deployment")[0]
        self.assertIn({"name": "store", "emptyDir": {}}, job["spec"]["template"]["spec"]["volumes"])
        self.assertIn({"name": "store", "persistentVolumeClaim": {"claimName": "tokens"}},
                      deployment["spec"]["template"]["spec"]["volumes"])

    def test_it_can_be_turned_off(self):
        docs = documents(render(MINIMAL, sets=["preUpgradeCheck.enabled=false"]))
        self.assertEqual(of_kind(docs, "Job"), [])
        self.assertEqual(len(of_kind(docs, "ConfigMap")), 1)


class Notes(unittest.TestCase):
    def notes(self, example, *sets):
        words = [word for one in sets for word in ("--set", one)]
        done = helm("install", "sluice", CHART, "-f", EXAMPLE[example], "--dry-run=client", *words)
        return done.stdout.split("NOTES:")[1]

    def test_a_limit_that_replicas_would_not_keep_is_named(self):
        limit = "config.targets.api.rate_limit[0]"
        self.assertNotIn("rate_limit", self.notes("keda"))
        self.assertIn("targets.api.rate_limit[0] gives each replica 0.5 of it",
                      self.notes("keda", f"{limit}.share=0.5"))
        self.assertNotIn("rate_limit", self.notes("statefulset", f"{limit}.share=0.5"))
        self.assertIn("targets.api.rate_limit[0] has no share", self.notes("statefulset", f"{limit}.share=none"))
        self.assertNotIn("rate_limit", self.notes("statefulset", f"{limit}.share=none", "replicas=1"))


class Examples(unittest.TestCase):
    def test_the_data_pipeline_is_that_of_the_preset(self):
        preset = yaml.load((ROOT / "config" / "data-pipeline.yaml").read_text(), yaml.BaseLoader)
        config = yaml.load(EXAMPLE["data-pipeline"].read_text(), yaml.BaseLoader)["config"]
        preset["kafka"]["brokers"] = config["kafka"]["brokers"]
        self.assertEqual(config, preset)

    def test_numbers_and_words_arrive_as_they_were_written(self):
        values = """
config:
  kafka: {brokers: ["b:9092"], tls: on, properties: {message.max.bytes: 1000000000}}
  targets: {api: {base_url: https://a, tls: {min_version: 1.2}, rate_limit_headers: "off",
                  rate_limit: [{requests: 1000000, per: 1s, share: 0.5}]}}
  pipelines: {p: {topics: [t], group: g, target: api, path: /p, start: 2026-11-25T08:00:00Z,
                  dead_letter: none}}
"""
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(values)
            file.flush()
            text = of_kind(documents(render(file.name)), "ConfigMap")[0]["data"]["sluice.yaml"]
        for line in ("message.max.bytes: 1000000000", "requests: 1000000", "share: 0.5", "min_version: 1.2",
                     'rate_limit_headers: "off"', 'start: "2026-11-25T08:00:00Z"'):
            self.assertIn(line + "\n", text)

    def test_values_in_the_documentation_are_taken(self):
        for page in (ROOT / "docs" / "helm.md", CHART / "README.md"):
            for block in blocks(page, "yaml"):
                with self.subTest(block.splitlines()[0]), tempfile.NamedTemporaryFile("w") as file:
                    file.write(block)
                    file.flush()
                    render(MINIMAL, file.name)


if __name__ == "__main__":
    unittest.main()
