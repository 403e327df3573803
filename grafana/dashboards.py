#!/usr/bin/env python3
"""Writes grafana/dashboards/*.json: `python3 grafana/dashboards.py`.

A dashboard is changed here, not there: a test compares the two. Aggregations hold for any number of
replicas: rates before sums, quantiles of summed buckets, gauges that replicas share are the worst.
"""

import json
import pathlib

from panels import (BLUE, GREEN, RED, YELLOW, annotation, dashboard, graph, heatmap, query,
                    row, stat, table, timeline, variable)

FOLDER = pathlib.Path(__file__).resolve().parent / "dashboards"
ALL = 'job=~"$job",namespace=~"$namespace"'
TARGET = ALL + ',target=~"$target"'
PIPELINE = TARGET + ',pipeline=~"$pipeline"'
UIDS = {"overview": "Overview", "pipeline": "Pipeline", "target": "Target",
        "process": "Kafka and process"}
RECORDS, RECORDS_S, REQUESTS_S = "suffix: records", "suffix: records/s", "reqps"
KAFKA_REASONS = "broker_unreachable|kafka_error|membership_unsure|commit_failing|starting"
# The objective of the alerts: 30 s.
LATE = [(10, YELLOW), (30, RED)]
WAITS = [(30, YELLOW), (300, RED)]


def rate(metric, by, selector=PIPELINE, more=""):
    return f"sum by ({by}) (rate({metric}{{{selector}{more}}}[$__rate_interval]))"


def quantile(of, metric, by, selector=PIPELINE):
    within = f"sum by ({by + ', ' if by else ''}le) (rate({metric}_bucket{{{selector}}}[$__rate_interval]))"
    return f"histogram_quantile({of}, {within})"


def variables():
    datasource = {"name": "datasource", "label": "Data source", "type": "datasource",
                  "query": "prometheus", "refresh": 1, "current": {}}
    within = ALL
    return [
        datasource,
        variable("job", "Job", "label_values(sluice_build_info, job)"),
        # Where nothing says a namespace there is none to choose.
        variable("namespace", "Namespace", 'label_values(sluice_build_info{job=~"$job"}, namespace)',
                 allValue=".*"),
        variable("target", "Target", f"label_values(sluice_target_breaker_state{{{within}}}, target)",
                 allValue=".*"),
        variable("pipeline", "Pipeline",
                 f"label_values(sluice_records_consumed_total{{{TARGET}}}, pipeline)",
                 allValue=".*"),
    ]


def annotations():
    return [
        annotation("Alerts", 'ALERTS{alertname=~"Sluice.+",alertstate="firing",job=~"$job"}',
                   "{{alertname}} {{pipeline}} {{target}}", RED),
        annotation("Breaker opened",
                   f"sum by (target) (increase(sluice_target_breaker_opened_total{{{TARGET}}}[1m])) > 0",
                   "breaker of {{target}} opened", "orange"),
        annotation("Started", f"max by (job, instance) (process_start_time_seconds{{{ALL}}}) * 1000",
                   "{{instance}} started", BLUE, useValueForTime="on"),
        annotation("Reloaded",
                   f"sum by (job, result) (increase(sluice_config_reloads_total{{{ALL}}}[1m])) > 0",
                   "configuration: {{result}}", "purple"),
    ]


def links(own):
    return [{"title": title, "type": "link", "icon": "dashboard", "url": f"/d/sluice-{name}",
             "includeVars": True, "keepTime": True, "asDropdown": False, "tags": [],
             "targetBlank": False, "tooltip": ""}
            for name, title in UIDS.items() if name != own]


def made(name, description, panels):
    return dashboard(f"sluice-{name}", f"Sluice / {UIDS[name]}", description, panels, variables(),
                     annotations(), links(name))


def stalls():
    return timeline(
        "Standing still",
        "Empty: nothing stands still. A row is a pipeline and a reason; the reasons are in "
        "docs/status.md, and /status says the cause, what happens next and what would release it. "
        "starting for seconds after a start is usual.",
        f"max by (pipeline, reason) (sluice_stalled_partitions{{{PIPELINE}}} > 0 "
        f"or sluice_stalled_workers{{{PIPELINE}}} > 0)",
        "{{pipeline}}: {{reason}}", {}, [(1, RED)])


