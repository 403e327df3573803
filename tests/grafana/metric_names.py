"""What metrics there are, and which ones an expression of PromQL is about."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests/golden/metrics.txt"


def golden_lines():
    """(series, type) of the golden file."""
    kind = ""
    for line in GOLDEN.read_text().splitlines():
        if line.startswith("# TYPE "):
            kind = line.split()[3]
        elif line and not line.startswith("#"):
            yield line, kind


def name_of(series):
    return series.split("{")[0]


def labels_of(series):
    return dict(re.findall(r'(\w+)="([^"]*)"', series))


def known():
    """Of each metric, its labels and of each label the values that were seen."""
    metrics = {}
    for series, _ in golden_lines():
        labels = metrics.setdefault(name_of(series), {})
        for label, value in labels_of(series).items():
            labels.setdefault(label, set()).add(value)
    return metrics


# Prometheus adds them to all that it scrapes.
SCRAPED = {"job", "instance", "namespace"}
OF_ALERTS = {"alertname", "alertstate", "severity", "kind", "reason", "pipeline", "target", "tenant"}
CLOSED_LISTS = {"reason", "state", "verdict", "status", "result", "level", "le"}
SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"')
GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
WORDS = set(
    "by without on ignoring group_left group_right and or unless bool offset sum min max avg count "
    "group rate increase delta time vector absent clamp_max histogram_quantile max_over_time "
    "min_over_time avg_over_time".split()
)


def problems(expr, metrics, recorded):
    """What the expression names that is none. `recorded`: names and labels of recording rules."""
    seen = set()
    for name, within in SELECTOR.findall(expr):
        seen.add(name)
        for label, relation, value in MATCHER.findall(within):
            yield from problems_of_matcher(name, label, relation, value, metrics, recorded)
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", expr)
    bare = re.sub(r"\[[^\]]*\]", "", re.sub(r"\{[^}]*\}", "", bare))
    grouped = {label.strip() for match in GROUPING.findall(bare) for label in match.split(",")}
    for name in re.findall(r"[a-zA-Z_:][\w:]*", GROUPING.sub("", bare)):
        if name not in WORDS and not re.fullmatch(r"e\d*", name):
            seen.add(name)
    labels = set(SCRAPED)
    for name in seen:
        if name not in metrics and name not in recorded and name not in ("ALERTS", "up"):
            yield f"{name} is no metric"
        labels |= set(metrics.get(name, ())) | set(recorded.get(name, ()))
        labels |= OF_ALERTS if name == "ALERTS" else set()
    for label in grouped - labels - {""}:
        yield f"no metric of {expr} has a label {label}"


def problems_of_matcher(name, label, relation, value, metrics, recorded):
    of_metric = metrics.get(name, {})
    if name in recorded and label == "reason":
        of_metric = metrics["sluice_stalled_workers"]
    elif label in SCRAPED or name == "ALERTS" or label in recorded.get(name, ()):
        return
    if label not in of_metric:
        yield f"{name} has no label {label}"
    elif label in CLOSED_LISTS and "$" not in value:
        for each in value.split("|") if "~" in relation else [value]:
            if each not in of_metric[label] and not (label == "le" and each.endswith(".0")):
                yield f'{name} has no {label}="{each}"'
