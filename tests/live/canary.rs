//! Secrets never show: every command of the program, with a canary in everything that holds a secret, in every format, on
//! the ways that go well and on those that do not.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use assert_cmd::cargo::CommandCargoExt as _;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::json;

use crate::server::Response;
use crate::tenant::Tenant;
use crate::{ACCOUNT, healthy, key_and_certificate};

/// Canaries have characters that forms, JSON and HTML spell in their own ways.
const SECRET: &str = "Kanarie+Secret/&%=<7Qx>";
const PASSWORD: &str = "Kanarie+Pass\"word'&9Zy";
const CASE_KEY: &str = "Kanarie-case-key-3Wv";
const PROXY: &str = "Kanarie-proxy-5Ut";
const COOKIE: &str = "KanarieCookie8Sr";

/// Every format that a report has.
const FORMATS: [&str; 8] = [
    "table", "json", "ndjson", "short", "markdown", "html", "junit", "sarif",
];

/// The text in each spelling in which it could get out.
fn spellings(secret: &str) -> Vec<String> {
    let mut spellings = vec![secret.to_owned()];
    let percent: String = secret
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    spellings.push(percent.replace("%20", "+"));
    spellings.push(percent);
    spellings.push(
        serde_json::to_string(secret)
            .unwrap()
            .trim_matches('"')
            .to_owned(),
    );
    let html = secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    spellings.push(html.replace('"', "&quot;").replace('\'', "&#39;"));
    spellings.push(html.replace('"', "&#34;").replace('\'', "&#39;"));
    // In base64 a text has three forms, by where it starts; the characters at its ends depend on the neighbours.
    for skip in 0..3 {
        let shifted = secret.get(skip..).unwrap_or_default();
        let whole = &shifted[..shifted.len() / 3 * 3];
        spellings.push(STANDARD.encode(whole));
        spellings.push(URL_SAFE.encode(whole));
    }
    spellings.retain(|spelling| spelling.len() >= 8);
    spellings
}

/// A place to run commands in, and what must not come out of them.
struct Cage {
    folder: tempfile::TempDir,
    tenant: Tenant,
    canaries: Vec<(String, Vec<String>)>,
    /// For Graph, the environment and the admin API.
    tokens: [String; 3],
    /// Files that hold canaries because a test put them there.
    baits: BTreeSet<PathBuf>,
    /// How often each command was run.
    runs: BTreeMap<String, usize>,
}

struct Outcome {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Cage {
    fn new() -> Self {
        let (tenant, _) = healthy();
        {
            let mut secrets = tenant.state.secrets.lock().unwrap();
            secrets.insert("client_secret".into(), SECRET.into());
            secrets.insert("password".into(), PASSWORD.into());
        }
        let audiences = [
            "https://graph.microsoft.com",
            &tenant.addresses.dataverse,
            "https://service.powerapps.com",
        ];
        let mut cage = Self {
            tokens: audiences.map(|audience| tenant.token(audience)),
            folder: tempfile::tempdir().unwrap(),
            tenant,
            canaries: Vec::new(),
            baits: BTreeSet::new(),
            runs: BTreeMap::new(),
        };
        for (name, secret) in [
            ("client secret", SECRET),
            ("password", PASSWORD),
            ("case key", CASE_KEY),
            ("proxy password", PROXY),
            ("cookie", COOKIE),
            ("refresh token", "refresh-canary"),
            ("device code", "device-canary"),
            ("authorization code", "code-canary"),
        ] {
            cage.watch(name, secret);
        }
        for token in cage.tokens.clone() {
            cage.watch_token(&token);
        }
        cage
    }

    fn watch(&mut self, name: &str, secret: &str) {
        self.canaries.push((name.to_owned(), spellings(secret)));
    }

