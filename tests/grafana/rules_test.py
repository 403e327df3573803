"""The alerts fire when they should, and not when another one does already."""

import sys
import unittest

import yaml

from promtool import OF_ALL, RULES, Scenario, check_rules

ON = {"pipeline": "deposits", "target": "api"}
OF_TARGET = OF_ALL | {"target": "api"}
OF_CREDENTIAL = OF_TARGET | {"tenant": ""}
REASONS = (
    "starting broker_unreachable kafka_error breaker_open throttled rate_limited unauthorized "
    "misconfigured suspect_record retrying refusal_guard dead_letter_unwritable "
    "no_dead_letter_topic offset_out_of_range membership_unsure commit_failing awaiting_answer "
    "unconfirmed_limit memory_full paused stopping"
).split()

LATE_FAST = {"alertname": "SluiceDeliveryLate", "severity": "critical", "kind": "fast_burn"} | ON
LATE_SLOW = {"alertname": "SluiceDeliveryLate", "severity": "warning", "kind": "slow_burn"} | ON
UNDELIVERED = {"alertname": "SluiceDeliveryLate", "severity": "critical", "kind": "undelivered"} | ON
BREAKER = {"alertname": "SluiceBreakerOpen", "severity": "critical", "target": "api"}
UNAUTHORIZED = {
    "alertname": "SluiceUnauthorized",
    "severity": "critical",
    "kind": "refused",
    "reason": "unauthorized",
} | ON
NEWEST_REFUSED = {
    "alertname": "SluiceUnauthorized",
    "severity": "warning",
    "kind": "newest_refused",
    "target": "api",
}
THROTTLED = {"alertname": "SluiceThrottled", "severity": "warning", "reason": "throttled"} | ON
LAG = {"alertname": "SluiceLagGrowing", "severity": "warning"} | ON
COMMITS = {"alertname": "SluiceCommitsFailing", "severity": "critical"} | ON
EXPIRING = {"alertname": "SluiceCredentialExpiring"}
ABSENT = {"alertname": "SluiceAbsent", "severity": "critical"}
STUCK = {
    "alertname": "SluicePipelineParked",
    "severity": "critical",
    "kind": "not_responding",
} | ON


def parked(reason, kind="parked", severity="critical"):
    labels = {"alertname": "SluicePipelineParked", "severity": severity, "kind": kind}
    return labels | ON | {"reason": reason}


def dead_letters(reason, kind="some", severity="warning"):
    labels = {"alertname": "SluiceDeadLetters", "severity": severity, "kind": kind} | ON
    return labels | ({"reason": reason} if reason else {})


class World(Scenario):
    """A Sluice in which all is well; `stalled` and the others say what is not.

    Half a minute brings 100 records in 10 batches, for ten hours.
    """

    STEPS = 1200

    def __init__(self, **changed):
        super().__init__()
        stalled = changed.get("stalled", {})
        for reason in REASONS:
            values = stalled.get(reason, f"0x{self.STEPS}")
            self.see("sluice_stalled_workers", values, reason=reason)
            self.see("sluice_stalled_partitions", values, reason=reason)
        state = changed.get("open", f"0x{self.STEPS}")
        half = changed.get("half_open", f"0x{self.STEPS}")
        self.see("sluice_target_breaker_state", state, OF_TARGET, state="open")
        self.see("sluice_target_breaker_state", half, OF_TARGET, state="half_open")
        counted = f"0+10x{self.STEPS}"
        self.see("sluice_delivery_age_seconds_count", changed.get("batches", counted))
        self.see(
            "sluice_delivery_age_seconds_bucket",
            changed.get("in_time", changed.get("batches", counted)),
            le="30",
        )
        some = f"0+100x{self.STEPS}"
        self.see("sluice_records_consumed_total", changed.get("consumed", some))
        self.see("sluice_records_delivered_total", changed.get("delivered", some))
        for reason in ("rejected", "schema", "by_operator"):
            values = changed.get("dead", {}).get(reason, f"0x{self.STEPS}")
            self.see("sluice_dead_letters_total", values, reason=reason)
        self.see("sluice_scalable_lag_records", changed.get("lag", f"50x{self.STEPS}"))
        oldest = changed.get("oldest", f"0x{self.STEPS}")
        self.see("sluice_oldest_undelivered_age_seconds", oldest, topic="deposits", partition="0")
        self.see("sluice_commits_total", changed.get("commits", counted))
        self.see("sluice_commit_failures_total", changed.get("failures", f"0x{self.STEPS}"))
        nothing = f"0x{self.STEPS}"
        self.see("sluice_credential_newest_refused", changed.get("refused", nothing), OF_CREDENTIAL)
        since = changed.get("since", nothing)
        self.see("sluice_credential_in_use_since_timestamp_seconds", since, OF_CREDENTIAL)
        until = changed.get("until", nothing)
        self.see("sluice_credential_expires_timestamp_seconds", until, OF_CREDENTIAL)
        certificate = changed.get("certificate", nothing)
        self.see("sluice_target_certificate_expires_timestamp_seconds", certificate, OF_TARGET)
        certificate = changed.get("kafka_certificate", nothing)
        self.see("sluice_kafka_certificate_expires_timestamp_seconds", certificate, OF_ALL)
        beat = changed.get("beat", f"1x{self.STEPS}")
        self.see("sluice_worker_last_beat_age_seconds", beat, worker="0")
        info = changed.get("info", f"1x{self.STEPS}")
        self.see("sluice_build_info", info, OF_ALL, version="0.1.0")


