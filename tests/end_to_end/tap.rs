//! A tap on the wire: passes bytes on both ways, and writes down every request that goes through.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it was on the wire.
#[derive(Debug, Clone)]
pub struct Sent {
    pub method: String,
    /// Below `/api/v1`, with the query.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Sent {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    /// Whether the service may create an instance because of it.
    pub fn creates(&self) -> bool {
        self.method == "POST" && self.target.ends_with("/instances")
    }

    /// Whether it redeems a token.
    pub fn commits(&self) -> bool {
        self.creates() && self.json().get("token").is_some()
    }

    /// The transaction that it broadcasts, if it does: the signed bytes.
    pub fn broadcast(&self) -> Option<Vec<u8>> {
        if !self.target.starts_with("/rpc") {
            return None;
        }
        let body = self.json();
        let is_one = body["method"] == "eth_sendRawTransaction";
        let raw = body["params"][0].as_str().filter(|_| is_one)?;
        Some(hex::decode(&raw[2..]).expect("hex digits"))
    }

    /// Whether it says that it only prepares.
    pub fn only_prepares(&self) -> bool {
        self.header("x-prepare-only") == Some("true")
    }

    /// The first complete request of these bytes, which are taken away.
    fn first_of(bytes: &mut Vec<u8>) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8(bytes[..end].to_vec()).expect("a head in ASCII");
        let mut lines = head.lines();
        let mut first = lines.next()?.split(' ');
        let mut sent = Self {
            method: first.next()?.to_owned(),
            target: first.next()?.trim_start_matches("/api/v1").to_owned(),
            headers: lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect(),
            body: Vec::new(),
        };
        let length = sent.header("content-length").unwrap_or("0").parse();
        let length: usize = length.expect("a length");
        let whole = end + 4 + length;
        if bytes.len() < whole {
            return None;
        }
        sent.body = bytes[end + 4..whole].to_vec();
        bytes.drain(..whole);
        Some(sent)
    }
}

/// What went through, in the order in which it was complete.
#[derive(Debug, Clone, Default)]
pub struct Record {
    sent: Arc<Mutex<Vec<Sent>>>,
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl Record {
    /// Every request.
    pub fn requests(&self) -> Vec<Sent> {
        self.sent.lock().expect("the record").clone()
    }

    /// Every byte that left the program.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().expect("the record").clone()
    }
}

/// Passes everything on to this service. Its address, and what went through so far.
pub async fn before(service: SocketAddr) -> io::Result<(SocketAddr, Record)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let record = Record::default();
    let written = record.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(pass(client, service, written.clone()));
        }
    });
    Ok((address, record))
}

/// Both directions of one connection. The one that breaks takes the other with it.
async fn pass(client: TcpStream, service: SocketAddr, record: Record) -> io::Result<()> {
    let (from_client, to_client) = client.into_split();
    let (from_service, to_service) = TcpStream::connect(service).await?.into_split();
    let mut unread = Vec::new();
    let note = move |bytes: &[u8]| {
        record.bytes.lock().expect("the record").extend(bytes);
        unread.extend(bytes);
        while let Some(sent) = Sent::first_of(&mut unread) {
            record.sent.lock().expect("the record").push(sent);
        }
    };
    tokio::select! {
        end = copy(from_client, to_service, note) => end,
        end = copy(from_service, to_client, |_| ()) => end,
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut note: impl FnMut(&[u8]),
) -> io::Result<()> {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let count = from.read(&mut bytes).await?;
        if count == 0 {
            return to.shutdown().await;
        }
        note(&bytes[..count]);
        to.write_all(&bytes[..count]).await?;
    }
}
