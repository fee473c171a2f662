// A server on stdio, on the TypeScript SDK v1, with the tools, resources and prompts that the suite of conformance names.

import { setTimeout as wait } from "node:timers/promises";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import * as types from "@modelcontextprotocol/sdk/types.js";

// One red pixel, and a WAV file without a sample.
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";

const text = said => ({ type: "text", text: said });
const image = { type: "image", data: PNG, mimeType: "image/png" };
const resource = (uri, mimeType, said) => ({ type: "resource", resource: { uri, mimeType, text: said } });
const said = (...content) => ({ content });
const object = (properties = {}, more = {}) => ({ type: "object", properties, ...more });
const strings = (...names) => object(Object.fromEntries(names.map(name => [name, { type: "string" }])), { required: names });
const titled = (...names) => names.map((name, index) => ({ const: `value${index + 1}`, title: name }));

const server = new Server({ name: "fixture", version: "1.0.0" }, {
  capabilities: { tools: {}, resources: { subscribe: true }, prompts: {}, completions: {}, logging: {} },
});

async function elicit(message, requestedSchema, extra, head) {
  const params = { message, requestedSchema };
  const { action, content } = await extra.sendRequest({ method: "elicitation/create", params }, types.ElicitResultSchema);
  return said(text(`${head}: action=${action}, content=${JSON.stringify(content ?? {})}`));
}

// What each tool takes, and what it does.
const NONE = object();
const tools = {
  test_simple_text: [NONE, () => said(text("This is a simple text response for testing."))],
  test_image_content: [NONE, () => said(image)],
  test_audio_content: [NONE, () => said({ type: "audio", data: WAV, mimeType: "audio/wav" })],
  test_embedded_resource: [NONE, () =>
    said(resource("test://embedded-resource", "text/plain", "This is an embedded resource content."))],
  test_multiple_content_types: [NONE, () => said(text("Multiple content types test:"), image,
    resource("test://mixed-content-resource", "application/json", JSON.stringify({ test: "data", value: 123 })))],
  test_error_handling: [NONE, () => ({ ...said(text("This tool intentionally returns an error for testing")), isError: true })],
  test_tool_with_logging: [NONE, async (_, { sendNotification }) => {
    for (const data of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
      await sendNotification({ method: "notifications/message", params: { level: "info", data } });
      await wait(50);
    }
    return said(text("logged"));
  }],
  test_tool_with_progress: [NONE, async (_, { _meta, sendNotification }) => {
    for (const progress of [0, 50, 100]) {
      if (_meta?.progressToken !== undefined) {
        const params = { progressToken: _meta.progressToken, progress, total: 100 };
        await sendNotification({ method: "notifications/progress", params });
      }
      await wait(50);
    }
    return said(text("done"));
  }],
  test_reconnection: [NONE, () => said(text("reconnected"))],
  test_sampling: [strings("prompt"), async ({ prompt }, { sendRequest }) => {
    const params = { messages: [{ role: "user", content: text(prompt) }], maxTokens: 100 };
    const { content } = await sendRequest({ method: "sampling/createMessage", params }, types.CreateMessageResultSchema);
    return said(text(`LLM response: ${content.text}`));
  }],
  test_elicitation: [strings("message"), ({ message }, extra) =>
    elicit(message, strings("username", "email"), extra, "User response")],
  test_elicitation_sep1034_defaults: [NONE, (_, extra) => elicit("all kinds of defaults", object({
    name: { type: "string", default: "John Doe" },
    age: { type: "integer", default: 30 },
    score: { type: "number", default: 95.5 },
    status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
    verified: { type: "boolean", default: true },
  }), extra, "Elicitation completed")],
  test_elicitation_sep1330_enums: [NONE, (_, extra) => elicit("all kinds of choices", object({
    untitledSingle: { type: "string", enum: ["option1", "option2", "option3"] },
    titledSingle: { type: "string", oneOf: titled("First Option", "Second Option", "Third Option") },
    legacyEnum: { type: "string", enum: ["opt1", "opt2", "opt3"], enumNames: ["Option One", "Option Two", "Option Three"] },
    untitledMulti: { type: "array", items: { type: "string", enum: ["option1", "option2", "option3"] } },
    titledMulti: { type: "array", items: { anyOf: titled("First Choice", "Second Choice", "Third Choice") } },
  }), extra, "Elicitation completed")],
  json_schema_2020_12_tool: [{
    $schema: "https://json-schema.org/draft/2020-12/schema",
    ...object({ name: { type: "string" }, address: { $ref: "#/$defs/address" } }, { additionalProperties: false }),
    $defs: { address: object({ street: { type: "string" }, city: { type: "string" } }) },
  }, () => said(text("a schema of 2020-12"))],
};

