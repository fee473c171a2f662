"""The client of FastMCP: prints the tools that the server at the URL lists, and what each of those that are named returns, as one JSON object."""

import asyncio
import json
import sys

from fastmcp import Client


async def main(url, names):
    results = {}
    async with Client(url) as client:
        tools = sorted(tool.name for tool in await client.list_tools())
        for name in names:
            try:
                results[name] = (await client.call_tool(name, {})).content[0].text
            except Exception as error:
                results[name] = {"error": type(error).__name__}
    print(json.dumps({"tools": tools, "results": results}))


asyncio.run(main(sys.argv[1], sys.argv[2:]))
