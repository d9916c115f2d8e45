"""Made-up sanctions in the format of the Global Sanctions Data Base."""

from __future__ import annotations

from innominate.sources.gsdb import SOURCE
from tests.sources.examples import Example

__all__ = ["EXAMPLES", "SOURCE"]

_HEADER = (
    "case_id,sanctioned_state,sanctioning_state,begin,end,trade,descr_trade,arms,military,financial,travel,other,"
    "target_mult,sender_mult,objective,success"
)

EXAMPLES = {
    "cases-csv": Example(
        "cases.csv",
        tuple(_HEADER.split(",")),
        (
            (1, "Peru", "Chile", 1990, 1995, 1, "exp_part", 0, 0, 1, 0, 0, 0, 0, "other", "failed"),
            (
                2,
                "Korea, North, Chile",
                "Brazil, Korea, South",
                2001,
                2003,
                0,
                "",
                1,
                0,
                0,
                0,
                0,
                1,
                1,
                "other",
                "failed",
            ),
            (3, "Peru", "Brazil", 2001, 2003, 0, "", 0, 0, 0, 1, 0, 0, 0, "policy_change", "failed"),
        ),
        required="sanctioning_state",
        dated="begin",
        state="sanctioned_state",
    ),
}
