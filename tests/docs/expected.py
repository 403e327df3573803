"""Output as a page shows it: "…" stands for anything within a line, and alone in one for any lines; how
long something took, such as 3s or 12 ms, for as long as it takes."""
import re

_DURATION = r"\d+(?:\.\d+)? ?(?:ms|s|m|h)\b"


def matches(shown, printed):
    pattern = ""
    for line in shown.rstrip("\n").split("\n"):
        if line.strip() == "…":
            pattern += r"(?:[^\n]*\n)*"
        else:
            pattern += " *" + _line(line.strip()) + r" *\n"
    return re.fullmatch(pattern, printed.rstrip("\n") + "\n") is not None


def _line(text):
    pieces = re.split(rf"(…|{_DURATION}| +)", text)
    return "".join(_piece(piece) for piece in pieces)


def _piece(piece):
    if piece == "…":
        return r"[^\n]*"
    if re.fullmatch(_DURATION, piece):
        return _DURATION
    return " +" if piece and not piece.strip() else re.escape(piece)  # columns may be wider
