"""Short quotas shared by all workers: GCRA in Redis, by Redis's own clock."""

import math

from redis import Redis
from redis.exceptions import RedisError

from kopru.hooks.errors import RateLimited
from kopru.hooks.manifest import Quota
from kopru.transport.limiter import SLOW_DOWN, SLOWEST, SPEED_UP, pace, refusal
from kopru.transport.texts import TEXTS

RETRY_WHEN_DOWN = 2.0
_KEY = "kopru:limit:{scope}:{quota}"

# The same arithmetic as ``limiter.Bucket``, in whole microseconds. A missing bucket starts empty: after a
# FLUSHALL nobody knows what was spent, so the first call waits one interval.
_STATE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local burst, interval, period = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local least, speed_up = tonumber(ARGV[4]), tonumber(ARGV[5])
local held = redis.call('HMGET', KEYS[1], 'next', 'share', 'slowed', 'blocked')
local share, slowed, blocked = tonumber(held[2] or '1'), tonumber(held[3] or '0'), tonumber(held[4] or '0')
local recovered = math.min(1, share + speed_up * math.max(0, math.floor((now - slowed) / period)))
local function burst_at(part) return math.max(1, math.floor(burst * part)) end
local function write(...)
  redis.call('HSET', KEYS[1], ...)
  redis.call('PEXPIRE', KEYS[1], 86400000)
end
local function whole(number) return string.format('%.0f', number) end
"""

_TAKE = (
    _STATE
    + """
local gap, calls = interval / recovered, burst_at(recovered)
local next = tonumber(held[1] or whole(now + calls * gap))
local earliest = math.max(blocked, next - (calls - 1) * gap)
if not held[1] then write('next', whole(next)) end
if now < earliest then return whole(earliest - now) end
write('next', whole(math.max(now, next) + gap))
return '0'
"""
)

_PENALIZE = (
    _STATE
    + """
local slow_down, wait = tonumber(ARGV[6]), tonumber(ARGV[7])
if recovered == 1 or now - slowed >= period then
  share, slowed = math.max(least, recovered * slow_down), now
end
local next = math.max(tonumber(held[1] or '0'), now + burst_at(share) * interval / share)
write('next', whole(next), 'share', string.format('%.6f', share), 'slowed', whole(slowed),
      'blocked', whole(math.max(blocked, now + wait)))
return '0'
"""
)


class RedisLimiter:
    """Keeps quotas across processes and machines.

    A quota that was never used, or whose state was lost, starts with an empty bucket. When Redis cannot be
    reached no call is given.
    """

    def __init__(self, redis: Redis) -> None:
        """Take a client with short timeouts of its own."""
        self._take = redis.register_script(_TAKE)
        self._penalize = redis.register_script(_PENALIZE)

    def acquire(self, scope: str, quota: Quota) -> None:
        """Take one call.

        Raises:
            RateLimited: no call is free now, or Redis cannot be reached.
        """
        try:
            wait = int(self._take(keys=[_key(scope, quota)], args=_arguments(quota)))
        except RedisError as error:
            raise RateLimited(
                "limit.unavailable",
                TEXTS["limit.unavailable"],
                retry_after=RETRY_WHEN_DOWN,
                scope=quota.name,
                detail=type(error).__name__,
            ) from error
        if wait > 0:
            raise refusal(quota, wait / 1e6)

    def penalize(self, scope: str, quota: Quota, retry_after: float | None) -> None:
        """Slow down after a 429. When Redis cannot be reached no call is given anyway."""
        wait = round((retry_after or 0.0) * 1e6)
        try:
            self._penalize(keys=[_key(scope, quota)], args=[*_arguments(quota), SLOW_DOWN, wait])
        except RedisError:
            return


def _key(scope: str, quota: Quota) -> str:
    return _KEY.format(scope=scope, quota=quota.name)


def _arguments(quota: Quota) -> list[str | float]:
    steady = pace(quota)
    return [steady.burst, math.ceil(steady.interval * 1e6), round(steady.period * 1e6), SLOWEST, SPEED_UP]
