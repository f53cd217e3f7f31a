//! The way to the services: certificates that nobody trusts, ports that do not speak TLS, proxies that refuse.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::Value;

use crate::program::run;
use crate::server::{ClosedPort, Request, Response, exchange};
use crate::tenant::Tenant;
use crate::{ACCOUNT, healthy};

/// An authority of our own, and what it signed for one name.
struct Authority {
    pem: String,
    config: Arc<rustls::ServerConfig>,
}

impl Authority {
    fn new(name: &str, year: i32) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, format!("authority of {name}"));
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2001, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let leaf = params.signed_by(&key, &issuer).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![leaf.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap();
        Self {
            pem: issuer.pem(),
            config: Arc::new(config),
        }
    }

    /// Serves over TLS; the port comes back.
    fn serve(&self, answer: Arc<dyn Fn(Request) -> Response + Send + Sync>) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let config = Arc::clone(&self.config);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, config) = (Arc::clone(&answer), Arc::clone(&config));
                std::thread::spawn(move || {
                    let connection = rustls::ServerConnection::new(config).unwrap();
                    // A client that does not trust us goes away: that is what most of these tests want.
                    let _ = exchange(rustls::StreamOwned::new(connection, stream), &*answer);
                });
            }
        });
        port
    }
}

/// A check of an environment at this address; Graph and the rest are the tenant's.
fn check(tenant: &Tenant, environment: &str, more: &[&str]) -> Command {
    let mut arguments = vec!["check", "--account", ACCOUNT, "--environment", environment];
    arguments.extend(["--auth", "access-token", "-o", "json", "-v"]);
    arguments.extend(more);
    let mut command = crate::program::tool(tenant, &arguments);
    command
        .env(
            "WORK365_DOCTOR_GRAPH_TOKEN",
            tenant.token("https://graph.microsoft.com"),
        )
        .env("WORK365_DOCTOR_DATAVERSE_TOKEN", tenant.token(environment));
    command
}

/// Why the environment's challenge could not be read, and what was said on stderr.
fn failure(command: Command) -> (String, String) {
    let (code, stdout, stderr) = run(command);
    let report: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{code}: {stderr}"));
    let causes = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|finding| finding["unknown_because"].as_array().unwrap().clone());
    let detail = causes
        .into_iter()
        .find(|cause| {
            cause["section"] == "dataverse.who_am_i" || cause["section"] == "dataverse.system_users"
        })
        .map(|cause| cause["detail"].as_str().unwrap_or_default().to_owned())
        .unwrap_or_else(|| panic!("{stdout}"));
    (detail, stderr)
}

fn nothing() -> Arc<dyn Fn(Request) -> Response + Send + Sync> {
    Arc::new(|_| panic!("nobody may send a request over a connection that is not trusted"))
}

#[test]
fn a_certificate_that_nobody_trusts_is_named_with_what_to_do() {
    let (tenant, _) = healthy();
    let folder = tempfile::tempdir().unwrap();
    let trusted = |authority: &Authority| {
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, &authority.pem).unwrap();
        path
    };
    let good = Authority::new("localhost", 2101);
    let other = Authority::new("localhost", 2101);
    let named = Authority::new("contoso.example", 2101);
    let expired = Authority::new("localhost", 2002);
    for (authority, trusts, words) in [
        // Another authority, and one that only has the same name.
        (
            &good,
            &named,
            "nobody whom this machine trusts issued the service's certificate",
        ),
        (
            &good,
            &other,
            "nobody whom this machine trusts issued the service's certificate",
        ),
        (&named, &named, "the certificate is for another name"),
        (
            &expired,
            &expired,
            "the certificate is not valid at this machine's time",
        ),
    ] {
        let port = authority.serve(nothing());
        let mut command = check(&tenant, &format!("https://localhost:{port}"), &[]);
        command.env("SSL_CERT_FILE", trusted(trusts));
        let (detail, stderr) = failure(command);
        assert!(detail.contains(words), "{detail}");
        // It is said before anything else was tried, too.
        assert!(stderr.contains(words), "{stderr}");
        assert_eq!(
            detail.contains("SSL_CERT_FILE"),
            words.contains("trusts"),
            "{detail}"
        );
    }
}

#[test]
fn an_authority_that_the_user_names_is_trusted() {
    let (tenant, snapshot) = healthy();
    let now = snapshot["captured_at"].as_str().unwrap();
    let authority = Authority::new("localhost", 2101);
    let state = Arc::clone(&tenant.state);
    let port = authority.serve(Arc::new(move |request| {
        state.answer("dataverse", crate::dataverse::answer, &request)
    }));
    let environment = format!("https://localhost:{port}");
    let mut addresses = tenant.state.addresses();
    addresses.dataverse = environment.clone();
    *tenant.state.addresses.lock().unwrap() = Some(addresses);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, &authority.pem).unwrap();
    let mut command = check(&tenant, &environment, &["--now", now]);
    command.env("SSL_CERT_FILE", &path);
    let (_, stdout, stderr) = run(command);
    let report: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stderr}"));
    let requests = report["requests"].as_array().unwrap();
    let encrypted = requests
        .iter()
        .filter(|request| request["url"].as_str().unwrap().starts_with(&environment));
    let statuses: Vec<_> = encrypted.map(|request| request["status"].as_u64()).collect();
    assert!(
        statuses.len() > 3 && statuses.iter().all(Option::is_some),
        "{statuses:?}"
    );
    assert!(
        report["summary"]["pass"].as_u64().unwrap() > 20,
        "{}",
        report["summary"]
    );
}

