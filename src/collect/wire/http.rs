//! The one HTTP client: https (or loopback), deadlines, a cap on every body, waiting where a service asks for it,
//! no redirects, each token bound to its own origin, and a ledger of everything that was sent.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use super::call::{Answer, Call, Method, Repeat, Service};
use super::ledger::{Ledger, LedgerEntry};
use super::limits::Limits;
use super::lock::lock;
use super::observer::Observer;
use super::origin::{Origin, Origins};
use super::rate_limit::RateLimit;
use super::recorder::Recorder;
use super::scrub_secrets::Sent;
use super::transport_error::{TransportError, chain};
use super::{certificates, guard, request_id, retry};
use crate::secret::Secret;

/// Largest body that is read, after decompression. A full privilege list of a large environment is about 1 MiB.
const MAXIMUM_BODY: usize = 16 * 1024 * 1024;

/// The client with everything that is shared between requests.
pub(crate) struct Http {
    pub(crate) origins: Origins,
    /// The file of trusted certificates that was named.
    certificates: Option<PathBuf>,
    pub(crate) limits: Limits,
    pub(crate) observer: Arc<dyn Observer>,
    tokens: Mutex<BTreeMap<Service, Secret>>,
    sent: Mutex<Sent>,
    without_batch: Mutex<BTreeSet<Service>>,
    ledger: Mutex<Ledger>,
    pace: RateLimit,
    /// The pace of the tenant, when runs of many accounts share it.
    shared_pace: OnceLock<Arc<RateLimit>>,
    /// What was sent and answered, if it is to be kept.
    recorder: OnceLock<Recorder>,
    started: Mutex<Instant>,
    waited: Mutex<Duration>,
    encrypted: OnceLock<Result<reqwest::Client, String>>,
    plain: OnceLock<Result<reqwest::Client, String>>,
}

impl Http {
    pub(crate) fn new(
        origins: Origins,
        limits: Limits,
        certificates: Option<PathBuf>,
        observer: Arc<dyn Observer>,
    ) -> Self {
        Self {
            origins,
            certificates,
            limits,
            observer,
            tokens: Mutex::default(),
            sent: Mutex::default(),
            without_batch: Mutex::default(),
            ledger: Mutex::default(),
            pace: RateLimit::default(),
            shared_pace: OnceLock::new(),
            recorder: OnceLock::new(),
            started: Mutex::new(Instant::now()),
            waited: Mutex::default(),
            encrypted: OnceLock::new(),
            plain: OnceLock::new(),
        }
    }

    /// Sets the token of a service; from now on its signed requests carry it.
    pub(crate) fn set_token(&self, service: Service, token: Secret) {
        self.remember(&token);
        lock(&self.tokens).insert(service, token);
    }

    /// Remembers a secret that is about to be sent: it must not come back as evidence.
    pub(crate) fn remember(&self, secret: &Secret) {
        lock(&self.sent).remember(secret);
    }

    /// Whether a service was seen not to answer batches.
    pub(crate) fn is_without_batch(&self, service: Service) -> bool {
        lock(&self.without_batch).contains(&service)
    }

    /// Remembers that a service does not answer batches.
    pub(crate) fn set_without_batch(&self, service: Service) {
        lock(&self.without_batch).insert(service);
    }

    /// From now on the report family is asked at this pace, and by one run at a time.
    pub(crate) fn share_pace(&self, pace: Arc<RateLimit>) {
        // The tenant of a run is known once, and does not change.
        let _ = self.shared_pace.set(pace);
    }

    /// From now on keeps what is sent and answered.
    pub(crate) fn keep_exchanges(&self) {
        self.recorder.get_or_init(Recorder::default);
    }

    /// What was sent and answered, if it is kept.
    pub(crate) fn recorder(&self) -> Option<&Recorder> {
        self.recorder.get()
    }

    /// Everything that was sent so far.
    pub(crate) fn ledger(&self) -> Vec<LedgerEntry> {
        lock(&self.ledger).entries()
    }