def outage(minutes):
    """From minute 60 on the target fails, probes every three minutes; then its backlog is worked
    off, late, in 20 minutes."""
    steps = minutes * 2
    rounds = steps // 6
    probing = "0x119 " + "0x4 1 " * rounds + "0x1000"
    opened = "0x119 " + "1x4 0 " * rounds + "0x1000"
    stalled = "0x119 " + "1x4 0 " * rounds + "0x1000"
    top = 1190 + steps * 20
    return {
        "stalled": {"breaker_open": stalled, "retrying": probing},
        "open": opened,
        "half_open": probing,
        "batches": f"0+10x119 1190x{steps - 1} {top // 1}+30x40 {top + 1200}+10x900",
        "in_time": f"0+10x119 1190x{steps - 1} 1190x40 1200+10x900",
        "delivered": f"0+100x119 11900x{steps - 1} 11900+600x40 35900+100x900",
        "oldest": f"0x119 0+30x{steps - 1} {minutes * 60}-{minutes * 60 // 40}x40 0x900",
        "lag": f"50x119 0x{steps - 1} {steps * 100}-{steps * 100 // 40}x40 50x900",
    }


class Alerts(unittest.TestCase):
    def holds(self, scenario):
        said = scenario.run()
        self.assertEqual(said, "", said)


class AtRest(Alerts):
    def test_nothing_fires_where_all_is_well(self):
        self.holds(World().fires(3).fires(60).fires(200))

    def test_nothing_fires_for_what_a_start_or_rebalance_makes(self):
        stalled = {"starting": "1x6 0x1000", "stopping": "0x500 1x3 0x600"}
        stalled |= {"membership_unsure": "0x100 1x2 0x1000", "commit_failing": "0x100 1x2 0x1000"}
        world = World(stalled=stalled, failures="0x100 0+1x3 3x1000")
        self.holds(world.fires(2).fires(5).fires(53).fires(55).fires(253))

    def test_nothing_fires_for_our_own_limits_while_records_arrive_in_time(self):
        stalled = {reason: "1x1200" for reason in ("rate_limited", "unconfirmed_limit")}
        self.holds(World(stalled=stalled).fires(120).fires(200))


