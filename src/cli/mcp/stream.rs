//! The stream that messages travel on: one JSON message a line, bounded, and open until every request is answered.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use regex::bytes::Regex;
use rmcp::model::{ErrorCode, ErrorData, JsonRpcMessage, RequestId};
use rmcp::service::{RoleServer, RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use serde_json::Value;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::json_reader;

/// The longest message, in bytes. A snapshot is rarely a tenth of it; a larger one is named, not sent.
const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// Messages that wait for their answers may hold this much together; beyond it no further one is read.
const MAXIMUM_WAITING: usize = 64 * 1024 * 1024;

/// How much of the start and of the end of a message that is too long is looked at for its id.
const EDGE: usize = 256;

/// One line of input.
enum Line {
    Whole(Vec<u8>),
    /// It was longer than a message may be. Its start and its end.
    TooLong(Vec<u8>, Vec<u8>),
}

/// A line to write, and who waits for it to be written.
type Outgoing = (Vec<u8>, oneshot::Sender<io::Result<()>>);

/// Requests that are not answered yet, with their sizes.
#[derive(Default)]
struct Waiting {
    requests: Mutex<HashMap<RequestId, usize>>,
    changed: Notify,
}

impl Waiting {
    fn with<T>(&self, look: impl FnOnce(&mut HashMap<RequestId, usize>) -> T) -> T {
        look(&mut self.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, id: RequestId, bytes: usize) {
        self.with(|requests| requests.insert(id, bytes));
    }

    fn done(&self, id: &RequestId) {
        self.with(|requests| requests.remove(id));
        self.changed.notify_one();
    }

    fn bytes(&self) -> usize {
        self.with(|requests| requests.values().sum())
    }

    fn is_empty(&self) -> bool {
        self.with(|requests| requests.is_empty())
    }
}

/// A transport over a pair of streams.
pub(super) struct Stream {
    incoming: mpsc::Receiver<Line>,
    outgoing: mpsc::UnboundedSender<Outgoing>,
    waiting: Arc<Waiting>,
}

impl Stream {
    /// A transport over stdin and stdout.
    ///
    /// # Errors
    ///
    /// No thread can be started.
    pub(super) fn over_standard_streams() -> io::Result<Self> {
        let (lines, incoming) = mpsc::channel(1);
        std::thread::Builder::new().spawn(move || read_lines(io::stdin().lock(), &lines))?;
        let (outgoing, answers) = mpsc::unbounded_channel();
        std::thread::Builder::new().spawn(move || write_lines(answers))?;
        Ok(Self {
            incoming,
            outgoing,
            waiting: Arc::default(),
        })
    }

    /// Answers a message that nobody can handle; there is nothing to wait for.
    fn refuse(&self, code: ErrorCode, message: &'static str, id: Option<RequestId>) {
        let id = id.map_or(Value::Null, RequestId::into_json_value);
        let answer =
            serde_json::json!({"jsonrpc": "2.0", "id": id, "error": ErrorData::new(code, message, None)});
        // A reader that went away needs no answer.
        let _ = self
            .outgoing
            .send((line(&answer.to_string()), oneshot::channel().0));
    }

    fn message(&self, bytes: &[u8]) -> Option<RxJsonRpcMessage<RoleServer>> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii();
        if bytes.is_empty() {
            return None;
        }
        match json_reader::from_bytes::<RxJsonRpcMessage<RoleServer>>(bytes) {
            Ok(message) => {
                match &message {
                    JsonRpcMessage::Request(request) => self.waiting.add(request.id.clone(), bytes.len()),
                    JsonRpcMessage::Notification(notification) => self.cancelled(&notification.notification),
                    _ => {}
                }
                Some(message)
            }
            Err(error) if error.is_data() => {
                let id = serde_json::from_slice::<Value>(bytes).ok();
                let id = id.and_then(|mut value| serde_json::from_value(value.get_mut("id")?.take()).ok());
                self.refuse(
                    ErrorCode::INVALID_REQUEST,
                    "this is no message of the protocol",
                    id,
                );
                None
            }
            Err(_) => {
                self.refuse(ErrorCode::PARSE_ERROR, "this is no JSON", None);
                None
            }
        }
    }

    /// A request that was cancelled is answered by nobody.
    fn cancelled(&self, notification: &rmcp::model::ClientNotification) {
        if let rmcp::model::ClientNotification::CancelledNotification(cancelled) = notification
            && let Some(id) = &cancelled.params.request_id
        {
            self.waiting.done(id);
        }
    }
}

impl Transport<RoleServer> for Stream {
    type Error = io::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let answered = match &item {
            JsonRpcMessage::Response(response) => Some(response.id.clone()),
            JsonRpcMessage::Error(error) => error.id.clone(),
            _ => None,
        };
        let text = serde_json::to_string(&item);
        let outgoing = self.outgoing.clone();
        let waiting = Arc::clone(&self.waiting);
        async move {
            let closed = || io::Error::from(io::ErrorKind::BrokenPipe);
            let (done, written) = oneshot::channel();
            let sent = outgoing.send((line(&text?), done)).map_err(|_| closed());
            let result = match sent {
                Ok(()) => written.await.unwrap_or_else(|_| Err(closed())),
                Err(error) => Err(error),
            };
            if let Some(id) = answered {
                waiting.done(&id);
            }
            result
        }
    }

    /// The next message. At the end of input it waits until what was asked is answered: a client may close its side as
    /// soon as it has asked.
    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            while self.waiting.bytes() > MAXIMUM_WAITING {
                self.waiting.changed.notified().await;
            }
            match self.incoming.recv().await {
                Some(Line::Whole(bytes)) => {
                    if let Some(message) = self.message(&bytes) {
                        return Some(message);
                    }
                }
                Some(Line::TooLong(start, end)) => {
                    let id = id_at_the_edge(&start, &end);
                    self.refuse(
                        ErrorCode::INVALID_REQUEST,
                        "the message is longer than 16 MiB",
                        id,
                    );
                }
                None if self.waiting.is_empty() => return None,
                None => self.waiting.changed.notified().await,
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

fn line(text: &str) -> Vec<u8> {
    let mut line = Vec::with_capacity(text.len() + 1);
    line.extend_from_slice(text.as_bytes());
    line.push(b'\n');
    line
}

fn write_lines(mut answers: mpsc::UnboundedReceiver<Outgoing>) {
    let mut stdout = io::stdout().lock();
    while let Some((line, done)) = answers.blocking_recv() {
        let result = stdout.write_all(&line).and_then(|()| stdout.flush());
        // Nobody waits for an answer to a message that nobody could read.
        let _ = done.send(result);
    }
}

/// Sends the lines of a stream, until it ends, fails, or nobody takes them. A last line needs no line feed.
fn read_lines(mut reader: impl BufRead, lines: &mpsc::Sender<Line>) {
    while let Ok(Some(line)) = next_line(&mut reader, LONGEST_LINE) {
        if lines.blocking_send(line).is_err() {
            return;
        }
    }
}

fn next_line(reader: &mut impl BufRead, longest: usize) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    let mut end: Option<Vec<u8>> = None;
    loop {
        let available = reader.fill_buf()?;
        if available.is_empty() {
            return Ok((!line.is_empty()).then(|| finished(line, end)));
        }
        let feed = memchr::memchr(b'\n', available);
        let taken = feed.unwrap_or(available.len());
        let piece = available.get(..taken).unwrap_or_default();
        match &mut end {
            Some(end) => keep_edge(end, piece),
            None if line.len() + piece.len() > longest => {
                let mut edge = line
                    .get(line.len().saturating_sub(EDGE)..)
                    .unwrap_or_default()
                    .to_vec();
                keep_edge(&mut edge, piece);
                end = Some(edge);
                line.truncate(EDGE);
                if line.is_empty() {
                    line.extend_from_slice(piece.get(..EDGE.min(piece.len())).unwrap_or_default());
                }
            }
            None => line.extend_from_slice(piece),
        }
        reader.consume(feed.map_or(taken, |feed| feed + 1));
        if feed.is_some() {
            return Ok(Some(finished(line, end)));
        }
    }
}

fn finished(line: Vec<u8>, end: Option<Vec<u8>>) -> Line {
    match end {
        Some(end) => Line::TooLong(line, end),
        None => Line::Whole(line),
    }
}

fn keep_edge(edge: &mut Vec<u8>, piece: &[u8]) {
    edge.extend_from_slice(piece.get(piece.len().saturating_sub(EDGE)..).unwrap_or_default());
    let beyond = edge.len().saturating_sub(EDGE);
    edge.drain(..beyond);
}

/// The id of a message of which only the edges are known. It is only taken where nothing but the message itself can hold
/// it: as the first keys, or as the last one.
fn id_at_the_edge(start: &[u8], end: &[u8]) -> Option<RequestId> {
    const ID: &str = r#""id"\s*:\s*(-?[0-9]{1,18}|"[^"\\]{1,128}")"#;
    static FIRST: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(&format!(
            r#"^\s*\{{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?{ID}\s*,"#
        ))
        .ok()
    });
    static LAST: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(&format!(
            r#"\}}\s*,\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?{ID}\s*\}}\s*$"#
        ))
        .ok()
    });
    let first = FIRST.as_ref().and_then(|first| first.captures(start));
    let last = || LAST.as_ref().and_then(|last| last.captures(end));
    let found = first.or_else(last)?;
    serde_json::from_slice(found.get(1)?.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use std::io::BufReader;

    use rmcp::model::RequestId;

    use super::{Line, id_at_the_edge, next_line};

    fn lines(text: &str, longest: usize) -> Vec<Result<String, (String, String)>> {
        let mut reader = BufReader::with_capacity(7, text.as_bytes());
        let mut lines = Vec::new();
        let owned = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        while let Some(line) = next_line(&mut reader, longest).unwrap() {
            lines.push(match line {
                Line::Whole(bytes) => Ok(owned(bytes)),
                Line::TooLong(start, end) => Err((owned(start), owned(end))),
            });
        }
        lines
    }

    #[test]
    fn a_line_that_is_too_long_costs_only_itself_and_shows_its_edges() {
        let long = format!("{}{}{}", "a".repeat(300), "b".repeat(5000), "c".repeat(300));
        let text = format!("one\n{long}\ntwo");
        let edges = ("a".repeat(256), "c".repeat(256));
        assert_eq!(
            lines(&text, 1000),
            [Ok("one".to_owned()), Err(edges), Ok("two".to_owned())]
        );
    }

    #[test]
    fn the_id_of_a_message_is_never_taken_from_its_arguments() {
        let id = |start: &str, end: &str| id_at_the_edge(start.as_bytes(), end.as_bytes());
        assert_eq!(
            id(
                r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"#,
                r#"aaa"}}}"#
            ),
            Some(RequestId::Number(7))
        );
        assert_eq!(
            id(
                r#"{"method":"tools/call","params":{"arguments":{"text":""#,
                r#"aaa"}},"jsonrpc":"2.0","id":"x-1"}"#
            ),
            Some(RequestId::String("x-1".into()))
        );
        assert_eq!(
            id(r#"{"method":"tools/call","params":{"id":3,"#, r#"aaa"}}}"#),
            None
        );
        assert_eq!(
            id(r#"{"method":"tools/call","params":{"#, r#"{"text":"a","id":3}}}"#),
            None
        );
    }
}