server.setRequestHandler(types.ListToolsRequestSchema, () => ({
  tools: Object.entries(tools).map(([name, [inputSchema]]) => ({ name, description: `The tool ${name}.`, inputSchema })),
}));
server.setRequestHandler(types.CallToolRequestSchema, ({ params }, extra) => {
  const tool = Object.hasOwn(tools, params.name) ? tools[params.name] : undefined;
  if (!tool) throw new types.McpError(types.ErrorCode.InvalidParams, `there is no tool ${params.name}`);
  return tool[1](params.arguments ?? {}, extra);
});

const resources = {
  "test://static-text": { mimeType: "text/plain", text: "This is the content of the static text resource." },
  "test://static-binary": { mimeType: "image/png", blob: PNG },
  "test://watched-resource": { mimeType: "text/plain", text: "watched" },
};
server.setRequestHandler(types.ListResourcesRequestSchema, () => ({
  resources: Object.entries(resources).map(([uri, { mimeType }]) =>
    ({ uri, name: uri, description: `The resource ${uri}.`, mimeType })),
}));
server.setRequestHandler(types.ListResourceTemplatesRequestSchema, () => ({
  resourceTemplates: [{
    uriTemplate: "test://template/{id}/data", name: "template", description: "A template.", mimeType: "application/json",
  }],
}));
server.setRequestHandler(types.ReadResourceRequestSchema, ({ params: { uri } }) => {
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  const data = id && JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
  const content = id ? { mimeType: "application/json", text: data } : resources[uri];
  if (!content) throw new types.McpError(-32002, `there is no resource ${uri}`, { uri });
  return { contents: [{ uri, ...content }] };
});
server.setRequestHandler(types.SubscribeRequestSchema, () => ({}));
server.setRequestHandler(types.UnsubscribeRequestSchema, () => ({}));

const user = content => ({ role: "user", content });
const prompts = {
  test_simple_prompt: [[], () => [user(text("This is a simple prompt for testing."))]],
  test_prompt_with_arguments: [["arg1", "arg2"], ({ arg1, arg2 }) => [
    user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  ]],
  test_prompt_with_embedded_resource: [["resourceUri"], ({ resourceUri }) => [
    user(resource(resourceUri, "text/plain", "Embedded resource content for testing.")),
    user(text("Please process the embedded resource above.")),
  ]],
  test_prompt_with_image: [[], () => [user(image), user(text("Please analyze the image above."))]],
};
server.setRequestHandler(types.ListPromptsRequestSchema, () => ({
  prompts: Object.entries(prompts).map(([name, [names]]) =>
    ({ name, description: `The prompt ${name}.`, arguments: names.map(argument => ({ name: argument, required: true })) })),
}));
server.setRequestHandler(types.GetPromptRequestSchema, ({ params }) => {
  const prompt = Object.hasOwn(prompts, params.name) ? prompts[params.name] : undefined;
  if (!prompt) throw new types.McpError(types.ErrorCode.InvalidParams, `there is no prompt ${params.name}`);
  return { messages: prompt[1](params.arguments ?? {}) };
});
server.setRequestHandler(types.CompleteRequestSchema, ({ params }) => ({
  completion: { values: ["paris", "park", "test"].filter(value => value.startsWith(params.argument.value)), hasMore: false },
}));

await server.connect(new StdioServerTransport());