class Outage(Alerts):
    def test_fires_breaker_open_and_only_that_until_its_backlog_is_gone(self):
        world = World(**outage(40))
        for minute in (66, 70, 80, 90, 99):
            world.fires(minute, BREAKER)
        for minute in (58, 62, 105, 110, 115, 120, 130, 150, 200):
            world.fires(minute)
        world.says(
            70,
            BREAKER,
            summary="Target api fails",
            description="The circuit breaker of target api (sluice) was not closed for 100% of the "
            "last 5 minutes: requests to it fail. Its pipelines wait and probe, nothing is "
            "dead-lettered or lost, and they go on by themselves.",
            runbook_url="docs/runbooks/breaker-open.md",
        )
        self.holds(world)

    def test_of_hours_is_the_same(self):
        world = World(**outage(180))
        for minute in (66, 120, 180, 239):
            world.fires(minute, BREAKER)
        for minute in (58, 246, 250, 260, 270, 300):
            world.fires(minute)
        self.holds(world)

    def test_that_makes_records_suspect_fires_no_other(self):
        changed = outage(40)
        changed["stalled"]["suspect_record"] = "0x130 1x80 0x1000"
        self.holds(World(**changed).fires(80, BREAKER).fires(99, BREAKER).fires(104).fires(120))

    def test_of_a_minute_fires_nothing(self):
        values = "0x119 1x1 0x1000"
        world = World(stalled={"breaker_open": values}, open=values)
        self.holds(world.fires(61).fires(62).fires(65))

    def test_that_comes_and_goes_fires(self):
        values = "0x119 " + "1x4 0x1 " * 100 + "0x400"
        world = World(stalled={"breaker_open": values}, open=values)
        self.holds(world.fires(70, BREAKER).fires(100, BREAKER))

    def test_that_a_replica_saw_whose_partitions_have_left_fires_nothing(self):
        elsewhere = {"instance": "b:9464"}
        world = World()
        world.see("sluice_target_breaker_state", "1x1000", OF_TARGET | elsewhere, state="open")
        world.see("sluice_target_breaker_state", "0x1000", OF_TARGET | elsewhere, state="half_open")
        values = "1x10 0x1000"
        world.see("sluice_stalled_workers", values, reason="breaker_open", **elsewhere)
        self.holds(world.fires(30).fires(60))

    def test_behind_which_it_is_still_late_after_an_hour_fires(self):
        changed = outage(40)
        # Nothing is in time for hours: the backlog does not get smaller.
        changed["in_time"] = "0+10x119 1190x1100"
        changed["batches"] = "0+10x119 1190x79 1190+10x1000"
        changed["oldest"] = "0x119 0+30x79 2400x1000"
        world = World(**changed).fires(99, BREAKER).fires(130).fires(155)
        self.holds(world.fires(190, LATE_FAST, LATE_SLOW, UNDELIVERED))


class DeliveryLate(Alerts):
    def test_fires_where_a_sixth_is_late(self):
        batches, in_time = "0+12x1200", "0+12x119 1428+10x1000"
        world = World(batches=batches, in_time=in_time).fires(60).fires(85)
        world.fires(125, LATE_FAST, LATE_SLOW)
        self.holds(world)

    def test_fires_slowly_where_a_tenth_is_late(self):
        world = World(batches="0+10x1200", in_time="0+10x119 1190+9x1000")
        world.fires(90).fires(200, LATE_SLOW)
        world.says(
            200,
            LATE_SLOW,
            summary="Pipeline deposits delivers late again and again",
            description="7.25% of the batches that pipeline deposits (sluice) delivered to target "
            "api in the last 6 hours were more than 30 s old, and it goes on. Nothing else that "
            "would explain it has an alert.",
            runbook_url="docs/runbooks/delivery-late.md",
        )
        self.holds(world)

    def test_is_silent_where_a_hundredth_is_late(self):
        world = World(batches="0+100x1200", in_time="0+99x1200")
        self.holds(world.fires(100).fires(200))

    def test_is_silent_for_a_few_late_batches_of_a_quiet_pipeline(self):
        world = World(batches="0x200 1x100 2x100 3x1000", in_time="0x1200")
        self.holds(world.fires(110).fires(200))

    def test_is_over_soon_after_they_are_in_time_again(self):
        world = World(batches="0+10x1200", in_time="0x200 0+10x900")
        self.holds(world.fires(99, LATE_FAST, LATE_SLOW).fires(109, LATE_SLOW).fires(140))

    def test_fires_for_a_record_that_is_never_delivered(self):
        world = World(oldest="0x119 0+30x1000", stalled={"awaiting_answer": "0x119 1x1000"})
        world.fires(69).fires(75, UNDELIVERED).fires(150, UNDELIVERED)
        world.says(
            75,
            UNDELIVERED,
            summary="A record of pipeline deposits is not delivered",
            description="The oldest record of pipeline deposits (sluice) to target api has waited "
            "for 15m 0s, and nothing that has an alert of its own holds it up.",
            runbook_url="docs/runbooks/delivery-late.md",
        )
        self.holds(world)

    def test_fires_where_our_own_budget_makes_it_late(self):
        stalled = {"rate_limited": "1x1200"}
        world = World(batches="0+10x1200", in_time="0x1200", stalled=stalled)
        self.holds(world.fires(80, LATE_FAST, LATE_SLOW))

    def test_fires_for_the_others_where_one_tenant_is_refused_for_hours(self):
        stalled = {"unauthorized": "1x1200"}
        world = World(batches="0+10x1200", in_time="0x1200", stalled=stalled)
        self.holds(world.fires(80, UNAUTHORIZED, LATE_FAST, LATE_SLOW))


