// Answers while a person types. Without this script the form asks the server for the page again.
"use strict";

// How long the server may take to answer, in seconds.
const PATIENCE = 5;

const form = document.getElementById("ask");
const field = document.getElementById("action");
const answer = document.getElementById("answer");
let latest = 0;
let pause;

const show = (kind, word, text) => {
  const verdict = document.createElement("strong");
  verdict.className = kind;
  verdict.textContent = word;
  answer.replaceChildren(verdict, ` ${text}`);
};

// Takes away what was answered before: it is not about what stands in the field by now.
const clear = () => {
  clearTimeout(pause);
  latest += 1;
  answer.replaceChildren();
};

// Why there is none, by the name of the fault.
const reasons = {
  TimeoutError: `the server took more than ${PATIENCE} seconds`,
  URIError: "the action is no text that can be sent",
};

// What did not come is not an answer, neither yes nor no.
const showNone = (why) => show("none", "no answer:", why);

const showDecision = (said) => {
  const risk = said.risk_class ? ` (risk class ${said.risk_class})` : "";
  const isOther = said.genome_id !== answer.dataset.genomeId;
  const other = isOther ? ". The server has another genome than this page shows by now: load the page again" : "";
  show(said.decision, said.decision, `${said.reason}${risk}${other}`);
};

const ask = async () => {
  clear();
  const mine = latest;
  const action = field.value;
  if (action === "") {
    return;
  }
  let shown;
  try {
    const signal = AbortSignal.timeout(PATIENCE * 1000);
    const response = await fetch(`decisions?action=${encodeURIComponent(action)}`, { cache: "no-store", redirect: "error", signal });
    const text = await response.text();
    shown = () => showResponse(response, text);
  } catch (fault) {
    shown = () => showNone(reasons[fault.name] ?? "the server cannot be reached");
  }
  // Answers may come in another order than the questions.
  if (mine === latest) {
    shown();
  }
};

const showResponse = (response, text) => {
  let said;
  try {
    said = JSON.parse(text);
  } catch {
    said = null;
  }
  if (!response.ok) {
    showNone(`the server answers with status ${response.status}${said?.detail ? `: ${said.detail}` : ""}`);
  } else if (said?.decision === "allow" || said?.decision === "deny") {
    showDecision(said);
  } else {
    showNone("what came is no decision");
  }
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
field.addEventListener("input", () => {
  clear();
  pause = setTimeout(ask, 120);
});