#[test]
fn a_port_that_does_not_speak_tls_is_told_apart() {
    let (tenant, _) = healthy();
    // One closes the connection when it gets no HTTP, the other says so in plain text.
    let silent = tenant.addresses.dataverse.replace("http://", "https://");
    let (detail, _) = failure(check(&tenant, &silent, &[]));
    assert!(
        detail.contains("may not speak TLS, or something on the way"),
        "{detail}"
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let talkative = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
            let mut rest = Vec::new();
            let _ = std::io::Read::read_to_end(&mut stream, &mut rest);
        }
    });
    let (detail, _) = failure(check(&tenant, &talkative, &[]));
    assert!(
        detail.contains("does not speak TLS; check address and port"),
        "{detail}"
    );
}

#[test]
fn a_file_of_certificates_that_trusts_nobody_is_told_before_anything_else() {
    let (tenant, _) = healthy();
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    for (file, words) in [
        (folder.path().join("missing.pem"), "which cannot be read"),
        (empty, "which holds no certificate in PEM form"),
    ] {
        let mut command = check(&tenant, "https://contoso.crm4.dynamics.com", &[]);
        command.env("SSL_CERT_FILE", &file);
        let (detail, stderr) = failure(command);
        assert!(
            detail.starts_with(&format!("SSL_CERT_FILE names {}", file.display())) && detail.contains(words),
            "{detail}"
        );
        // Said with the first request that failed by it, before anything else is asked.
        let first = stderr.find(words).unwrap_or_else(|| panic!("{stderr}"));
        let asked = stderr.find("/api/data/v9.2/$batch");
        assert!(asked.is_none_or(|asked| first < asked), "{stderr}");
    }
}

#[test]
fn a_service_that_speaks_old_tls_only_is_said_to() {
    let (tenant, _) = healthy();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let old = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut hello = [0; 64];
            let _ = std::io::Read::read(&mut stream, &mut hello);
            // A fatal alert: no version of the protocol that both know.
            let _ = stream.write_all(&[21, 3, 1, 0, 2, 2, 70]);
        }
    });
    let (detail, _) = failure(check(&tenant, &old, &[]));
    assert!(detail.contains("speaks only TLS older than 1.2"), "{detail}");
}

#[test]
fn variables_that_name_no_proxy_are_said_and_their_text_never_shown() {
    let (tenant, _) = healthy();
    let closed = ClosedPort::new();
    let port = closed.number();
    // By name: the star stands for every name, as services have.
    let environment = format!("https://localhost:{port}");
    for (variables, words) in [
        (
            vec![("HTTPS_PROXY", "ftp://canary")],
            "HTTPS_PROXY holds no address of a proxy",
        ),
        (
            vec![
                ("HTTPS_PROXY", "http://somebody:canary@127.0.0.1:9"),
                ("NO_PROXY", "*"),
            ],
            "the * of NO_PROXY makes an exception of every host",
        ),
    ] {
        let mut command = check(&tenant, &environment, &[]);
        command.envs(variables);
        let (detail, stderr) = failure(command);
        assert!(stderr.contains(words), "{stderr}");
        // It went out directly indeed.
        assert!(detail.contains("the connection was refused"), "{detail}");
        assert!(
            !stderr.contains("canary") && !detail.contains("canary"),
            "{stderr}"
        );
    }
}

/// A proxy that answers every request with this status line; what it was asked comes back.
fn refusing_proxy(status: &'static str) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let asked = Arc::clone(&seen);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            let _ = reader.read_line(&mut line);
            asked.lock().unwrap().push(line.trim().to_owned());
            while reader.read_line(&mut line).is_ok_and(|count| count > 2) {}
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
        }
    });
    (port, seen)
}

#[test]
fn a_proxy_that_refuses_is_named_and_its_password_never_shown() {
    let (tenant, _) = healthy();
    let environment = "https://contoso.crm4.dynamics.com";
    for (status, words) in [
        (
            "407 Proxy Authentication Required",
            "the proxy asks for a sign-in",
        ),
        ("403 Forbidden", "the proxy refused the connection"),
        ("502 Bad Gateway", "the proxy refused the connection"),
    ] {
        let (port, seen) = refusing_proxy(status);
        let mut command = check(&tenant, environment, &[]);
        command.env(
            "HTTPS_PROXY",
            format!("http://somebody:canary-proxy@127.0.0.1:{port}"),
        );
        let (detail, stderr) = failure(command);
        assert!(detail.contains(words), "{status}: {detail}");
        assert!(detail.contains("HTTPS_PROXY"), "{status}: {detail}");
        let announced =
            format!("through the proxy http://127.0.0.1:{port} (HTTPS_PROXY, with a sign-in of its own)");
        assert!(stderr.contains(&announced), "{stderr}");
        for output in [&detail, &stderr] {
            assert!(
                !output.contains("canary") && !output.contains("somebody"),
                "{output}"
            );
        }
        let seen = seen.lock().unwrap();
        assert!(!seen.is_empty());
        // Loopback services are reached directly; only the environment goes by the proxy.
        assert!(
            seen.iter()
                .all(|line| line.starts_with("CONNECT contoso.crm4.dynamics.com:443")),
            "{seen:?}"
        );
    }
    let closed = ClosedPort::new();
    let port = closed.number();
    let mut command = check(&tenant, environment, &[]);
    command.env("HTTPS_PROXY", format!("http://127.0.0.1:{port}"));
    let (detail, _) = failure(command);
    assert!(detail.contains("the proxy cannot be reached"), "{detail}");
}
