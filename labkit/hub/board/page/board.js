// Keeps the board's page up to date: asks for its JSON every few seconds and changes only what differs, so that
// neither the reading position nor the focus moves. Every word comes from the server.
"use strict";

const EVERY = 4000;
const byId = (id) => document.getElementById(id);
const patience = byId("patience");
let paused = false;

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setClass(element, names) {
  if (element.className !== names) element.className = names;
}

function drawCell(element, cell) {
  setClass(element, cell.state + (cell.here ? " at" : ""));
  if (element.title !== cell.label) element.title = cell.label;
  setText(element.firstElementChild, cell.sign);
  setText(element.lastElementChild, cell.label);
}

function newRow(name, cells) {
  const row = byId("row").content.firstElementChild.cloneNode(true);
  row.dataset.name = row.firstElementChild.title = name;
  row.querySelector(".name span").textContent = name;
  for (let i = 0; i < cells; i++) row.append(byId("cell").content.cloneNode(true));
  return row;
}

function drawRow(element, row) {
  setClass(element, row.still ? "still" : "");
  setText(element.children[1], String(row.passed));
  setText(element.children[2], (row.still ? "still " : "") + row.moved);
  row.cells.forEach((cell, i) => drawCell(element.children[3 + i], cell));
}

function drawRows(rows) {
  const body = byId("attendees");
  const known = new Map([...body.rows].map((element) => [element.dataset.name, element]));
  rows.forEach((row, i) => {
    const element = known.get(row.name) ?? newRow(row.name, row.cells.length);
    known.delete(row.name);
    if (body.rows[i] !== element) body.insertBefore(element, body.rows[i] ?? null);
    drawRow(element, row);
  });
  for (const gone of known.values()) gone.remove();
}

function drawSums(columns) {
  columns.forEach((column, i) => {
    const passed = byId("passed").cells[1 + i];
    setClass(passed, `share-${column.share}` + (column.number === "1" ? " edge" : ""));
    setText(passed, String(column.passed));
    setText(byId("here").cells[1 + i], column.here ? String(column.here) : "");
  });
}

function draw(room) {
  setText(byId("reading"), room.reading);
  setText(byId("waiting"), room.waiting);
  setText(byId("others"), room.others);
  setText(byId("taken"), `as of ${room.taken}`);
  drawSums(room.notebooks.flatMap((book) => book.columns));
  drawRows(room.rows);
}

function complain(sentence) {
  const problem = byId("problem");
  problem.hidden = !sentence;
  setText(problem, sentence);
}

async function update() {
  try {
    const still = new URLSearchParams(new FormData(patience));
    // JupyterHub wants the token even with what only reads, when a script asks.
    const headers = { "X-XSRFToken": document.querySelector("[name=_xsrf]").value };
    const answer = await fetch(`board.json?${still}`, { headers, signal: AbortSignal.timeout(10000) });
    const told = await answer.json();
    if (answer.ok) draw(told);
    complain(answer.ok ? "" : told.problem);
  } catch {
    complain("The board does not answer; this is what it said last.");
  }
}

async function live() {
  if (!paused && !document.hidden) await update();
  setTimeout(live, EVERY);
}

const pause = patience.querySelector("button");
pause.type = "button";
pause.textContent = "Pause";
pause.addEventListener("click", () => {
  paused = !paused;
  pause.textContent = paused ? "Go on" : "Pause";
  if (!paused) update();
});
patience.addEventListener("change", () => {
  history.replaceState(null, "", `?${new URLSearchParams(new FormData(patience))}`);
  update();
});
patience.addEventListener("submit", (event) => event.preventDefault());
for (const link of document.querySelectorAll(".exercise a")) {
  link.addEventListener("click", () => (document.querySelector("footer details").open = true));
}
setTimeout(live, EVERY);