    /// The claims of a token are shown on purpose; its parts as they travel are not.
    fn watch_token(&mut self, token: &str) {
        let parts = token.split('.').skip(1).map(str::to_owned);
        self.canaries.push(("token".to_owned(), parts.collect()));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file that holds canaries.
    fn bait(&mut self, name: &str, content: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        self.baits.insert(path.clone());
        path.display().to_string()
    }

    /// The program with a canary in every variable that holds a secret.
    fn command(&self, arguments: &[&str]) -> Command {
        let [graph, environment, admin] = &self.tokens;
        let addresses = &self.tenant.addresses;
        let mut command = Command::cargo_bin("work365-doctor").unwrap();
        command
            .env_clear()
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("WORK365_DOCTOR_LOGIN_URL", &addresses.login)
            .env("WORK365_DOCTOR_GRAPH_URL", &addresses.graph)
            .env("WORK365_DOCTOR_ADMIN_URL", &addresses.admin)
            .env("WORK365_DOCTOR_CLOUD", "public")
            .env("WORK365_DOCTOR_CLIENT_ID", "client")
            .env("WORK365_DOCTOR_CLIENT_SECRET", SECRET)
            .env("WORK365_DOCTOR_CLIENT_CERTIFICATE", self.path("certificate.pem"))
            .env("WORK365_DOCTOR_PASSWORD", PASSWORD)
            .env("WORK365_DOCTOR_CASE_KEY", CASE_KEY)
            .env("HTTPS_PROXY", format!("http://somebody:{PROXY}@127.0.0.1:9"))
            .env("WORK365_DOCTOR_GRAPH_TOKEN", graph)
            .env("WORK365_DOCTOR_DATAVERSE_TOKEN", environment)
            .env("WORK365_DOCTOR_ADMIN_TOKEN", admin)
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    /// The live arguments of a command.
    fn live(&self, command: &str, more: &[&str]) -> Vec<String> {
        let mut arguments: Vec<String> = [
            command,
            "--account",
            ACCOUNT,
            "--environment",
            &self.tenant.addresses.dataverse,
        ]
        .map(str::to_owned)
        .into();
        arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
        arguments
    }

    fn run(&mut self, arguments: &[&str]) -> Outcome {
        let command = self.command(arguments);
        self.finish(command, "")
    }

    fn run_live(&mut self, command: &str, more: &[&str]) -> Outcome {
        let arguments = self.live(command, more);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.run(&arguments)
    }

    /// Runs a command to its end and looks for canaries in everything that it left.
    fn finish(&mut self, mut command: Command, stdin: &str) -> Outcome {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that reads nothing may have ended already.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let outcome = Outcome {
            code: output.status.code().unwrap(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        self.judge(&command, &outcome);
        outcome
    }

    fn judge(&mut self, command: &Command, outcome: &Outcome) {
        let shown: Vec<String> = command
            .get_args()
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect();
        let words: Vec<&str> = shown
            .iter()
            .map(String::as_str)
            .filter(|word| !word.starts_with('-'))
            .collect();
        if let Some(name) = words.first() {
            *self.runs.entry((*name).to_owned()).or_default() += 1;
        }
        assert!(
            !outcome.stderr.contains("panicked"),
            "{shown:?}: {}",
            outcome.stderr
        );
        self.inspect(&shown, "stdout", &outcome.stdout);
        self.inspect(&shown, "stderr", &outcome.stderr);
        for path in files(self.folder.path()) {
            if self.baits.contains(&path) {
                continue;
            }
            let content = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            self.inspect(&shown, &path.display().to_string(), &content);
        }
    }

    fn inspect(&self, arguments: &[String], place: &str, text: &str) {
        for (name, spellings) in &self.canaries {
            // The map that stays with the customer holds the key of the case: that is what it is for.
            if name == "case key" && place.ends_with(".map.json") {
                continue;
            }
            for spelling in spellings {
                if let Some(start) = text.find(spelling.as_str()) {
                    let around: String = text[start.saturating_sub(80)..].chars().take(240).collect();
                    panic!("{arguments:?}: the {name} is in {place}:\n…{around}");
                }
            }
        }
    }

    /// Every output that a report has, as arguments; all but the table go to files.
    fn outputs(&self, name: &str) -> Vec<String> {
        let mut arguments = Vec::new();
        for format in FORMATS {
            let path = self.path(&format!("{name}.{format}"));
            arguments.push("-o".to_owned());
            arguments.push(match format {
                "table" => format.to_owned(),
                _ => format!("{format}={}", path.display()),
            });
        }
        arguments
    }

    fn check_in_every_format(&mut self, name: &str, more: &[&str]) -> Outcome {
        let outputs = self.outputs(name);
        let mut arguments = more.to_vec();
        arguments.extend(outputs.iter().map(String::as_str));
        self.run_live("check", &arguments)
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// A key and a certificate in one PEM file; the lines of the key are canaries.
fn with_certificate(cage: &mut Cage) {
    let (key, certificate) = key_and_certificate();
    let lines: Vec<String> = key
        .lines()
        .filter(|line| line.len() == 64)
        .map(str::to_owned)
        .collect();
    assert!(lines.len() > 10);
    cage.canaries.push(("private key".to_owned(), lines));
    cage.bait("certificate.pem", &(key + &certificate));
}

#[test]
fn signing_in_shows_no_secret_in_any_format() {
    let mut cage = Cage::new();
    with_certificate(&mut cage);
    for (how, more) in [
        ("client-secret", &["--probe-sign-in", "-vv"][..]),
        ("client-certificate", &["-vv"][..]),
        ("access-token", &["--probe-sign-in", "-vv"][..]),
        ("device-code", &["-vv"][..]),
    ] {
        let mut arguments = vec!["--auth", how];
        arguments.extend(more);
        let outcome = cage.check_in_every_format(how, &arguments);
        assert!(outcome.code < 2, "{how}: {}", outcome.stderr);
        assert!(
            outcome.stderr.contains("request: GET"),
            "{how}: {}",
            outcome.stderr
        );
        for format in FORMATS.iter().filter(|format| **format != "table") {
            assert!(cage.path(&format!("{how}.{format}")).exists(), "{how}.{format}");
        }
    }
    // Secrets by stdin instead of a variable.
    for (how, variable, secret, more) in [
        ("client-secret", "CLIENT_SECRET", SECRET, &[][..]),
        ("access-token", "PASSWORD", PASSWORD, &["--probe-sign-in"][..]),
    ] {
        let arguments = cage.live("check", &["--auth", how, "-vv"]);
        let mut command = cage.command(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        command
            .args(more)
            .env_remove(format!("WORK365_DOCTOR_{variable}"));
        let outcome = cage.finish(command, &format!("{secret}\r\n"));
        assert!(outcome.code < 2, "{how}: {}", outcome.stderr);
    }
}

#[test]
fn a_browser_and_the_azure_cli_hand_over_their_secrets_in_silence() {
    let mut cage = Cage::new();
    let arguments = cage.live("check", &["--auth", "browser", "-vv", "-o", "json"]);
    let mut command = cage.command(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let mut told = String::new();
    let mut byte = [0];
    let url = loop {
        assert_eq!(stderr.read(&mut byte).unwrap(), 1, "{told}");
        told.push(char::from(byte[0]));
        let line = told.trim_end_matches('\n').lines().last().unwrap_or_default();
        if told.ends_with('\n') && line.starts_with("http") {
            break line.to_owned();
        }
    };
    let query = crate::login::form(url.split_once('?').unwrap().1.as_bytes());
    let value = |name: &str| &query.iter().find(|(known, _)| known == name).unwrap().1;
    let back = value("redirect_uri").replace("http://localhost", "127.0.0.1");
    let mut stream = std::net::TcpStream::connect(back).unwrap();
    write!(
        stream,
        "GET /?code=code-canary&state={} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        value("state")
    )
    .unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    // Both streams are read at once: a full pipe would stop the program.
    let rest = std::thread::spawn(move || {
        stderr.read_to_string(&mut told).unwrap();
        told
    });
    let output = child.wait_with_output().unwrap();
    let told = rest.join().unwrap();
    let outcome = Outcome {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: told + &page,
    };
    assert!(outcome.code < 2, "{}", outcome.stderr);
    cage.judge(&command, &outcome);

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let [graph, environment, _] = cage.tokens.clone();
        // It may fail with the token in its complaint.
        let script = format!(
            "#!/bin/sh\ncase \"$6\" in\nhttps://graph*) echo '{{\"accessToken\":\"{graph}\"}}' ;;\nhttp://127*) echo '{{\"accessToken\":\"{environment}\"}}' ;;\n*) echo 'ERROR: refused Bearer {environment}' >&2; exit 1 ;;\nesac\n"
        );
        let az = cage.bait("az", &script);
        std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
        let arguments = cage.live("check", &["--auth", "azure-cli", "-vv", "-o", "json"]);
        let mut command = cage.command(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        command.env("PATH", cage.folder.path());
        let outcome = cage.finish(command, "");
        assert!(outcome.code < 2, "{}", outcome.stderr);
        assert!(
            outcome.stdout.contains("the Azure CLI refused: refused"),
            "{}",
            outcome.stdout
        );
    }
}

#[test]
fn what_goes_wrong_at_sign_in_shows_no_secret() {
    let mut cage = Cage::new();
    // Each answer sends back what the sign-in service was sent.
    let answers = |secret: &str| {
        let in_html = secret
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        let html = format!("<html><body>You sent secret={secret} and &quot;{in_html}&quot;</body></html>");
        let told = |number: u32| {
            json!({"error": "invalid_client", "error_codes": [number],
                   "error_description": format!("AADSTS{number}: Invalid secret provided: '{secret}'."), "state": secret})
        };
        let encoded = &spellings(secret)[1];
        [
            Response::text(500, "text/html", html.clone()),
            Response::text(400, "text/plain", format!("secret={encoded}")),
            Response::text(200, "text/html", html.clone()),
            Response::json(401, &told(7000215)),
            Response::json(400, &told(50126)),
            Response::text(302, "text/html", "").with(
                "Location",
                &format!("https://elsewhere.example/{encoded}?s={encoded}"),
            ),
            Response::text(407, "text/html", html),
        ]
    };
    let endpoint = "/oauth2/v2.0/token";
    for (how, secret) in [("client-secret", SECRET), ("device-code", "device-canary")] {
        for (index, response) in answers(secret).into_iter().enumerate() {
            cage.tenant.state.faults.lock().unwrap().clear();
            cage.tenant.fault(endpoint, response, usize::MAX);
            let outcome = cage.check_in_every_format("refused", &["--auth", how, "-vv"]);
            assert_eq!(outcome.code, 3, "{index} {how}: {}", outcome.stderr);
            assert!(
                outcome.stderr.contains("sign-in failed"),
                "{index} {how}: {}",
                outcome.stderr
            );
        }
    }
    // The probe's refusal is evidence, so it is in every format and in the snapshot.
    for (index, response) in answers(PASSWORD).into_iter().enumerate() {
        cage.tenant.state.faults.lock().unwrap().clear();
        cage.tenant.fault(endpoint, response, usize::MAX);
        let arguments = ["--auth", "access-token", "--probe-sign-in", "-vv"];
        let outcome = cage.check_in_every_format("probe", &arguments);
        assert!(outcome.code < 4, "{index}: {}", outcome.stderr);
        let raw = cage.path("raw.json").display().to_string();
        let outcome = cage.run_live("capture", &[&arguments[..], &["--no-redact", &raw]].concat());
        assert_eq!(outcome.code, 0, "{index}: {}", outcome.stderr);
    }
    cage.tenant.state.faults.lock().unwrap().clear();
    // A wrong password, refused as the service does.
    let arguments = cage.live(
        "check",
        &["--auth", "access-token", "--probe-sign-in", "-vv", "-o", "json"],
    );
    let mut command = cage.command(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    command.env("WORK365_DOCTOR_PASSWORD", format!("{PASSWORD}-wrong"));
    cage.tenant.state.snapshot.lock().unwrap()["sections"]
        .as_object_mut()
        .unwrap()
        .remove("login.probe");
    let outcome = cage.finish(command, "");
    assert!(outcome.stdout.contains("password-rejected"), "{}", outcome.stdout);
}

#[test]
fn services_that_echo_their_token_tell_nobody() {
    let mut cage = Cage::new();
    let [graph, environment, _] = cage.tokens.clone();
    for status in [200, 401, 403, 404, 500] {
        for (kind, make) in [
            (
                "html",
                (|status, token: &str| {
                    Response::text(
                        status,
                        "text/html",
                        format!("<p>Authorization: Bearer {token}</p>"),
                    )
                }) as fn(u16, &str) -> Response,
            ),
            ("json", |status, token| {
                let message = format!("The token {token} was refused");
                Response::json(
                    status,
                    &json!({"error": {"code": "Echo", "message": message}, "displayName": token}),
                )
                .with("WWW-Authenticate", &format!("Bearer token=\"{token}\""))
            }),
        ] {
            cage.tenant.state.faults.lock().unwrap().clear();
            for (part, token) in [
                ("/authentication/requirements", &graph),
                ("/licenseDetails", &graph),
                ("usersettingscollection", &environment),
                ("RetrieveUserSetOfPrivilegesByNames", &environment),
            ] {
                cage.tenant.fault(part, make(status, token), usize::MAX);
            }
            let outcome = cage.check_in_every_format("echo", &["--auth", "access-token", "-vv"]);
            assert!(outcome.code < 4, "{status} {kind}: {}", outcome.stderr);
            let raw = cage.path("echo.snapshot.json").display().to_string();
            let outcome = cage.run_live("capture", &["--auth", "access-token", "--no-redact", "-vv", &raw]);
            assert_eq!(outcome.code, 0, "{status} {kind}: {}", outcome.stderr);
        }
    }
}

#[test]
fn mistakes_with_secrets_are_told_without_them() {
    let mut cage = Cage::new();
    let certificate = |cage: &mut Cage, value: &str| {
        let arguments = cage.live("check", &["--auth", "client-certificate", "-vv"]);
        let mut command = cage.command(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        command.env("WORK365_DOCTOR_CLIENT_CERTIFICATE", value);
        cage.finish(command, "")
    };
    let lines = format!(
        "{}\n{}",
        STANDARD.encode(SECRET),
        STANDARD.encode("Kanarie-key-of-a-broken-file")
    );
    cage.watch("key line", "Kanarie-key-of-a-broken-file");
    for broken in [
        SECRET.to_owned(),
        format!("-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"),
        format!(
            "-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----\n"
        ),
        format!(
            "-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n"
        ),
        format!("-----BEGIN ENCRYPTED PRIVATE KEY-----\n{lines}\n-----END ENCRYPTED PRIVATE KEY-----\n"),
    ] {
        let path = cage.bait("broken.pem", &broken);
        let outcome = certificate(&mut cage, &path);
        assert_eq!(outcome.code, 3, "{}", outcome.stderr);
        // The text of the file where its path should be.
        let outcome = certificate(&mut cage, &broken);
        assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    }
    // Secrets where none belong: flags that do not exist, addresses, the configuration file.
    for (arguments, environment) in [
        (vec!["check", "--client-secret", SECRET], ""),
        (vec!["check", "--client-secret=Kanarie+Secret/&%=<7Qx>"], ""),
        (vec!["capture", "--password", PASSWORD], ""),
        (
            vec!["check", "--auth", "access-token"],
            "https://somebody:Kanarie-proxy-5Ut@contoso.crm4.dynamics.com",
        ),
    ] {
        let mut command = cage.command(&arguments);
        command
            .env("WORK365_DOCTOR_ACCOUNT", ACCOUNT)
            .env("WORK365_DOCTOR_ENVIRONMENT", environment);
        let outcome = cage.finish(command, "");
        assert_eq!(outcome.code, 2, "{arguments:?}: {}", outcome.stderr);
    }
    for text in [
        format!("[live]\nclient-secret = '{SECRET}'\n"),
        format!("[live]\naccount = ['{SECRET}']\n"),
        format!("[live\nclient-secret = '{SECRET}'\n"),
        format!("profile = '{SECRET}'\npassword = '{SECRET}'\n"),
    ] {
        let path = cage.bait("work365-doctor.toml", &text);
        let outcome = cage.run(&["check", "--demo"]);
        assert_eq!(outcome.code, 2, "{}", outcome.stderr);
        assert!(
            outcome.stderr.contains("work365-doctor.toml"),
            "{}",
            outcome.stderr
        );
        std::fs::remove_file(path).unwrap();
    }
    let token = cage.tokens[0].clone();
    let outcome = cage.run(&["token", &token]);
    assert_eq!(outcome.code, 2);
    let broken = format!(
        "{}x.{}",
        token.split('.').next().unwrap(),
        token.split('.').nth(1).unwrap()
    );
    let command = cage.command(&["token"]);
    let outcome = cage.finish(command, &broken);
    assert!(outcome.code >= 2, "{}", outcome.stdout);
}

#[test]
fn texts_and_captures_full_of_secrets_are_decoded_without_them() {
    let mut cage = Cage::new();
    let token = cage.tokens[0].clone();
    let form = format!(
        "grant_type=password&username={ACCOUNT}&password={}&client_secret={}",
        spellings(PASSWORD)[1],
        spellings(SECRET)[1]
    );
    let error = json!({"error": "invalid_grant", "error_description": "AADSTS50126: Error validating credentials.\r\nTrace ID: 1\r\nCorrelation ID: 2", "error_codes": [50126]});
    let text = format!(
        "POST /x/oauth2/v2.0/token\nAuthorization: Bearer {token}\nCookie: ESTSAUTH={COOKIE}\nSet-Cookie: x={COOKIE}\n\n{form}\n\n{error}\n\
         $password = '{PASSWORD}'; client_secret: {SECRET}; refresh_token=refresh-canary\n\
         0x80040220 Principal user (Id=1) is missing prvReadUser privilege; access_token={token}\n"
    );
    let har = json!({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": [{
        "startedDateTime": "2026-01-05T10:11:12Z",
        "request": {"method": "POST", "url": format!("https://login.microsoftonline.com/common/oauth2/v2.0/token?code=code-canary&client_secret={}", spellings(SECRET)[1]),
            "headers": [{"name": "Authorization", "value": format!("Bearer {token}")}, {"name": "Cookie", "value": format!("ESTSAUTH={COOKIE}")}],
            "cookies": [{"name": "ESTSAUTH", "value": COOKIE}], "queryString": [],
            "postData": {"mimeType": "application/x-www-form-urlencoded", "text": form}},
        "response": {"status": 400, "statusText": "", "redirectURL": format!("https://app.example/?error=invalid_grant&error_description=AADSTS50126&code=code-canary&id_token={token}"),
            "headers": [{"name": "Set-Cookie", "value": format!("x={COOKIE}")}], "cookies": [],
            "content": {"size": 1, "mimeType": "application/json", "text": error.to_string()}},
        "time": 1, "timings": {}, "cache": {}}]}});
    let lines = format!("{}\n{}\n", json!(text), json!({"text": text, "id": "a"}));
    let (text_file, har_file, batch) = (
        cage.bait("text.log", &text),
        cage.bait("trace.har", &har.to_string()),
        cage.bait("lines.jsonl", &lines),
    );
    for format in ["table", "json", "ndjson", "short"] {
        for input in [&text_file, &har_file] {
            let outcome = cage.run(&["decode", input, "-o", format, "-v"]);
            assert_eq!(outcome.code, 0, "{format} {input}: {}", outcome.stderr);
            assert!(
                outcome.stdout.contains("50126"),
                "{format} {input}: {}",
                outcome.stdout
            );
        }
        let command = cage.command(&["decode", "-", "-o", format]);
        assert_eq!(cage.finish(command, &text).code, 0);
        let outcome = cage.run(&["decode", "--batch", &batch, "-o", format]);
        assert!(outcome.code < 3, "{format}: {}", outcome.stderr);
    }
    let seen = format!("@{text_file}");
    let outputs = cage.outputs("joined");
    let mut arguments = vec!["check", "--demo", "--error", &seen];
    arguments.extend(outputs.iter().map(String::as_str));
    assert_eq!(cage.run(&arguments).code, 1);
    // Tokens by stdin, of each kind, in each format, with and without a key set.
    for token in cage.tokens.clone() {
        for input in [
            token.clone(),
            format!("Bearer {token}"),
            json!({"accessToken": token}).to_string(),
        ] {
            for format in ["table", "json", "ndjson", "short"] {
                let command = cage.command(&["token", "-o", format, "-v"]);
                let outcome = cage.finish(command, &input);
                assert!(outcome.code < 2, "{}", outcome.stderr);
            }
        }
        let keys = cage.bait("keys.json", "{\"keys\": []}");
        let command = cage.command(&["token", "--jwks", &keys]);
        let outcome = cage.finish(command, &token);
        assert!(outcome.code < 3, "{}", outcome.stderr);
    }
    for odd in ["no token", "a.b.c", "eyJ.eyJ.x", "a.b.c.d.e"] {
        let command = cage.command(&["token"]);
        let outcome = cage.finish(command, &format!("{odd} {SECRET}"));
        assert!(outcome.code >= 2, "{odd}: {}", outcome.stdout);
    }
}

#[test]
fn every_command_keeps_quiet_about_its_surroundings() {
    let mut cage = Cage::new();
    let path = |name: &str, cage: &Cage| cage.path(name).display().to_string();
    let (case, raw, report) = (
        path("case.snapshot.json", &cage),
        path("raw.snapshot.json", &cage),
        path("report.json", &cage),
    );
    for (more, code) in [
        (vec!["-vv", case.as_str()], 0),
        (vec!["-vv", "-"], 0),
        (vec!["--no-redact", "-vv", &raw], 0),
        (vec!["--preview"], 0),
        (vec![], 0),
    ] {
        let mut arguments = vec!["--auth", "access-token"];
        arguments.extend(more);
        let outcome = cage.run_live("capture", &arguments);
        assert_eq!(outcome.code, code, "{arguments:?}: {}", outcome.stderr);
    }
    let many = path("many", &cage);
    std::fs::create_dir(&many).unwrap();
    std::fs::copy(&raw, format!("{many}/one.snapshot.json")).unwrap();
    let json = format!("json={report}");
    let environment = cage.tenant.addresses.dataverse.clone();
    for arguments in [
        vec!["capture", "--from", &raw, "again.snapshot.json"],
        vec!["capture", "--schema"],
        vec!["check", "--snapshot", &raw, "-o", &json],
        vec![
            "check",
            "--snapshot",
            &case,
            "--audience",
            "ticket",
            "-o",
            "markdown",
        ],
        vec!["check", "--demo", "list"],
        vec!["plan", "--account", ACCOUNT, "--environment", &environment, "-vv"],
        vec!["plan", "-o", "json"],
        vec!["what-if", "--snapshot", &raw, "-o", "json"],
        vec!["what-if", "--snapshot", &raw, "--ip", "203.0.113.9", "-vv"],
        vec!["explain", "AADSTS50126"],
        vec!["explain", "password-rejected", "-o", "json"],
        vec!["report", "diff", &report, &report],
        vec!["report", "diff", &raw, &report, "-o", "markdown"],
        vec!["report", "diff", &report, &raw, "-o", "html"],
        vec!["report", "schema"],
        vec!["rules", "list"],
        vec!["rules", "facts"],
        vec!["rules", "lint"],
        vec!["rules", "test"],
        vec!["rules", "schema"],
        vec!["rules", "new", "an-idea"],
        vec!["ask", "--symptom", "reset-fails", "-o", "json"],
        vec!["ask", "--snapshot", &raw, "--rights", "dynamics", "-o", "json"],
        vec!["ask", "--list"],
        vec!["fleet", &many, "-o", "json"],
        vec!["fleet", &many, "-q"],
        vec!["mcp", "--skill"],
        vec!["help", "live"],
        vec!["version"],
        vec!["trust", "--help"],
        vec!["completions", "bash"],
        vec!["man"],
        vec!["decode", "AADSTS50126"],
        vec!["token", "--help"],
        vec!["check", "--help"],
        vec!["capture", "--help"],
    ] {
        let outcome = cage.run(&arguments);
        assert!(outcome.code < 2, "{arguments:?}: {}", outcome.stderr);
    }
    let mut command = cage.command(&["check", "--help"]);
    command.env("WORK365_DOCTOR_ERROR", format!("AADSTS50126 password={PASSWORD}"));
    assert_eq!(cage.finish(command, "").code, 0);
    for format in FORMATS {
        let outcome = cage.run(&["report", "render", &report, "-o", format]);
        assert_eq!(outcome.code, 0, "{format}: {}", outcome.stderr);
    }
    // Whatever command the program has, it was run here: a new one must be added above.
    let help = cage.run(&["--help"]).stdout;
    let commands = help
        .split("Commands:")
        .nth(1)
        .unwrap()
        .split("Options:")
        .next()
        .unwrap();
    let names: BTreeSet<&str> = commands
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(names.len() > 8, "{names:?}");
    for name in names {
        assert!(cage.runs.contains_key(name), "no run of `{name}` was looked at");
    }
}
