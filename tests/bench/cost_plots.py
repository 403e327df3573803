"""The plots of scripts/bench costs, as SVG: text stays text, colours are readable on white and on black,
and the same figures make the same file. Needs Debian's python3-matplotlib."""
import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402: after the backend is chosen

GREY, BLUE, ORANGE = "#7a828a", "#3b82f6", "#d97706"
matplotlib.rcParams.update({
    "svg.hashsalt": "sluice", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9,
    "text.color": GREY, "axes.labelcolor": GREY, "axes.edgecolor": GREY, "axes.titlesize": 10,
    "xtick.color": GREY, "ytick.color": GREY, "grid.color": GREY, "grid.alpha": 0.25,
    "axes.spines.top": False, "axes.spines.right": False})
GROWTH = {"partitions": "partitions", "workers": "workers", "pipelines": "pipelines",
          "sizes": "size of a record", "batches": "records of a request"}


def save(figure, file):
    figure.tight_layout()
    figure.savefig(file, transparent=True, metadata={"Date": None, "Creator": None})
    plt.close(figure)


def growth(figures, file):
    """A panel for each: CPU-seconds per million records, of sizes per GB."""
    figure, axes = plt.subplots(1, len(GROWTH), figsize=(11, 2.6))
    for axis, (name, label) in zip(axes, GROWTH.items()):
        measure = "cpu_seconds_per_gb" if name == "sizes" else "cpu_seconds_per_million"
        values = [figures[name][case][measure] for case in by_size(figures[name])]
        axis.bar(by_size(figures[name]), values, color=BLUE, width=0.6)
        axis.set_title("CPU-s per GB" if name == "sizes" else "CPU-s per million")
        axis.set_xlabel(label)
        axis.tick_params(axis="x", labelsize=7)
        axis.grid(axis="y")
        axis.set_axisbelow(True)
    save(figure, file)


def by_size(cases):
    """Names such as `2`, `100 B` and `10 KB`, the least first."""
    units = {"B": 1, "KB": 1e3, "MB": 1e6}

    def size(name):
        number, _, unit = name.partition(" ")
        return float(number) * units.get(unit, 1)
    return sorted(cases, key=size)


def prices(ratios, file):
    """Bars from the plain case's 1 on."""
    names = sorted(ratios, key=ratios.get, reverse=True)
    figure, axis = plt.subplots(figsize=(8, 0.32 * len(names) + 0.9))
    bars = axis.barh([name.replace("`", "").replace("$", r"\$") for name in names],
                     [ratios[name] for name in names], color=BLUE, height=0.6)
    axis.bar_label(bars, fmt="%.2f", padding=3, color=GREY)
    axis.axvline(1, color=GREY, linewidth=1)
    axis.set_xlabel("CPU-seconds per million records, divided by those of the plain case")
    axis.margins(x=0.1)
    save(figure, file)


def backlog(samples, file):
    """Records/s and resident MiB over time."""
    seconds = [each[0] for each in samples]
    rates = rates_of(samples)
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(8, 4), sharex=True)
    upper.plot([at for at, _ in rates], [rate / 1000 for _, rate in rates], color=BLUE, linewidth=1.2)
    upper.set_ylabel("1,000 records/s")
    lower.plot(seconds, [each[2] for each in samples], color=ORANGE, linewidth=1.2)
    lower.set_ylabel("resident MiB")
    lower.set_xlabel("seconds")
    for axis in (upper, lower):
        axis.set_ylim(bottom=0)
        axis.grid()
    save(figure, file)


def rates_of(samples, window=2.0):
    """[(seconds, records/s)] of windows of about that many seconds."""
    found, begin = [], samples[0]
    for each in samples[1:]:
        if each[0] - begin[0] >= window:
            found.append(((begin[0] + each[0]) / 2, (each[1] - begin[1]) / (each[0] - begin[0])))
            begin = each
    return found
