//! A service that does exactly what it is told, one reply per request, over a real socket.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What happens to one request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// These bytes, after this long; then whatever `Then` says.
    Bytes(Vec<u8>, Duration, Then),
    /// These bytes, whatever comes first from the other side.
    Blurt(&'static [u8]),
    /// The connection is closed before anything was read.
    Drop,
    /// The request is read and the connection closed.
    ReadAndDrop,
    /// The request is read and nothing follows.
    Hang,
    /// A body that never ends.
    Endless(u16),
    /// Headers that never end.
    EndlessHead,
}

/// What becomes of the connection after a reply.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Then {
    Keep,
    Close,
    Hold,
}

impl Reply {
    pub(crate) fn raw(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec(), Duration::ZERO, Then::Keep)
    }

    pub(crate) fn json(status: u16, body: &str) -> Self {
        let length = body.len();
        Self::raw(&format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// A stream of events that ends with the connection.
    pub(crate) fn events(text: &str) -> Self {
        Self::raw(&format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n\r\n{text}"
        ))
        .last()
    }

    pub(crate) fn last(self) -> Self {
        self.then(Then::Close)
    }

    pub(crate) fn held(self) -> Self {
        self.then(Then::Hold)
    }

    pub(crate) fn after(self, pause: Duration) -> Self {
        match self {
            Self::Bytes(bytes, _, then) => Self::Bytes(bytes, pause, then),
            other => other,
        }
    }

    fn then(self, then: Then) -> Self {
        match self {
            Self::Bytes(bytes, pause, _) => Self::Bytes(bytes, pause, then),
            other => other,
        }
    }
}

/// A request as it arrived.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) body: String,
    headers: Vec<(String, String)>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All headers, names in lower case, sorted.
    pub(crate) fn headers(&self) -> Vec<(&str, &str)> {
        let mut list: Vec<_> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        list.sort_unstable();
        list
    }

    /// Path and query under the base address.
    pub(crate) fn path(&self) -> &str {
        let target = self.line.split(' ').nth(1).unwrap_or_default();
        target.strip_prefix("/api/v1").unwrap_or(target)
    }
}

/// Finds the reply to a request.
type Rule = dyn Fn(&Seen) -> Reply + Send + Sync;

#[derive(Default)]
struct State {
    replies: VecDeque<Reply>,
    rule: Option<Arc<Rule>>,
    seen: Vec<Seen>,
    raw: Vec<u8>,
    connections: usize,
    held: Vec<TcpStream>,
    stopped: bool,
}

/// The server. It ends with the test.
pub(crate) struct Server {
    pub(crate) base: String,
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    written: Mutex<Receiver<usize>>,
}

