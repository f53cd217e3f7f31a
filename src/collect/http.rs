//! The one HTTP client: https (or loopback), deadlines, a cap on every body, waiting where a service asks for it,
//! no redirects, each token bound to its own origin, and a ledger of everything that was sent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::call::{Answer, Call, Method, Repeat, Service};
use super::ledger::{Ledger, LedgerEntry};
use super::origin::Origin;
use super::pace::Pace;
use super::trouble::{Trouble, chain};
use super::{Limits, Observer, guard, request_id, retry};
use crate::secret::Secret;

/// Largest body that is read, after decompression. A full privilege list of a large environment is about 1 MiB.
const MAXIMUM_BODY: usize = 16 * 1024 * 1024;

/// Where the services are.
#[derive(Debug, Clone)]
pub struct Origins {
    /// The sign-in service.
    pub login: Origin,
    /// Microsoft Graph.
    pub graph: Origin,
    /// The environment.
    pub dataverse: Origin,
    /// The Power Platform admin API.
    pub admin: Origin,
}

impl Origins {
    /// The origin of one service.
    pub fn of(&self, service: Service) -> &Origin {
        match service {
            Service::Login => &self.login,
            Service::Graph => &self.graph,
            Service::Dataverse => &self.dataverse,
            Service::Admin => &self.admin,
        }
    }
}

/// The client with everything that is shared between requests.
pub(super) struct Http {
    pub(super) origins: Origins,
    pub(super) limits: Limits,
    pub(super) observer: Arc<dyn Observer>,
    tokens: Mutex<BTreeMap<Service, Secret>>,
    without_batch: Mutex<BTreeSet<Service>>,
    ledger: Mutex<Ledger>,
    pace: Pace,
    started: Mutex<Instant>,
    waited: Mutex<Duration>,
    encrypted: OnceLock<Result<reqwest::Client, String>>,
    plain: OnceLock<Result<reqwest::Client, String>>,
}

impl Http {
    pub(super) fn new(origins: Origins, limits: Limits, observer: Arc<dyn Observer>) -> Self {
        Self {
            origins,
            limits,
            observer,
            tokens: Mutex::default(),
            without_batch: Mutex::default(),
            ledger: Mutex::default(),
            pace: Pace::default(),
            started: Mutex::new(Instant::now()),
            waited: Mutex::default(),
            encrypted: OnceLock::new(),
            plain: OnceLock::new(),
        }
    }

    /// Sets the token of a service; from now on its signed requests carry it.
    pub(super) fn set_token(&self, service: Service, token: Secret) {
        lock(&self.tokens).insert(service, token);
    }

    /// Whether a service was seen not to answer batches.
    pub(super) fn is_without_batch(&self, service: Service) -> bool {
        lock(&self.without_batch).contains(&service)
    }

    /// Remembers that a service does not answer batches.
    pub(super) fn set_without_batch(&self, service: Service) {
        lock(&self.without_batch).insert(service);
    }

    /// Everything that was sent so far.
    pub(super) fn ledger(&self) -> Vec<LedgerEntry> {
        lock(&self.ledger).entries()
    }

    /// Starts the clocks of another round of reading, as `--wait` does.
    pub(super) fn restart_clocks(&self) {
        *lock(&self.started) = Instant::now();
        *lock(&self.waited) = Duration::ZERO;
    }

    fn time_left(&self) -> Duration {
        self.limits.total.saturating_sub(lock(&self.started).elapsed())
    }

    /// Sends a request, again where that is allowed and can help, and reads the whole answer.
    pub(super) async fn send(&self, call: &Call) -> Result<Answer, Trouble> {
        let position = lock(&self.ledger).open(
            call.method.name(),
            format!("{}{}", self.origins.of(call.service), call.template),
        );
        let started = Instant::now();
        let mut attempts = 0;
        let outcome = self.attempt_until_done(call, &mut attempts).await;
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

    async fn attempt_until_done(&self, call: &Call, attempts: &mut u32) -> Result<Answer, Trouble> {
        // A refused request is a fault of this program; it is reported, never sent.
        guard::permit(call).map_err(|error| Trouble::lasting(error.to_string()))?;
        loop {
            if self.time_left().is_zero() {
                return Err(self.out_of_time());
            }
            self.pace.admit(call.paced, &*self.observer).await;
            *attempts += 1;
            let id = request_id::fresh();
            let outcome = self
                .attempt(call, id.as_deref())
                .await
                .map_err(|trouble| Trouble {
                    request_id: id,
                    ..trouble
                });
            let pause = match &outcome {
                Ok(answer) if retry::is_throttled(answer.status) && call.repeat != Repeat::Never => {
                    retry::after_throttling(answer.retry_after, *attempts)
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
    pub(super) fn may_wait(&self, pause: Duration) -> bool {
        let mut waited = lock(&self.waited);
        let fits = *waited + pause <= self.limits.waiting && pause < self.time_left();
        if fits {
            *waited += pause;
        }
        fits
    }

    /// Waits, telling the observer how long it still takes.
    pub(super) async fn wait(&self, service: Service, pause: Duration, is_throttled: bool) {
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

    fn out_of_time(&self) -> Trouble {
        Trouble::lasting(format!(
            "the run's time of {} s was used up",
            self.limits.total.as_secs()
        ))
    }

    async fn attempt(&self, call: &Call, id: Option<&str>) -> Result<Answer, Trouble> {
        let limit = self.limits.request.min(self.time_left());
        match tokio::time::timeout(limit, self.exchange(call, id)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Trouble::lasting(format!(
                "no complete answer within {}",
                seconds(limit)
            ))),
        }
    }

    async fn exchange(&self, call: &Call, id: Option<&str>) -> Result<Answer, Trouble> {
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
                    .map_err(|_| Trouble::lasting("the token has characters that no header can hold"))?;
                value.set_sensitive(true);
                request = request.header(reqwest::header::AUTHORIZATION, value);
            }
        }
        if let Some(body) = &call.body {
            request = request
                .header(reqwest::header::CONTENT_TYPE, &body.content_type)
                .body(body.bytes.clone());
        }
        let response = request.send().await.map_err(|error| Trouble::of(&error))?;
        let mut answer = read_answer(response).await?;
        answer.request_id = id.map(str::to_owned);
        Ok(answer)
    }

    /// Loopback is reached directly and needs no certificates; everything else goes by the system's proxy and CA store.
    fn client(&self, origin: &Origin) -> Result<&reqwest::Client, Trouble> {
        let cell = if origin.is_plain() {
            self.plain
                .get_or_init(|| build(builder().no_proxy().tls_certs_only([])))
        } else {
            self.encrypted.get_or_init(|| build(builder().https_only(true)))
        };
        cell.as_ref().map_err(|detail| Trouble::lasting(detail.clone()))
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

async fn read_answer(mut response: reqwest::Response) -> Result<Answer, Trouble> {
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
    while let Some(chunk) = response.chunk().await.map_err(|error| Trouble::of(&error))? {
        if answer.body.len() + chunk.len() > MAXIMUM_BODY {
            return Err(Trouble::lasting(format!(
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

/// A lock that survives a panic elsewhere: what it guards stays consistent at every step.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
