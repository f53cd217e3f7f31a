// The engine in its worker: asked by name, answered by promise, ended when somebody cancels.

const waiting = new Map();
let module = null;
let worker = null;
let last = 0;
let progressOf = null;

class Cancelled extends Error {}

async function inflated(text) {
  const packed = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

function startWorker() {
  const source = new Blob([at("worker").textContent], { type: "text/javascript" });
  const address = URL.createObjectURL(source);
  worker = new Worker(address);
  worker.onmessage = ({ data }) => {
    const asked = waiting.get(data.id);
    if (!asked) return;
    if ("done" in data) {
      asked.progress?.(data.done);
      return;
    }
    waiting.delete(data.id);
    if ("error" in data) {
      asked.reject(data.broken ? restarted(data.error) : new Error(data.error));
    } else {
      asked.resolve(data.answer);
    }
  };
  worker.onerror = (event) => {
    event.preventDefault();
    const error = restarted(event.message || "out of memory");
    for (const asked of waiting.values()) asked.reject(error);
    waiting.clear();
  };
  const ready = post({ module });
  // The worker has read its script when it answers for the first time.
  ready.finally(() => URL.revokeObjectURL(address)).catch(() => {});
  return ready;
}

// After a trap nothing in the engine's memory can be trusted.
function restarted(reason) {
  worker?.terminate();
  startWorker().catch(() => {});
  return new Error(word("stopped", { reason }));
}

function post(message, progress) {
  last += 1;
  const id = last;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject, progress });
    worker.postMessage({ id, ...message });
  });
}

async function startEngine() {
  const bytes = await inflated(at("engine").textContent);
  module = await WebAssembly.compile(bytes);
  return startWorker();
}

const call = (name, given = {}, progress = undefined) => post({ name, given }, progress);

// Work of which somebody may grow tired: a bar, and a button that ends it.
async function askLong(what, size, name, given) {
  const panel = at("working");
  const bar = at("working-bar");
  at("working-what").textContent = word("working", { what });
  at("working-much").textContent = "";
  bar.removeAttribute("value");
  const shownAfter = setTimeout(() => (panel.hidden = false), 250);
  progressOf = {};
  try {
    return await call(name, given, (done) => {
      // A second, thorough look begins again.
      const share = size === 0 ? 0 : (done % (size + 1)) / size;
      bar.value = Math.min(1, share);
      at("working-much").textContent = word("working.of", { done: amount(Math.min(done % (size + 1), size)), all: amount(size) });
    });
  } finally {
    clearTimeout(shownAfter);
    panel.hidden = true;
    progressOf = null;
  }
}

function cancelWork() {
  if (!progressOf) return;
  worker.terminate();
  const asked = [...waiting.values()];
  waiting.clear();
  startWorker().catch(() => {});
  for (const one of asked) one.reject(new Cancelled(word("cancelled")));
}

const amount = (bytes) => (bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)} MB`);

// What to tell, and whether it is bad.
function say(text, isBad = false) {
  const line = at("said");
  line.textContent = text;
  line.className = isBad ? "said bad" : "said";
  line.hidden = text === "";
}

// Runs something that a person asked for; what goes wrong is said, never lost.
async function attempt(act) {
  say("");
  try {
    await act();
  } catch (error) {
    if (error instanceof Cancelled) say(error.message);
    else say(word("wrong", { reason: error.message }), true);
  }
}

const now = () => new Date().toISOString();
