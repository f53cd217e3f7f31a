// The view of a sign-in: would Conditional Access let it through, today and with drafts of policies?

// What a draft without a file is called.
const PASTED = "draft.json";

const RISKS = ["", "none", "low", "medium", "high"];
const CLIENTS = ["mobileAppsAndDesktopClients", "browser", "exchangeActiveSync", "other"];
const PLATFORMS = ["", "android", "iOS", "windows", "windowsPhone", "macOS", "linux"];

function whatIfForm() {
  const named = (values) => values.map((value) => [value, value === "" ? word("whatif.not-said") : value]);
  at("file-answer").replaceChildren();
  at("file-form").replaceChildren(
    draftList(),
    form(
      [
        field("whatif-app", "whatif.app"),
        pick("whatif-client", "whatif.client", named(CLIENTS)),
        field("whatif-ip", "whatif.ip"),
        field("whatif-country", "whatif.country"),
        pick("whatif-platform", "whatif.platform", named(PLATFORMS)),
        pick("whatif-sign-in-risk", "whatif.sign-in-risk", named(RISKS)),
        pick("whatif-user-risk", "whatif.user-risk", named(RISKS)),
        pick("whatif-device-code", "whatif.device-code", [["", word("whatif.no")], ["yes", word("whatif.yes")]]),
        pick("whatif-profile", "profile", PROFILES.map((profile) => [profile, word(`profile.${profile}`)])),
        field("whatif-policy", "whatif.policy", "textarea"),
      ],
      word("whatif.go"),
      whatIf,
    ),
  );
  at("whatif-app").focus();
}

// A draft of a policy: it is judged with the account of the open snapshot, or of the next one.
async function takeDraft(file) {
  openCase.drafts.push({ name: file.name, text: await file.text() });
  show("file");
  if (openCase.kind === "snapshot") whatIfForm();
  say(word(openCase.kind === "snapshot" ? "file.policy" : "file.policy-first", { name: file.name }));
}

// The drafts that are judged with the tenant's own policies, and the way to do without them.
function draftList() {
  const leave = (draft) => () => {
    openCase.drafts = openCase.drafts.filter((one) => one !== draft);
    whatIfForm();
  };
  const row = (draft) => make("li", {}, foreign(draft.name), " ", make("button", { type: "button", class: "small", "aria-label": word("whatif.leave-draft", { name: draft.name }), click: leave(draft) }, word("ask.leave")));
  return make(
    "div",
    {},
    make("p", {}, word("whatif.drafts"), " ", make("button", { type: "button", class: "small", click: () => at("file-input").click() }, word("whatif.open-draft"))),
    openCase.drafts.length === 0 ? "" : make("ul", { class: "steps" }, openCase.drafts.map(row)),
  );
}

async function whatIf() {
  const pasted = said("whatif-policy");
  const settings = {
    drafts: pasted === "" ? openCase.drafts : [...openCase.drafts, { name: PASTED, text: pasted }],
    app: said("whatif-app"),
    client_app: said("whatif-client"),
    ip: said("whatif-ip"),
    country: said("whatif-country"),
    platform: said("whatif-platform"),
    sign_in_risk: said("whatif-sign-in-risk"),
    user_risk: said("whatif-user-risk"),
    device_code: said("whatif-device-code") === "yes",
    profile: said("whatif-profile"),
  };
  showWhatIf(await call("whatIf", { snapshot: openCase.file, settings }));
}

function showWhatIf(json) {
  const answer = JSON.parse(json);
  const look = { allow: "pass", block: "fail", controls_required: "fail", undetermined: "unknown" }[answer.decision];
  const list = (items) => make("ul", { class: "steps" }, items.map((item) => make("li", {}, foreign(item))));
  const policy = (title, one) =>
    make(
      "article",
      {},
      make("h4", {}, `${title}: `, foreign(one.name)),
      facts([
        ["Id", one.id],
        [word("whatif.asks"), (one.controls ?? []).join(` ${(one.operator ?? "and").toLowerCase()} `)],
        [word("whatif.because"), one.because ? list(one.because) : null],
        [word("whatif.changes"), (one.changes ?? []).length > 0 ? list(one.changes.map((change) => change.text)) : null],
        [word("whatif.depends"), (one.missing ?? []).join(", ")],
      ]) ?? "",
    );
  const notes = [...answer.missing, ...answer.notes];
  at("file-answer").replaceChildren(
    make("p", { role: "status" }, make("span", { class: `badge ${look}` }, word(`whatif.${answer.decision}`))),
    ...draftsIn(answer, list),
    ...answer.applied.map((one) => policy(word("whatif.applied"), one)),
    ...answer.undetermined.map((one) => policy(word("whatif.open"), one)),
    ...answer.report_only.map((one) => policy(word("whatif.report-only"), one)),
    notes.length === 0 ? "" : make("h4", {}, word("whatif.notes")),
    notes.length === 0 ? "" : list(notes),
    answer.not_applied.length === 0 ? "" : make("h4", {}, word("whatif.not-applied")),
    answer.not_applied.length === 0 ? "" : list(answer.not_applied.map((one) => `${one.name} (${one.condition}): ${one.because}`)),
    wholeAnswer("what-if", json),
  );
  at("file-answer").scrollIntoView();
}

// What the drafts change, for the sign-in that was asked about and for those that Work 365 makes.
function draftsIn(answer, list) {
  const [account] = answer.draft?.accounts ?? [];
  if (!account) return [];
  const became = (one) => `${word(`whatif.${one.before}`)} → ${word(`whatif.${one.after}`)}`;
  return [account.asked, ...account.sign_ins].map((one) =>
    make(
      "article",
      {},
      make("h4", {}, `${word(`whatif.sign-in.${one.kind}`)}: ${became(one)}`),
      facts([
        [word("whatif.decides"), one.decides.join(", ")],
        [word("whatif.because"), one.because.length > 0 ? list(one.because) : null],
        [word("whatif.depends"), one.missing.join(", ")],
        [word("whatif.keeps"), one.keeps_working.length > 0 ? list(one.keeps_working) : null],
      ]) ?? "",
    ),
  );
}
