"""An MCP server over HTTP, on the port that is named, whose tools say what they were asked with."""

import sys

from fastmcp import FastMCP
from fastmcp.server.dependencies import get_http_headers

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
    """Returns what the request says of the decision."""
    return str(get_http_headers(include_all=True).get("x-genome-decision"))


server.run(transport="http", host="127.0.0.1", port=int(sys.argv[1]), show_banner=False, log_level="error")
