//! A walk through the real sandbox with the real client, in which the same keys always lead to the same frames.
//!
//! The sandbox's own server follows the clock on the wall. Here its world stands behind a server that follows the
//! tour: a second passes when the tour says so, and never else.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Query, Request as HttpRequest, State};
use axum::http::{Response, StatusCode};
use futures_util::StreamExt;
use phala_wizard::sandbox::{self, Scenario, World};
use phala_wizard::secret::Secret;
use phala_wizard::shell::ask::Asker;
use phala_wizard::shell::credentials::Environment;
use phala_wizard::shell::demo;
use phala_wizard::shell::places::Places;
use phala_wizard::shell::questions::Ask;
use phala_wizard::theme::Theme;
use phala_wizard::ui;
use phala_wizard::wizard::event::{Answer, Effect, Event, Request, RequestId, SignedIn};
use phala_wizard::wizard::keymap;
use phala_wizard::wizard::page::{Block, Line};
use phala_wizard::wizard::{Start, Wizard};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use tokio::net::TcpListener;

use super::typed::parse;

const KEY: &str = "phak_sandbox_tour_demo";

/// What is shown as the sandbox's address, whose port is another one in every run.
const HOST: &str = "127.0.0.1:41234";

/// A world, the time in it, and all it said.
struct Place {
    world: World,
    now: Duration,
    said: Vec<Vec<u8>>,
}

type Here = Arc<Mutex<Place>>;

/// What a tour walks with: the wizard itself, or a face of it that takes other answers than keys.
pub trait Face {
    fn new(start: Start) -> Self;
    fn begin(&mut self) -> Vec<Effect>;
    fn update(&mut self, event: Event) -> Vec<Effect>;
    fn wizard(&self) -> &Wizard;
    /// Something was done, and all that it led to.
    fn look(&mut self) {}
}

impl Face for Wizard {
    fn new(start: Start) -> Self {
        Self::new(start)
    }

    fn begin(&mut self) -> Vec<Effect> {
        self.begin()
    }

    fn update(&mut self, event: Event) -> Vec<Effect> {
        self.update(event)
    }

    fn wizard(&self) -> &Wizard {
        self
    }
}

pub struct Tour<F = Wizard> {
    pub face: F,
    asker: Arc<Asker>,
    here: Here,
    open: Vec<(RequestId, Request)>,
    now: u64,
}

impl Tour {
    /// Signed in, in front of the list of apps.
    pub async fn of(scenario: &str) -> Self {
        Box::pin(Self::telling(Scenario::named(scenario).unwrap())).await
    }

    /// The same in a story of the test's own.
    pub async fn telling(scenario: Scenario) -> Self {
        Box::pin(Self::with_face(scenario)).await
    }
}

impl<F: Face> Tour<F> {
    /// The same with another face.
    pub async fn with_face(scenario: Scenario) -> Self {
        let name = scenario.name.clone();
        let options = sandbox::Options {
            seed: 1,
            api_key: KEY.to_owned(),
            base_url: format!("http://{HOST}/api/v1"),
        };
        let here = Arc::new(Mutex::new(Place {
            world: World::new(scenario, options),
            now: Duration::ZERO,
            said: Vec::new(),
        }));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base = format!("http://{}/api/v1", listener.local_addr().unwrap());
        let service = Router::new().fallback(answer).with_state(Arc::clone(&here));
        tokio::spawn(async move { axum::serve(listener, service).await });
        let state = tempfile::tempdir().unwrap();
        let environment = Environment {
            state: Some(state.path().join("phala-wizard")),
            key: Some(Secret::new(KEY)),
            base: Some(base),
            ..Environment::default()
        };
        let mut tour = Self {
            face: F::new(Start {
                sandbox: Some(name),
                folder: "/home/you/orders".into(),
                scenarios: demo::scenarios(),
                ..Start::default()
            }),
            asker: Arc::new(Asker::new(
                environment,
                Places::default(),
                demo::Options::default(),
            )),
            here,
            open: Vec::new(),
            now: 0,
        };
        let effects = tour.face.begin();
        tour.perform(effects).await;
        tour
    }

    /// Presses keys, as in a journey; whatever is asked is answered before the next one.
    pub async fn press(&mut self, keys: &str) -> &mut Self {
        for key in parse(keys) {
            self.event(Event::Key(key)).await;
        }
        self
    }

    /// Lets seconds go by, here and in the sandbox.
    pub async fn wait(&mut self, seconds: u64) -> &mut Self {
        for _ in 0..seconds {
            self.now += 1;
            self.here.lock().unwrap().now = Duration::from_secs(self.now);
            self.event(Event::Tick(self.now)).await;
            self.stream().await;
        }
        self
    }

