// Answers while a person types. Without this script the form asks the server for the page again.
"use strict";

const form = document.getElementById("ask");
const field = document.getElementById("action");
const answer = document.getElementById("answer");
let latest = 0;
let pause;

const show = (word, text) => {
  const verdict = document.createElement("strong");
  verdict.className = word;
  verdict.textContent = word;
  answer.replaceChildren(verdict, ` ${text}`);
};

const ask = async () => {
  clearTimeout(pause);
  latest += 1;
  const mine = latest;
  const action = field.value;
  if (action === "") {
    answer.replaceChildren();
    return;
  }
  let word = "deny";
  let text = "the server does not answer";
  try {
    const response = await fetch(`decisions?action=${encodeURIComponent(action)}`);
    const said = await response.json();
    word = said.decision ?? word;
    text = said.reason ?? said.detail;
    if (said.risk_class) {
      text += ` (risk class ${said.risk_class})`;
    }
  } catch {
    // What cannot be asked is not allowed.
  }
  // Answers may come in another order than the questions.
  if (mine === latest) {
    show(word, text);
  }
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
field.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(ask, 120);
});
