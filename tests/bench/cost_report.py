"""What the figures of scripts/bench costs are printed as: tables and plots for docs/performance.md."""
import statistics

import report
from cost_backlog import tenths
from cost_cases import TABLES

BEGIN = "<!-- costs:begin (written by scripts/bench costs --write) -->"
END = "<!-- costs:end -->"
BACKLOG_BEGIN = "<!-- backlog:begin (written by scripts/bench costs --backlog --write) -->"
BACKLOG_END = "<!-- backlog:end -->"
FORMATS = {"records_per_second": "{:,.0f}", "mb_per_second": "{:,.0f}", "cpu_seconds_per_million": "{:,.2f}",
           "cpu_seconds_per_gb": "{:.2f}", "requests_per_million": "{:,.0f}", "peak_rss_mib": "{:.0f}"}
RATIOS = ("mb_per_second", "cpu_seconds_per_gb")  # by bytes: where sizes are the same, that is by records
HEAD = ("records/s", "MB/s", "CPU-s per million", "CPU-s per GB", "requests per million", "peak MiB",
        "MB/s, ratio", "CPU-s, ratio", "lost", "repeated")


def ratios(runs, plain):
    """measure -> case -> its figure divided by that of `plain` in the same round; the rounds' median."""
    bases = {run.round: run for run in runs if run.case == plain}
    return {measure: {case: statistics.median(
        getattr(run, measure) / getattr(bases[run.round], measure) for run in runs if run.case == case)
                      for case in cases_of(runs)} for measure in RATIOS}


def cases_of(runs):
    return list(dict.fromkeys(run.case for run in sorted(runs, key=lambda run: run.round)))


def medians(runs):
    """case -> measure -> median over its runs."""
    return {case: {measure: statistics.median(getattr(run, measure) for run in runs if run.case == case)
                   for measure in FORMATS} for case in cases_of(runs)}


def table(name, runs):
    """Its plain case is the one whose ratios are 1."""
    shape = TABLES[name]
    figures, by_measure = medians(runs), ratios(runs, shape.plain)
    lines = [f"### {shape.title}", "", f"| | {' | '.join(HEAD)} |", "|" + " --- |" * (len(HEAD) + 1)]
    for case in (case.name for case in shape.cases):
        own = [run for run in runs if run.case == case]
        cells = [FORMATS[measure].format(figures[case][measure]) for measure in FORMATS]
        cells += [f"{by_measure[measure][case]:.2f}" for measure in RATIOS]
        cells += [str(sum(run.lost for run in own)), str(sum(run.repeated for run in own))]
        lines.append("| " + " | ".join([case, *cells]) + " |")
    return "\n".join(lines)


def markdown(results, facts, plot=None):
    parts = [facts, *([plot] if plot else []), *(table(name, runs) for name, runs in results.items())]
    return "\n\n".join(parts)


def backlog_markdown(samples, facts, plot=None):
    rows = tenths(samples)
    first, last = rows[0]["records_per_second"], rows[-1]["records_per_second"]
    lines = [f"{facts} {samples[-1][1]:,} records in {samples[-1][0]:.0f} s; the last tenth at {last / first:.2f} "
             "of the rate of the first.", *(["", plot] if plot else []), "",
             "| tenth | records/s | CPU-s per million | most resident MiB |", "|" + " --- |" * 4]
    for number, row in enumerate(rows, 1):
        resident = "" if row["rss_mib"] is None else f"{row['rss_mib']:.0f}"
        lines.append(f"| {number} | {row['records_per_second']:,.0f} | {row['cpu_seconds_per_million']:.2f} | "
                     f"{resident} |")
    return "\n".join(lines)


def write(page, results, backlog, facts):
    """Tables and plots; without results, and without a backlog, theirs stay as they are."""
    import cost_plots  # not above: a client's peak memory is never below that of who starts it
    text = page.read_text()
    if results:
        growth, prices = page.with_name("costs-growth.svg"), page.with_name("costs-prices.svg")
        cost_plots.growth({name: medians(runs) for name, runs in results.items()}, growth)
        cost_plots.prices(ratios(results["prices"], TABLES["prices"].plain)["cpu_seconds_per_gb"], prices)
        plots = (f"![CPU-seconds beside partitions, workers, pipelines, sizes and batches]({growth.name})\n\n"
                 f"![What features cost, in CPU-seconds of the plain case]({prices.name})")
        text = report.replace_between_markers(text, markdown(results, facts, plots), BEGIN, END)
    if backlog:
        over_time = page.with_name("costs-backlog.svg")
        cost_plots.backlog(backlog, over_time)
        plot = f"![Rate and memory over the time of a backlog]({over_time.name})"
        text = report.replace_between_markers(text, backlog_markdown(backlog, facts, plot), BACKLOG_BEGIN,
                                              BACKLOG_END)
    page.write_text(text)
