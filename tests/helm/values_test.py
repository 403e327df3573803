"""What values the chart takes: what the loader takes, names and amounts that Kubernetes takes."""
import importlib.machinery
import importlib.util
import json
import os
import re
import subprocess
import tempfile
import unittest

import yaml

from chart import CHART, EXAMPLES, MINIMAL, ROOT, SLUICE, documents, helm, of_kind, render

PASSWORD = "hunter2"
SECRET = "s3cr3t"  # of the configurations in tests/golden/config_errors


def chart_schema():
    """scripts/chart-schema, to be asked."""
    loader = importlib.machinery.SourceFileLoader("chart_schema", str(ROOT / "scripts" / "chart-schema"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("chart_schema", loader))
    loader.exec_module(module)
    return module


def refused(*sets, values=None, release="sluice"):
    """Helm's words; empty where it takes it."""
    try:
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            json.dump(values or {}, file)
            file.flush()
            render(MINIMAL, file.name, sets=sets, release=release)
    except RuntimeError as error:
        return str(error)
    return ""


def configurations():
    """Those of the repository that the loader takes."""
    for path in sorted([*ROOT.glob("config/*.yaml"), *ROOT.glob("compose/*.yaml"), *ROOT.glob("tests/**/*.yaml")]):
        try:
            config = yaml.load(path.read_text(), yaml.BaseLoader)
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
            continue
        if isinstance(config, dict) and {"kafka", "targets", "pipelines"} <= config.keys():
            yield path


class Schema(unittest.TestCase):
    def test_it_is_made_of_that_of_the_configuration(self):
        done = subprocess.run([ROOT / "scripts" / "chart-schema", "--check"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_every_key_of_the_configuration_is_there_with_what_it_asks(self):
        source = json.loads((ROOT / "config" / "sluice.schema.json").read_text())
        made = json.loads((CHART / "values.schema.json").read_text())
        config = {**made["properties"]["config"], "definitions": made["definitions"]}
        self.assertIn("linger", keys_of(source))
        self.assertEqual(keys_of(config), keys_of(source))
        self.assertEqual(made["properties"]["config"]["required"], source["required"])
        self.assertNotRegex(json.dumps(made), r"\(\?")

    def test_a_pattern_without_lookaheads_takes_what_it_took(self):
        module = chart_schema()
        source = json.loads((ROOT / "config" / "sluice.schema.json").read_text())
        texts = [*scalars(source), *SAMPLES]
        patterns = [each for each in set(patterns_of(source)) if "(?" in each and "exec:" not in each]
        self.assertGreater(len(patterns), 15)
        looser = set()
        for pattern in patterns:
            found = module.conditions(pattern, exact=False)
            for text in texts:
                took, takes = bool(re.search(pattern, text)), all(holds(each, text) for each in found)
                self.assertTrue(takes or not took, (pattern, text))
                if takes and not took:
                    looser.add(pattern)
        self.assertEqual(looser, {each for each in patterns if each in LOOSER})

    def test_without_a_configuration_it_is_missed(self):
        self.assertIn("missing property 'config'", refused(values={"config": None}))

    def test_of_a_wrong_configuration_no_secret_is_shown(self):
        for path in sorted((ROOT / "tests" / "golden" / "config_errors").glob("*.yaml")):
            text = path.read_bytes().decode(errors="replace")
            if SECRET in text:
                with self.subTest(path.stem), tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                    file.write("config:\n" + re.sub(r"(?m)^", "  ", text))
                    file.flush()
                    done = helm("template", "sluice", CHART, "-f", file.name)
                    self.assertNotEqual(done.returncode, 0)
                    self.assertNotIn(SECRET, done.stdout + done.stderr)

    def test_what_the_loader_takes_the_chart_takes(self):
        seen = 0
        for path in configurations():
            variables = {name: "a-token-of-more-than-16-bytes" for name in re.findall(r"\$\{env:(\w+)\}", path.read_text())}
            done = subprocess.run([SLUICE, "check", "--offline", path], capture_output=True, text=True,
                                  env={**os.environ, **variables})
            if done.returncode:
                continue
            with self.subTest(path.relative_to(ROOT)), tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                file.write("config:\n" + re.sub(r"(?m)^", "  ", path.read_text()))
                file.flush()
                said = helm("template", "sluice", CHART, "-f", file.name).stderr
                self.assertNotIn("meet the specifications", said)
                seen += 1
        self.assertGreater(seen, 1)


# What these refuse beyond is left to Sluice: a topic called `.`, a tenant whose % is not escaped.
LOOSER = {r"^(?![\s\S]*\$\{)((?!\.{1,2}$)[A-Za-z0-9_.-]{1,249}|/\^[\s\S]+/)$", r"^(?!.*%(?!2F|25))[^/]+(/[^/]+)*$"}
SAMPLES = ["", " ", ".", "..", "...", "a", " a", "a ", "a/b", "/a", "/a/../b", "/a/..", "/.", "/%2e/", "/a/b", "${env:A}",
           "/${a}", "x${y", "$", "{", "{{", "/{key}", "/{/a}", "{signature}", "v1={signature}", "{timestamp}", "{body}",
           "{method}{body_hash}", "{body}{", "key", "header:a", "/^a/", "/^${a}/", "/~2", "/~1", "a:b", "a\x01b", "a\nb",
           "a%2Fb", "a%b", "a%25", "auth", "authx", "Host", "X-Host", "hOST", "content-length", "Content-Type", "X Y",
           "grant_type", "grant_types", "client_id", "group.id", "group.idx", "acks", "ssl.key.pem", "ssl.key.password",
           "group.protocol", "fetch.max.bytes", "http://h", "http://localhost", "http://127.0.0.1:1", "https://h:80/a",
           "https://h:0", "https://h/..", "https://u:p@h", "http://[::1]", "http://localhostile", "a" * 300]


def holds(schema, text):
    if "not" in schema:
        return not holds(schema["not"], text)
    return re.search(schema["pattern"], text) is not None


def patterns_of(schema):
    if isinstance(schema, list):
        for each in schema:
            yield from patterns_of(each)
    elif isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        yield from schema.get("patternProperties", {})
        for each in schema.values():
            yield from patterns_of(each)


def scalars(schema):
    if isinstance(schema, dict):
        return [text for each in schema.values() for text in scalars(each)]
    if isinstance(schema, list):
        return [text for each in schema for text in scalars(each)]
    return [schema] if isinstance(schema, str) else []


def keys_of(schema):
    """Names of all properties, however deep."""
    if isinstance(schema, list):
        return set().union(*map(keys_of, schema))
    if not isinstance(schema, dict):
        return set()
    found = set(schema.get("properties", {}))
    for key, value in schema.items():
        named = key in ("properties", "patternProperties", "definitions")
        found |= keys_of(list(value.values()) if named else value)
    return found


class Secrets(unittest.TestCase):
    def test_an_address_with_a_password_is_refused_and_not_shown(self):
        api = "config.targets.api."
        for key, others in {
                api + "base_url=https://sluice:{}@api.example.com/v1": [],
                api + "base_url=https://{}@api.example.com": [],
                api + "base_url=https://sluice:a/{}@api.example.com": [],
                api + "base_url=sluice:{}@api.example.com": [],
                api + "base_url=https://api.example.com/v1?key={}": [],
                api + "base_url=https://api.example.com#{}": [],
                api + "proxy=http://sluice:{}@proxy:3128": [],
                api + "proxy.url=socks5://sluice:{}@proxy:1080": [],
                "config.kafka.brokers[0]=sluice:{}@kafka:9092": [],
                "config.targets.o.auth.token_url=https://sluice:{}@login.example.com/token": [
                    "config.targets.o.base_url=https://o.example.com", "config.targets.o.auth.type=oauth2",
                    "config.targets.o.auth.client_id=sluice", "config.targets.o.auth.client_secret=${env:API_TOKEN}"],
                "config.kafka.sasl.token_endpoint=https://sluice:{}@login.example.com/token": [
                    "config.kafka.tls=true", "config.kafka.sasl.mechanism=OAUTHBEARER",
                    "config.kafka.sasl.client_id=sluice", "config.kafka.sasl.client_secret=${env:API_TOKEN}"],
        }.items():
            with self.subTest(key):
                said = refused(key.format(PASSWORD), *others)
                self.assertIn(f"{key.split('=')[0]}: holds a user, password or query", said)
                self.assertNotIn(PASSWORD, said)

    def test_so_is_a_query_in_a_path(self):
        for key in "config.pipelines.deposits.path", "config.targets.api.health.path":
            said = refused(f"{key}=/events?key={PASSWORD}")
            self.assertIn(f"{key}: holds a query", said)
            self.assertNotIn(PASSWORD, said)
        self.assertEqual(refused(values={"config": {"pipelines": {"deposits": {"path": "/events/{/what?}/@{key}"}}}}), "")

    def test_an_at_sign_in_a_path_is_none(self):
        for url in "https://api.example.com/@sluice", "https://api.example.com:8443/v1/a@b", "http://[::1]:80/a@b":
            self.assertEqual(refused(f"config.targets.api.base_url={url}"), "")

    def test_a_number_where_text_is_meant_is_refused(self):
        # As YAML of a file would: of 012345678901 Helm makes another number.
        for values, key in (
                ({"targets": {"api": {"headers": {"X-Version": 12345678}}}}, "targets.api.headers.X-Version"),
                ({"kafka": {"tls": True, "sasl": {"mechanism": "PLAIN", "user": 12, "password": "${env:API_TOKEN}"}}},
                 "kafka.sasl.user"),
                ({"targets": {"b": {"base_url": "https://b", "auth": [
                    {"type": "hkdf_hmac", "token": "${env:API_TOKEN}", "account_id": 7, "workspace_id": "w"}]}}},
                 "targets.b.auth[0].account_id")):
            with self.subTest(key):
                self.assertIn(f"config.{key}: is text", refused(values={"config": values}))


class Memory(unittest.TestCase):
    """256MiB of budget and 128 MiB: 402653184 bytes."""

    def limit(self, quantity):
        return refused(values={"resources": {"limits": {"memory": quantity}}})

    def test_every_way_to_write_a_quantity_is_read(self):
        for enough in ("384Mi", "403M", "0.375Gi", "1.1Gi", ".5Gi", "1.Gi", "+1Gi", "402653184", 402653184, 1e9, "1e9",
                       "4.1E8", "402653184000m", "402653184000000u", "394000Ki", "403000k", "1T", "1Ti", "1P", "1Ei", "1E"):
            self.assertEqual(self.limit(enough), "", enough)
        for little in ("383Mi", "384M", "402M", "0.37Gi", "402653183", 402653183, "4e8", "402653183000m", "512m", "393215Ki",
                       "402653k", "0", "1e-3"):
            self.assertIn(" is too little: config.memory.budget is 256MiB, so at least 384Mi are needed", self.limit(little), little)

    def test_what_is_none_is_refused(self):
        for wrong in "512MB", "512MiB", "512B", "1 Gi", "-1Gi", "1gi", "1K", "much", "1e", "1.1.1Gi", ".", "Gi":
            self.assertIn("is no quantity of Kubernetes; write one such as 512Mi", self.limit(wrong), wrong)

    def test_it_goes_by_the_budget(self):
        def said(budget, limit="512Mi"):
            return refused(f"config.memory.budget={budget}", f"resources.limits.memory={limit}")

        self.assertEqual(said("384MiB"), "")
        self.assertIn("at least 513Mi", said("385MiB"))
        self.assertIn("at least 1152Mi", said("1048576KiB", "1Gi"))
        self.assertEqual(said("1GiB", "1152Mi"), "")
        self.assertIn("at least 513Mi", said("402653185B"))


class Names(unittest.TestCase):
    SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
    LABEL = r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?"

    def check(self, *sets, release="sluice"):
        docs = documents(render(EXAMPLES[[path.stem for path in EXAMPLES].index("everything")], sets=sets, release=release))
        for document in docs:
            name = document["metadata"]["name"]
            self.assertIsInstance(name, str)
            self.assertRegex(name, f"^{self.SUBDOMAIN}$")
            self.assertLessEqual(len(name), 253 if document["kind"] == "ConfigMap" else 63)
            for labels in all_labels(document):
                for value in labels.values():
                    self.assertIsInstance(value, str)
                    self.assertRegex(value, f"^{self.LABEL}$")
                    self.assertLessEqual(len(value), 63)
        service, = of_kind(docs, "Service")
        self.assertRegex(service["metadata"]["name"], r"^[a-z]([-a-z0-9]*[a-z0-9])?$")

    def test_what_is_made_has_names_that_kubernetes_takes(self):
        for release, sets in {
                "sluice": [], "a" * 53: ["fullnameOverride="], "123": [], "1e3": [], "true": ["fullnameOverride="],
                "a.b": [], "null": [], "a" * 51 + "-b": ["fullnameOverride="],
        }.items():
            with self.subTest(release):
                self.check(*sets, release=release)
        for sets in ("fullnameOverride=" + "a" * 80, "fullnameOverride=" + "a" * 51 + "---b",
                     "nameOverride=My_App.x", "nameOverride=1.5", "nameOverride=" + "a" * 62 + "--b"):
            with self.subTest(sets):
                self.check(sets)

    def test_names_that_no_service_may_have_are_refused(self):
        for release in "1abc", "a.b", "123":
            self.assertIn(f"would be called {release}-sluice, which no Service may be", refused(release=release))
        for name in "1abc", "a.b", "My_App.", "A", "-a", "a b":
            self.assertIn(f"would be called {name}, which no Service may be", refused(f"fullnameOverride={name}"))
        for name in "true", "null", "on", "y":
            self.assertIn(f"{name} is no name to YAML", refused(values={"fullnameOverride": name}))
        for name in "My_App.", "_a", "a b":
            self.assertIn(f"nameOverride: {name} can be no label", refused(f"nameOverride={name}", "fullnameOverride=a"))

    def test_names_of_others_are_such_as_there_can_be(self):
        for key in ("serviceAccount.name=My_Account", "monitoring.dashboards.namespace=a.b",
                    "secrets.env.A.secret=My_Secret,secrets.env.A.key=k", "secrets.env.A.secret=s,secrets.env.A.key=a/b",
                    "secrets.files.a.secret=a..b"):
            first = "/" + key.split("=")[0].split(".")[0]
            self.assertRegex(refused(key), rf"at '{first}[^']*': '[^']*' does not match pattern")
        self.assertIn("invalid propertyName '..json'", refused(values={"schemas": {"..json": "{}"}}))

    def test_what_the_chart_sets_itself_nobody_else_does(self):
        name = "app.kubernetes.io/name"
        for values, said in (
                ({"podLabels": {name: "mine"}}, f"podLabels: {name}"),
                ({"podLabels": {"app.kubernetes.io/component": "x"}}, "podLabels: app.kubernetes.io/component"),
                ({"monitoring": {"labels": {name: "mine"}}}, f"monitoring.labels: {name}"),
                ({"monitoring": {"dashboards": {"labels": {"helm.sh/chart": "x"}}}}, "monitoring.dashboards.labels: helm.sh/chart"),
                ({"podAnnotations": {"checksum/config": "x"}}, "podAnnotations: checksum/config"),
                ({"secrets": {"env": {"POD_NAME": {"secret": "a", "key": "b"}}}}, "secrets.env: POD_NAME"),
                ({"extraEnv": [{"name": "API_TOKEN", "value": "x"}]}, "extraEnv: API_TOKEN"),
                ({"extraEnv": [{"name": "POD_NAME", "value": "x"}]}, "extraEnv: POD_NAME"),
                ({"extraVolumes": [{"name": "config"}]}, "extraVolumes: config"),
                ({"extraVolumeMounts": [{"name": "a", "mountPath": "/etc/sluice/"}]}, "extraVolumeMounts: /etc/sluice")):
            with self.subTest(said):
                self.assertIn(f"{said} is one of the chart's own", refused(values=values))
        self.assertEqual(refused(values={"podLabels": {"app.kubernetes.io/part-of": "payments"}}), "")


def all_labels(value):
    if isinstance(value, list):
        for each in value:
            yield from all_labels(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in ("labels", "matchLabels") and isinstance(each, dict):
                yield each
            yield from all_labels(each)


class Texts(unittest.TestCase):
    def test_text_arrives_as_it_was_written(self):
        schemas = {"indented.json": '    {\n      "type": "object"\n    }\n', "tail.json": '{\n\n}\n', "on": "{}\n",
                   "1": "{}\n", "lines.json": '\n\n  {"a":\n"${b} {{ .c }} # d"}\n'}
        lines = "  two\n    lines: #\n\nand: {{ .more }}\n"
        values = {"schemas": schemas, "podAnnotations": {"example.com/lines": lines},
                  "config": {"kafka": {"properties": {"client.rack": lines}}},
                  "extraEnv": [{"name": "LINES", "value": lines}]}
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            json.dump(values, file)
            file.flush()
            docs = documents(render(MINIMAL, file.name))
        maps = {each["metadata"]["name"]: each["data"] for each in of_kind(docs, "ConfigMap")}
        self.assertEqual(maps["sluice-schemas"], schemas)
        self.assertEqual(maps["sluice-next-schemas"], schemas)
        config = yaml.safe_load(maps["sluice"]["sluice.yaml"])
        self.assertEqual(config["kafka"]["properties"]["client.rack"], lines)
        template = of_kind(docs, "Deployment")[0]["spec"]["template"]
        self.assertEqual(template["metadata"]["annotations"]["example.com/lines"], lines)
        self.assertIn({"name": "LINES", "value": lines}, template["spec"]["containers"][0]["env"])


if __name__ == "__main__":
    unittest.main()
