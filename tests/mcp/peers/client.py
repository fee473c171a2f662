"""A client of the Python SDK, 1 or 2: client.py SESSIONS holds the sessions of the file one after the other.

It prints what came of each as JSON.
"""

import asyncio
import json
import sys
from contextlib import asynccontextmanager

from mcp import StdioServerParameters, types

try:
    from mcp import Client, MCPError
except ImportError:
    from mcp import ClientSession, McpError as MCPError, stdio_client

    Client = None


async def sample(context, params):
    return types.CreateMessageResult(model="m", role="assistant", content=types.TextContent(type="text", text="a sample"))


async def elicit(context, params):
    is_url = getattr(params, "mode", None) == "url"
    return types.ElicitResult(action="accept", content=None if is_url else {"name": "blue", "value": "blue"})


def dumped(answer):
    return answer and answer.model_dump(mode="json", by_alias=True, exclude_none=True)


@asynccontextmanager
async def connected(session, came):
    async def roots(context):
        return types.ListRootsResult.model_validate({"roots": session["roots"]})

    command, *arguments = session["command"]
    server = StdioServerParameters(command=command, args=arguments)
    callbacks = {"sampling_callback": sample, "elicitation_callback": elicit, "list_roots_callback": roots}
    if Client:
        async with Client(server, mode="legacy" if session["era"] == "legacy" else "auto", **callbacks) as client:
            came["revision"], came["instructions"] = client.protocol_version, client.instructions
            came["capabilities"] = dumped(client.server_capabilities)
            yield client
    else:
        async with stdio_client(server) as streams, ClientSession(*streams, **callbacks) as client:
            answer = await client.initialize()
            came["revision"], came["instructions"] = answer.protocolVersion, answer.instructions
            came["capabilities"] = dumped(answer.capabilities)
            yield client


def asked(client, method, params, progress):
    match method:
        case "ping":
            return client.send_ping()
        case "tools/list":
            return client.list_tools()
        case "tools/call":
            return client.call_tool(params["name"], params["arguments"], progress_callback=progress)
        case "resources/list":
            return client.list_resources()
        case "resources/templates/list":
            return client.list_resource_templates()
        case "resources/read":
            return client.read_resource(params["uri"])
        case "resources/subscribe":
            return client.subscribe_resource(params["uri"])
        case "resources/unsubscribe":
            return client.unsubscribe_resource(params["uri"])
        case "prompts/list":
            return client.list_prompts()
        case "prompts/get":
            return client.get_prompt(params["name"], params.get("arguments"))
        case "completion/complete":
            kinds = {"ref/prompt": types.PromptReference, "ref/resource": types.ResourceTemplateReference}
            reference = kinds[params["ref"]["type"]]
            return client.complete(reference.model_validate(params["ref"]), params["argument"])
        case "logging/setLevel":
            return client.set_logging_level(params["level"])
    raise ValueError(method)


def refused(error):
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, MCPError):
        return {"code": error.error.code, "message": error.error.message, "data": error.error.data}
    return {"message": f"{type(error).__name__}: {error}"}


async def hold(session):
    came = {"answers": [], "progress": 0}

    async def progress(*_):
        came["progress"] += 1

    try:
        async with connected(session, came) as client:
            for method, params in session["asks"]:
                try:
                    came["answers"].append(dumped(await asked(client, method, params, progress)))
                except Exception as error:
                    came["answers"].append({"error": refused(error)})
    except Exception as error:
        came["session"] = refused(error)
    return came


async def main(sessions):
    print(json.dumps([await hold(session) for session in sessions]))


with open(sys.argv[1], encoding="utf-8") as file:
    asyncio.run(main(json.load(file)))
