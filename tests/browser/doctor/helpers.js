const PATIENCE = 90_000;
const wait = (test) =>
  new Promise((done, fail) => {
    const until = Date.now() + PATIENCE;
    const look = () => {
      let value = false;
      try {
        value = test();
      } catch {
        // Not there yet.
      }
      if (value) done(true);
      else if (Date.now() > until) fail(new Error(`waited in vain for ${test}; said: ${document.getElementById("said")?.textContent}`));
      else setTimeout(look, 20);
    };
    look();
  });
const one = (selector) => document.querySelector(selector);
const seen = (selector) => one(selector)?.checkVisibility() ?? false;
const click = (selector) => one(selector).click();
const named = (text) => [...document.querySelectorAll("button")].find((button) => button.textContent === text && button.checkVisibility());
const settled = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
const write = (selector, text) => {
  one(selector).value = text;
  one(selector).dispatchEvent(new InputEvent("input", { bubbles: true }));
};
const answer = (kind) => one(`[data-answer="${kind}"]`)?.textContent;
// A text is decoded a moment after it was written.
const decoded = async (text) => {
  one("#error-answer").replaceChildren();
  write("#error-text", text);
  await wait(() => answer("decode"));
  return answer("decode");
};
const example = async () => {
  click('[data-view="file"]');
  click("#file-example");
  await wait(() => one("iframe")?.contentDocument?.querySelector("h1") && Number.parseInt(one("iframe").style.height, 10) > 400);
};