class Parked(Alerts):
    def test_fires_for_each_reason_that_needs_a_hand(self):
        for reason in (
            "misconfigured suspect_record refusal_guard dead_letter_unwritable "
            "no_dead_letter_topic offset_out_of_range broker_unreachable kafka_error "
            "membership_unsure"
        ).split():
            with self.subTest(reason):
                world = World(
                    stalled={reason: "0x119 1x100 0x900"},
                    oldest="0x119 0+30x100 3000-300x10 0x900",
                    batches="0+10x119 1190x100 1190+10x900",
                    in_time="0+10x119 1190x100 1190x10 1190+10x900",
                    delivered="0+100x119 11900x100 11900+900x10 20900+100x900",
                )
                world.fires(60).fires(66, parked(reason)).fires(109, parked(reason))
                for minute in (115, 120, 150, 200):
                    world.fires(minute)
                if reason == "misconfigured":
                    world.says(
                        66,
                        parked(reason),
                        summary="Pipeline deposits stands still: misconfigured",
                        description="Pipeline deposits (sluice) to target api, or partitions of it, "
                        "stood still for 100% of the last 5 minutes. The reason is misconfigured. "
                        "Nothing is lost; the lag grows.",
                        runbook_url="docs/runbooks/pipeline-parked.md",
                    )
                self.holds(world)

    def test_is_silent_for_moments(self):
        self.holds(World(stalled={"kafka_error": "0x119 1x2 0x900"}).fires(61).fires(64))

    def test_fires_where_a_start_never_ends(self):
        world = World(stalled={"starting": "1x1200"})
        self.holds(world.fires(14).fires(16, parked("starting", "starting")))

    def test_fires_where_a_worker_does_not_respond(self):
        # All else stays as it was when it stood still.
        world = World(
            beat="1x119 1+30x20 1x1000",
            batches="0+10x119 1190x20 1190+10x1000",
            consumed="0+100x119 11900x20 11900+100x1000",
            delivered="0+100x119 11900x20 11900+100x1000",
        )
        world.fires(59).fires(60).fires(63, STUCK).fires(69, STUCK).fires(72)
        world.says(
            65,
            STUCK,
            summary="A worker of pipeline deposits does not respond",
            description="The loop of a worker of pipeline deposits (sluice) to target api has not "
            "turned for 5m 1s. It sends and commits nothing, and its other metrics are of then. "
            "Nothing is lost; start the process anew.",
            runbook_url="docs/runbooks/pipeline-parked.md",
        )
        self.holds(world)

    def test_is_silent_where_a_loop_turns_late_for_once(self):
        self.holds(World(beat="1x119 20 1x1000").fires(60).fires(61).fires(62))

    def test_reminds_of_a_pause_after_an_hour(self):
        world = World(
            stalled={"paused": "0x119 1x300 0x700"},
            oldest="0x119 0+30x300 0x700",
            batches="0+10x119 1190x300 1190+10x700",
            in_time="0+10x119 1190x300 1190x10 1190+10x700",
        )
        world.fires(120).fires(130, parked("paused", "paused", "warning"))
        self.holds(world.fires(215).fires(225).fires(260))


