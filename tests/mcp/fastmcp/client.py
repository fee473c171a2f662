"""A client of FastMCP: client.py MODE COMMAND... asks for all that there is, and prints what came of it as JSON."""

import asyncio
import json
import sys

from fastmcp import Client
from fastmcp.client.transports import StdioTransport


async def colour(message, response_type, params, context):
    return {"value": "blue"}


async def main(mode, command, *arguments):
    came = {}
    client = Client(StdioTransport(command=command, args=arguments), mode=mode, elicitation_handler=colour)

    async def note(name, asked):
        try:
            came[name] = repr(await asyncio.wait_for(asked, 20))
        except Exception as error:
            came[name] = f"{type(error).__name__}: {error}"

    try:
        async with client:
            came["revision"] = client.session.protocol_version
            came["tools"] = [tool.name for tool in await client.list_tools()]
            await note("definitions", client.list_tools())
            await note("echo", client.call_tool("echo", {"message": "\r\n \u2028 \u00e9 \U0001f600"}))
            await note("remove", client.call_tool("remove", {"path": "a"}))
            await note("ask", client.call_tool("ask", {}))
            await note("ask_within", client.call_tool("ask_within", {}))
            await note("resources", client.list_resources())
            await note("resource", client.read_resource("data://x"))
            await note("prompts", client.list_prompts())
            await note("prompt", client.get_prompt("p"))
            await note("many", asyncio.gather(*(client.call_tool("echo", {"message": str(number)}) for number in range(100))))
    except Exception as error:
        came["session"] = f"{type(error).__name__}: {error}"
    print(json.dumps(came))


asyncio.run(main(*sys.argv[1:]))
