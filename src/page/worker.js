// The engine's thread: one message in, its answer out. Nothing is kept between two messages but the rules.
"use strict";
let engine = null;
let memory = null;

// A file as the engine reads it: slices as they are asked for, so that no file is ever held whole.
function slices(file) {
  const reader = new FileReaderSync();
  return {
    size: file.size,
    read: (offset, length) => new Uint8Array(reader.readAsArrayBuffer(file.slice(offset, offset + length))),
  };
}

// Larger than any document that is read whole: the engine says so in its own words.
const LARGEST_DOCUMENT = 64 * 1024 * 1024 + 1;

function whole(file) {
  if (file === null || file === undefined) return undefined;
  if (typeof file === "string") return new TextEncoder().encode(file);
  return slices(file).read(0, Math.min(file.size, LARGEST_DOCUMENT));
}

const WORK = {
  about: () => engine.about(),
  memory: () => memory.buffer.byteLength,
  sum: ({ text }) => engine.sum(text),
  kind: ({ file }) => engine.kind(slices(file).read(0, Math.min(file.size, LARGEST_DOCUMENT))),
  mask: ({ text }) => engine.mask(text),
  decode: ({ inputs }, tell) => {
    const all = inputs.map((input) => (typeof input === "string" ? input : slices(input)));
    return engine.decode(all, tell);
  },
  grants: ({ json, snapshot, profile }) => engine.grants(json, whole(snapshot), profile),
  explain: ({ name }) => engine.explain(name),
  decoded: ({ json, format }) => engine.decoded(json, format),
  places: ({ remedies }) => engine.places(JSON.stringify(remedies)),
  token: ({ text, environment, now }) => engine.token(text, environment || undefined, now),
  ask: ({ settings, snapshot }) => engine.ask(JSON.stringify(settings), whole(snapshot)),
  kept: ({ settings, snapshot }) => engine.kept(JSON.stringify(settings), whole(snapshot)),
  answers: ({ file }) => engine.answers(whole(file)),
  symptom: ({ said }) => engine.symptom(said),
  typed: ({ question, text }) => engine.typed(question, text),
  example: () => engine.example(),
  check: ({ snapshot, settings }) => engine.check(whole(snapshot), JSON.stringify(settings)),
  report: ({ file }) => engine.report(whole(file)),
  render: ({ report, format, audience }) => engine.render(report, format, audience || undefined),
  whatIf: ({ snapshot, settings }) => engine.what_if(whole(snapshot), JSON.stringify(settings)),
  redact: ({ snapshot, random, map }) => engine.redact(whole(snapshot), random, map || undefined),
  caseFile: ({ snapshot, random, map, error, answers }) => {
    const made = engine.case_file(whole(snapshot), random, map || undefined, error || undefined, answers ? JSON.stringify(answers) : undefined);
    const answer = { archive: made.archive, ...JSON.parse(made.about) };
    made.free();
    return answer;
  },
  openCase: ({ file }) => engine.open_case(whole(file)),
};

self.onmessage = async ({ data }) => {
  try {
    if (data.module) {
      ({ memory } = await wasm_bindgen({ module_or_path: data.module }));
      engine = new wasm_bindgen.Engine();
      self.postMessage({ id: data.id, answer: engine.about() });
      return;
    }
    let done = 0;
    let told = 0;
    const tell = (bytes) => {
      done += bytes;
      const now = Date.now();
      if (now - told > 80) {
        told = now;
        self.postMessage({ id: data.id, done });
      }
    };
    self.postMessage({ id: data.id, answer: WORK[data.name](data.given, tell) });
  } catch (error) {
    // A string is a sentence of the engine; anything else is a trap, after which the engine cannot be trusted.
    const isSaid = typeof error === "string";
    self.postMessage({ id: data.id, error: isSaid ? error : self.panicked || String((error && error.message) || error), broken: !isSaid });
  }
};
