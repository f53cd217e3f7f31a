// Files: what they are decides what can be done with them. One snapshot or report is open at a time.

// Drafts of policies wait for one.
const openCase = { kind: null, file: null, name: "", report: "", assumed: [], map: null, mapName: "", drafts: [] };

// Bytes that tell what a file is: a longer one is a log, which is never read whole.
const LONGEST_DOCUMENT = 64 * 1024 * 1024;

async function openFiles(list) {
  const files = [...list];
  if (files.length === 0) return;
  const texts = [];
  let opened = false;
  for (const file of files) {
    const kind = file.size > LONGEST_DOCUMENT ? "text" : await call("kind", { file });
    if (kind === "text") texts.push(file);
    else if (kind === "answers") await resume(file);
    else if (kind === "map") await takeMap(file);
    else if (kind === "policy") await takeDraft(file);
    else if (opened) say(word("file.one-case", { name: file.name }), true);
    else {
      opened = true;
      await openDocument(kind, file, file.name);
    }
  }
  if (texts.length > 0) {
    if (!opened) show("error");
    at("error-text").value = "";
    at("error-masked").hidden = true;
    await decodeFiles(texts);
    if (!opened) at("error-answer").scrollIntoView();
  }
}

async function takeMap(file) {
  openCase.map = await file.text();
  openCase.mapName = file.name;
  say(word("file.map", { name: file.name }));
}

async function openDocument(kind, file, name) {
  closeCase();
  show("file");
  Object.assign(openCase, { kind, file, name });
  at("file-name").textContent = word(`file.${kind}`, { name });
  for (const id of ["do-check", "do-ask", "do-what-if", "do-redact", "do-case"]) at(id).hidden = kind !== "snapshot";
  at("file-case").hidden = false;
  at("file-name").focus();
  if (kind === "report") openCase.report = await call("report", { file });
  await showDocument();
}

// What is shown of an open document first, and again in another language.
async function showDocument() {
  const ways = { report: showReport, case: showArchive };
  await (ways[openCase.kind] ?? check)();
}

function closeCase() {
  Object.assign(openCase, { kind: null, file: null, name: "", report: "", assumed: [] });
  at("file-form").replaceChildren();
  at("file-answer").replaceChildren();
  at("file-case").hidden = true;
}

async function example() {
  await openDocument("snapshot", new File([await call("example")], "example.snapshot.json"), word("file.example-name"));
}

// The forms of a case. A field that is not there yet says nothing.
const said = (id) => document.getElementById(id)?.value.trim() ?? "";

function field(id, key, tag = "input") {
  const one = tag === "textarea" ? make("textarea", { id, rows: "3", spellcheck: "false", autocomplete: "off" }) : make("input", { id, type: "text", autocomplete: "off", spellcheck: "false" });
  return make("div", {}, make("label", { for: id }, word(key)), one);
}

function pick(id, key, rows) {
  const select = make("select", { id });
  choices(select, rows);
  return make("div", {}, make("label", { for: id }, word(key)), select);
}

function form(rows, go, act) {
  const one = make("form", {}, make("div", { class: "fields" }, rows), make("p", { class: "buttons" }, make("button", { type: "submit", class: "primary" }, go)));
  one.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(act);
  });
  return one;
}

const AUDIENCES = ["", "customer", "engineer", "ticket"];

function checkForm() {
  const audience = pick("check-audience", "check.audience", AUDIENCES.map((name) => [name, word(`audience.${name || "none"}`)]));
  audience.querySelector("select").addEventListener("change", () => attempt(showReport));
  return form(
    [
      pick("check-profile", "profile", PROFILES.map((profile) => [profile, word(`profile.${profile}`)])),
      field("check-zone", "check.time-zone"),
      field("check-identity", "check.identity"),
      field("check-error", "check.error", "textarea"),
      audience,
    ],
    word("check.again"),
    check,
  );
}

async function check() {
  if (!document.getElementById("check-profile")) at("file-form").replaceChildren(checkForm());
  const settings = {
    profile: said("check-profile"),
    time_zone: said("check-zone"),
    configured_identity: said("check-identity"),
    error: said("check-error"),
    assume_fixed: openCase.assumed,
  };
  const field = document.getElementById("check-error");
  openCase.report = await askLong(openCase.name, openCase.file.size, "check", { snapshot: openCase.file, settings });
  if (field) field.value = await call("mask", { text: field.value });
  await showReport();
}

