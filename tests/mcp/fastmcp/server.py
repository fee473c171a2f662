"""A server of FastMCP: tools, one of which asks its user in whatever way its era has, a resource and a prompt."""

from fastmcp import Context, FastMCP
from mcp_types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult

server = FastMCP("t", instructions="be kind")
SCHEMA = {"type": "object", "properties": {"value": {"type": "string"}}, "required": ["value"]}


@server.tool
def echo(message: str) -> str:
    """Says it again."""
    return message


@server.tool
def remove(path: str) -> str:
    """Removes it."""
    return f"removed {path}"


@server.tool
async def ask(context: Context) -> str:
    """Asks in the legacy era."""
    return str(await context.elicit("which colour?", response_type=str))


@server.tool
async def ask_within(context: Context) -> str | InputRequiredResult:
    """Asks in the modern era: within its result."""
    if context.input_responses:
        return str(context.input_responses["colour"])
    request = ElicitRequest(params=ElicitRequestFormParams(message="which colour?", requested_schema=SCHEMA))
    return InputRequiredResult(input_requests={"colour": request}, request_state="s")


@server.resource("data://x")
def x() -> str:
    """A resource."""
    return "x"


@server.prompt
def p() -> str:
    """A prompt."""
    return "p"


server.run(show_banner=False)
