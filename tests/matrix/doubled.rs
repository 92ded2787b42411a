//! A proxy that carries what prepares, or what redeems a token, out twice, and brings back the first answer or the last.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What is doubled, and which answer comes back.
#[derive(Debug, Clone, Copy)]
pub struct Doubles {
    pub commits: bool,
    pub last: bool,
}

/// Passes everything on to this service. Its address.
pub async fn before(service: SocketAddr, doubles: Doubles) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(pass(client, service, doubles));
        }
    });
    Ok(address)
}

/// One connection: each request goes over one of its own, and what creates goes twice.
async fn pass(mut client: TcpStream, service: SocketAddr, doubles: Doubles) -> io::Result<()> {
    while let Some(request) = read(&mut client).await? {
        let mut answer = ask(service, &request).await?;
        let creates = request.starts_with(b"POST ") && contains(&request, b"/instances HTTP");
        let commits = !contains(&request, b"x-prepare-only");
        if creates && commits == doubles.commits {
            let again = ask(service, &request).await?;
            if doubles.last {
                answer = again;
            }
        }
        client.write_all(&answer).await?;
    }
    Ok(())
}

/// A whole request, told to be the last of its connection.
async fn read(client: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    loop {
        let mut piece = vec![0; 16 * 1024];
        let count = client.read(&mut piece).await?;
        if count == 0 {
            return Ok(None);
        }
        bytes.extend(&piece[..count]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or(0);
        if bytes.len() >= end + 4 + length {
            let rest = bytes.split_off(end + 2);
            bytes.extend(b"Connection: close\r\n");
            bytes.extend(rest);
            return Ok(Some(bytes));
        }
    }
}

async fn ask(service: SocketAddr, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut socket = TcpStream::connect(service).await?;
    socket.write_all(request).await?;
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await?;
    Ok(answer)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
