// The page as a whole: which view is shown, what the address says, and what this page is.

const VIEWS = ["error", "ask", "file", "token", "explain"];

// What the engine is, and its symptoms and questions; none until it answers.
let about = null;

function show(view) {
  for (const one of VIEWS) at(`view-${one}`).hidden = one !== view;
  for (const button of document.querySelectorAll("[data-view]")) {
    if (button.dataset.view === view) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

// A text from elsewhere goes where somebody would have pasted it.
async function takeText(text) {
  show("error");
  at("error-text").value = text;
  await decodeText(text);
}

async function takeAddress() {
  const found = /^#(decode|explain)=(.*)$/s.exec(location.hash);
  if (!found) return;
  let text = found[2];
  try {
    text = decodeURIComponent(text);
  } catch {
    // A lone % is a text like any other.
  }
  await (found[1] === "explain" ? explain(text) : takeText(text));
}

function speak(chosen) {
  nameLanguage(chosen);
  at("error-masked").textContent = word("error.masked");
  wordAskView();
  wordExplainView();
  if (about) showAbout();
  if (talk.step) showStep();
  if (openCase.kind) {
    at("file-name").textContent = word(`file.${openCase.kind}`, { name: openCase.name });
    at("file-form").replaceChildren();
    at("file-answer").replaceChildren();
    attempt(showDocument);
  }
  at("token-answer").replaceChildren();
  at("explain-answer").replaceChildren();
  decodeTyped();
}

function showAbout() {
  at("about-version").textContent = about.version;
  const { name, version, count, sha256 } = about.rules;
  at("about-rules").replaceChildren(word("trust.rules.are", { name, version, count }), " ", make("code", { text: sha256 }));
}

// The file is written as a browser writes a page out, so that the page knows its own bytes before it changes any.
const OWN_TEXT = `<!DOCTYPE html>\n${document.documentElement.outerHTML}`;

async function start() {
  nameLanguage(navigator.language?.startsWith("de") ? "de" : "en");
  startErrorView();
  startAskView();
  startTokenView();
  startExplainView();
  startFileView();
  at("cancel").addEventListener("click", cancelWork);
  for (const button of document.querySelectorAll("[data-view]")) button.addEventListener("click", () => show(button.dataset.view));
  for (const button of document.querySelectorAll("[data-language]")) button.addEventListener("click", () => speak(button.dataset.language));
  show("error");
  try {
    about = JSON.parse(await startEngine());
  } catch (error) {
    at("engine-state").textContent = word("engine.failed", { reason: error.message });
    return;
  }
  at("engine-state").hidden = true;
  wordAskView();
  wordExplainView();
  showAbout();
  document.documentElement.dataset.ready = "1";
  performance.mark("ready");
  at("about-sum").replaceChildren(make("code", { text: await call("sum", { text: OWN_TEXT }) }));
  window.addEventListener("hashchange", () => attempt(takeAddress));
  await attempt(takeAddress);
  if (at("error-text").value !== "" && at("error-answer").childElementCount === 0) decodeTyped();
}

// For tests, and for a team that drives the page: the engine by name, as the worker lists its work.
globalThis.work365Doctor = Object.freeze({ call: (name, given) => call(name, given) });

start();
