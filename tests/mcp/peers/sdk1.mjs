// A client of the TypeScript SDK v1: sdk1.mjs SESSIONS holds the sessions of the file one after the other,
// and prints what came of each as JSON.

import { readFileSync } from "node:fs";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { CreateMessageRequestSchema, ElicitRequestSchema, ListRootsRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const capabilities = { sampling: {}, roots: { listChanged: true }, elicitation: { form: {}, url: {} } };
const sample = { model: "m", role: "assistant", content: { type: "text", text: "a sample" } };
const refused = ({ code, message, data }) => ({ code, message, data });

// As a task, which is followed to its end.
async function follow(client, params) {
  const messages = [];
  for await (const message of client.experimental.tasks.callToolStream(params)) messages.push(message);
  const last = messages.at(-1);
  return last.type === "result" ? last.result : Promise.reject(last.error);
}

async function hold({ command: [command, ...args], roots, asks }) {
  const came = { answers: [], progress: 0 };
  const client = new Client({ name: "sdk1", version: "1.0.0" }, { capabilities });
  client.setRequestHandler(CreateMessageRequestSchema, () => sample);
  client.setRequestHandler(ElicitRequestSchema, ({ params }) =>
    params.mode === "url" ? { action: "accept" } : { action: "accept", content: { name: "blue", value: "blue" } });
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots }));
  const onprogress = () => { came.progress += 1; };
  const methods = {
    "ping": () => client.ping(),
    "tools/list": () => client.listTools(),
    "tools/call": params => client.callTool(params, undefined, { onprogress }),
    "task": params => follow(client, params),
    "resources/list": () => client.listResources(),
    "resources/templates/list": () => client.listResourceTemplates(),
    "resources/read": params => client.readResource(params),
    "resources/subscribe": params => client.subscribeResource(params),
    "resources/unsubscribe": params => client.unsubscribeResource(params),
    "prompts/list": () => client.listPrompts(),
    "prompts/get": params => client.getPrompt(params),
    "completion/complete": params => client.complete(params),
    "logging/setLevel": ({ level }) => client.setLoggingLevel(level),
  };
  try {
    await client.connect(new StdioClientTransport({ command, args }));
    came.instructions = client.getInstructions();
    came.capabilities = client.getServerCapabilities();
    for (const [method, params] of asks) {
      came.answers.push(await methods[method](params).catch(error => ({ error: refused(error) })));
    }
    await client.close();
  } catch (error) {
    came.session = refused(error);
  }
  return came;
}

const held = [];
for (const session of JSON.parse(readFileSync(process.argv[2], "utf8"))) held.push(await hold(session));
console.log(JSON.stringify(held));
