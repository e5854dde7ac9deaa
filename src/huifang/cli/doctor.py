"""``huifang doctor``: checks what a newcomer can get wrong, and says what to do."""

import argparse
import json
from typing import Any

from huifang.cli import checks, database, database_checks, output
from huifang.cli.findings import MARKS, Finding, Level, Patient
from huifang.cli.installation import Installation


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "doctor", parents=[shared], help="check this installation and say what to do"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address that would be listened on")
    parser.add_argument("--port", type=int, default=8000, help="port of the web (default: 8000)")
    parser.add_argument("--gateway-port", type=int, default=8001, help="port of the gateway (default: 8001)")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Examine and report. Returns 1 where something must be put right."""
    installation = Installation(arguments.data_dir)
    holder = installation.holder()
    url = database.own_url() or (installation.read_url() if holder else "")
    ports = {"--port": arguments.port, "--gateway-port": arguments.gateway_port}
    patient = Patient(installation=installation, url=url, host=arguments.host, ports=ports)
    findings = [check(patient) for check in checks.CHECKS] + database_checks.all_findings(patient)
    report_json(findings) if arguments.json else report(findings)
    return 1 if any(finding.level is Level.BAD for finding in findings) else 0


def report(findings: list[Finding]) -> None:
    """One line a finding; what to do stands below it."""
    for finding in findings:
        output.line(f"{MARKS[finding.level]} {finding.check:<20} {finding.text}")
        if finding.advice:
            output.line(f"{'':<22} → {finding.advice}")


def report_json(findings: list[Finding]) -> None:
    """The findings for a program."""
    rows = [
        {"check": each.check, "level": each.level.value, "text": each.text, "advice": each.advice}
        for each in findings
    ]
    output.line(json.dumps(rows, ensure_ascii=False, indent=1))
