"""The simple commands in a piece of shell, each as its words. No shell: what pages hold is enough."""
import re
import shlex

KEYWORDS = {"if", "then", "else", "fi", "do", "done", "while", "until", "!", "{", "}", "time", "sudo", "env", "exec"}
ENDS = re.compile(r"[;|&()]+")


def without_comments(text):
    return re.sub(r"(?m)(^|(?<=\s))#.*$", "", text)


def heredocs(text):
    """(file, content) of each `cat >file <<'END'`, and the text without their contents."""
    found = []

    def cut(match):
        found.append((match[1], match[3]))
        return ""

    return found, re.sub(r"(?ms)^cat >(\S+) <<'(\w+)'\n(.*?)^\2$", cut, text)


def _words(line):
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    return list(lexer)


def _without_redirections(words):
    kept, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif re.fullmatch(r"[<>]+&?", word):
            skip = True
            if kept and re.fullmatch(r"\d", kept[-1]):
                kept.pop()
        else:
            kept.append(word)
    return kept


def _simple(words):
    while words and (words[0] in KEYWORDS or re.match(r"\w+=", words[0])):
        if words[0] == "env":  # its options go with it
            words = [word for word in words if word != "-i"]
        words = words[1:]
    if words and words[0] in ("for", "case", "export", "cd", "trap", "wait"):
        return []
    return _without_redirections(words)


def commands(text):
    text = without_comments(heredocs(text)[1]).replace("\\\n", " ")
    for inner in re.findall(r"\$\(([^()]*)\)", text):
        yield from commands(inner)
    current = []
    for line in text.split("\n"):
        for word in [*_words(line), ";"]:
            # A redirection such as 2>&1 is no end of a command.
            if ENDS.fullmatch(word) and not (current and current[-1].endswith(">")):
                if simple := _simple(current):
                    yield simple
                current = []
            else:
                current.append(word)
