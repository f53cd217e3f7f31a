// The interview: the engine chooses the question, the page shows it and keeps the answers until it is closed.

const PROFILES = ["auto", "legacy-password", "consent", "application-user"];
const RIGHTS = ["none", "user", "helpdesk", "dynamics", "global"];

// What the next step follows from.
const talk = { symptom: null, answers: [], step: null, json: "" };

function askSettings() {
  return {
    symptom: talk.symptom,
    rights: at("ask-rights").value,
    profile: at("ask-profile").value,
    error: lastDecoded?.recognised ? decodedText : "",
    now: openCase.kind === "snapshot" ? "" : now(),
    answers: { schema: "work365-doctor/answers/v1", answers: talk.answers },
  };
}

const askedAbout = () => (openCase.kind === "snapshot" ? openCase.file : null);

async function begin(symptom) {
  talk.symptom = symptom || null;
  talk.answers = [];
  show("ask");
  await nextStep();
}

async function nextStep() {
  talk.json = await call("ask", { settings: askSettings(), snapshot: askedAbout() });
  talk.step = JSON.parse(talk.json);
  showStep();
}

async function give(question, value, why) {
  const answer = why ? { question, value: null, why, at: now() } : { question, value, at: now() };
  const before = [...talk.answers];
  talk.answers = [...talk.answers.filter((one) => one.question !== question), answer];
  try {
    await nextStep();
  } catch (error) {
    talk.answers = before;
    throw error;
  }
}

function startOver() {
  talk.symptom = null;
  talk.answers = [];
  talk.step = null;
  showStep();
  at("ask-title").scrollIntoView();
  at("ask-said").focus();
}

function showStep() {
  const place = at("ask-step");
  at("ask-start").hidden = talk.step !== null;
  place.hidden = talk.step === null;
  if (!talk.step) {
    place.replaceChildren();
    return;
  }
  const step = talk.step;
  const title = make("h3", { tabindex: "-1" }, step.state === "asking" && step.question ? shown(step.question.text) : endOf(step));
  const parts = step.state === "asking" && step.question ? questionOf(step) : diagnosisOf(step);
  place.replaceChildren(title, aboutCase(), ...parts, controls(step), causesOf(step), wholeAnswer("ask", talk.json));
  title.focus();
}

// Which evidence the questions rest on, and the way to do without it.
function aboutCase() {
  if (openCase.kind !== "snapshot") return "";
  const leave = () => attempt(async () => {
    closeCase();
    await nextStep();
  });
  return make("p", { class: "note" }, word("ask.about", { name: openCase.name }), " ", make("button", { type: "button", class: "small", click: leave }, word("ask.leave")));
}

function endOf(step) {
  const isFault = step.causes.some((cause) => cause.standing === "established");
  if (step.state === "exhausted") return word("ask.exhausted");
  return word(isFault ? "ask.settled" : "ask.no-cause");
}

const took = (minutes) => (minutes === 1 ? word("ask.minute") : word("ask.minutes", { count: minutes }));

function questionOf(step) {
  const question = step.question;
  const chosen = (value) => () => attempt(() => give(question.id, value));
  return [
    facts([
      [word("ask.where"), make("ul", { class: "steps" }, question.where.map((place) => make("li", {}, shown(place))))],
      [word("ask.who"), word(`who.${question.who}`)],
      [word("ask.takes"), took(question.minutes)],
    ]),
    make("h4", {}, word("ask.answer")),
    make("ul", { class: "choices answers" }, question.answers.map((answer) => make("li", {}, make("button", { type: "button", lang: "en", click: chosen(answer.value) }, answer.label)))),
    question.free ? freeAnswer(question) : "",
  ];
}

function freeAnswer(question) {
  const form = word(`form.${question.free}`);
  const field = question.free === "error" ? make("textarea", { rows: "3", spellcheck: "false", autocomplete: "off" }) : make("input", { type: "text", autocomplete: "off" });
  field.id = "ask-free";
  const note = make("p", { class: "note", role: "status", hidden: true });
  const submit = async (event) => {
    event.preventDefault();
    const text = field.value;
    const masked = await call("mask", { text });
    if (masked !== text) {
      field.value = masked;
      note.textContent = word("ask.secret");
      note.hidden = false;
      return;
    }
    const value = await call("typed", { question: question.id, text });
    if (value === undefined) {
      note.textContent = word("ask.no-answer", { form });
      note.hidden = false;
      return;
    }
    await give(question.id, JSON.parse(value));
  };
  const one = make("form", {}, make("label", { for: "ask-free" }, word("ask.other", { form })), field, make("p", { class: "buttons" }, make("button", { type: "submit" }, word("ask.use"))), note);
  one.addEventListener("submit", (event) => attempt(() => submit(event)));
  return one;
}