    /// Waits until these words are on screen.
    pub async fn until(&mut self, words: &str) -> &mut Self {
        for _ in 0..600 {
            if text(&self.frame(100, 40)).contains(words) {
                return self;
            }
            self.wait(1).await;
        }
        panic!("'{words}' never came:\n{}", text(&self.frame(100, 40)));
    }

    /// Every answer so far.
    pub fn said(&self) -> Vec<Vec<u8>> {
        self.here.lock().unwrap().said.clone()
    }

    /// Every text of the page, as it is before a widget has it: widgets drop some of what a terminal would obey.
    #[allow(dead_code, reason = "not every test minds what is not drawn")]
    pub fn words(&self) -> String {
        let page = self.face.wizard().page();
        let mut lines = page.side;
        lines.push(page.note);
        for block in page.main {
            match block {
                Block::Text(text) => lines.extend(text),
                Block::List(list) => {
                    lines.extend((0..list.len).flat_map(|row| (list.row)(row).cells));
                    lines.extend(list.empty);
                }
                Block::Log(log) => {
                    lines.extend((0..log.len).map(&log.row));
                    lines.extend(log.empty);
                }
                Block::Editor(_) | Block::Field { .. } | Block::Buttons(..) | Block::Tabs(..) => {}
            }
        }
        let words: Vec<String> = lines.iter().map(Line::words).collect();
        words.concat() + self.face.wizard().notice().unwrap_or_default()
    }

    pub fn frame(&self, width: u16, height: u16) -> Buffer {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal
            .draw(|frame| ui::draw(self.face.wizard(), &Theme::default(), frame))
            .unwrap();
        terminal.backend().buffer().clone()
    }

    async fn event(&mut self, event: Event) {
        let effects = self.face.update(event);
        assert_eq!(keymap::clashes(&self.face.wizard().offer()), [], "keys");
        self.perform(effects).await;
    }

    pub async fn perform(&mut self, effects: Vec<Effect>) {
        let mut waiting = effects;
        while !waiting.is_empty() {
            for effect in std::mem::take(&mut waiting) {
                match effect {
                    Effect::Send(id, request @ Request::Stream(_)) => self.open.push((id, request)),
                    Effect::Send(id, request) => {
                        let answer = self.ask(request).await;
                        waiting.extend(self.face.update(Event::Reply(id, answer)));
                    }
                    Effect::Forget(id) => self.open.retain(|(open, _)| *open != id),
                    _ => {}
                }
            }
        }
        self.face.look();
    }

    /// A stream says what it sees once a second.
    async fn stream(&mut self) {
        for (id, request) in self.open.clone() {
            let Request::Stream(cvm) = request else {
                continue;
            };
            if let Answer::State(Ok(state)) = self.ask(Request::State(cvm)).await {
                self.event(Event::Reply(id, Answer::Streamed(state))).await;
            }
        }
    }

    async fn ask(&self, request: Request) -> Answer {
        if let Request::OpenSandbox(_) = request {
            return Answer::Sandbox(Ok(format!("http://{HOST}/api/v1").as_str().into()));
        }
        let answer = Arc::clone(&self.asker).ask(request).next().await.unwrap();
        match answer {
            Answer::SignedIn(SignedIn::Yes {
                mut key,
                identity,
                elsewhere,
                ..
            }) => {
                key.origin = "the sandbox".into();
                Answer::SignedIn(SignedIn::Yes {
                    host: HOST.into(),
                    base: format!("http://{HOST}/api/v1").as_str().into(),
                    key,
                    identity,
                    elsewhere,
                })
            }
            answer => answer,
        }
    }
}

/// The frame's words.
pub fn text(frame: &Buffer) -> String {
    let rows = frame.content().chunks(usize::from(frame.area.width));
    rows.map(|row| {
        row.iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect::<String>()
            + "\n"
    })
    .collect()
}

async fn answer(
    State(here): State<Here>,
    Query(query): Query<Vec<(String, String)>>,
    request: HttpRequest,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let headers = head.headers.iter();
    let request = sandbox::Request {
        method: head.method.to_string(),
        path: head.uri.path().trim_start_matches("/api/v1").to_owned(),
        query,
        headers: headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect(),
        body: to_bytes(body, 1 << 20).await.unwrap().to_vec(),
    };
    let reply = {
        let place = &mut *here.lock().unwrap();
        let reply = place.world.answer(place.now, &request);
        place.said.push(reply.body.clone());
        reply
    };
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap();
    let content_type = reply.content_type.parse().unwrap();
    response.headers_mut().insert("content-type", content_type);
    response
}
