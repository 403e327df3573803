"""What the console shows of a /status, in headless Chromium: python3 -m unittest page_test"""
import copy
import json
import pathlib
import unittest

from browser import Browser, Page
from fixture_server import FixtureServer, fixture

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"
SHOWN = "document.querySelectorAll('#picture > *').length > 0"


class ConsoleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def serve(self, status):
        server = FixtureServer(fixture(status) if isinstance(status, str) else status)
        self.addCleanup(lambda: server.close() if server.is_open else None)
        return server

    def open(self, status, fragment="", until=SHOWN, **look):
        """A page that shows the status; at the end, it may have complained of nothing and asked nobody else."""
        server = status if isinstance(status, FixtureServer) else self.serve(status)
        page = Page(self.browser, server.url + fragment, **look)
        self.addCleanup(page.close)
        self.addCleanup(self.assert_clean, page, server)
        page.wait(until)
        return page

    def assert_clean(self, page, server):
        gone = [line for line in page.complaints() if "Failed to load resource" not in line]
        self.assertEqual(gone, [])
        self.assertTrue(page.requested())
        for url in page.requested():
            self.assertTrue(url.startswith((server.url, "about:blank", "data:")), url)

    def row(self, page, name):
        """What is written in the row of a pipeline and beneath it."""
        return page.run(f"document.querySelector('[data-pipeline={json.dumps(name)}]').innerText")

    # What one glance tells

    def test_at_rest_everything_flows(self):
        page = self.open("rest")
        self.assertEqual(page.run("document.querySelector('h1').innerText.trim()"), "Everything flows")
        self.assertIn("5 pipelines", page.text())
        self.assertEqual(page.run("document.querySelectorAll('.why').length"), 0)
        self.assertEqual(page.run("document.title"), "Everything flows · Sluice")
        self.assertIn("Flowing", self.row(page, "bets"))

    def test_an_outage_is_told_with_cause_time_next_and_command(self):
        page = self.open("outage")
        self.assertIn("4 of 5 pipelines stand still", page.text())
        row = self.row(page, "deposits")
        for told in ("Target fails", "breaker_open", "connect: connection refused", "03:00:12", "one request tries again",
                     "sluice act retry deposits", "look at the target"):
            self.assertIn(told, row)
        self.assertRegex(row, r"1 min 2\d s")
        self.assertRegex(row, r"in 0:3\d")
        self.assertNotIn("Target fails", self.row(page, "logins"))
        target = page.run("document.querySelector('[data-target=data-pipeline]').innerText")
        self.assertIn("Open: no requests", target)
        self.assertIn("sluice act reset-breaker data-pipeline", target)

    def test_those_in_trouble_come_first(self):
        page = self.open("poison")
        self.assertEqual(page.run("document.querySelector('.pipeline').dataset.pipeline"), "withdrawals")
        self.assertIn("withdrawals stands still in part", page.text())
        row = self.row(page, "withdrawals")
        for told in ("One record fails", "1 of 2 partitions", "events.withdrawal/1 offset 1188214",
                     "sluice act dead-letter withdrawals --topic events.withdrawal --partition 1"):
            self.assertIn(told, row)

    def test_what_is_tried_keeps_its_place(self):
        server = self.serve("poison")
        page = self.open(server)
        status = copy.deepcopy(server.status)
        later = next(one for one in status["pipelines"] if one["name"] == "withdrawals")
        rest = next(one for one in fixture("rest")["pipelines"] if one["name"] == "withdrawals")
        later.update(rest)
        server.status = status
        page.wait("document.querySelector('[data-pipeline=withdrawals]').innerText.includes('Flowing')")
        first = "document.querySelector('.pipeline').dataset.pipeline"
        self.assertEqual(page.run(first), "withdrawals")
        status = {**status, "time": "2026-11-26T03:01:56.000Z"}
        server.status = status
        page.wait(f"{first} === 'bets'")

    def test_a_cause_that_is_told_again_takes_less_space(self):
        page = self.open("outage")
        high = page.run("[...document.querySelectorAll('.pipeline .why')].map((why) => why.offsetHeight)")
        self.assertEqual(len(high), 4)
        self.assertLess(max(high[1:]), 60)
        self.assertGreater(high[0], 70)

    def test_a_pause_by_hand_is_no_alarm(self):
        status = fixture("rest")
        status["pipelines"][0].update(state="paused", since="2026-11-26T03:00:00.000Z", release=["sluice act resume bets"])
        page = self.open(status)
        self.assertEqual(page.run("document.querySelector('#headline').className"), "headline held")
        self.assertIn("bets is paused", page.text())
        self.assertIn("sluice act resume bets", self.row(page, "bets"))

    def test_what_comes_and_goes_moves_nothing(self):
        status = fixture("rest")
        status["pipelines"][0].update(state="rate_limited", detail="of the target", since=status["time"])
        page = self.open(status)
        self.assertIn("Everything flows", page.text())
        self.assertIn("At its rate limit", self.row(page, "bets"))
        self.assertEqual(page.run("document.querySelectorAll('.why').length"), 0)

    def test_a_reason_of_a_newer_server_is_shown_as_it_is(self):
        status = fixture("rest")
        status["pipelines"][0].update(state="moon_in_the_way", detail="full moon")
        self.assertIn("Moon in the way", self.row(self.open(status), "bets"))

    def test_the_countdown_goes_on_between_polls(self):
        page = self.open("outage")
        page.run("window.fetch = () => new Promise(() => {})")  # none from here on
        read = "document.querySelector('[data-pipeline=deposits] .why .countdown').innerText"
        first = page.run(read)
        page.wait(f"{read} !== {json.dumps(first)}")
        self.assertRegex(page.run(read), r"^in 0:[23]\d$")

    # The rest of the picture

    def test_failures_have_verdict_status_count_and_batch(self):
        page = self.open("poison")
        failures = page.run("document.querySelector('.failures').innerText")
        for told in ("rejected", "422", "×14", "HTTP 422: currency is not known", "a64c09d3e7b812f5",
                     "events.deposit / 1, offset 2187733", "events.deposit / 2, offsets 2204410 to 2204459"):
            self.assertIn(told, failures)
        self.assertIn("no answer", self.open("outage").run("document.querySelector('.failures').innerText"))

    def test_dead_letters_are_counted_by_reason(self):
        rows = self.open("poison").run("[...document.querySelectorAll('.dead-letters tbody tr')].map((r) => r.innerText)")
        self.assertRegex(rows[0], r"deposits\s+rejected\s+refused alone by the target\s+14")
        self.assertEqual(len(rows), 3)

    def test_targets_show_budgets_and_credentials(self):
        text = self.open("rest").run("document.querySelector('[data-target=crm-webhooks]').innerText")
        for told in ("600 requests/1min", "41 % used", "1 of 4 requests under way", "Closed"):
            self.assertIn(told, text)
        self.assertRegex(text, r"expires\s+in 23:\d\d")

    def test_an_opened_pipeline_has_curves_and_partitions(self):
        page = self.open("outage", "#bets")
        details = page.run("document.getElementById('details-bets').innerText")
        for told in ("Throughput", "records/s", "Delivery age", "p99", "Lag by partition", "events.bet / 5", "Workers (2)", "64 MiB"):
            self.assertIn(told, details)
        widths = page.run("[...document.querySelectorAll('.partitions .fill')].map((f) => f.offsetWidth)")
        self.assertEqual(len(widths), 6)
        self.assertTrue(all(width > 20 for width in widths), widths)
        curve = page.run("document.querySelector('#details-bets .curve.first').getAttribute('d')")
        self.assertEqual(curve.count("L"), 119)

    def test_a_curve_tells_its_numbers_under_the_pointer(self):
        page = self.open("outage", "#bets")
        place = page.run("(() => { const svg = document.querySelector('[data-chart=\"curves of bets-a\"] .plot svg');"
                         " svg.scrollIntoView(); const r = svg.getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })()")
        page.run("new Promise((done) => setTimeout(done, 100))")  # the scroll itself hides it
        page.call("Input.dispatchMouseEvent", type="mouseMoved", x=place[0] + 1, y=place[1] + place[3] / 2)
        self.assertRegex(page.wait("document.querySelector('.readout:not([hidden])')?.innerText"),
                         r"^9 min 55 s ago: p50 0\.\d+ s, p99 0\.\d+ s$")
        page.call("Input.dispatchMouseEvent", type="mouseMoved", x=place[0] + place[2] - 1, y=place[1] + place[3] / 2)
        page.wait("document.querySelector('.readout').innerText === 'now: p50 –, p99 –'")
        page.call("Input.dispatchMouseEvent", type="mouseMoved", x=5, y=5)
        page.wait("document.querySelector('.readout').hidden")

    def test_a_click_opens_and_the_address_keeps_it(self):
        page = self.open("rest")
        page.run("document.querySelector('[data-toggle=deposits]').click()")
        page.wait("document.getElementById('details-deposits') !== null")
        self.assertEqual(page.run("location.hash"), "#deposits")
        self.assertEqual(page.run("document.querySelector('[data-toggle=deposits]').getAttribute('aria-expanded')"), "true")
        page.run("document.querySelector('[data-toggle=deposits]').click()")
        page.wait("document.getElementById('details-deposits') === null")

    def test_a_command_can_be_copied(self):
        page = self.open("outage")
        button = "document.querySelector('[data-copy=\"sluice act retry deposits\"]')"
        page.run(f"navigator.clipboard.writeText = async (line) => {{ window.copied = line; }}; {button}.click()")
        page.wait(f"{button}.dataset.done === 'copied'")
        self.assertEqual(page.run("window.copied"), "sluice act retry deposits")

    # Whatever comes

    def test_hostile_names_stay_text(self):
        page = self.open("crowded", "#" + "%3Cimg%20src%3Dx%20onerror%3D%22document.title%3D'owned'%22%3E")
        self.assertIn(HOSTILE, page.text())
        self.assertIn("</p><script>", page.text())
        self.assertNotIn("owned", page.run("document.title"))
        self.assertEqual(page.run("document.querySelectorAll('#picture img, #picture script, #picture [onerror]').length"), 0)
        self.assertTrue(page.run("document.getElementById('details-' + " + json.dumps(HOSTILE) + ") !== null"))

    def test_the_policy_refuses_markup_and_other_origins(self):
        page = Page(self.browser, self.serve("rest").url)
        self.addCleanup(page.close)
        page.wait(SHOWN)
        refused = "(() => { try { document.body.innerHTML = '<b>x</b>'; return false; } catch { return true; } })()"
        self.assertTrue(page.run(refused))
        self.assertTrue(page.run("fetch('http://127.0.0.1:9/').then(() => false, () => true)"))
        self.assertTrue(any("connect-src" in line for line in page.complaints()), page.complaints())

    def test_hundreds_of_partitions_scroll_in_their_own_place(self):
        page = self.open("crowded", "#everything")
        self.assertEqual(page.run("document.querySelectorAll('#details-everything .partitions tbody tr').length"), 320)
        self.assertLess(page.run("document.getElementById('details-everything').offsetHeight"), 1500)
        self.assertEqual(page.run("document.documentElement.scrollWidth"), 1280)
        first = page.run("document.querySelector('#details-everything .partitions tbody tr').innerText")
        self.assertIn("Trying again", first)

    def test_keys_that_are_missing_are_dashes(self):
        for status in ({}, {"pipelines": None, "targets": 3, "failures": [None], "history": []},
                       {"pipelines": [{}, {"name": "x", "workers": [{"partitions": [{}]}, None]}],
                        "targets": [{}], "failures": [{}], "history": {"pipelines": {"x": {"lag": [None]}}}}):
            page = self.open(status, "#x", until="document.querySelector('.dead-letters, .none') !== null")
            self.assertNotRegex(page.text(), r"undefined|NaN|null|\[object")

    def test_no_pipelines_is_said(self):
        page = self.open({**fixture("rest"), "pipelines": [], "targets": [], "history": {"every_seconds": 5, "pipelines": {}}})
        self.assertIn("No pipelines", page.text())

    # Contact

    def test_no_contact_keeps_the_last_picture_grey_and_comes_back(self):
        server = self.serve("outage")
        page = self.open(server)
        server.close()
        page.wait("document.body.classList.contains('lost')")
        text = page.text()
        self.assertIn("No contact with the server", text)
        self.assertRegex(text, r"Since \d\d:\d\d:\d\d")
        self.assertIn("What is below is of 03:01:36", text)
        self.assertIn("bets", text)
        self.assertLess(float(page.run("getComputedStyle(document.querySelector('#picture')).opacity")), 0.9)
        countdown = "document.querySelector('.pipeline .countdown').innerText"
        told = page.run(countdown)
        page.run("new Promise((done) => setTimeout(done, 2200))")
        self.assertEqual(page.run(countdown), told)  # of what came later nothing is known
        server.open()
        page.wait("!document.body.classList.contains('lost')")
        self.assertIn("4 of 5 pipelines stand still", page.text())

    def test_an_answer_that_is_no_status_is_no_contact(self):
        for answer, said in ((500, "it answers HTTP 500"), (b"<html>", "its answer is no JSON")):
            page = self.open(self.serve(answer), until="document.body?.classList.contains('lost')")
            self.assertIn(said, page.text())

    def test_a_poll_changes_what_differs_and_nothing_else(self):
        server = self.serve("outage")
        page = self.open(server, "#bets")
        page.run("window.kept = document.querySelector('[data-pipeline=bets]'); kept.querySelector('.scroll').scrollTop = 40;"
                 "document.querySelector('[data-toggle=bets]').focus()")
        status = copy.deepcopy(server.status)
        status["pipelines"][0]["lag"] = 99999
        server.status = status
        page.wait("document.querySelector('[data-pipeline=bets]').innerText.includes('99,999')")
        self.assertTrue(page.run("document.querySelector('[data-pipeline=bets]') === kept && kept.contains(document.activeElement)"))

    # Looks

    def test_nothing_jumps_from_poll_to_poll(self):
        server = self.serve("rest")
        page = self.open(server)
        places = ("JSON.stringify([...document.querySelectorAll('h1, h2, .plot, .pipeline, .figure, .card')]"
                  ".map((e) => { const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; }))")
        before = page.run(places)
        status = copy.deepcopy(server.status)
        for one in status["pipelines"]:
            one["lag"] = 8
            one["rates"]["records_per_second"] *= 1.07
        server.status = status
        page.wait("document.querySelector('.pipeline').innerText.includes('\\n8\\n')")
        self.assertEqual(page.run(places), before)

    def test_a_phone_needs_no_sideways_scroll(self):
        for status, fragment in (("rest", "#bets"), ("outage", "#bets"), ("poison", "#withdrawals"), ("crowded", "#everything")):
            page = self.open(status, fragment, width=360, height=740, phone=True)
            self.assertEqual(page.run("document.documentElement.scrollWidth"), 360, status)
            wide = page.run("[...document.querySelectorAll('#picture *')].filter((e) => e.getBoundingClientRect().right > 361"
                            " && !e.closest('svg') && !e.closest('.scroll')).map((e) => e.className + ': ' + e.textContent.slice(0, 40))")
            self.assertEqual(wide, [], status)

    def test_both_schemes_have_contrast(self):
        grounds = set()
        for scheme in ("light", "dark"):
            for status in ("outage", "crowded"):
                page = self.open(status, "#bets", scheme=scheme)
                grounds.add(page.run("getComputedStyle(document.body).backgroundColor"))
                self.assertEqual(page.run(FAINT), [], f"{scheme} {status}")
        self.assertEqual(len(grounds), 2)

    def test_the_switch_overrules_the_system_and_is_remembered(self):
        page = self.open("rest", scheme="light")
        ground = "getComputedStyle(document.body).backgroundColor"
        light = page.run(ground)
        page.run("document.querySelector('[data-theme-choice=dark]').click()")
        dark = page.run(ground)
        self.assertNotEqual(dark, light)
        page.call("Page.reload")
        page.wait(f"{SHOWN} && document.documentElement.dataset.theme === 'dark'")
        self.assertEqual(page.run(ground), dark)
        page.run("document.querySelector('[data-theme-choice=auto]').click()")
        self.assertEqual(page.run(ground), light)


# Texts whose contrast with what is behind them is below 4.5:1 (WCAG 2.1, 1.4.3).
FAINT = (pathlib.Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")

if __name__ == "__main__":
    unittest.main()
