"""Clients of OpenID AuthZEN that we did not write, by name, each with the server at the URL: prints what each question came to, as one JSON object."""

import asyncio
import json
import sys

TOOLS = ["memory_search", "memory_erase", "unheard_of"]


def policy_backend(url):
    from authzen_backend import AuthZENBackend

    backend = AuthZENBackend(pdp_url=url + "/access/v1/evaluation", pdp_application="demo", token="t")
    answers = {}
    for tool in TOOLS:
        decision = backend.evaluate({"tool_name": tool, "agent_id": "a1"})
        answers[tool] = [decision.allowed, decision.reason]
    # A verb of its own: the projection does not cover it.
    answers["invoke"] = [backend.evaluate({"tool_name": "memory_search", "agent_id": "a1", "action": "invoke"}).allowed, ""]
    return answers


def decern(url):
    from decern import Client, DecernError

    client = Client(url)
    agent, tool = {"type": "agent", "id": "a1"}, {"type": "tool", "id": "memory"}
    answers = {}
    for action in TOOLS:
        try:
            decision = client.evaluate(agent, action, tool)
            answers[action] = [decision.allowed, decision.reasons]
        except DecernError as error:
            answers[action] = ["error", error.status_code]
    try:
        client.evaluate({"type": "agent"}, "memory_search", tool)
        answers["malformed"] = "answered"
    except DecernError as error:
        answers["malformed"] = error.status_code
    return answers


async def apparitor(url):
    from apparitor.adapters import NormalizedToolCall
    from apparitor.config import ScannerConfig
    from apparitor.engine import build_engine
    from apparitor.mapping import MCPResourceMapper

    config = ScannerConfig(pdp_url=url, allow_insecure_pdp=True, agent_id="a1")
    answers = {}
    for label, mapper in [("tool", None), ("mcp", MCPResourceMapper(config, server_label="files"))]:
        engine = build_engine(config, mapper=mapper) if mapper else build_engine(config)
        for names in [[tool] for tool in TOOLS] + [["memory_search", "memory_search"], ["memory_search", "memory_erase"], ["a/b"], [""]]:
            verdict = await engine.evaluate_normalized([NormalizedToolCall(name=name, arguments={}) for name in names])
            answers[f"{label}: {', '.join(names)}"] = verdict.verdict.name
        await engine.aclose()
    return answers


async def fastmcp(url):
    from apparitor.config import ScannerConfig
    from apparitor.fastmcp import FastMCPAuthorizationMiddleware
    from fastmcp import Client, FastMCP

    server = FastMCP("files")

    def tool(name):
        server.tool(lambda: "done", name=name)

    for name in [*TOOLS, "Memory_Erase"]:
        tool(name)
    server.resource("data://x")(lambda: "data")
    server.prompt(lambda: "hello", name="hello")
    config = ScannerConfig(pdp_url=url, allow_insecure_pdp=True, agent_id="a1")
    server.add_middleware(FastMCPAuthorizationMiddleware(config=config, allow_static_subject=True, filter_listings=True))
    answers = {}

    async def ask(label, question):
        try:
            await question
            answers[label] = True
        except Exception:
            answers[label] = False

    async with Client(server) as client:
        answers["tools"] = sorted(tool.name for tool in await client.list_tools())
        for name in [*TOOLS, "Memory_Erase"]:
            await ask(name, client.call_tool(name, {}))
        await ask("resource", client.read_resource("data://x"))
        await ask("prompt", client.get_prompt("hello", {}))
    return answers


name, url = sys.argv[1:]
answers = globals()[name](url)
print(json.dumps(asyncio.run(answers) if asyncio.iscoroutine(answers) else answers))
