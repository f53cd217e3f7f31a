//! A small HTTP/1.1 server on a loopback port: enough for a tenant that answers, and for one that misbehaves.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpSocket;

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query, percent-decoded.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }
}

/// What goes back.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) how: How,
}

/// How an answer is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Whole,
    /// The connection closes after half of the body.
    Truncated,
    /// The body never ends.
    Endless,
    /// The answer comes after this many milliseconds.
    Late(u64),
    /// The connection closes without an answer.
    Hangup,
}

impl Response {
    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self {
            status,
            headers: vec![("Content-Type".into(), "application/json; charset=utf-8".into())],
            body: body.to_string().into_bytes(),
            how: How::Whole,
        }
    }

    pub(crate) fn text(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("Content-Type".into(), content_type.into())],
            body: body.into(),
            how: How::Whole,
        }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(crate) fn sent(mut self, how: How) -> Self {
        self.how = how;
        self
    }
}

/// Serves `answer` on a port of its own until the process ends; the origin comes back.
pub(crate) fn serve(answer: Arc<dyn Fn(Request) -> Response + Send + Sync>) -> String {
    let port = serve_on("127.0.0.1", answer);
    format!("http://127.0.0.1:{port}")
}

/// The same on a port of every address of an interface; the port comes back.
pub(crate) fn serve_on(address: &str, answer: Arc<dyn Fn(Request) -> Response + Send + Sync>) -> u16 {
    let listener = TcpListener::bind((address, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || {
                // A client that goes away in the middle is what some tests want.
                let _ = exchange(stream, &*answer);
            });
        }
    });
    port
}

/// A port of this machine on which nobody listens. It is bound as long as this is kept: a port that was given back is the
/// next one that another test's tenant gets.
pub(crate) struct ClosedPort(TcpSocket);

impl ClosedPort {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self(socket)
    }

    pub(crate) fn number(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }
}

/// Answers the requests of one connection, encrypted or not.
pub(crate) fn exchange(
    stream: impl Read + Write,
    answer: &dyn Fn(Request) -> Response,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let Some(request) = read(&mut reader)? else {
            return Ok(());
        };
        let response = answer(request);
        if !write(reader.get_mut(), &response)? {
            return Ok(());
        }
    }
}

fn read(reader: &mut impl BufRead) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let mut request = Request {
        method: words.next().unwrap_or_default().to_owned(),
        target: decode(words.next().unwrap_or_default()),
        ..Request::default()
    };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        request.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let length = request
        .header("content-length")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    request.body = vec![0; length];
    reader.read_exact(&mut request.body)?;
    Ok(Some(request))
}

/// Writes the response; whether the connection stays open.
fn write(stream: &mut impl Write, response: &Response) -> std::io::Result<bool> {
    match response.how {
        How::Hangup => return Ok(false),
        How::Late(milliseconds) => std::thread::sleep(Duration::from_millis(milliseconds)),
        _ => {}
    }
    let mut head = format!("HTTP/1.1 {} X\r\n", response.status);
    for (name, value) in &response.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if response.how == How::Endless {
        stream.write_all(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes())?;
        let chunk = vec![b' '; 1 << 16];
        loop {
            stream.write_all(b"10000\r\n")?;
            stream.write_all(&chunk)?;
            stream.write_all(b"\r\n")?;
        }
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", response.body.len()));
    let mut bytes = head.into_bytes();
    let end = match response.how {
        How::Truncated => response.body.len() / 2,
        _ => response.body.len(),
    };
    bytes.extend_from_slice(&response.body[..end]);
    stream.write_all(&bytes)?;
    Ok(response.how != How::Truncated)
}

/// Percent-decoding.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::new();
    let mut position = 0;
    while position < bytes.len() {
        let hex = bytes
            .get(position + 1..position + 3)
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match (bytes[position], hex) {
            (b'%', Some(byte)) => {
                decoded.push(byte);
                position += 3;
            }
            (byte, _) => {
                decoded.push(byte);
                position += 1;
            }
        }
    }
    String::from_utf8(decoded).unwrap()
}
