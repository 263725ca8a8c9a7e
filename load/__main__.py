"""Play a clinic's day on the site as it is run: ``make load``.

The tables go into docs/load.md, and everything that was measured into a file; of a day with other settings, one line.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from load.machine import cores, multiply_adds
from load.report import as_json, as_markdown, as_row, verdicts
from load.run import Plan, Run, run
from load.site import running_site

PAGE = Path("docs/load.md")
MARKED = re.compile(r"(<!-- {0}: begin -->\n)(.*?)(<!-- {0}: end -->)", re.DOTALL)
PEOPLE, CLINICS, RATE = 20, 4, 12.5
LONG = 600.0  # seconds


def main() -> int:
    """Run, write down, and say what was kept; 1 if something was not."""
    asked = _asked()
    further = {
        f"LENTIGO_{name.upper()}_URL": value
        for name in ("database", "queue", "storage")
        if (value := getattr(asked, name))
    }
    further |= dict(each.split("=", 1) for each in asked.setting)
    plan = Plan(LONG if asked.long else asked.seconds, asked.rate, asked.too_much_seconds, asked.too_much_rate)
    speed = multiply_adds()
    with running_site(further, clinics=CLINICS, people=asked.people) as site:
        ran = asyncio.run(run(site, plan))
    settings = {"cores": cores(), "people who browse": asked.people, **_engines(asked)}
    settings |= dict(each.removeprefix("LENTIGO_").split("=", 1) for each in asked.setting)
    machine = {"thousand million multiply-adds a second and core": f"{speed:.0f}"}
    print(as_markdown(ran, settings | machine), end="\n\n")
    as_usual = not further and (asked.rate, asked.people) == (RATE, PEOPLE)
    if as_usual and not asked.dry:
        _keep_tables(ran, settings | machine, "long" if asked.long else "day")
    elif not asked.dry:
        _keep_row(ran, settings)
    for verdict in verdicts(ran):
        print(f"{'kept' if verdict.kept else 'NOT KEPT':9} {verdict.promised}: {verdict.measured}")
    return int(not all(verdict.kept for verdict in verdicts(ran)))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make load ARGS=...", description="Play a clinic's day on the site.")
    parser.add_argument("--long", action="store_true", help="a day of ten minutes")
    parser.add_argument("--seconds", type=float, default=90.0, help="of the day; default: 90")
    parser.add_argument("--rate", type=float, default=RATE, help="photographs a second; default: 12.5")
    parser.add_argument("--people", type=int, default=PEOPLE, help="who browse; default: 20")
    parser.add_argument("--too-much-seconds", type=float, default=20.0, help="of overload; 0 leaves it out")
    parser.add_argument("--too-much-rate", type=float, default=40.0, help="photographs a second meanwhile")
    for name in ("database", "queue", "storage"):
        parser.add_argument(f"--{name}", default="", metavar="URL", help="in place of what needs nothing but Python")
    parser.add_argument(
        "--setting",
        action="append",
        default=[],
        metavar="LENTIGO_NAME=VALUE",
        help="a further one, written down with the rest: no secret",
    )
    parser.add_argument("--dry", action="store_true", help="print the tables, and write no file")
    return parser.parse_args()


def _engines(asked: argparse.Namespace) -> dict[str, str]:
    """Return what was used, without addresses: these hold passwords."""
    otherwise = {"database": "SQLite", "queue": "SQLite", "storage": "a folder"}
    return {name: getattr(asked, name).partition(":")[0] or usual for name, usual in otherwise.items()}


def _keep_tables(ran: Run, settings: Mapping[str, object], name: str) -> None:
    Path(f"load-{name}.json").write_text(json.dumps(as_json(ran, settings), indent=1) + "\n")
    _replace(name, lambda _: f"\n{as_markdown(ran, settings)}\n\n")


def _keep_row(ran: Run, settings: Mapping[str, object]) -> None:
    """Keep one line of a day with other settings, in place of the one with the same that was there."""
    row = as_row(ran, settings)
    same = "|".join([*row.split("|")[:3], ""])  # settings and rate

    def merged(table: str) -> str:
        lines = [line for line in table.strip().splitlines() if not line.startswith(same)]
        return "\n".join(["", *lines, row, "", ""])

    _replace("others", merged)


def _replace(name: str, written: Callable[[str], str]) -> None:
    marked = re.compile(MARKED.pattern.replace("{0}", name), re.DOTALL)
    page = PAGE.read_text()
    PAGE.write_text(marked.sub(lambda found: found[1] + written(found[2]) + found[3], page))


if __name__ == "__main__":
    sys.exit(main())
