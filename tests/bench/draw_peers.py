"""The bar chart of scripts/bench peers: records/s to the left, CPU-seconds per million to the right."""
from xml.sax.saxutils import escape

WIDTH, TITLE_WIDTH, BAR_WIDTH, GAP = 960, 350, 200, 100
TOP, ROW, BAR = 46, 30, 18
OURS, OTHERS = "#1f6feb", "#9aa4b2"
PANELS = ((TITLE_WIDTH, "records/s (more is better)", "{:,.0f}"),
          (TITLE_WIDTH + BAR_WIDTH + GAP, "CPU-seconds per million (less is better)", "{:.1f}"))


def chart(bars):
    """SVG of (title, records/s, CPU-seconds per million), from top to bottom in this order."""
    height = TOP + ROW * len(bars) + 10
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
             f'height="{height}" font-family="sans-serif" font-size="13" fill="#1f2328">',
             f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>']
    for number, (title, *_) in enumerate(bars):
        lines.append(text(TITLE_WIDTH - 10, middle(number), title, anchor="end"))
    for (left, heading, form), column in zip(PANELS, zip(*(values for _, *values in bars))):
        lines.append(text(left, 24, heading, weight="bold"))
        most = max(column)
        for number, value in enumerate(column):
            colour = OURS if bars[number][0] == "Sluice" else OTHERS
            width = BAR_WIDTH * value / most
            lines.append(f'<rect x="{left}" y="{TOP + ROW * number}" width="{width:.1f}" height="{BAR}" '
                         f'fill="{colour}"/>')
            lines.append(text(left + width + 6, middle(number), form.format(value)))
    return "\n".join([*lines, "</svg>"]) + "\n"


def middle(number):
    return TOP + ROW * number + BAR - 4


def text(x, y, words, anchor="start", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" font-weight="{weight}">{escape(words)}</text>')
