// A client of the TypeScript SDK v2: sdk2.mjs SESSIONS holds the sessions of the file one after the other,
// and prints what came of each as JSON.

import { readFileSync } from "node:fs";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const capabilities = { sampling: {}, roots: { listChanged: true }, elicitation: { form: {}, url: {} } };
const sample = { model: "m", role: "assistant", content: { type: "text", text: "a sample" } };
const refused = ({ code, message, data }) => ({ code, message, data });

async function hold({ era, command: [command, ...args], roots, asks }) {
  const came = { answers: [], progress: 0 };
  // By itself it would not ask whether the server is of the modern era.
  const options = era === "legacy" ? { capabilities } : { capabilities, versionNegotiation: { mode: "auto" } };
  const client = new Client({ name: "sdk2", version: "1.0.0" }, options);
  client.setRequestHandler("sampling/createMessage", () => sample);
  client.setRequestHandler("elicitation/create", ({ params }) =>
    params.mode === "url" ? { action: "accept" } : { action: "accept", content: { name: "blue", value: "blue" } });
  client.setRequestHandler("roots/list", () => ({ roots }));
  const onprogress = () => { came.progress += 1; };
  const methods = {
    "ping": () => client.ping(),
    "tools/list": () => client.listTools(),
    "tools/call": params => client.callTool(params, { onprogress }),
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
    came.revision = client.getNegotiatedProtocolVersion();
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
