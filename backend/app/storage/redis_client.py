"""Clients for one Redis or a Redis Cluster, by the URL.

``redis://host:6379/0`` and ``unix:///path`` are one server; ``redis+cluster://host:6379,host:6379`` is a
cluster, of which one node is enough to find the others (``rediss+cluster`` with TLS).
"""

from urllib.parse import unquote, urlsplit

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException, RedisError

from app.errors import StartupError

TIMEOUT_SECONDS = 0.25
CLUSTER = {"redis+cluster": False, "rediss+cluster": True}
NO_ANSWER = (RedisError, RedisClusterException, OSError, TimeoutError)

RedisClient = Redis | RedisCluster


def connect(url: str) -> RedisClient:
    """A client that gives up after ``TIMEOUT_SECONDS``. A single server is never asked twice; of a
    cluster, once more where a slot has moved meanwhile.

    Raises:
        StartupError: this is no URL of a Redis.
    """
    try:
        if urlsplit(url).scheme in CLUSTER:
            return _cluster(url)
        return Redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            max_connections=50,
        )
    except ValueError as error:
        raise StartupError(
            "REDIS_URL is not the URL of a Redis, such as redis://host:6379/0, or "
            "redis+cluster://host:6379,host:6379 for a cluster."
        ) from error


def _cluster(url: str) -> RedisCluster:
    """People on a node that is gone go without: the others' slots are served all the same."""
    parts = urlsplit(url)
    credentials, _, hosts = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    return RedisCluster(
        startup_nodes=[_node(host) for host in hosts.split(",")],
        username=unquote(user) or None,
        password=unquote(password) or None,
        ssl=CLUSTER[parts.scheme],
        require_full_coverage=False,
        retry=Retry(NoBackoff(), 1),
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        max_connections=50,
    )


def _node(host: str) -> ClusterNode:
    parts = urlsplit(f"//{host}")
    if not parts.hostname:
        raise ValueError(host)
    return ClusterNode(parts.hostname, parts.port or 6379)


async def ping(client: RedisClient) -> None:
    """Ask the server, or every node of a cluster, whether it answers; raises one of ``NO_ANSWER``."""
    if isinstance(client, RedisCluster):
        await client.ping(target_nodes=RedisCluster.ALL_NODES)
    else:
        await client.ping()


def node_of(client: RedisClient, key: str) -> str:
    """The name of the node that holds a key; empty for a single server, and where nobody knows yet."""
    if isinstance(client, Redis):
        return ""
    try:
        node = client.get_node_from_key(key)
    except RedisClusterException:
        return ""
    return node.name if node is not None else ""
