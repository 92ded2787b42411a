//! The socket side: HTTP in front of a [`World`], its time, and answers that go wrong on the way.
//!
//! The only place of the sandbox that waits. It decides nothing about the API.

use std::{
    convert::Infallible,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Query, Request as HttpRequest},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};
use tokio::{
    net::TcpListener,
    sync::watch,
    time::{Instant, sleep},
};

use super::{Delivery, Reply, Request, StreamFault, Watch, World};

/// Below it is the API.
const PREFIX: &str = "/api/v1";
/// Here and below it is the pretend chain.
const RPC: &str = "/rpc";
/// Here and below it are the apps, as if behind their gateway.
const INGRESS: &str = "/ingress";
/// Bodies above are refused with 413.
const MAX_BODY: usize = 2 << 20;
/// Above it, years would pass between two answers.
const MAX_SPEED: f64 = 1e6;
/// Real time between comments on a quiet stream; clients give up after 30 s of silence.
const PING: Duration = Duration::from_secs(10);
/// Bytes of an endless body that are sent at once.
const PIECE: usize = 16 << 10;
/// Lets the first half of a cut body reach the client before the connection breaks.
const HALF_WAY: Duration = Duration::from_millis(20);

/// Serves `world` on `listener` until `shutdown` resolves; sandbox time runs `speed` times as fast as real time.
///
/// Meant for loopback: other `Host` headers and every `Origin` are refused with 403. A speed that is not
/// above 0 and at most a million is [`io::ErrorKind::InvalidInput`].
pub async fn serve(
    listener: TcpListener,
    world: World,
    speed: f64,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_and_tell(listener, world, speed, |_| (), shutdown).await
}

/// One request that was answered. Neither query nor headers nor bodies: those can hold secrets.
#[derive(Debug)]
pub struct Handled {
    /// Such as `GET`.
    pub method: String,
    /// As it was sent, without the query.
    pub path: String,
    /// HTTP status.
    pub status: u16,
    /// Real time until the head of the answer.
    pub took: Duration,
}

/// As [`serve`], and tells of every request once it is answered.
pub async fn serve_and_tell(
    listener: TcpListener,
    world: World,
    speed: f64,
    tell: impl Fn(Handled) + Clone + Send + Sync + 'static,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    if !(speed > 0.0 && speed <= MAX_SPEED) {
        let message = format!("speed {speed} is not above 0 and at most {MAX_SPEED}");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let (closing, closed) = watch::channel(false);
    let service = Arc::new(Service {
        world: Mutex::new(world),
        clock: Clock {
            start: Instant::now(),
            speed,
        },
        closed,
    });
    let handler = move |request: HttpRequest| {
        let service = Arc::clone(&service);
        let tell = tell.clone();
        async move {
            let (began, method) = (Instant::now(), request.method().to_string());
            let path = request.uri().path().to_owned();
            let response = service.handle(request).await;
            tell(Handled {
                method,
                path,
                status: response.status().as_u16(),
                took: began.elapsed(),
            });
            response
        }
    };
    axum::serve(listener, Router::new().fallback(handler))
        .with_graceful_shutdown(async move {
            shutdown.await;
            // Streams and delayed answers end now; nobody waits for them.
            closing.send_replace(true);
        })
        .await
}

/// Turns real time into sandbox time and back.
#[derive(Clone, Copy)]
struct Clock {
    start: Instant,
    speed: f64,
}

impl Clock {
    fn now(self) -> Duration {
        self.start.elapsed().mul_f64(self.speed)
    }

    /// How long a sandbox span takes in real time.
    fn real(self, span: Duration) -> Duration {
        Duration::try_from_secs_f64(span.as_secs_f64() / self.speed).unwrap_or(Duration::MAX)
    }
}

struct Service {
    world: Mutex<World>,
    clock: Clock,
    closed: watch::Receiver<bool>,
}

impl Service {
    async fn handle(self: Arc<Self>, request: HttpRequest) -> Response {
        if !comes_from_here(request.headers()) {
            return (StatusCode::FORBIDDEN, "only for programs on this machine").into_response();
        }
        let (door, request) = match read(request).await {
            Ok(read) => read,
            Err(status) => return status.into_response(),
        };
        let reply = door(&mut self.world(), self.clock.now(), &request);
        if !reply.delay.is_zero() && !self.pause(self.clock.real(reply.delay)).await {
            return broken(None);
        }
        self.deliver(reply)
    }