def breakers():
    state = "max by (target) (sluice_target_breaker_state{%s,state=\"%s\"})"
    return timeline(
        "Breakers",
        "Closed. Open: the target fails (or refuses the credentials), nothing is sent, and after a "
        "wait some requests try it (half open). It is the worst of all replicas.",
        f"clamp_max(2 * {state % (TARGET, 'open')} + {state % (TARGET, 'half_open')}, 2)",
        "{{target}}", {0: "closed", 1: "half open", 2: "open"}, [(1, YELLOW), (2, RED)],
        size=(24, 5))


def overview():
    pipeline_url = "/d/sluice-pipeline?${__url_time_range}&${datasource:queryparam}&${job:queryparam}&var-pipeline=${__data.fields.pipeline}"
    target_url = "/d/sluice-target?${__url_time_range}&${datasource:queryparam}&${job:queryparam}&var-target=${__data.fields.target}"
    return made("overview", "Is it healthy, how late is it, how fast is it?", [
        stat("Replicas", "As many as are deployed. 0 is SluiceAbsent.", "none",
             f"count(sluice_build_info{{{ALL}}}) or vector(0)", [RED, (1, GREEN)]),
        stat("Pipelines that stand still",
             "0. Which, and why, is in the rows below: all of a worker's partitions stand still.",
             "none",
             f"count(sum by (job, namespace, pipeline) (sluice_stalled_workers{{{PIPELINE}}}) > 0) or vector(0)",
             [(1, RED)]),
        stat("Breakers not closed", "0. A target that fails parks its pipelines; nothing is lost.",
             "none",
             f"count(max by (job, namespace, target) (sluice_target_breaker_state{{{TARGET},state!=\"closed\"}}) > 0) or vector(0)",
             [(1, RED)]),
        stat("Oldest record that waits",
             "Seconds. It grows second by second where something stands still.", "s",
             f"max(sluice_oldest_undelivered_age_seconds{{{PIPELINE}}})", WAITS),
        stat("Age at delivery, p99",
             "Below the objective of 30 s, of which batch.linger is a part. Empty: nothing was "
             "delivered.", "s", quantile(0.99, "sluice_delivery_age_seconds", ""), LATE),
        stat("Dead letters of an hour", "0. Each is a record that somebody has to look at.",
             RECORDS, f"sum(increase(sluice_dead_letters_total{{{PIPELINE}}}[1h]))",
             [(1, YELLOW), (1000, RED)]),
        table("Alerts that fire",
              "Empty. Each has a runbook in docs/runbooks/.",
              {"Firing": 'max by (alertname, severity, pipeline, target, reason) '
                         '(ALERTS{alertname=~"Sluice.+",alertstate="firing",job=~"$job"})'},
              {"Firing": ("none", [(1, RED)])}, size=(24, 5)),
        table("Pipelines",
              "Lag near 0, nothing old, no dead letters. Click on a pipeline or target.",
              {"Records/s": rate("sluice_records_delivered_total", "pipeline, target"),
               "Lag": f"sum by (pipeline, target) (sluice_lag_records{{{PIPELINE}}})",
               "Oldest": f"max by (pipeline, target) (sluice_oldest_undelivered_age_seconds{{{PIPELINE}}})",
               "Age p99": quantile(0.99, "sluice_delivery_age_seconds", "pipeline, target"),
               "Dead letters 1h": f"sum by (pipeline, target) (increase(sluice_dead_letters_total{{{PIPELINE}}}[1h]))",
               "Workers still": f"sum by (pipeline, target) (sluice_stalled_workers{{{PIPELINE}}})"},
              {"Records/s": ("short", ()), "Lag": ("short", ()), "Oldest": ("s", WAITS),
               "Age p99": ("s", LATE), "Dead letters 1h": ("short", [(1, YELLOW), (1000, RED)]),
               "Workers still": ("short", [(1, RED)])},
              links={"pipeline": pipeline_url, "target": target_url}),
        stalls(),
        breakers(),
        row("How late"),
        graph("Age at delivery, p99",
              "From the timestamp of a batch's oldest record to the answer that delivered it: below "
              "30 s, by far. The backlog of an outage is as old as the outage was long.", "s",
              query(quantile(0.99, "sluice_delivery_age_seconds", "pipeline"), "{{pipeline}}"),
              bad=LATE),
        graph("Oldest record that waits",
              "Near 0. A line that rises like a clock is a record that is not delivered.", "s",
              query(f"max by (pipeline) (sluice_oldest_undelivered_age_seconds{{{PIPELINE}}})",
                    "{{pipeline}}"), bad=WAITS),
        graph("Lag", "Comes back to about 0 again and again. What more replicas would help with is "
              "on the dashboard of the pipeline.", RECORDS,
              query(f"sum by (pipeline) (sluice_lag_records{{{PIPELINE}}})", "{{pipeline}}")),
        row("How fast"),
        graph("Records delivered", "As many as are produced.", RECORDS_S,
              query(rate("sluice_records_delivered_total", "pipeline"), "{{pipeline}}"),
              stacked=True),
        graph("Requests by verdict",
              "delivered, nearly all of them. What each means is in docs/verdicts.md.", REQUESTS_S,
              query(rate("sluice_requests_total", "verdict"), "{{verdict}}"), stacked=True),
        graph("Dead letters by reason", "None.", RECORDS_S,
              query(rate("sluice_dead_letters_total", "pipeline, reason") + " > 0",
                    "{{pipeline}}: {{reason}}"), bad=[(0.001, YELLOW), (10, RED)]),
    ])