    /// Starts the clocks of another round of reading, as `--wait` does.
    pub(crate) fn restart_clocks(&self) {
        *lock(&self.started) = Instant::now();
        *lock(&self.waited) = Duration::ZERO;
    }

    fn time_left(&self) -> Duration {
        self.limits.total.saturating_sub(lock(&self.started).elapsed())
    }

    /// Sends a request, again where that is allowed and can help, and reads the whole answer.
    pub(crate) async fn send(&self, call: &Call) -> Result<Answer, TransportError> {
        let position = lock(&self.ledger).open(
            call.method.name(),
            format!("{}{}", self.origins.of(call.service), call.template),
        );
        let started = Instant::now();
        let mut attempts = 0;
        // Held while the service asks to wait, too: what it says to one it says to all.
        let turn = match self.shared_pace.get() {
            Some(pace) if call.paced > 0 => Some(pace.turn().await),
            _ => None,
        };
        let outcome = self.attempt_until_done(call, &mut attempts).await;
        drop(turn);
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (status, request_id) = match &outcome {
            Ok(answer) => (Some(answer.status), answer.request_id.clone()),
            Err(trouble) => (None, trouble.request_id.clone()),
        };
        let entry = lock(&self.ledger).close(position, status, milliseconds, attempts, request_id);
        if let Some(entry) = entry {
            self.observer.sent(&entry);
        }
        outcome
    }

    async fn attempt_until_done(&self, call: &Call, attempts: &mut u32) -> Result<Answer, TransportError> {
        // A refused request is a fault of this program; it is reported, never sent.
        guard::permit(call).map_err(|error| TransportError::lasting(error.to_string()))?;
        loop {
            if self.time_left().is_zero() {
                return Err(self.out_of_time());
            }
            let pace = self.shared_pace.get().map_or(&self.pace, |shared| shared);
            pace.admit(call.paced, &*self.observer).await;
            *attempts += 1;
            let id = request_id::fresh();
            let outcome = self
                .attempt(call, id.as_deref())
                .await
                .map_err(|trouble| TransportError {
                    request_id: id,
                    ..trouble
                });
            if let Some(recorder) = self.recorder() {
                recorder.keep(call, &outcome);
            }
            let pause = match &outcome {
                Ok(answer) if retry::is_throttled(answer.status) && call.repeat != Repeat::Never => {
                    retry::after_throttling(answer.retry_after, *attempts, call.family)
                }
                Err(trouble) if trouble.is_transient && call.repeat == Repeat::Always => {
                    retry::after_trouble(*attempts)
                }
                _ => None,
            };
            match pause {
                Some(pause) if self.may_wait(pause) => {
                    self.wait(call.service, pause, outcome.is_ok()).await;
                }
                _ => return outcome,
            }
        }
    }

    /// Takes a pause out of the budget of waiting, if it still fits.
    pub(crate) fn may_wait(&self, pause: Duration) -> bool {
        let mut waited = lock(&self.waited);
        let fits = *waited + pause <= self.limits.waiting && pause < self.time_left();
        if fits {
            *waited += pause;
        }
        fits
    }

