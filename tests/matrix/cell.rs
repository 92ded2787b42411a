//! One run of the program in a world where one thing goes wrong.

use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::doubled::{self, Doubles};
use crate::faults::{DOUBLED, DOUBLED_LAST, Fault};
use crate::inside;
use crate::questions::{Question, Stage, Story};
use crate::tap::{self, Record, Sent};

/// Stands nowhere but in its header.
pub const KEY: &str = "phak_sandbox_matrix-4e90c7ab15";
/// Stands nowhere but in a file.
pub const VALUE: &str = "matrix-canary-61f0d2c8b7";

/// Far more than the longest wait of the program, which is two minutes for an answer and a few looks.
const LONGEST: Duration = Duration::from_mins(4);

/// A question that one thing happens to.
#[derive(Debug)]
pub struct Cell {
    pub question: &'static Question,
    pub fault: &'static Fault,
    /// Whether what never comes is waited for.
    waits: bool,
}

/// A run that is over.
pub struct Ran {
    pub code: Option<i32>,
    pub events: Vec<Value>,
    pub said: String,
    pub errors: String,
    /// Everything the program asked.
    pub sent: Vec<Sent>,
    /// Every byte that left it.
    pub bytes: Vec<u8>,
    /// How many instances there are now that were not there before.
    pub made: usize,
    /// Whether it was told to leave.
    pub left: bool,
    /// Whether it had to be killed.
    pub hung: bool,
}

impl Cell {
    pub fn new(question: &'static Question, fault: &'static Fault, waits: bool) -> Self {
        Self {
            question,
            fault,
            waits,
        }
    }

    pub fn name(&self) -> String {
        format!("{}/{}", self.question.name, self.fault.name)
    }

    pub fn run(&self, runtime: &Runtime) -> Ran {
        let (service, address, record) = self.world(runtime);
        let before = instances(service);
        let home = tempfile::tempdir().unwrap();
        let file = |name: &str, text: String| fs::write(home.path().join(name), text).unwrap();
        file(
            "canary.env",
            format!("DATABASE_URL={VALUE}\nSTRIPE_KEY={VALUE}\nLOG_LEVEL=info\nQUEUE_URL=redis\n"),
        );
        file(
            "cache.env",
            format!("MAX_MEMORY=1gb\nCACHE_PASSWORD={VALUE}\n"),
        );
        let program = |words: &str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_phala-wizard"));
            command
                .args(words.split_whitespace())
                .args(["--json", "--timeout", "8"])
                .env_clear()
                .env("HOME", home.path())
                .env("PHALA_CLOUD_API_KEY", KEY)
                .env("PHALA_CLOUD_API_PREFIX", format!("http://{address}/api/v1"))
                .env("RUST_BACKTRACE", "0")
                .current_dir(home.path())
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            command
        };
        let mut words = self.question.words().to_owned();
        if self.question.story == Story::Later {
            let output = program(&words).output().unwrap();
            assert_eq!(output.status.code(), Some(5), "it is not prepared");
            let mut journals = fs::read_dir(home.path().join(".local/state/phala-wizard/intents"))
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.extension().is_some_and(|end| end == "jnl"));
            let journal = journals.next().unwrap();
            let id = journal.file_stem().unwrap().to_str().unwrap();
            words = format!("commit --id {id} --yes");
        }
        let leaves = self.fault.stalls() && self.creates() && !self.waits;
        let ended = Arc::new(AtomicBool::new(false));
        let mut child = program(&words).spawn().unwrap();
        let watch = {
            let (record, ended, pid) = (record.clone(), Arc::clone(&ended), child.id());
            let leaves = leaves.then_some(self.question);
            thread::spawn(move || watch(pid, &record, leaves, &ended))
        };
        let (said, errors) = read(&mut child);
        let code = child.wait().unwrap().code();
        ended.store(true, Ordering::SeqCst);
        let hung = watch.join().unwrap();
        Ran {
            code,
            events: said
                .lines()
                .map(|line| serde_json::from_str(line).unwrap_or(Value::Null))
                .collect(),
            said,
            errors,
            sent: record.requests(),
            bytes: record.bytes(),
            made: instances(service) - before,
            left: leaves,
            hung,
        }
    }

    /// The world of the cell: the sandbox, where the program meets it, and what it is asked there.
    pub fn world(&self, runtime: &Runtime) -> (SocketAddr, SocketAddr, Record) {
        let (world, also) = (self.question.world(), self.question.also);
        let fault = self.fault.told_of(self.question);
        let story = format!("sentence = ''\n{world}{also}{fault}");
        runtime.block_on(async {
            let service = inside::open(&story, KEY).await;
            let next = match self.fault.name {
                DOUBLED | DOUBLED_LAST => {
                    let doubles = Doubles {
                        commits: self.question.stage == Stage::Creates,
                        last: self.fault.name == DOUBLED_LAST,
                    };
                    doubled::before(service, doubles).await.unwrap()
                }
                _ => service,
            };
            let (address, record) = tap::before(next).await.unwrap();
            (service, address, record)
        })
    }

    /// Whether what goes wrong goes wrong with a request that the program waits two minutes for.
    pub fn creates(&self) -> bool {
        matches!(self.question.stage, Stage::Prepares | Stage::Creates)
    }
}

/// Ends what does not end by itself, and tells it to leave once this question has arrived. Whether it hung.
fn watch(pid: u32, record: &Record, leaves: Option<&Question>, ended: &AtomicBool) -> bool {
    let began = Instant::now();
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    let mut told = false;
    while !ended.load(Ordering::SeqCst) {
        if began.elapsed() > LONGEST {
            let _ = kill_process(pid, Signal::KILL);
            return true;
        }
        if let Some(question) = leaves
            && !told
            && record.requests().iter().any(|sent| question.is(sent))
        {
            told = true;
            let _ = kill_process(pid, Signal::TERM);
        }
        thread::sleep(Duration::from_millis(20));
    }
    false
}

fn read(child: &mut Child) -> (String, String) {
    let mut stderr = child.stderr.take().unwrap();
    let errors = thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stderr.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let mut said = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    while stdout.read_line(&mut said).is_ok_and(|read| read > 0) {}
    (said, errors.join().unwrap())
}

/// How many instances there are, from a list that the program does not ask for and so no fault is about.
fn instances(service: SocketAddr) -> usize {
    use std::io::Write;
    let mut socket = std::net::TcpStream::connect(service).unwrap();
    write!(
        socket,
        "GET /api/v1/cvms/paginated?page_size=100 HTTP/1.0\r\nHost: localhost\r\nX-API-Key: {KEY}\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(" 200 "), "{answer}");
    let list: Value = serde_json::from_str(body).unwrap();
    usize::try_from(list["total"].as_u64().unwrap()).unwrap()
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked: Vec<String> = self
            .sent
            .iter()
            .map(|sent| format!("{} {}", sent.method, sent.target))
            .collect();
        write!(
            f,
            "{}{}asked {}\ncode {:?}, {} made",
            self.said,
            self.errors,
            asked.join(", "),
            self.code,
            self.made
        )
    }
}