class Unauthorized(Alerts):
    def test_fires_alone_though_the_breaker_is_open(self):
        values = "0x119 1x80 0x1000"
        world = World(
            stalled={"unauthorized": values},
            open=values,
            oldest="0x119 0+30x80 2400-200x12 0x900",
            batches="0+10x119 1190x80 1190+10x900",
            in_time="0+10x119 1190x80 1190x12 1190+10x900",
        )
        world.fires(60)
        for minute in (66, 80, 99):
            world.fires(minute, UNAUTHORIZED)
        self.holds(world.fires(105).fires(115).fires(150))

    def test_of_one_tenant_hides_no_outage(self):
        changed = outage(40)
        changed["stalled"]["unauthorized"] = "1x1200"
        self.holds(World(**changed).fires(80, BREAKER, UNAUTHORIZED).fires(120, UNAUTHORIZED))

    def test_tells_of_a_newer_credential_that_is_refused(self):
        world = World(refused="0x119 1x100 0x900")
        world.fires(70).fires(77, NEWEST_REFUSED).fires(115)
        world.says(
            77,
            NEWEST_REFUSED,
            summary="The newest credential of target api cannot be used",
            description="The newest credential of target api (sluice) is refused, or no token "
            "comes. The one before is still in use.",
            runbook_url="docs/runbooks/unauthorized.md",
        )
        self.holds(world)

    def test_is_silent_where_the_next_probe_is_taken(self):
        self.holds(World(stalled={"unauthorized": "0x119 1x2 0x900"}).fires(61).fires(63))


class Throttled(Alerts):
    def test_fires_where_most_of_the_time_is_waited_for(self):
        values = "0x119 " + "1x1 0 " * 60 + "0x900"
        world = World(
            stalled={"throttled": values},
            batches="0+10x119 1190+5x180 2090+10x900",
            in_time="0+10x119 1190x200 1190+10x900",
        )
        world.fires(65).fires(85, THROTTLED).fires(140, THROTTLED).fires(160).fires(190)
        self.holds(world)

    def test_is_silent_where_little_is(self):
        self.holds(World(stalled={"throttled": "1x1 0x5 " * 150}).fires(60).fires(150))


class DeadLetters(Alerts):
    def test_fire_by_reason_and_are_over_after_a_quarter_of_an_hour(self):
        world = World(dead={"rejected": "0x119 1 2x900"})
        world.fires(59).fires(62, dead_letters("rejected")).fires(80)
        self.holds(world)

    def test_fire_louder_where_they_are_many(self):
        world = World(dead={"schema": "0x119 0+20x900"})
        many = dead_letters("", "many", "critical")
        self.holds(world.fires(66, dead_letters("schema")).fires(90, dead_letters("schema"), many))

    def test_of_an_operator_are_silent(self):
        self.holds(World(dead={"by_operator": "0x119 0+20x900"}).fires(70).fires(120))


class LagGrowing(Alerts):
    def test_fires_where_nothing_but_our_capacity_is_in_the_way(self):
        world = World(lag="50x119 1000+100x900")
        self.holds(world.fires(60).fires(70).fires(90, LAG).fires(100, LAG))

    def test_is_silent_where_it_stands_or_shrinks(self):
        self.holds(World(lag="90000x1200").fires(60).fires(150))
        self.holds(World(lag="90000-80x1100").fires(60).fires(150))

    def test_is_silent_for_less_than_a_minutes_work(self):
        self.holds(World(lag="0x119 " + "20 150 " * 500).fires(90).fires(200))


class CommitsFailing(Alerts):
    def test_fires_where_kafka_does_not_confirm(self):
        world = World(stalled={"commit_failing": "0x119 1x100 0x900"}, commits="0+10x119 1190x900")
        self.holds(world.fires(60).fires(70, COMMITS).fires(108, COMMITS).fires(115))

    def test_fires_where_a_third_is_refused(self):
        world = World(commits="0+10x1200", failures="0x119 0+5x900")
        self.holds(world.fires(60).fires(75, COMMITS))

    def test_leaves_a_broker_that_is_away_to_another_alert(self):
        reason = "broker_unreachable"
        world = World(
            stalled={reason: "0x121 1x60 0x900", "commit_failing": "0x119 1x2 0x60 1x1 0x900"},
            commits="0+10x119 1190x63 1190+10x900",
            failures="0x119 0+1x63 63x900",
            batches="0+10x119 1190x63 1190+10x900",
        )
        world.fires(70, parked(reason)).fires(90, parked(reason)).fires(97).fires(105).fires(112)
        self.holds(world)


