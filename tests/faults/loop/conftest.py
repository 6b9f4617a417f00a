"""What the long runs use."""

from tests.support.loop_runs import say

__all__ = ["say"]