def pipeline():
    return made("pipeline", "One pipeline: records in, records out, and what is in between.", [
        stalls(),
        row("Records"),
        graph("Read and delivered",
              "The two lie upon each other. More delivered than read is a backlog in memory, less is "
              "one that grows.", RECORDS_S,
              query(rate("sluice_records_consumed_total", "pipeline"), "{{pipeline}}: read"),
              query(rate("sluice_records_delivered_total", "pipeline"), "{{pipeline}}: delivered"),
              query(rate("sluice_records_dropped_total", "pipeline") + " > 0",
                    "{{pipeline}}: dropped")),
        graph("Lag by partition",
              "Of the same height everywhere. One that rises alone stands still, or has a key that "
              "gets most records.", RECORDS,
              query(f"max by (topic, partition) (sluice_lag_records{{{PIPELINE}}})",
                    "{{topic}}/{{partition}}")),
        graph("Lag that more replicas would work off",
              "Low. 0 while the target, a budget, an operator or Kafka holds the pipeline up, so an "
              "autoscaler that follows it does not scale out in an outage.", RECORDS,
              query(f"sum by (pipeline) (sluice_scalable_lag_records{{{PIPELINE}}})", "{{pipeline}}")),
        heatmap("Age at delivery",
                "A dark band near the bottom. One that climbs is a backlog; two bands are two kinds "
                "of partitions.", "sluice_delivery_age_seconds", PIPELINE),
        graph("Age at delivery", "p99 below 30 s. The median is batch.linger and one request.", "s",
              query(quantile(0.5, "sluice_delivery_age_seconds", "pipeline"), "{{pipeline}} p50"),
              query(quantile(0.99, "sluice_delivery_age_seconds", "pipeline"), "{{pipeline}} p99"),
              bad=LATE, size=(12, 8)),
        graph("Oldest record that waits, by partition",
              "Near 0. A line that rises like a clock is a record that is not delivered.", "s",
              query(f"max by (topic, partition) (sluice_oldest_undelivered_age_seconds{{{PIPELINE}}})",
                    "{{topic}}/{{partition}}"), bad=WAITS),
        graph("Partitions that stand still, by reason",
              "None; retrying now and then.", "none",
              query(f"sum by (pipeline, reason) (sluice_stalled_partitions{{{PIPELINE}}}) > 0",
                    "{{pipeline}}: {{reason}}"), bad=[(1, YELLOW)], stacked=True),
        graph("Part of the time that workers stand still",
              "0. Averaged over the workers that do.", "percentunit",
              query(rate("sluice_stalled_seconds_total", "pipeline, reason")
                    + " / on (pipeline) group_left () "
                    + f"count by (pipeline) (sluice_worker_memory_bytes{{{PIPELINE}}}) > 0",
                    "{{pipeline}}: {{reason}}"), bad=[(0.05, YELLOW), (0.5, RED)]),
        row("Batches and requests"),
        graph("Records in a batch",
              "Near batch.max_records under load; small ones at little traffic are batch.linger's.",
              RECORDS,
              query(quantile(0.5, "sluice_batch_records", "pipeline"), "{{pipeline}} p50"),
              query(quantile(0.99, "sluice_batch_records", "pipeline"), "{{pipeline}} p99")),
        graph("Why batches close",
              "linger at little traffic, count or bytes at much. route: records of too many groups "
              "or paths.", "suffix: batches/s",
              query(rate("sluice_batches_closed_total", "reason"), "{{reason}}"), stacked=True),
        graph("Bytes of a batch", "Below batch.max_bytes.", "bytes",
              query(quantile(0.5, "sluice_batch_bytes", "pipeline"), "{{pipeline}} p50"),
              query(quantile(0.99, "sluice_batch_bytes", "pipeline"), "{{pipeline}} p99")),
        graph("Requests that were not delivered, by verdict",
              "None. docs/verdicts.md says what each means.", REQUESTS_S,
              query(rate("sluice_requests_total", "verdict, status", more=',verdict!="delivered"')
                    + " > 0", "{{verdict}} {{status}}"), bad=[(0.01, YELLOW), (1, RED)], stacked=True),
        graph("Requests that try again", "Below a hundredth of all requests.", "percentunit",
              query(rate("sluice_request_retries_total", "pipeline") + " / "
                    + rate("sluice_requests_total", "pipeline"), "{{pipeline}}"),
              bad=[(0.01, YELLOW), (0.1, RED)]),
        graph("Request latency",
              "p99 far below the target's timeout.", "s",
              query(quantile(0.5, "sluice_request_seconds", "pipeline"), "{{pipeline}} p50"),
              query(quantile(0.99, "sluice_request_seconds", "pipeline"), "{{pipeline}} p99"),
              bad=[(5, YELLOW), (30, RED)]),
        row("Dead letters"),
        graph("Dead letters by reason",
              "None. `sluice dlq list` and `show` say which; docs/dead-letters.md the reasons.",
              RECORDS_S,
              query(rate("sluice_dead_letters_total", "pipeline, reason") + " > 0",
                    "{{pipeline}}: {{reason}}"), bad=[(0.001, YELLOW), (10, RED)], stacked=True),
        graph("Dead letters that could not be written",
              "None. Each is tried again, and the pipeline waits for it.", "suffix: writes/s",
              query(rate("sluice_dead_letter_write_failures_total", "pipeline"), "{{pipeline}}"),
              bad=[(0.001, RED)]),
        graph("Bytes",
              "What is read and what is sent (compressed, where it is).", "Bps",
              query(rate("sluice_record_bytes_consumed_total", "pipeline"), "{{pipeline}}: read"),
              query(rate("sluice_request_body_bytes_total", "pipeline"), "{{pipeline}}: sent")),
    ])