class CredentialExpiring(Alerts):
    TOKEN = EXPIRING | {"severity": "critical", "kind": "token", "target": "api"}
    CERTIFICATE = EXPIRING | {"severity": "warning", "kind": "target_certificate", "target": "api"}
    OF_KAFKA = EXPIRING | {"severity": "warning", "kind": "kafka_certificate"}
    DAY = 86400

    def test_is_silent_for_tokens_that_are_renewed_in_time(self):
        # An hour's, exchanged after 80 % of it.
        since = " ".join(f"{2880 * n}x95" for n in range(12))
        until = " ".join(f"{2880 * n + 3600}x95" for n in range(12))
        world = World(since=since, until=until)
        for minute in range(40, 200, 30):
            world.fires(minute)
        self.holds(world)

    def test_fires_where_no_newer_token_comes(self):
        world = World(since="600x1200", until="4200x1200")
        world.fires(40).fires(59).fires(66, self.TOKEN).fires(90, self.TOKEN)
        world.says(
            66,
            self.TOKEN,
            summary="The token of target api is not renewed",
            description="The token of target api (sluice) has 6.667% of its life left (less than "
            "0: it has expired), and no newer one has come. Without one the target's pipelines "
            "stand still.",
            runbook_url="docs/runbooks/credential-expiring.md",
        )
        self.holds(world)

    def test_fires_two_weeks_before_a_certificate_expires(self):
        soon = f"{14 * self.DAY + 3600}x1200"
        world = World(certificate=soon, kafka_certificate=soon)
        self.holds(world.fires(55).fires(70, self.CERTIFICATE, self.OF_KAFKA))

    def test_is_silent_where_it_is_good_for_longer_or_there_is_none(self):
        later = f"{30 * self.DAY}x1200"
        self.holds(World(certificate=later, kafka_certificate=later).fires(70))


class Absent(Alerts):
    def test_fires_where_a_job_is_gone_though_another_is_there(self):
        world = World(info="1x119 stale")
        other = OF_ALL | {"job": "sluice-too"}
        world.see("sluice_build_info", "1x1200", other, version="0.1.0")
        world.fires(60).fires(66, ABSENT).fires(200, ABSENT)
        world.says(
            66,
            ABSENT,
            summary="No Sluice of sluice is to be seen",
            description="Prometheus has had no metrics of any Sluice of job sluice for 5 minutes: "
            "it does not run, or is not scraped. While it does not run nothing is delivered, and "
            "nothing is lost as long as Kafka keeps the records.",
            runbook_url="docs/runbooks/absent.md",
        )
        self.holds(world)

    def test_fires_where_there_never_was_one(self):
        nobody = ABSENT | {"namespace": "", "job": ""}
        self.holds(Scenario().see("up", "1x100", OF_ALL).fires(4).fires(6, nobody))

    def test_is_silent_where_one_of_two_replicas_is_left(self):
        world = World(info="1x119 stale")
        replica = OF_ALL | {"instance": "b:9464"}
        self.holds(world.see("sluice_build_info", "1x1200", replica, version="0.1.0").fires(80))

    def test_is_silent_for_a_restart(self):
        self.holds(World(info="1x119 _x6 1x900").fires(62).fires(64).fires(66))


class File(unittest.TestCase):
    def test_promtool_has_nothing_to_say_against_it(self):
        said = check_rules(RULES.read_text())
        self.assertEqual(said, "", said)

    def test_each_rule_that_alerts_is_seen_to_fire_here(self):
        cases = [value for value in globals().values() if isinstance(value, dict)]
        seen = {(case.get("alertname"), case.get("kind")) for case in cases}
        seen |= {("SluicePipelineParked", kind) for kind in ("parked", "starting", "paused")}
        seen |= {("SluiceDeadLetters", kind) for kind in ("some", "many")}
        kinds = ("token", "target_certificate", "kafka_certificate")
        seen |= {("SluiceCredentialExpiring", kind) for kind in kinds}
        groups = yaml.safe_load(RULES.read_text())["groups"]
        for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
            self.assertIn((rule["alert"], rule["labels"].get("kind")), seen)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
