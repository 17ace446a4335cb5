"""What an answer of an HTTP gateway means, and sending to one side by side."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from core.sms import NotSent

from .base import Became, Message, Outcome

logger = logging.getLogger(__name__)
SIDE_BY_SIDE = 8
# The gateway speaks of the address, not of us: nothing will ever arrive there, or its owner has opted out there.
ADDRESS_REFUSED = (404, 410, 422)


def send_each(messages: list[Message], hand_over: Callable[[Message], None]) -> list[Outcome]:
    """Hand every message to the gateway, some at the same time; none touches the database."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return list(pool.map(lambda message: outcome_of(hand_over, message), messages))


def outcome_of(hand_over, message) -> Outcome:
    try:
        hand_over(message)
    except NotSent as problem:
        return _meaning(problem)
    except Exception:  # one message must not keep the others from being marked
        logger.exception("A message was not handed over.")
        return Outcome(Became.UNKNOWN, "发送时出错，不确定是否送达")
    return Outcome(Became.SENT)


def _meaning(problem):
    if problem.maybe_sent:
        return Outcome(Became.UNKNOWN, "网关没有回答，不确定是否送达")
    if problem.status in ADDRESS_REFUSED:
        return Outcome(Became.REFUSED, f"网关回答 {problem.status}：地址不能用，或对方已退订")
    return Outcome(Became.LATER, f"网关回答 {problem.status}" if problem.status else "网关连不上")
