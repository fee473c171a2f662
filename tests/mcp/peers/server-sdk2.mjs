// A server of the TypeScript SDK v2, in both eras: tools, one of which asks its user within its result, a resource and a prompt.

import { acceptedContent, fromJsonSchema, inputRequired, McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";

const text = said => ({ content: [{ type: "text", text: said }] });
const object = properties => fromJsonSchema({ type: "object", properties, required: Object.keys(properties) });
const COLOUR = { type: "object", properties: { value: { type: "string" } }, required: ["value"] };

serveStdio(() => {
  const server = new McpServer({ name: "t", version: "1.0.0" }, { instructions: "be kind" });
  server.registerTool("echo", { description: "Says it again.", inputSchema: object({ message: { type: "string" } }) },
    ({ message }) => text(message));
  server.registerTool("remove", { annotations: { destructiveHint: true }, inputSchema: object({ path: { type: "string" } }) },
    ({ path }) => text(`removed ${path}`));
  server.registerTool("measure", { inputSchema: object({}), outputSchema: object({ metres: { type: "number" } }) },
    () => ({ ...text("1.50"), structuredContent: { metres: 1.5 } }));
  server.registerTool("ask_within", { description: "Asks within its result.", inputSchema: object({}) }, (_, { mcpReq }) => {
    const colour = acceptedContent(mcpReq.inputResponses, "colour");
    if (colour) return text(`the colour is ${colour.value}`);
    const ask = inputRequired.elicit({ message: "which colour?", requestedSchema: COLOUR });
    return inputRequired({ inputRequests: { colour: ask }, requestState: "s" });
  });
  server.registerTool("fail", { inputSchema: object({}) }, () => { throw new Error("it failed"); });
  server.registerResource("x", "data://x", { mimeType: "text/plain" }, uri => ({ contents: [{ uri: uri.href, text: "x" }] }));
  const asked = { role: "user", content: { type: "text", text: "p" } };
  server.registerPrompt("p", { description: "A prompt." }, () => ({ messages: [asked] }));
  return server;
});