impl Server {
    /// These replies, one after the other.
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::with(State {
            replies: replies.into_iter().collect(),
            ..State::default()
        })
    }

    /// To each request what the rule says, in whatever order they come.
    #[allow(dead_code, reason = "not every test asks several things at once")]
    pub(crate) fn by(rule: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        Self::with(State {
            rule: Some(Arc::new(rule)),
            ..State::default()
        })
    }

    fn with(state: State) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(Mutex::new(state));
        let (report, written) = channel();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { break };
                let mut state = shared.lock().expect("the state");
                if state.stopped {
                    break;
                }
                state.connections += 1;
                match state.replies.front() {
                    Some(Reply::Drop) => {
                        state.replies.pop_front();
                        continue;
                    }
                    Some(Reply::Blurt(bytes)) => {
                        blurt(stream, bytes, &mut state.raw);
                        continue;
                    }
                    _ => {}
                }
                drop(state);
                let (shared, report) = (Arc::clone(&shared), report.clone());
                std::thread::spawn(move || serve(stream, &shared, &report));
            }
        });
        Self {
            base: format!("http://{address}/api/v1"),
            address,
            state,
            written: Mutex::new(written),
        }
    }

    /// These replies come next.
    pub(crate) fn will(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state
            .lock()
            .expect("the state")
            .replies
            .extend(replies);
    }

    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.lock().expect("the state").seen.clone()
    }

    /// Everything that arrived, whether it was a request or not.
    pub(crate) fn raw(&self) -> String {
        String::from_utf8_lossy(&self.state.lock().expect("the state").raw).into_owned()
    }

    pub(crate) fn connections(&self) -> usize {
        self.state.lock().expect("the state").connections
    }

    /// How much of an endless reply could be written before the client hung up.
    pub(crate) async fn written(&self) -> usize {
        loop {
            if let Ok(bytes) = self.written.lock().expect("the report").try_recv() {
                return bytes;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Frees the port.
    pub(crate) fn stop(self) {
        self.state.lock().expect("the state").stopped = true;
        // The listener notices at its next connection, and is gone when this one is.
        if let Ok(mut stream) = TcpStream::connect(self.address) {
            let _ = stream.read(&mut [0]);
        }
    }
}

fn serve(mut stream: TcpStream, shared: &Mutex<State>, report: &Sender<usize>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
    while let Some(request) = read(&mut reader, shared) {
        let rule = shared.lock().expect("the state").rule.clone();
        let ruled = rule.map(|rule| rule(&request));
        let reply = {
            let mut state = shared.lock().expect("the state");
            state.seen.push(request);
            let next = ruled.or_else(|| state.replies.pop_front());
            next.unwrap_or(Reply::ReadAndDrop)
        };
        match reply {
            Reply::Drop | Reply::Blurt(_) | Reply::ReadAndDrop => return,
            Reply::Hang => return hold(stream, shared),
            Reply::Endless(status) => {
                let head = format!(
                    "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n["
                );
                return endless(
                    &mut stream,
                    head.as_bytes(),
                    &b"1,\n".repeat(20_000),
                    report,
                );
            }
            Reply::EndlessHead => {
                let headers = b"X-More: and more\r\n".repeat(1_000);
                return endless(&mut stream, b"HTTP/1.1 200 OK\r\n", &headers, report);
            }
            Reply::Bytes(bytes, pause, then) => {
                std::thread::sleep(pause);
                let _ = stream.write_all(&bytes);
                match then {
                    Then::Keep => {}
                    Then::Close => return,
                    Then::Hold => return hold(stream, shared),
                }
            }
        }
    }
}

fn blurt(mut stream: TcpStream, bytes: &[u8], raw: &mut Vec<u8>) {
    let mut first = [0; 4096];
    let read = stream.read(&mut first).unwrap_or(0);
    raw.extend(&first[..read]);
    let _ = stream.write_all(bytes);
    // Until the other side hangs up, so that it reads the answer and not a reset.
    let _ = stream.read_to_end(raw);
}

fn hold(stream: TcpStream, shared: &Mutex<State>) {
    shared.lock().expect("the state").held.push(stream);
}

fn endless(stream: &mut TcpStream, head: &[u8], piece: &[u8], report: &Sender<usize>) {
    let mut written = 0;
    let mut write = |bytes: &[u8]| stream.write_all(bytes).map(|()| written += bytes.len());
    if write(head).is_ok() {
        while write(piece).is_ok() {}
    }
    let _ = report.send(written);
}

/// One request; `None` where there is none, or no whole one.
fn read(reader: &mut BufReader<TcpStream>, shared: &Mutex<State>) -> Option<Seen> {
    let mut seen = Seen::default();
    let mut length = 0;
    loop {
        let mut line = Vec::new();
        let read = reader.read_until(b'\n', &mut line).ok()?;
        shared.lock().expect("the state").raw.extend(&line);
        if read == 0 {
            return None;
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        match line.split_once(": ") {
            _ if line.is_empty() => break,
            _ if seen.line.is_empty() => seen.line = line,
            Some((name, value)) => {
                let name = name.to_ascii_lowercase();
                if name == "content-length" {
                    length = value.parse().ok()?;
                }
                seen.headers.push((name, value.to_owned()));
            }
            None => return None,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    seen.body = String::from_utf8(body).ok()?;
    Some(seen)
}