function diagnosisOf(step) {
  const diagnosis = step.diagnosis;
  const parts = [];
  if (diagnosis) {
    parts.push(make("p", {}, shown(diagnosis.headline)));
    parts.push(make("p", { class: "next" }, make("strong", {}, word("ask.next")), shown(diagnosis.next_step)));
  }
  if (step.message) parts.push(make("h4", {}, word("ask.message")), copyable(step.message, { class: "message" }));
  if (diagnosis && diagnosis.checklist.length > 0 && step.causes.some((cause) => cause.standing === "established")) {
    parts.push(make("h4", {}, word("ask.checklist")), make("ol", { class: "steps" }, diagnosis.checklist.map((item) => make("li", {}, shown(item)))));
  }
  return parts;
}

function controls(step) {
  const button = (text, act) => make("button", { type: "button", click: () => attempt(act) }, text);
  const asked = step.state === "asking" ? step.question : null;
  const back = async () => {
    if (talk.answers.length === 0) {
      startOver();
      return;
    }
    talk.answers = talk.answers.slice(0, -1);
    await nextStep();
  };
  const keep = async () => save("answers.json", await call("kept", { settings: askSettings(), snapshot: askedAbout() }), SAVED_AS.json);
  return make(
    "div",
    { class: "buttons" },
    asked ? button(word("ask.cannot-see"), () => give(asked.id, null, "cannot-see")) : "",
    asked ? button(word("ask.not-known"), () => give(asked.id, null, "unknown")) : "",
    button(word("ask.back"), back),
    button(word("ask.save"), keep),
    button(word("ask.again"), async () => startOver()),
  );
}

function causesOf(step) {
  const left = step.causes.filter((cause) => cause.standing === "possible").length;
  const title = left === 1 ? word("ask.one-left") : word("ask.left", { count: left });
  const because = (cause) => (cause.because.length === 0 ? "" : make("span", { class: "dim" }, cause.because.join(", ")));
  const standing = { established: word("ask.established"), excluded: word("ask.excluded"), possible: "" };
  return make(
    "details",
    {},
    make("summary", {}, step.state === "settled" ? "" : `${title}. `, `${word("ask.answered", { count: step.asked })}.`),
    make(
      "ul",
      { class: "causes", lang: "en" },
      step.causes.map((cause) => make("li", {}, make("code", { class: cause.standing, text: cause.id }), standing[cause.standing] ? make("strong", { lang: language }, standing[cause.standing]) : "", because(cause))),
    ),
  );
}

// Answers that somebody kept earlier.
async function resume(file) {
  const kept = JSON.parse(await call("answers", { file }));
  talk.symptom = kept.symptom ?? null;
  talk.answers = kept.answers;
  show("ask");
  await nextStep();
  say(word("file.answers", { name: file.name }));
}

function wordAskView() {
  choices(at("ask-rights"), RIGHTS.map((right) => [right, word(`rights.${right}`)]));
  choices(at("ask-profile"), PROFILES.map((profile) => [profile, word(profile === "auto" ? "profile.auto" : `profile.${profile}`)]));
  if (!about) return;
  at("ask-symptoms").replaceChildren(
    ...about.list.symptoms.map((symptom) => make("li", {}, make("button", { type: "button", lang: languageOfTitle(symptom), "data-symptom": symptom.id, click: () => attempt(() => begin(symptom.id)) }, symptomTitle(symptom)))),
  );
}

function startAskView() {
  wordAskView();
  at("ask-rights").value = "user";
  at("ask-words").addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      const said = at("ask-said").value;
      const masked = await call("mask", { text: said });
      at("ask-said").value = masked;
      const note = at("ask-unknown");
      note.hidden = true;
      const found = await call("symptom", { said: masked });
      if (found) {
        await begin(found);
        return;
      }
      note.textContent = word(masked === said ? "ask.unknown" : "ask.secret");
      note.hidden = false;
    });
  });
  at("ask-nothing").addEventListener("click", () => attempt(() => begin(null)));
  at("ask-resume").addEventListener("click", () => at("file-input").click());
}
