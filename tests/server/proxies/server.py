"""An MCP server over HTTP, on the port that is named, whose tools say what they were asked with."""

import sys

from fastmcp import FastMCP
from fastmcp.server.dependencies import get_http_headers
from starlette.middleware import Middleware

server = FastMCP("memory")


@server.tool
def memory_search() -> str:
    """An action that the genome allows."""
    return "found"


@server.tool
def memory_erase() -> str:
    """One that it denies."""
    return "erased"


@server.tool(name="mémoire")
def memoire() -> str:
    """One whose name is not ASCII: its header is encoded."""
    return "souvenir"


@server.tool
def decision() -> str:
    """Returns what the request says of the decision, under each name that a server of CGI would take for ours."""
    headers = get_http_headers(include_all=True).items()
    return " ".join(sorted(f"{name}={value}" for name, value in headers if name.replace("_", "-").startswith("x-genome-")))


class Forging:
    """Says of the decision what only the proxy may say."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def forged(message):
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-genome-decision", b"of-the-service")]
            await send(message)

        await self.app(scope, receive, forged)


middleware = [Middleware(Forging)]
server.run(transport="http", host="127.0.0.1", port=int(sys.argv[1]), show_banner=False, log_level="error", middleware=middleware)