async function showReport() {
  const json = openCase.report;
  if (json === "") return;
  const report = JSON.parse(json);
  const audience = said("check-audience");
  const html = await call("render", { report: json, format: "html", audience });
  const as = (format, name) => () => attempt(async () => save(name, format === "json" ? json : await call("render", { report: json, format, audience }), SAVED_AS[format]));
  const outcome = report.summary.outcome;
  const frame = make("iframe", { title: word("check.report"), sandbox: "allow-same-origin allow-popups allow-popups-to-escape-sandbox", referrerpolicy: "no-referrer" });
  // The report has no script, and the frame would not run one; from outside it gets its height and links that open beside it.
  frame.addEventListener("load", () => fit(frame));
  frame.srcdoc = html;
  at("file-answer").replaceChildren(
    make("p", {}, make("span", { class: `badge ${badgeOf(outcome)}` }, word(`check.outcome.${outcome}`)), " ", shown(report.diagnosis.headline)),
    make("p", { class: "next" }, make("strong", {}, word("ask.next")), shown(report.diagnosis.next_step)),
    make("p", { class: "buttons" }, saveButton(word("answer.html"), as("html", "report.html")), saveButton(word("answer.markdown"), as("markdown", "report.md")), saveButton("JSON", as("json", "report.json"))),
    rehearsalForm(report),
    frame,
    wholeAnswer("report", json),
  );
}

// The rehearsal: the case judged again as if faults were fixed. The report shows what fails next.
function rehearsalForm(report) {
  const faults = report.findings.filter((finding) => finding.status === "fail" || finding.status === "pending");
  if (openCase.kind !== "snapshot" || faults.length === 0) return "";
  const tick = (value, text) => make("label", { class: "tick" }, make("input", { type: "checkbox", value, checked: openCase.assumed.includes(value) }), " ", text);
  const boxes = make(
    "fieldset",
    {},
    make("legend", {}, word("rehearse.which")),
    tick("all", word("rehearse.all")),
    ...faults.map((finding) => tick(finding.id, shown(finding.title))),
  );
  const one = make("form", { id: "rehearsal" }, boxes, make("p", { class: "buttons" }, make("button", { type: "submit" }, word("rehearse.go"))));
  one.addEventListener("submit", (event) => {
    event.preventDefault();
    openCase.assumed = [...boxes.querySelectorAll("input:checked")].map((box) => box.value);
    attempt(async () => {
      await check();
      at("file-answer").scrollIntoView();
    });
  });
  return make("details", { open: openCase.assumed.length > 0 }, make("summary", {}, word("rehearse.title")), one);
}

const badgeOf = (outcome) => ({ unhealthy: "fail", pending: "pending", incomplete: "unknown", healthy: "pass" })[outcome];

function fit(frame) {
  const inside = frame.contentDocument;
  if (!inside?.body) return;
  for (const link of inside.querySelectorAll("a[href^='https:']")) link.target = "_blank";
  const resize = () => (frame.style.height = `${inside.documentElement.scrollHeight + 2}px`);
  resize();
  for (const details of inside.querySelectorAll("details")) details.addEventListener("toggle", resize);
  new ResizeObserver(resize).observe(inside.body);
}

function startFileView() {
  const input = at("file-input");
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = "";
    attempt(() => openFiles(files));
  });
  at("file-open").addEventListener("click", () => input.click());
  at("file-example").addEventListener("click", () => attempt(example));
  at("do-check").addEventListener("click", () => {
    openCase.assumed = [];
    at("file-form").replaceChildren();
    attempt(check);
  });
  at("do-ask").addEventListener("click", () => attempt(() => begin(null)));
  at("do-what-if").addEventListener("click", whatIfForm);
  at("do-redact").addEventListener("click", () => attempt(redactCase));
  at("do-case").addEventListener("click", caseForm);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    document.body.classList.remove("over");
    const files = [...event.dataTransfer.files];
    const text = event.dataTransfer.getData("text/plain");
    event.preventDefault();
    attempt(async () => {
      if (files.length > 0) await openFiles(files);
      else if (text) await takeText(text);
    });
  });
  document.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    const text = event.clipboardData.getData("text/plain");
    const isInField = event.target.closest?.("input,textarea");
    if (files.length > 0 && !text) {
      event.preventDefault();
      attempt(() => openFiles(files));
    } else if (!isInField && text) {
      event.preventDefault();
      attempt(() => takeText(text));
    }
  });
}