    /// Waits, telling the observer how long it still takes.
    pub(crate) async fn wait(&self, service: Service, pause: Duration, is_throttled: bool) {
        let end = Instant::now() + pause;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            if is_throttled {
                self.observer.throttled(service.name(), left);
            }
            tokio::time::sleep(left.min(Duration::from_secs(1))).await;
        }
    }

    fn out_of_time(&self) -> TransportError {
        TransportError::lasting(format!(
            "the run's time of {} s was used up",
            self.limits.total.as_secs()
        ))
    }

    async fn attempt(&self, call: &Call, id: Option<&str>) -> Result<Answer, TransportError> {
        let limit = self.limits.request.min(self.time_left());
        match tokio::time::timeout(limit, self.exchange(call, id)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(TransportError::lasting(format!(
                "no complete answer within {}",
                seconds(limit)
            ))),
        }
    }

    async fn exchange(&self, call: &Call, id: Option<&str>) -> Result<Answer, TransportError> {
        let origin = self.origins.of(call.service);
        let url = format!("{origin}{}", call.path);
        let client = self.client(origin)?;
        let mut request = match call.method {
            Method::Get => client.get(&url),
            Method::Post => client.post(&url),
        };
        request = request.header("Accept", "application/json");
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        if let Some(id) = id {
            for (name, value) in request_id::headers(call.service) {
                request = request.header(
                    *name,
                    match value {
                        request_id::Value::Id => id,
                        request_id::Value::True => "true",
                    },
                );
            }
        }
        if call.signed {
            // The token is looked up by the service whose origin the URL was made of: it cannot reach another host.
            if let Some(token) = lock(&self.tokens).get(&call.service) {
                let mut value = reqwest::header::HeaderValue::from_str(&format!("Bearer {}", token.expose()))
                    .map_err(|_| {
                        TransportError::lasting("the token has characters that no header can hold")
                    })?;
                value.set_sensitive(true);
                request = request.header(reqwest::header::AUTHORIZATION, value);
            }
        }
        if let Some(body) = &call.body {
            request = request
                .header(reqwest::header::CONTENT_TYPE, &body.content_type)
                .body(body.bytes.clone());
        }
        let response = request.send().await.map_err(|error| TransportError::of(&error))?;
        let mut answer = read_answer(response).await?;
        answer.request_id = id.map(str::to_owned);
        lock(&self.sent).remove(&mut answer, call.service);
        Ok(answer)
    }

    /// Loopback is reached directly and needs no certificates; everything else goes by the system's proxy and CA store.
    fn client(&self, origin: &Origin) -> Result<&reqwest::Client, TransportError> {
        let cell = if origin.is_plain() {
            self.plain
                .get_or_init(|| build(builder().no_proxy().tls_certs_only([])))
        } else {
            self.encrypted.get_or_init(|| {
                match self.certificates.as_deref().and_then(certificates::fault_of) {
                    Some(fault) => Err(fault),
                    None => build(builder().https_only(true)),
                }
            })
        };
        cell.as_ref()
            .map_err(|detail| TransportError::lasting(detail.clone()))
    }
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(Duration::from_secs(15))
        .user_agent(concat!("work365-doctor/", env!("CARGO_PKG_VERSION")))
}

fn build(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, String> {
    builder.build().map_err(|error| {
        format!(
            "no HTTP client could be made: {}; SSL_CERT_FILE names a file with CA certificates",
            chain(&error)
        )
    })
}

async fn read_answer(mut response: reqwest::Response) -> Result<Answer, TransportError> {
    let header = |name: &str| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let mut answer = Answer {
        status: response.status().as_u16(),
        content_type: header("content-type").unwrap_or_default(),
        challenges: response
            .headers()
            .get_all("www-authenticate")
            .iter()
            .filter_map(|value| value.to_str().ok().map(str::to_owned))
            .collect(),
        location: header("location"),
        retry_after: header("retry-after").and_then(|text| retry::pause_of(&text)),
        date: header("date").and_then(|text| retry::http_date(&text)),
        request_id: None,
        body: Vec::new(),
    };
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| TransportError::of(&error))?
    {
        if answer.body.len() + chunk.len() > MAXIMUM_BODY {
            return Err(TransportError::lasting(format!(
                "the answer is larger than {} MiB",
                MAXIMUM_BODY / 1024 / 1024
            )));
        }
        answer.body.extend_from_slice(&chunk);
    }
    Ok(answer)
}

fn seconds(duration: Duration) -> String {
    if duration.as_secs() > 0 {
        format!("{} s", duration.as_secs())
    } else {
        format!("{} ms", duration.as_millis())
    }
}
