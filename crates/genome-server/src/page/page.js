// Answers while a person types, searches the ceiling, says how long ago a denial was, and keeps the status and the denials fresh.
// Without this script the form asks the server for the page again, and everything is simply visible.
"use strict";

// How long the server may take to answer, in seconds.
const PATIENCE = 5;

// How often it is asked for the status and the denials, in seconds.
const PERIOD = 10;

// With more actions than these, the ceiling is folded at first.
const MOST_OPEN = 60;

const byId = (id) => document.getElementById(id);
const genomeId = document.body.dataset.genomeId;

const get = (path) => {
  const signal = AbortSignal.timeout(PATIENCE * 1000);
  return fetch(path, { cache: "no-store", redirect: "error", signal });
};

// Why there is no answer, by the name of the fault.
const reasons = {
  TimeoutError: `the server took more than ${PATIENCE} seconds`,
  URIError: "the action is no text that can be sent",
};
const reasonOf = (fault) => reasons[fault.name] ?? "the server cannot be reached";

/* The question. */

const field = byId("action");
const answer = byId("answer");
let latest = 0;
let pause;

// What others wrote stands in backticks. It has a direction of its own, so that it cannot reorder what is ours.
const sentence = (text) =>
  text.split(/(`[^`]*`)/).map((part) => {
    if (!part.startsWith("`")) {
      return part;
    }
    const quoted = document.createElement("bdi");
    quoted.textContent = part;
    return quoted;
  });

const show = (verdict, text, ...more) => {
  const why = document.createElement("span");
  why.className = "why";
  why.append(...sentence(text));
  answer.replaceChildren(byId(verdict).content.cloneNode(true), " ", why, ...more);
};

// Takes away what was answered before: it is not about what stands in the field by now.
const clear = () => {
  clearTimeout(pause);
  latest += 1;
  answer.replaceChildren();
};

// What did not come is not an answer, neither yes nor no.
const showNone = (why) => show("none", why);