    fn deliver(self: Arc<Self>, reply: Reply) -> Response {
        let Reply {
            status,
            content_type,
            headers,
            body,
            delay: _,
            delivery,
        } = reply;
        let mut response = match delivery {
            Delivery::Whole => Body::from(body).into_response(),
            Delivery::Cut => broken(Some(body)),
            Delivery::Reset => return broken(None),
            Delivery::Stream(watch) => self.events(watch).into_response(),
            Delivery::SpoiltStream(watch, fault) => self.spoilt(watch, fault).into_response(),
            Delivery::Endless => self.endless(body).into_response(),
            Delivery::Drip(pause) => self.drip(body, pause).into_response(),
        };
        *response.status_mut() =
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let own = [("content-type".to_owned(), content_type)];
        for (name, value) in own
            .into_iter()
            .chain(headers)
            .filter(|(_, value)| !value.is_empty())
        {
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name), HeaderValue::try_from(value))
            {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }

    /// Looks at the instance every interval, with comments in between while nothing is said.
    fn events(self: Arc<Self>, watch: Watch) -> Body {
        let began = self.clock.now();
        let first = Some((self, watch, Duration::ZERO));
        Body::from_stream(stream::unfold(first, move |next| async move {
            let (service, watch, mut silence) = next?;
            if !silence.is_zero() {
                let part = silence.min(PING);
                if !service.pause(part).await {
                    return None;
                }
                silence = silence.saturating_sub(part);
            }
            if !silence.is_zero() {
                let ping = Bytes::from_static(b": ping\n\n");
                return Some((Ok::<_, Infallible>(ping), Some((service, watch, silence))));
            }
            let (text, ends) = service.world().watched(service.clock.now(), began, &watch);
            let interval = service
                .clock
                .real(watch.interval)
                .max(Duration::from_millis(1));
            Some((
                Ok(Bytes::from(text)),
                (!ends).then_some((service, watch, interval)),
            ))
        }))
    }

    /// A stream that begins as it should, and then breaks, floods or falls silent.
    fn spoilt(self: Arc<Self>, watch: Watch, fault: StreamFault) -> Body {
        let began = self.clock.now();
        let message = move |service: &Self| {
            let (text, _) = service.world().watched(service.clock.now(), began, &watch);
            Bytes::from(text)
        };
        let told = 0_u32;
        Body::from_stream(stream::unfold((self, told), move |(service, told)| {
            let next = match (fault, told) {
                (StreamFault::Cut, 1) => {
                    let whole = message(&service);
                    Some(Ok(whole.slice(..whole.len() / 2)))
                }
                (StreamFault::Cut, 2..) => Some(Err(reset())),
                (StreamFault::Silence, 1..) => None,
                _ => Some(Ok(message(&service))),
            };
            async move {
                let waits = match (fault, told) {
                    (_, 0) | (StreamFault::Flood, _) => Duration::ZERO,
                    (StreamFault::Cut, _) => HALF_WAY,
                    (StreamFault::Silence, _) => Duration::MAX,
                };
                let open = service.pause(waits).await;
                let next = next.filter(|_| open)?;
                Some((next, (service, told.saturating_add(1))))
            }
        }))
    }

    /// This body for ever.
    fn endless(self: Arc<Self>, body: Vec<u8>) -> Body {
        let once = if body.is_empty() { b" ".to_vec() } else { body };
        // Pieces worth sending, however short the body.
        let piece = Bytes::from(once.repeat(PIECE.div_ceil(once.len())));
        Body::from_stream(stream::unfold(self, move |service| {
            let piece = piece.clone();
            async move {
                let open = service.pause(Duration::ZERO).await;
                open.then_some((Ok::<_, Infallible>(piece), service))
            }
        }))
    }

    fn drip(self: Arc<Self>, body: Vec<u8>, pause: Duration) -> Response {
        let length = HeaderValue::from(body.len());
        let pause = self.clock.real(pause);
        let bytes = stream::unfold(
            (self, body.into_iter()),
            move |(service, mut rest)| async move {
                let byte = rest.next()?;
                let next = if service.pause(pause).await {
                    Ok(Bytes::copy_from_slice(&[byte]))
                } else {
                    Err(reset())
                };
                Some((next, (service, rest)))
            },
        );
        let mut response = Body::from_stream(bytes).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_LENGTH, length);
        response
    }

    /// Waits, or says no as soon as the service closes.
    async fn pause(&self, span: Duration) -> bool {
        let mut closed = self.closed.clone();
        tokio::select! {
            () = sleep(span) => true,
            _ = closed.wait_for(|closed| *closed) => false,
        }
    }

    /// A panic elsewhere does not make the world unreadable.
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn reset() -> io::Error {
    io::Error::from(io::ErrorKind::ConnectionReset)
}

