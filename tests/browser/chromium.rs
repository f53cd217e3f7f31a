//! One headless Chromium, spoken to over a pipe: the DevTools protocol without a crate, a port or a socket.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long one answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Colours that the reader asked the system for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Light,
    Dark,
}

impl Scheme {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        }
    }
}

/// What a page did while it was loaded.
#[derive(Debug, Default)]
pub(crate) struct Doings {
    /// Console messages, uncaught errors, and refusals by the content security policy.
    pub(crate) messages: Vec<String>,
    /// Addresses asked for, the page itself left out.
    pub(crate) requests: Vec<String>,
    /// Those of them that the page's policy stopped before they left.
    pub(crate) stopped: Vec<String>,
}

/// The browser with one tab.
pub(crate) struct Chromium {
    process: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    session: Option<String>,
    last_id: u64,
    events: Vec<Value>,
    // Removed with the browser.
    _profile: tempfile::TempDir,
}

impl Chromium {
    /// Where Chromium is, if it is installed.
    pub(crate) fn installed() -> Option<PathBuf> {
        let path = std::env::var_os("PATH")?;
        let names = ["chromium", "chromium-browser", "google-chrome"];
        std::env::split_paths(&path)
            .flat_map(|folder| names.map(|name| folder.join(name)))
            .find(|program| program.is_file())
    }

    /// Starts it with an empty profile and every host name unresolvable.
    pub(crate) fn start(program: &Path) -> Result<Self, String> {
        let profile = tempfile::tempdir().map_err(|error| error.to_string())?;
        // The protocol is read from descriptor 3 and written to 4; the shell makes them of its own 0 and 1.
        let mut process = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null"])
            .arg(program)
            .args(["--headless", "--remote-debugging-pipe", "--disable-gpu"])
            // Containers run as root and have a small /dev/shm.
            .args(["--no-sandbox", "--disable-dev-shm-usage"])
            .args(["--no-first-run", "--disable-background-networking"])
            .args([
                "--proxy-server=127.0.0.1:9",
                "--host-resolver-rules=MAP * ~NOTFOUND",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let to = process.stdin.take().ok_or("no input")?;
        let mut output = BufReader::new(process.stdout.take().ok_or("no output")?);
        let (sender, from) = channel();
        thread::spawn(move || {
            let mut message = Vec::new();
            while output.read_until(0, &mut message).is_ok_and(|length| length > 0) {
                let value = serde_json::from_slice(message.strip_suffix(&[0]).unwrap_or(&message));
                if value.is_ok_and(|value| sender.send(value).is_err()) {
                    return;
                }
                message.clear();
            }
        });
        let mut chromium = Self {
            process,
            to,
            from,
            session: None,
            last_id: 0,
            events: Vec::new(),
            _profile: profile,
        };
        let target = chromium.call("Target.createTarget", json!({"url": "about:blank"}))?;
        let session = chromium.call(
            "Target.attachToTarget",
            json!({"targetId": target["targetId"], "flatten": true}),
        )?;
        chromium.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            chromium.call(&format!("{domain}.enable"), json!({}))?;
        }
        // Without it a tab in the background has no focus to move.
        chromium.call("Emulation.setFocusEmulationEnabled", json!({"enabled": true}))?;
        Ok(chromium)
    }

    /// One command and its answer; what happens meanwhile is kept.
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Result<Value, String> {
        self.last_id += 1;
        let id = self.last_id;
        let mut message = json!({"id": id, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).map_err(|error| error.to_string())?;
        let until = Instant::now() + PATIENCE;
        loop {
            let mut value = self.next(until, method)?;
            if value["id"] == id {
                return match value.get("error") {
                    Some(error) => Err(format!("{method}: {error}")),
                    None => Ok(value["result"].take()),
                };
            }
            self.events.push(value);
        }
    }

    fn next(&mut self, until: Instant, what: &str) -> Result<Value, String> {
        self.from
            .recv_timeout(until.saturating_duration_since(Instant::now()))
            .map_err(|error| format!("{what}: {error}"))
    }

    /// Sets the size of the window in CSS pixels, the colours, and whether it is for paper.
    pub(crate) fn look(
        &mut self,
        width: u32,
        height: u32,
        scheme: Scheme,
        paper: bool,
    ) -> Result<(), String> {
        self.call(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}),
        )?;
        let feature = json!({"name": "prefers-color-scheme", "value": scheme.name()});
        let media = if paper { "print" } else { "" };
        self.call(
            "Emulation.setEmulatedMedia",
            json!({"media": media, "features": [feature]}),
        )?;
        Ok(())
    }

