"""What the fault figures are printed as: text for the terminal, a table for docs/reliability.md."""
import report

BEGIN = "<!-- faults:begin (written by scripts/bench faults --write) -->"
END = "<!-- faults:end -->"


def text(rows):
    """Of (scenario, figures, misses), aligned lines."""
    header = ["fault", "lasted s", "lost", "repeated", "in requests", "requests into it",
              "caught up s", "of that waiting", "p50 ms", "p99 ms", "peak RSS MiB",
              "worse than promised"]
    return report.aligned([header] + [
        [scenario.title, f"{figures.fault_seconds:.1f}", str(figures.lost),
         f"{figures.repeated:,}", str(figures.repeated_requests), str(figures.requests_into_fault),
         f"{figures.caught_up_seconds:.1f}", f"{figures.wait_seconds:.1f}",
         f"{figures.p50_ms:,.0f}", f"{figures.p99_ms:,.0f}", f"{figures.peak_rss_mib:.0f}",
         "; ".join(missed) or "nothing"] for scenario, figures, missed in rows])


def markdown(rows, facts):
    """The table of docs/reliability.md."""
    lines = [
        f"{facts['date']}, {facts['machine']}. {facts['versions']}. "
        f"Load average before: {facts['load']:.1f}.", "",
        "| fault | lasted s | lost | repeated | requests into the fault | seconds to catch up "
        "| p50 / p99 ms | peak RSS MiB |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    for scenario, figures, _ in rows:
        meets_requests = scenario.into_fault > 0
        cells = [scenario.title, f"{figures.fault_seconds:.1f}", str(figures.lost),
                 f"{figures.repeated:,}",
                 str(figures.requests_into_fault) if meets_requests else "–", waited(figures),
                 f"{figures.p50_ms:,.0f} / {figures.p99_ms:,.0f}", f"{figures.peak_rss_mib:.0f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def waited(figures):
    seconds = f"{figures.caught_up_seconds:.1f}"
    if figures.wait_seconds > 0:
        seconds += f" (breaker open for {figures.wait_seconds:.1f} of them)"
    return seconds
