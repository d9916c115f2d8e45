"""Cases: a question and its claims, each put to a test that other cases can use, with evidence on both sides."""

from innominate.cases.case import Case
from innominate.cases.findings import Confidence, Finding, Findings, Number, Verdict
from innominate.cases.registry import claim_tests

__all__ = ["Case", "Confidence", "Finding", "Findings", "Number", "Verdict", "claim_tests"]