    /// Loads a file, and says what it did on the way.
    pub(crate) fn open(&mut self, file: &Path) -> Result<Doings, String> {
        let address = format!("file://{}", file.display());
        self.events.clear();
        self.call("Page.navigate", json!({"url": address}))?;
        let until = Instant::now() + PATIENCE;
        while !self
            .events
            .iter()
            .any(|event| event["method"] == "Page.loadEventFired")
        {
            let event = self.next(until, "load")?;
            self.events.push(event);
        }
        // A round trip through the page: what it caused before has been reported after it.
        self.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))")?;
        Ok(self.doings(&address))
    }

    /// What the page at `address` did since it was last asked.
    pub(crate) fn doings(&mut self, address: &str) -> Doings {
        let mut doings = Doings::default();
        let stopped: Vec<Value> = self
            .events
            .iter()
            .map(|event| &event["params"])
            .filter(|failure| failure["blockedReason"] == "csp")
            .map(|failure| failure["requestId"].clone())
            .collect();
        for event in self.events.drain(..) {
            let parameters = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Runtime.consoleAPICalled" => doings.messages.push(parameters["args"].to_string()),
                "Runtime.exceptionThrown" => doings.messages.push(parameters["exceptionDetails"].to_string()),
                "Log.entryAdded" => doings.messages.push(parameters["entry"]["text"].to_string()),
                "Network.requestWillBeSent" => {
                    let asked = parameters["request"]["url"].as_str().unwrap_or_default();
                    // What an address holds itself is no request.
                    if asked != address && !asked.starts_with("data:") {
                        doings.requests.push(asked.to_owned());
                        if stopped.contains(&parameters["requestId"]) {
                            doings.stopped.push(asked.to_owned());
                        }
                    }
                }
                _ => {}
            }
        }
        doings
    }

    /// The value of an expression in the page; a promise is awaited. The page's own policy does not bind the debugger.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Result<Value, String> {
        let mut answer = self.call(
            "Runtime.evaluate",
            json!({"expression": expression, "returnByValue": true, "awaitPromise": true}),
        )?;
        match answer.get("exceptionDetails") {
            Some(details) => Err(details.to_string()),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    /// Chooses files in an input, as a person does in the system's dialogue.
    pub(crate) fn choose(&mut self, selector: &str, files: &[&Path]) -> Result<(), String> {
        let document = self.call("DOM.getDocument", json!({}))?;
        let input = self.call(
            "DOM.querySelector",
            json!({"nodeId": document["root"]["nodeId"], "selector": selector}),
        )?;
        let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
        self.call(
            "DOM.setFileInputFiles",
            json!({"files": files, "nodeId": input["nodeId"]}),
        )?;
        Ok(())
    }

    /// Types or pastes a text into what has the focus.
    pub(crate) fn insert(&mut self, text: &str) -> Result<(), String> {
        self.call("Input.insertText", json!({"text": text}))?;
        Ok(())
    }

    /// Presses and releases a key.
    pub(crate) fn press(&mut self, key: &str, code: u32, text: &str) -> Result<(), String> {
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            self.call(
                "Input.dispatchKeyEvent",
                json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text}),
            )?;
        }
        Ok(())
    }

    /// The page on A4 as base64 of a PDF.
    pub(crate) fn pdf(&mut self) -> Result<String, String> {
        let answer = self.call(
            "Page.printToPDF",
            json!({"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": false}),
        )?;
        answer["data"]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| "no PDF".to_owned())
    }

    /// The window as base64 of a PNG.
    pub(crate) fn picture(&mut self) -> Result<String, String> {
        let answer = self.call("Page.captureScreenshot", json!({"format": "png"}))?;
        answer["data"]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| "no picture".to_owned())
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        self.session = None;
        // It removes its profile's locks when it is asked to close; a browser that hangs is ended.
        if self.call("Browser.close", json!({})).is_err() {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}
