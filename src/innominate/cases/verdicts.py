"""The rules by which probabilities become verdicts, and checks become confidence.

Every rule is symmetric: turning a claim into its opposite turns *supported* into *contradicted* and leaves *undecided*
where it was. No threshold depends on the claim or on the states that it names.
"""

from __future__ import annotations

from collections.abc import Sequence

from innominate.cases.findings import Check, Confidence, Sentence, Verdict
from innominate.cases.wording import listed, sentence

SURE = 0.90  # probability at which a claim is supported; contradicted at its complement

RULES = (
    f"A claim is supported where its probability, given the data, is at least {SURE:.0%}, contradicted where it is at "
    f"most {1 - SURE:.0%}, and undecided in between. It is not testable where the library holds too little to say "
    "anything: unknown is never counted as zero.",
    "A claim about several pairs at once is judged on the range that its joint probability must lie in whatever the "
    "dependence between the pairs: at least the sum of the single probabilities less the number of pairs but one, at "
    f"most the smallest of them. It is supported where even the lower end reaches {SURE:.0%}, contradicted where even "
    f"the upper end is at most {1 - SURE:.0%}.",
    "A claim made of several statements is contradicted if one of them is, supported if all are, not testable if one "
    "is not testable and none contradicted, and undecided otherwise.",
    "Confidence is separate from the verdict: it is high where every check named beside it passes, medium where all but "
    "one pass, and low otherwise. The checks ask whether the verdict would stand with other data or another bar.",
)


def judge(probability: float | None) -> Verdict:
    """The verdict on a claim of this probability; None: nothing is known.

    >>> judge(0.95), judge(0.5), judge(0.05), judge(None)
    ('supported', 'undecided', 'contradicted', 'not testable')
    """
    return judge_range(None if probability is None else (probability, probability))


def judge_range(bounds: tuple[float, float] | None) -> Verdict:
    """The verdict on a claim whose probability lies between two bounds."""
    if bounds is None:
        return "not testable"
    low, high = bounds
    if low >= SURE - 1e-12:
        return "supported"
    return "contradicted" if high <= 1 - SURE + 1e-12 else "undecided"


def joint_range(probabilities: Sequence[float]) -> tuple[float, float]:
    """Bounds on the probability that all hold, whatever their dependence (Fréchet 1935)."""
    return max(0.0, sum(probabilities) - (len(probabilities) - 1)), min(probabilities)


def all_of(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on a claim made of several statements."""
    if "contradicted" in verdicts:
        return "contradicted"
    if "not testable" in verdicts or not verdicts:
        return "not testable"
    return "supported" if all(verdict == "supported" for verdict in verdicts) else "undecided"


def opposite(verdict: Verdict) -> Verdict:
    """The verdict on the opposite claim."""
    turned: dict[Verdict, Verdict] = {"supported": "contradicted", "contradicted": "supported"}
    return turned.get(verdict, verdict)


def confidence(checks: Sequence[Check]) -> Confidence:
    """Confidence from the checks: all passed, all but one, fewer."""
    failed = sum(not check.passed for check in checks)
    if not checks or failed > 1:
        return "low"
    return "medium" if failed else "high"


def reason(checks: Sequence[Check]) -> Sentence:
    """Why the confidence is what it is: which checks fail, and how."""
    if not checks:
        return sentence("Nothing could be checked.")
    failed = [check.detail.text for check in checks if not check.passed]
    return sentence(" ".join(failed) or "Every check passes: " + listed([check.name.lower() for check in checks]) + ".")
