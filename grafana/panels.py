"""What the dashboards are made of: Grafana's JSON (10 and 11), so far as they use it."""

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
GREEN, YELLOW, RED, BLUE = "green", "yellow", "red", "blue"


def query(expr, legend="", **more):
    return {"expr": expr, "legendFormat": legend or "__auto"} | more


def instant(expr, **more):
    return query(expr, instant=True, range=False, format="table", **more)


def steps(bad):
    """Green, and from each value on its colour. A first colour stands for all below the values."""
    colours = list(bad)
    first = colours.pop(0) if colours and isinstance(colours[0], str) else GREEN
    listed = [{"color": first, "value": None}]
    return listed + [{"color": colour, "value": value} for value, colour in colours]


def panel(kind, title, good, unit, queries, bad=(), size=(8, 8), options=None, **defaults):
    """`good`: what it looks like where all is well, and what follows where it does not.
    `bad`: from which value on it has which colour; empty: no value is bad by itself."""
    custom = defaults.pop("custom", {})
    overrides = defaults.pop("overrides", [])
    transformations = defaults.pop("transformations", [])
    links = defaults.pop("links", [])
    made = {
        "type": kind,
        "title": title,
        "description": good,
        "datasource": SOURCE,
        "gridPos": {"w": size[0], "h": size[1]},
        "targets": [
            {"refId": chr(ord("A") + i), "datasource": SOURCE} | query
            for i, query in enumerate(queries)
        ],
        "fieldConfig": {
            "defaults": {
                "unit": unit,
                "thresholds": {"mode": "absolute", "steps": steps(bad)},
                "custom": custom,
            }
            | ({} if kind in ("timeseries", "heatmap") else {"color": {"mode": "thresholds"}})
            | defaults,
            "overrides": overrides,
        },
        "options": options or {},
    }
    if links:
        made["fieldConfig"]["defaults"]["links"] = links
    if transformations:
        made["transformations"] = transformations
    return made


def graph(title, good, unit, *queries, bad=(), size=(8, 8), stacked=False, **more):
    custom = {
        "lineWidth": 1,
        "fillOpacity": 30 if stacked else 5,
        "showPoints": "never",
        "spanNulls": False,
        "stacking": {"mode": "normal" if stacked else "none"},
        "thresholdsStyle": {"mode": "dashed" if bad else "off"},
    }
    options = {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    defaults = {"min": 0, "custom": custom} | more
    return panel("timeseries", title, good, unit, queries, bad, size, options, **defaults)


def stat(title, good, unit, expr, bad=(), size=(4, 4), **more):
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "background" if bad else "value",
        "graphMode": "area",
        "textMode": "auto",
    }
    return panel("stat", title, good, unit, [query(expr)], bad, size, options, **more)


def timeline(title, good, expr, legend, mappings, bad, size=(24, 7)):
    options = {
        "mergeValues": True,
        "showValue": "auto",
        "rowHeight": 0.8,
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False},
    }
    custom = {"lineWidth": 0, "fillOpacity": 80}
    mapped = [{"type": "value", "options": {str(key): {"text": text, "index": i}}}
              for i, (key, text) in enumerate(mappings.items())]
    return panel("state-timeline", title, good, "none", [query(expr, legend)], bad, size, options,
                 custom=custom, mappings=mapped)


def heatmap(title, good, metric, selector, size=(12, 8)):
    expr = f"sum by (le) (increase({metric}_bucket{{{selector}}}[$__rate_interval]))"
    options = {
        "calculate": False,
        "yAxis": {"unit": "s", "axisPlacement": "left"},
        "color": {"mode": "scheme", "scheme": "Oranges", "steps": 64},
        "cellGap": 1,
        "tooltip": {"mode": "single", "yHistogram": True},
    }
    queries = [query(expr, "{{le}}", format="heatmap")]
    return panel("heatmap", title, good, "short", queries, (), size, options)


def table(title, good, queries, columns, hidden=(), size=(24, 8), links=None):
    """`queries` by the name of their column; `columns`: unit and thresholds of each. Rows are
    joined by their labels."""
    listed = [instant(expr) for expr in queries.values()]
    renamed = {f"Value #{chr(ord('A') + i)}": name for i, name in enumerate(queries)}
    if len(queries) == 1:
        renamed["Value"] = next(iter(queries))
    overrides = []
    for name, (unit, bad) in columns.items():
        properties = [{"id": "unit", "value": unit}]
        if bad:
            properties.append(
                {"id": "thresholds", "value": {"mode": "absolute", "steps": steps(bad)}})
            properties.append(
                {"id": "custom.cellOptions", "value": {"type": "color-background", "mode": "basic"}})
        overrides.append({"matcher": {"id": "byName", "options": name}, "properties": properties})
    for name, url in (links or {}).items():
        link = {"title": "Open", "url": url}
        overrides.append({"matcher": {"id": "byName", "options": name},
                          "properties": [{"id": "links", "value": [link]}]})
    organize = {"excludeByName": {"Time": True} | {name: True for name in hidden},
                "renameByName": renamed}
    return panel("table", title, good, "short", listed, (), size,
                 {"showHeader": True, "cellHeight": "sm"}, overrides=overrides,
                 transformations=[{"id": "merge", "options": {}},
                                  {"id": "organize", "options": organize}])


def row(title):
    return {"type": "row", "title": title, "collapsed": False, "panels": [],
            "gridPos": {"w": 24, "h": 1}}


def laid_out(panels):
    """Side by side while there is room in the 24 columns, then below."""
    x = y = height = 0
    for number, each in enumerate(panels, 1):
        place = each["gridPos"]
        if x + place["w"] > 24:
            x, y, height = 0, y + height, 0
        place |= {"x": x, "y": y}
        x, height = x + place["w"], max(height, place["h"])
        each["id"] = number
    return panels


def variable(name, label, metric_label, **more):
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": metric_label, "refId": name},
        "definition": metric_label,
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "current": {"text": ["All"], "value": ["$__all"]},
    } | more


def annotation(name, expr, title, colour, **more):
    return {"name": name, "datasource": SOURCE, "enable": True, "iconColor": colour, "expr": expr,
            "titleFormat": title, "step": "30s"} | more


def dashboard(uid, title, description, panels, variables, annotations, links):
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["sluice"],
        "timezone": "browser",
        "schemaVersion": 38,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": variables},
        "annotations": {"list": annotations},
        "links": links,
        "panels": laid_out(panels),
    }
