"""The table: medians, ranges, the ratio to the best peer, and the goals."""

import json
import statistics

OURS = "groovefs"


class Results:
    """values[row name][program]: a list, one value a run.
    failures[row name][program]: why there is none."""

    def __init__(self):
        self.values = {}
        self.failures = {}

    def add(self, row, program, value):
        self.values.setdefault(row, {}).setdefault(program, []).append(value)

    def fail(self, row, program, reason):
        self.failures.setdefault(row, {})[program] = reason

    def of(self, row, program):
        """All values, or none if a single run failed."""
        if program in self.failures.get(row, {}):
            return []
        return self.values.get(row, {}).get(program, [])

    def median(self, row, program):
        values = self.of(row, program)
        return statistics.median(values) if values else None

    def best_peer(self, row, programs):
        medians = [self.median(row.name, p) for p in programs if p != OURS]
        return row.better((m for m in medians if m is not None), default=None)


def number(value, unit):
    if unit == "B":
        return f"{value / 1e6:,.1f} MB"
    if unit == "B/s":
        return f"{value / 1e6:,.0f} MB/s"
    if unit == "share":
        return "exact" if value == 0 else f"{value * 100:.1f} % off"
    if unit in ("x", "tracks/s"):
        return f"{value:,.{0 if value >= 100 else 1}f} {unit}"
    if value < 0.01:
        return f"{value * 1e3:.2f} ms"
    if value < 1:
        return f"{value * 1e3:.0f} ms"
    return f"{value:.2f} s"


def cell(results, row, program):
    if program in results.failures.get(row.name, {}):
        return "failed"
    values = results.of(row.name, program)
    if not values:
        return "-"
    middle, low, high = (number(f(values), row.unit)
                         for f in (statistics.median, min, max))
    if low == high:
        return middle
    if low.split()[1:] == high.split()[1:]:
        low = low.split()[0]
    return f"{middle} ({low} to {high})"


def ratio(results, row, programs):
    """How many times less than the best peer ours takes, or None."""
    ours = results.median(row.name, OURS)
    peer = results.best_peer(row, programs)
    if not ours or not peer:
        return None
    return ours / peer if row.better is max else peer / ours


def goal(results, row, programs):
    """The goal and whether it is met."""
    if row.ratio:
        text, value = f"{row.ratio:g} x", ratio(results, row, programs)
        met = value is not None and value >= row.ratio
    elif row.limit is not None:
        text = number(row.limit, row.unit)
        most = row.better is min
        text = (text if row.limit == 0 else
                ("at most " if most else "at least ") + text)
        value = results.median(row.name, OURS)
        met = value is not None and (
            value <= row.limit if most else value >= row.limit)
    else:
        return ""
    return text if value is None else f"{text}: {'met' if met else 'MISSED'}"


def table(results, rows, programs):
    """Lines of cells, the heading first."""
    lines = [["", *programs, "times better", "goal"]]
    for row in rows:
        times = ratio(results, row, programs)
        runs = max((len(v) for v in results.values.get(row.name, {})
                    .values()), default=0)
        lines.append([f"{row.title} [{runs}]",
                      *(cell(results, row, p) for p in programs),
                      f"{times:,.2f} x" if times else "",
                      goal(results, row, programs)])
    return lines


def aligned(lines):
    widths = [max(len(line[i]) for line in lines)
              for i in range(len(lines[0]))]
    return "\n".join("  ".join(text.ljust(width) for text, width
                               in zip(line, widths)).rstrip()
                     for line in lines)


def piped(lines):
    rows = ["| " + " | ".join(line) + " |" for line in lines]
    rule = "|" + "---|" * len(lines[0])
    return "\n".join([rows[0], rule, *rows[1:]])


def failure_lines(results, rows):
    lines = [f"{program}, {reason}" for row in rows for program, reason
             in results.failures.get(row.name, {}).items()]
    return list(dict.fromkeys(lines))


def machine_line(machine):
    versions = ", ".join(f"{name} {version}" for name, version
                         in machine["programs"].items())
    return (f"{machine['date']}; {machine['processor']}, {machine['cores']} "
            f"cores, {machine['memory']}; Linux {machine['kernel']}, "
            f"{machine['system']}; {versions}.")


def as_text(results, rows, programs, machine, notes):
    return "\n".join([machine_line(machine), "", aligned(
        table(results, rows, programs)), "", *notes,
        *failure_lines(results, rows)])


def as_markdown(results, rows, programs, machine, notes):
    remarks = [*notes, *failure_lines(results, rows)]
    return "\n".join([machine_line(machine), "", piped(
        table(results, rows, programs)), "", *(f"- {n}" for n in remarks)])


def as_json(results, rows, programs, machine, notes):
    return json.dumps({
        "machine": machine, "notes": notes, "programs": programs,
        "rows": [{"name": row.name, "title": row.title, "unit": row.unit,
                  "values": results.values.get(row.name, {}),
                  "failures": results.failures.get(row.name, {}),
                  "times_better": ratio(results, row, programs),
                  "goal": goal(results, row, programs)} for row in rows],
    }, indent=2)