def target():
    def soonest(metric):
        return f"(min by (target) ({metric}{{{TARGET}}} > 0) - time())"

    return made("target", "One API: what it says, how fast it answers, what it lets us do.", [
        breakers(),
        stat("Answers 429", "0. Else lower rate_limit, or ask for more: SluiceThrottled.",
             REQUESTS_S,
             f"sum(rate(sluice_requests_total{{{PIPELINE},status=\"429\"}}[$__rate_interval]))",
             [(0.01, YELLOW), (1, RED)], size=(6, 4)),
        stat("Requests that fail",
             "Of all requests, those with the verdict retry: 5xx, timeouts, no connection. Below a "
             "hundredth.", "percentunit",
             f"sum(rate(sluice_requests_total{{{PIPELINE},verdict=\"retry\"}}[$__rate_interval])) "
             f"/ sum(rate(sluice_requests_total{{{PIPELINE}}}[$__rate_interval]))",
             [(0.01, YELLOW), (0.1, RED)], size=(6, 4)),
        stat("Breaker opened in an hour",
             "0. It opens anew after each round of probes that fails, so an outage counts more.",
             "none",
             f"sum(increase(sluice_target_breaker_opened_total{{{TARGET}}}[1h]))",
             [(1, YELLOW), (5, RED)], size=(6, 4)),
        stat("Newest credentials refused",
             "0. Else the value before is still in use: SluiceUnauthorized.", "none",
             f"sum(max by (job, namespace, target, tenant) (sluice_credential_newest_refused{{{TARGET}}}))",
             [(1, RED)], size=(6, 4)),
        row("What it says"),
        graph("Requests by status",
              "2xx. none: no answer, or one that is not HTTP.", REQUESTS_S,
              query(rate("sluice_requests_total", "target, status") + " > 0",
                    "{{target}} {{status}}"), stacked=True),
        graph("Requests by verdict", "delivered, nearly all of them.", REQUESTS_S,
              query(rate("sluice_requests_total", "target, verdict") + " > 0",
                    "{{target}} {{verdict}}"), stacked=True),
        graph("429s", "None.", REQUESTS_S,
              query(rate("sluice_requests_total", "target, pipeline", more=',status="429"'),
                    "{{target}} {{pipeline}}"), bad=[(0.01, YELLOW), (1, RED)]),
        row("How fast it answers"),
        heatmap("Request latency", "One narrow band. A second one high up is timeouts.",
                "sluice_request_seconds", PIPELINE),
        graph("Request latency", "p99 far below the target's timeout (30 s unless set).", "s",
              query(quantile(0.5, "sluice_request_seconds", "target"), "{{target}} p50"),
              query(quantile(0.9, "sluice_request_seconds", "target"), "{{target}} p90"),
              query(quantile(0.99, "sluice_request_seconds", "target"), "{{target}} p99"),
              bad=[(5, YELLOW), (30, RED)], size=(12, 8)),
        row("What it lets us do"),
        graph("Use of its budgets",
              "Below 1. Near 1 our own rate_limit is what holds the pipelines up (rate_limited).",
              "percentunit",
              query(f"sum by (target, path, limit) (rate(sluice_target_budget_spent_total{{{TARGET}}}[$__rate_interval])) "
                    f"/ sum by (target, path, limit) (sluice_target_budget_per_second{{{TARGET}}})",
                    "{{target}} {{path}} {{limit}}"), bad=[(0.8, YELLOW), (0.98, RED)]),
        graph("Time that it asked to wait",
              "0. Of the time, so far as it said so (Retry-After); paths with a budget of their own "
              "add up, the worst replica.", "percentunit",
              query(f"max by (target) (rate(sluice_target_throttled_seconds_total{{{TARGET}}}[$__rate_interval]))",
                    "{{target}}"), bad=[(0.05, YELLOW), (0.5, RED)]),
        graph("Requests under way",
              "Below the limit, which is concurrency.max of each replica and falls where the target "
              "is slow or fails.", "none",
              query(f"sum by (target) (sluice_target_requests_in_flight{{{TARGET}}})",
                    "{{target}}: under way"),
              query(f"sum by (target) (sluice_target_concurrency_limit{{{TARGET}}})",
                    "{{target}}: limit")),
        row("Credentials"),
        graph("Age of the credentials", "As old as you rotate them; minutes for tokens.", "s",
              query(f"time() - max by (target, tenant) (sluice_credential_in_use_since_timestamp_seconds{{{TARGET}}} > 0)",
                    "{{target}} {{tenant}}")),
        graph("Tokens: time left",
              "A saw: renewed after 60 to 80 % of their life. 0: expired. Empty: none says when.",
              "s", query(f"min by (target, tenant) (sluice_credential_expires_timestamp_seconds{{{TARGET}}} > 0) - time()",
                         "{{target}} {{tenant}}"), bad=[RED, (60, YELLOW), (300, GREEN)]),
        graph("Client certificates: time left", "More than two weeks. Empty: there is none.", "s",
              query(soonest("sluice_target_certificate_expires_timestamp_seconds"), "{{target}}"),
              bad=[RED, (86400, YELLOW), (1209600, GREEN)]),
        graph("Credentials taken into use",
              "One for each rotation, or each token. Many in a row go back and forth.",
              "suffix: changes",
              query(f"sum by (target, tenant) (increase(sluice_credential_changes_total{{{TARGET}}}[1h]))",
                    "{{target}} {{tenant}}")),
    ])