const showDecision = (said) => {
  const isOther = said.genome_id !== genomeId;
  const other = isOther ? ". The server has another genome than this page shows by now: load the page again" : "";
  const badge = document.createElement("span");
  badge.className = `badge risk-${said.risk_class}`;
  badge.textContent = `Risk class ${said.risk_class}`;
  show(said.decision, `${said.reason}${other}`, ...(said.risk_class ? [" ", badge] : []));
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

const ask = async () => {
  clear();
  const mine = latest;
  const action = field.value;
  if (action === "") {
    return;
  }
  let shown;
  try {
    const response = await get(`decisions?action=${encodeURIComponent(action)}`);
    const text = await response.text();
    shown = () => showResponse(response, text);
  } catch (fault) {
    shown = () => showNone(reasonOf(fault));
  }
  // Answers may come in another order than the questions.
  if (mine === latest) {
    shown();
  }
};

byId("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
field.addEventListener("input", () => {
  clear();
  pause = setTimeout(ask, 120);
});

/* Times. */

// How far the clock of the server is ahead of this one.
let ahead = 0;

const setClock = (now) => {
  ahead = Date.parse(now) - Date.now() || 0;
};

const ago = (seconds) => {
  const units = [[86400, "d"], [3600, "h"], [60, "min"]];
  const [size, unit] = units.find(([size]) => seconds >= size) ?? [1, "s"];
  return seconds < 10 ? "just now" : `${Math.floor(seconds / size)} ${unit} ago`;
};

const showTimes = () => {
  for (const time of byId("denials").querySelectorAll("time")) {
    time.title = time.dateTime;
    const text = ago((Date.now() + ahead - Date.parse(time.dateTime)) / 1000);
    if (time.textContent !== text) {
      time.textContent = text;
    }
  }
};

/* The ceiling. */

const ceiling = byId("ceiling");
const filter = ceiling.querySelector("form");
const body = ceiling.querySelector("tbody");
const found = filter.querySelector("[role=status]");
const count = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

// Each row with what it is found by, so that a search reads no element again.
const rows = Array.from(body?.rows ?? [], (row) => {
  const name = row.querySelector("th").textContent;
  const items = Array.from(row.querySelectorAll("li"), (item) => ({
    item,
    text: item.querySelector("code").textContent.toLowerCase(),
    answer: item.parentElement.classList.contains("allowed") ? "allowed" : "denied",
  }));
  return { row, name, items, details: row.querySelector("details"), group: row.dataset.group, lists: row.querySelectorAll("ul") };
});
const total = rows.reduce((sum, { items }) => sum + items.length, 0);

const search = () => {
  const data = new FormData(filter);
  const text = data.get("text").trim().toLowerCase();
  const wanted = data.get("answer");
  const groups = data.getAll("group");
  let shownRows = 0;
  let shownItems = 0;
  for (const { row, name, items, details, group, lists } of rows) {
    const isNamed = name.toLowerCase().includes(text);
    let matches = 0;
    for (const one of items) {
      const matching = (isNamed || one.text.includes(text)) && (wanted === "" || one.answer === wanted);
      one.item.hidden = !matching;
      matches += matching ? 1 : 0;
    }
    for (const list of lists) {
      // A title without a list says nothing.
      list.previousElementSibling.hidden = !list.querySelector("li:not([hidden])");
    }
    const isShown = groups.includes(group) && (matches > 0 || (isNamed && wanted === ""));
    row.hidden = !isShown;
    shownRows += isShown ? 1 : 0;
    shownItems += isShown ? matches : 0;
    details.open = text === "" ? total <= MOST_OPEN : isShown;
  }
  const of = shownItems < total ? ` of ${total.toLocaleString("en")}` : "";
  // What is not found may be among them.
  const { unshown } = ceiling.dataset;
  const more = unshown === "0" ? "" : `. ${unshown} more are neither shown nor searched: check them above`;
  found.textContent = `${count(shownItems, "action", "actions")}${of} in ${count(shownRows, "capability", "capabilities")}${more}`;
};

const orders = {
  rising: (a, b) => a.group.localeCompare(b.group),
  name: (a, b) => a.name.localeCompare(b.name, "en"),
  size: (a, b) => b.items.length - a.items.length,
};

const sort = (order) => {
  // They were read in the order of the server, and a sort keeps the order of what is equal.
  const sorted = orders[order] ? rows.toSorted(orders[order]) : rows;
  body.replaceChildren(...sorted.map(({ row }) => row));
  const caption = body.parentElement.caption;
  caption.textContent = `Sorted by ${filter.elements.order.selectedOptions[0].text}`;
};

const openAll = (isOpen) => {
  for (const { details } of rows) {
    details.open = isOpen;
  }
};

if (body) {
  filter.hidden = false;
  filter.addEventListener("submit", (event) => event.preventDefault());
  filter.addEventListener("input", (event) => (event.target.name === "order" ? sort(event.target.value) : search()));
  filter.elements.open.addEventListener("click", () => openAll(true));
  filter.elements.close.addEventListener("click", () => openAll(false));
  search();
}

/* The status and the denials, as long as the page is looked at. */

const LIVE = ["strip", "notes", "denials"];
const texts = Object.fromEntries(LIVE.map((id) => [id, byId(id).innerHTML]));
let said = "";
let next;

// Puts what this script itself has to say before what the server said.
const say = (text) => {
  if (text === said) {
    return;
  }
  said = text;
  const item = byId("unreachable").content.cloneNode(true);
  item.querySelector("span").textContent = text;
  const list = byId("strip").querySelector("ul");
  list.className = "danger";
  list.querySelector("[data-said]")?.remove();
  list.prepend(item);
};

// Puts a fresh part in place of the old one. What was open stays open, and the focus stays where it was.
const replace = (id, fresh) => {
  const old = byId(id);
  const wasOpen = old.querySelector("details")?.open ?? false;
  const focused = Array.from(old.querySelectorAll("a, summary")).indexOf(document.activeElement);
  old.replaceChildren(...fresh.childNodes);
  old.querySelectorAll("details").forEach((details) => {
    details.open = wasOpen;
  });
  old.querySelectorAll("a, summary")[focused]?.focus();
};

const update = (page) => {
  const parts = LIVE.map((id) => page.getElementById(id));
  if (parts.includes(null)) {
    throw new Error("this is not what was asked for");
  }
  if (page.body.dataset.genomeId !== genomeId) {
    say("The server has another genome by now: load the page again");
    return;
  }
  setClock(page.body.dataset.now);
  for (const part of parts) {
    const text = part.innerHTML;
    // What was said in between goes away with the strip that it stands in.
    const isOld = text !== texts[part.id] || (part.id === "strip" && said !== "");
    if (isOld) {
      texts[part.id] = text;
      replace(part.id, part);
    }
  }
  said = "";
};

const refresh = async () => {
  clearTimeout(next);
  if (document.hidden) {
    return;
  }
  try {
    const response = await get("page.live");
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`status ${response.status}`);
    }
    update(new DOMParser().parseFromString(text, "text/html"));
  } catch {
    say("The server does not answer: this page may be out of date");
  }
  showTimes();
  clearTimeout(next);
  next = setTimeout(refresh, PERIOD * 1000);
};

setClock(document.body.dataset.now);
showTimes();
document.addEventListener("visibilitychange", refresh);
next = setTimeout(refresh, PERIOD * 1000);