/// A response whose connection breaks: before its first byte, or half-way through this body.
fn broken(body: Option<Vec<u8>>) -> Response {
    let Some(mut body) = body else {
        return Body::from_stream(stream::once(async move { Err::<Bytes, _>(reset()) }))
            .into_response();
    };
    let length = HeaderValue::from(body.len());
    body.truncate(body.len() / 2);
    let half = Bytes::from(body);
    let rest = async move {
        sleep(HALF_WAY).await;
        Err(reset())
    };
    let parts = stream::once(async { Ok(half) }).chain(stream::once(rest));
    let mut response = Body::from_stream(parts).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length);
    response
}

/// Exactly a loopback host, and no web page behind the request.
fn comes_from_here(headers: &HeaderMap) -> bool {
    let hosts: Vec<_> = headers.get_all(header::HOST).iter().collect();
    let [host] = hosts.as_slice() else {
        return false;
    };
    let Ok(host) = host.to_str() else {
        return false;
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "127.0.0.1" | "localhost" | "[::1]") && !headers.contains_key(header::ORIGIN)
}

/// Who of the world answers.
type Door = fn(&mut World, Duration, &Request) -> Reply;

async fn read(request: HttpRequest) -> Result<(Door, Request), StatusCode> {
    let (head, body) = request.into_parts();
    let (door, path) = door(head.uri.path()).ok_or(StatusCode::NOT_FOUND)?;
    let Query(query) = Query::try_from_uri(&head.uri).map_err(|_| StatusCode::BAD_REQUEST)?;
    let headers = head
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect();
    let request = Request {
        method: head.method.to_string(),
        path: percent_decoded(path),
        query,
        headers,
        body: to_bytes(body, MAX_BODY)
            .await
            .map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?
            .to_vec(),
    };
    Ok((door, request))
}

/// Who answers this path, and what it is called there.
fn door(path: &str) -> Option<(Door, &str)> {
    if let Some(below) = path.strip_prefix(PREFIX) {
        return Some((World::answer, below));
    }
    let is_at = |prefix: &str| {
        let below = path.strip_prefix(prefix);
        below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
    };
    let doors = [(RPC, World::rpc as Door), (INGRESS, World::ingress)];
    let (_, door) = doors.into_iter().find(|(prefix, _)| is_at(prefix))?;
    Some((door, path))
}

/// `%41` becomes `A`; what is no escape stays as it is.
fn percent_decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let escape = tail.get(..2).filter(|_| *first == b'%').and_then(|digits| {
            let mut byte = [0];
            hex::decode_to_slice(digits, &mut byte)
                .ok()
                .map(|()| byte[0])
        });
        bytes.push(escape.unwrap_or(*first));
        rest = if escape.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::{Options, Scenario};
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn only_loopback_hosts_without_an_origin_come_in() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:80",
            "localhost:9",
            "localhost",
            "[::1]:18777",
            "[::1]",
        ] {
            assert!(comes_from_here(&headers(&[("host", host)])), "{host}");
        }
        for host in [
            "127.0.0.1.evil.example",
            "localhost.evil.example:80",
            "evil.example",
            "127.0.0.1:80:80",
            "127.1",
            "[::ffff:127.0.0.1]",
            "127.0.0.1:",
            "127.0.0.1:8o",
            "",
            "localhost@evil.example",
        ] {
            assert!(!comes_from_here(&headers(&[("host", host)])), "{host}");
        }
        assert!(!comes_from_here(&headers(&[
            ("host", "localhost"),
            ("origin", "null")
        ])));
        assert!(!comes_from_here(&headers(&[])));
    }

    #[test]
    fn escapes_in_paths_are_decoded_and_half_ones_left_alone() {
        assert_eq!(percent_decoded("/a%2fb%E6%97%A5%"), "/a/b日%");
        assert_eq!(percent_decoded("%zz%4"), "%zz%4");
    }

    #[tokio::test]
    async fn a_speed_that_makes_no_sense_is_refused() {
        for speed in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let options = Options {
                seed: 0,
                api_key: String::new(),
                base_url: String::new(),
            };
            let world = World::new(Scenario::named("on-chain").unwrap(), options);
            let refused = serve(listener, world, speed, async {}).await.unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::InvalidInput, "{speed}");
        }
    }

    #[test]
    fn a_fast_clock_shortens_waits() {
        let clock = Clock {
            start: Instant::now(),
            speed: 20.0,
        };
        assert_eq!(clock.real(Duration::from_secs(40)), Duration::from_secs(2));
    }
}