def process():
    instance = f"{ALL}"
    return made("process", "Kafka's side of it, and the processes.", [
        row("Kafka"),
        graph("Commits", "Confirmed ones while records are delivered, and none that fails.",
              "suffix: commits/s",
              query(rate("sluice_commits_total", "pipeline"), "{{pipeline}}: confirmed")),
        graph("Commits that fail", "None; a few in a rebalance. Else SluiceCommitsFailing.",
              "suffix: commits/s",
              query(rate("sluice_commit_failures_total", "pipeline"), "{{pipeline}}"),
              bad=[(0.01, YELLOW), (0.5, RED)]),
        graph("Rebalances",
              "None between deployments. Steady ones are members that come and go.",
              "suffix: rebalances",
              query(f"sum by (pipeline) (increase(sluice_rebalances_total{{{PIPELINE}}}[5m]))",
                    "{{pipeline}}"), bad=[(10, YELLOW), (50, RED)]),
        graph("Workers that wait for Kafka",
              "None; starting for seconds after a start or in a rebalance.", "none",
              query(f"sum by (pipeline, reason) (sluice_stalled_workers{{{PIPELINE},reason=~\"{KAFKA_REASONS}\"}}) > 0",
                    "{{pipeline}}: {{reason}}"), bad=[(1, RED)], stacked=True),
        graph("Batches that no commit covers",
              "Low. It is what a crash would send again; max_unconfirmed_batches a partition is the "
              "most.", "none",
              query(f"sum by (pipeline) (sluice_worker_unconfirmed_batches{{{PIPELINE}}})",
                    "{{pipeline}}")),
        graph("Partitions of each replica", "Nearly the same everywhere.", "none",
              query(f"count by (instance, pipeline) (sluice_lag_records{{{PIPELINE}}})",
                    "{{instance}} {{pipeline}}")),
        row("Memory"),
        graph("Memory budget in use",
              "Of what each worker may hold: below 1. Near 1 in an outage is as it should be; else "
              "raise memory.budget (memory_full).", "percentunit",
              query(f"max by (pipeline) (sluice_worker_memory_bytes{{{PIPELINE}}} / sluice_worker_memory_limit_bytes{{{PIPELINE}}})",
                    "{{pipeline}}"), bad=[(0.8, YELLOW), (0.98, RED)]),
        graph("Resident memory", "At most some tens of MiB above memory.budget.", "bytes",
              query(f"process_resident_memory_bytes{{{instance}}}", "{{instance}}"),
              query(f"max by (job) (sluice_memory_budget_bytes{{{instance}}})",
                    "{{job}}: memory.budget")),
        graph("Bytes that workers hold", "Records on their way and dead letters.", "bytes",
              query(f"sum by (instance, pipeline) (sluice_worker_memory_bytes{{{PIPELINE}}})",
                    "{{instance}} {{pipeline}}"), stacked=True),
        row("Processes"),
        graph("CPU", "Far below the cores that it has; a pipeline's worker is one thread.",
              "suffix: cores",
              query(f"rate(process_cpu_seconds_total{{{instance}}}[$__rate_interval])", "{{instance}}")),
        graph("File descriptors in use", "Far below 1.", "percentunit",
              query(f"process_open_fds{{{instance}}} / process_max_fds{{{instance}}}", "{{instance}}"),
              bad=[(0.7, YELLOW), (0.9, RED)]),
        graph("Since a worker's loop turned",
              "Below 2 s. Above 5 s it does not respond, and its other numbers are old; above 60 s "
              "/livez fails.", "s",
              query(f"max by (instance, pipeline) (sluice_worker_last_beat_age_seconds{{{PIPELINE}}})",
                    "{{instance}} {{pipeline}}"), bad=[(5, YELLOW), (15, RED)]),
        graph("Threads", "A level line.", "none",
              query(f"process_threads{{{instance}}}", "{{instance}}")),
        graph("Log lines by level",
              "error: none; warn: what /status says, too. held back: repeats that were counted "
              "instead.", "suffix: lines/s",
              query(f"sum by (level) (rate(sluice_log_lines_total{{{instance}}}[$__rate_interval]))",
                    "{{level}}"),
              query(f"sum(rate(sluice_log_lines_held_back_total{{{instance}}}[$__rate_interval]))",
                    "held back")),
        graph("Reloads", "refused: none. A refused one changes nothing; the log says why.",
              "suffix: reloads",
              query(f"sum by (result) (increase(sluice_config_reloads_total{{{instance}}}[5m]))",
                    "{{result}}"),
              overrides=[{"matcher": {"id": "byName", "options": "refused"},
                          "properties": [{"id": "color",
                                          "value": {"mode": "fixed", "fixedColor": RED}}]}]),
        graph("Time since the start", "Rises. What falls has been started anew.", "s",
              query(f"time() - process_start_time_seconds{{{instance}}}", "{{instance}}"),
              bad=[YELLOW, (300, GREEN)]),
        table("Versions", "One, but for the time of a deployment.",
              {"Replicas": f"count by (job, version) (sluice_build_info{{{ALL}}})"},
              {"Replicas": ("none", ())}, size=(12, 6)),
        stat("Kafka's client certificate: time left", "More than two weeks. Empty: there is none.",
             "s", f"min(sluice_kafka_certificate_expires_timestamp_seconds{{{ALL}}} > 0) - time()",
             [RED, (86400, YELLOW), (1209600, GREEN)], size=(12, 6)),
    ])


def files():
    """The dashboards' files: name to text."""
    dashboards = {"overview": overview(), "pipeline": pipeline(), "target": target(),
                  "process": process()}
    return {f"sluice-{name}.json": json.dumps(made, indent=1, ensure_ascii=False) + "\n"
            for name, made in dashboards.items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
