// Plays a story in a module made with wasm-bindgen: node driver.js MODULE.js, with the steps on standard input as a
// JSON list. Writes one JSON line about this Node, and one for each step as it ends.
"use strict";

const { readFileSync, writeSync } = require("node:fs");
const { resolve } = require("node:path");

const FRAMES = 6;
let events = [];
let account;

function say(line) {
  writeSync(1, JSON.stringify(line) + "\n");
}

// What a frame is called, without the hashes that tell one build from another.
function nameOf(site) {
  return (site.getFunctionName() ?? "?").replaceAll(/\[[0-9a-f]{8,16}\]|_[0-9a-f]{16}\b/g, "");
}

Error.prepareStackTrace = (_error, sites) =>
  sites.filter((site) => site.getFileName()?.startsWith("wasm:")).slice(0, FRAMES).map(nameOf);

function thrown(error) {
  return { name: error.name, message: error.message, frames: error.stack };
}

function outcomeOf(enter) {
  try {
    return { value: enter() };
  } catch (error) {
    return { error: thrown(error) };
  }
}

// What the guest imports. A hook that tells of an abort tries at once whether the guest still lets anybody in.
globalThis.host = {
  tell(event) {
    events.push({ what: event });
    if (event === "hook") {
      events.push({ what: "re-entry", ...outcomeOf(account.notes) });
    }
  },
};

function camelCase(name) {
  return name.replaceAll(/-(.)/g, (_dash, letter) => letter.toUpperCase());
}

const actions = {
  call: (step) => account[camelCase(step.export)](...(step.args ?? [])),
  "on-abort": (step) => account.onAbort(step.hook),
  reinit: () => account.reinit() ?? null,
};

const steps = JSON.parse(readFileSync(0, "utf8"));
say({ node: process.versions.node, v8: process.versions.v8 });
account = require(resolve(process.argv[2]));
for (const step of steps) {
  events = [];
  const outcome = outcomeOf(() => actions[step.do](step));
  say({ ...outcome, events });
}
