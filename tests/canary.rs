//! Secrets that stand nowhere else, sent through whole runs of the real program and then looked for everywhere: what it
//! says, every file it leaves, its log, its arguments, every byte it sends, and whatever it starts.
//!
//! `end_to_end` looks at every frame, and `process` at what the system lets others see.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    dead_code,
    reason = "a panic in a test is a message to us, and the harness is shared"
)]

#[path = "pty/harness.rs"]
mod harness;
#[path = "support/inside.rs"]
mod inside;
#[path = "support/keystore.rs"]
mod keystore;
#[path = "end_to_end/tap.rs"]
mod tap;

use std::fs::{self, Permissions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine};
use harness::{End, Program, Pty, Size};
use phala_wizard::sandbox::{self, Scenario, World};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const REGISTERED: &str = "[apps.orders-api]\nowner_signs_after = 0.0\nallow_any_device = true\n";
const NEVER_SIGNED: &str = "[apps.orders-api]\nowner_signs_after = inf\n";
const LOST_COMMIT: &str = "[apps.orders-api]\nowner_signs_after = 0.0\nallow_any_device = true\n\
    [[faults]]\nrequest = 'POST /apps/*/instances'\nwith_member = 'token'\nreset = true\n";

/// Whoever has the key of the sandbox's test account owns the contract.
const OWNED: &str = "[rules]\ntransactions_checked = 'always'\n\
    [apps.orders-api]\nowned_by_test_key = true\nowner_signs_after = inf\n";

/// What is only for the program, another one in every run but for the key of the sandbox's account.
struct Secrets {
    key: String,
    value: String,
    /// In an address of somebody else's node.
    node: String,
    /// In a variable that the program knows to be one, and reads where it is told to.
    wallet: String,
    /// Of an account that owns a contract: hex digits.
    private: String,
    /// Opens a keystore with that key.
    password: String,
}

impl Secrets {
    fn new() -> Self {
        let chance = || format!("{:016x}", RandomState::new().build_hasher().finish());
        Self {
            key: format!("phak_sandbox_{}", chance()),
            value: format!("value-{}", chance()),
            node: format!("node-{}", chance()),
            wallet: format!("wallet-{}", chance()),
            private: private_key(),
            password: format!("password-{}", chance()),
        }
    }

    fn all(&self) -> [&str; 6] {
        let [value, wallet, private, password] = self.never_sent();
        [&self.key, &self.node, value, wallet, private, password]
    }

    /// Those that nobody else ever gets. The key and the node's address go where they belong.
    fn never_sent(&self) -> [&str; 4] {
        [&self.value, &self.wallet, &self.private, &self.password].map(String::as_str)
    }
}

/// The key of the sandbox's test account, which follows from its seed.
fn private_key() -> String {
    let options = sandbox::Options {
        seed: 1,
        api_key: String::new(),
        base_url: String::new(),
    };
    let twin = World::new(Scenario::named("own-key").unwrap(), options);
    twin.test_key().trim_start_matches("0x").to_owned()
}

/// A world, and a home for the program.
struct Stage {
    _runtime: Runtime,
    /// Where the world is asked, by way of a tap.
    service: SocketAddr,
    record: tap::Record,
    home: TempDir,
    secrets: Secrets,
}

impl Stage {
    fn of(story: &str) -> Self {
        let secrets = Secrets::new();
        let runtime = Runtime::new().unwrap();
        let story = format!("sentence = ''\n{story}");
        let service = runtime.block_on(inside::open(&story, &secrets.key));
        let (service, record) = runtime.block_on(tap::before(service)).unwrap();
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("tmp")).unwrap();
        let value = &secrets.value;
        let files = [
            (
                "orders.env",
                format!(
                    "DATABASE_URL={value}\nSTRIPE_KEY={value}\nLOG_LEVEL=info\nQUEUE_URL=redis\n"
                ),
            ),
            (
                "cache.env",
                format!("MAX_MEMORY=1gb\nCACHE_PASSWORD={value}\n"),
            ),
            ("owner.key", secrets.private.clone()),
            ("password", secrets.password.clone()),
            (
                "keystore",
                keystore::keystore(&format!("0x{}", secrets.private), &secrets.password),
            ),
        ];
        for (name, text) in files {
            let path = home.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        }
        Self {
            _runtime: runtime,
            service,
            record,
            home,
            secrets,
        }
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        let home = self.home.path().to_str().unwrap();
        let Secrets {
            key, node, wallet, ..
        } = &self.secrets;
        vec![
            ("HOME", home.to_owned()),
            ("XDG_STATE_HOME", format!("{home}/state")),
            ("XDG_CACHE_HOME", format!("{home}/cache")),
            ("XDG_CONFIG_HOME", format!("{home}/config")),
            ("TMPDIR", format!("{home}/tmp")),
            ("PHALA_CLOUD_API_KEY", key.clone()),
            (
                "PHALA_CLOUD_API_PREFIX",
                format!("http://{}/api/v1", self.service),
            ),
            (
                "ETH_RPC_URL",
                format!("http://{}/rpc/8453?{node}", self.service),
            ),
            ("PCCS_URL", format!("http://{}/{node}", self.service)),
            ("PRIVATE_KEY", wallet.clone()),
            ("RUST_LOG", "trace".to_owned()),
            ("RUST_BACKTRACE", "full".to_owned()),
        ]
    }

    fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_phala-wizard"));
        command
            .args(words.split_whitespace())
            .args(["--log-file", "log"])
            .env_clear()
            .envs(self.variables())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs it to its end. What it said, where no secret was said.
    #[track_caller]
    fn run(&self, words: &str, code: i32) -> String {
        self.run_with(words, code, &[])
    }

    /// The same with other variables.
    #[track_caller]
    fn run_with(&self, words: &str, code: i32, variables: &[(&str, &str)]) -> String {
        let mut command = self.command(words);
        command.envs(variables.iter().copied());
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert_eq!(output.status.code(), Some(code), "{words}: {said}");
        self.is_in_nothing_said(&said, words);
        self.is_in_nothing_sent();
        said
    }

    /// Fails where one is among the bytes that left the program.
    #[track_caller]
    fn is_in_nothing_sent(&self) {
        let bytes = self.record.bytes();
        assert!(!bytes.is_empty());
        let text = String::from_utf8_lossy(&bytes);
        for secret in self.secrets.never_sent() {
            for form in forms(secret) {
                assert!(!text.contains(&form), "{form} was sent");
            }
            if let Ok(digits) = hex::decode(secret) {
                let mut parts = bytes.windows(digits.len());
                assert!(!parts.any(|part| part == digits), "a key was sent");
            }
        }
    }

    #[track_caller]
    fn is_in_nothing_said(&self, said: &str, what: &str) {
        let tokens = self.tokens();
        let tokens = tokens.iter().map(String::as_str);
        for secret in self.secrets.all().into_iter().chain(tokens) {
            for form in forms(secret) {
                // A column cuts a long text, and a page wraps it.
                for at in 0..=form.len() - 12 {
                    let piece = &form[at..at + 12];
                    let is_common = "phak_sandbox_".contains(piece);
                    assert!(
                        is_common || !said.contains(piece),
                        "{piece}, {what}: {said}"
                    );
                }
            }
        }
    }

    /// The tokens that any journal holds.
    fn tokens(&self) -> Vec<String> {
        let files = files_below(&self.home.path().join("state"));
        let texts = files.iter().map(|path| fs::read(path).unwrap());
        texts.filter_map(|bytes| token_in(&bytes)).collect()
    }

    /// Fails where a secret is in a file, but for those that hold it by the person's own will, and the journals, which
    /// hold a token and nothing else, for their owner alone.
    #[track_caller]
    fn is_in_no_file(&self, own: &[&str], tokens: &[String]) {
        let mut files = files_below(self.home.path());
        files.retain(|path| !own.iter().any(|name| path.ends_with(name)));
        assert!(files.iter().any(|path| path.ends_with("log")), "{files:?}");
        for path in files {
            let text = fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&text);
            let is_journal = path.extension().is_some_and(|end| end == "jnl");
            let about = fs::metadata(&path).unwrap();
            let mode = about.permissions().mode() & 0o777;
            // What is made for others can be read by others.
            let is_for_others = FOR_OTHERS.iter().any(|name| path.ends_with(name));
            assert!(is_for_others || mode == 0o600, "{}", path.display());
            let allowed: &[String] = if is_journal { &[] } else { tokens };
            for secret in self
                .secrets
                .all()
                .into_iter()
                .chain(allowed.iter().map(String::as_str))
            {
                for form in forms(secret) {
                    assert!(!text.contains(&form), "{form} is in {}", path.display());
                }
            }
        }
    }
}

/// A secret as it is, in hex, and in Base64; what is hex digits in other forms of the same number too.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![
        secret.to_owned(),
        hex::encode(secret),
        BASE64_STANDARD.encode(secret),
    ];
    if let Ok(digits) = hex::decode(secret) {
        let numbers: Vec<String> = digits.iter().map(ToString::to_string).collect();
        forms.push(secret.to_ascii_uppercase());
        forms.push(BASE64_STANDARD.encode(&digits));
        // As Rust prints bytes, and as JSON has them.
        forms.push(numbers.join(", "));
        forms.push(numbers.join(","));
    }
    forms
}

/// The commit token in a journal: a UUID in a member of this name.
fn token_in(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut members = text.split("\"token\":\"").skip(1);
    // Beside it stand fingerprints of it, which are shorter.
    members.find_map(|rest| {
        let token = rest.split('"').next()?;
        (token.len() == 36).then(|| token.to_owned())
    })
}

/// Every file below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

const OWN: [&str; 4] = ["orders.env", "cache.env", "owner.key", "password"];

/// What was written for the contract's owners, and what is deployed.
const FOR_OTHERS: [&str; 4] = ["batch.json", "commands.txt", "calls.txt", "one.yaml"];

#[test]
fn without_a_screen_every_way_to_an_instance_keeps_its_secrets() {
    let stage = Stage::of(REGISTERED);
    let prepare = "deploy --app orders-api --node prod5 --env-file orders.env --prepare-only";
    stage.run(&format!("{prepare} --json"), 5);
    let tokens = stage.tokens();
    assert_eq!(tokens.len(), 1, "the journal has it");
    stage.is_in_no_file(&OWN, &tokens);
    let listed = stage.run("list --json", 0);
    let id = listed.split("\"id\":\"").nth(1).unwrap();
    let id = id.split('"').next().unwrap();
    stage.run("list", 0);
    stage.run(&format!("commit --id {id} --json"), 2);
    stage.run(&format!("commit --id {id} --json --yes"), 0);
    stage.is_in_no_file(&OWN, &tokens);
    assert!(stage.tokens().is_empty(), "what is done needs no token");

    let said = stage.run(&format!("{prepare} --token-file token"), 5);
    let hash = said.split("compose hash   0x").nth(1).unwrap();
    let hash = hash.lines().next().unwrap();
    let kept = fs::read_to_string(stage.home.path().join("token")).unwrap();
    let tokens = [kept.trim().to_owned()];
    let own = [&OWN[..], &["token"]].concat();
    stage.is_in_no_file(&own, &tokens);
    let commit = format!("commit --app orders-api --compose-hash {hash} --token-file token --yes");
    let said = stage.run(&format!("{commit} --json"), 0);
    assert!(!said.contains(&tokens[0]), "{said}");
    stage.run(&commit, 6);
    stage.is_in_no_file(&own, &tokens);
    let at_once = "deploy --app kv-cache --env-file cache.env --yes --no-watch";
    stage.run(at_once, 8);
    stage.is_in_no_file(&own, &tokens);
    let log = fs::read_to_string(stage.home.path().join("log")).unwrap();
    for line in [
        "mode=\"deploy\"",
        "mode=\"commit\"",
        "mode=\"list\"",
        "end code=6",
    ] {
        assert!(log.contains(line), "{line} is missing in\n{log}");
    }
}

#[test]
fn a_lost_answer_and_what_follows_it_keep_the_token() {
    let stage = Stage::of(LOST_COMMIT);
    let deploy = "deploy --app orders-api --node prod5 --env-file orders.env --yes --timeout 3";
    stage.run(&format!("{deploy} --json"), 7);
    let tokens = stage.tokens();
    assert_eq!(tokens.len(), 1);
    stage.is_in_no_file(&OWN, &tokens);
    let listed = stage.run("list --json", 0);
    let id = listed.split("\"id\":\"").nth(1).unwrap();
    let id = id.split('"').next().unwrap();
    stage.run(&format!("commit --id {id} --yes --timeout 3"), 7);
    stage.run(&format!("forget {id} --yes"), 0);
    stage.is_in_no_file(&OWN, &tokens);
    assert!(stage.tokens().is_empty(), "what is forgotten is gone");
}

#[test]
fn while_it_waits_no_argument_is_a_secret_and_no_core_would_be_left() {
    let stage = Stage::of(NEVER_SIGNED);
    let words = "deploy --app orders-api --node prod9 --env-file orders.env --yes --json";
    let mut child = stage.command(words).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while !said.contains("waiting_for_chain") {
        assert_ne!(stdout.read_line(&mut said).unwrap(), 0, "{said}");
    }
    let proc = |file: &str| {
        let bytes = fs::read(format!("/proc/{}/{file}", child.id())).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    stage.is_in_nothing_said(&proc("cmdline"), "its arguments");
    let limits = proc("limits");
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let numbers: Vec<_> = core.unwrap().split_whitespace().skip(4).take(2).collect();
    assert_eq!(numbers, ["0", "0"]);
    let children = proc(&format!("task/{}/children", child.id()));
    assert_eq!(children, "", "it starts nothing");
    let tokens = stage.tokens();
    assert_eq!(tokens.len(), 1);
    let pid = Pid::from_child(&child);
    kill_process(pid, Signal::TERM).unwrap();
    stdout.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(5));
    stage.is_in_nothing_said(&said, words);
    stage.is_in_no_file(&OWN, &tokens);
}

/// Writes down what whoever is started gets to see: its variables, its arguments, and those of who started it.
fn spy(path: &Path, seen: &Path, then: &str) {
    let seen = seen.display();
    let text = format!(
        "#!/bin/sh\n{{ env; tr '\\0' ' ' < /proc/$$/cmdline; echo; tr '\\0' ' ' < /proc/$PPID/cmdline; echo; }} >> {seen}\n\
         {then}\n"
    );
    fs::write(path, text).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn on_the_screen_neither_editor_nor_browser_nor_the_terminal_gets_a_secret() {
    let stage = Stage::of("");
    let tools = tempfile::tempdir().unwrap();
    let (editor, opened) = (
        tools.path().join("editor-saw"),
        tools.path().join("browser-saw"),
    );
    let text_of_it =
        "stat -c 'mode %a' \"$(dirname \"$1\")\" >> \"$0-saw\"; echo '# by hand' >> \"$1\"";
    spy(&tools.path().join("editor"), &editor, text_of_it);
    spy(&tools.path().join("xdg-open"), &opened, "");
    let path = format!(
        "{}:{}",
        tools.path().display(),
        std::env::var("PATH").unwrap()
    );
    let mut program = Program::new(&["--log-file", "log"])
        .with("EDITOR", tools.path().join("editor").to_str().unwrap())
        .with("PATH", &path)
        .with("KEPT", "by-the-child");
    for (name, value) in stage.variables() {
        program = program.with(name, &value);
    }
    let mut pty = Pty::start(Size(100, 40), &program);
    let file = pty.home().join("cache.env");
    fs::copy(stage.home.path().join("cache.env"), file).unwrap();
    for (words, keys) in [
        ("status-page", "/kv-cache\r"),
        ("prod18", "/prod15\r"),
        ("service  image", "4"),
        ("by hand", "\r"),
        ("Which values shall", "2"),
        ("cache.env", "\r"),
        ("set all anew", "\r"),
        ("Script that runs", "\r"),
        ("Nothing was sent yet", "\r"),
        ("noted", "\x1b[C\r"),
        ("open the address", "o"),
    ] {
        pty.wait_for(words);
        pty.keys(keys);
    }
    // Nothing on the screen says that it is there.
    let end = Instant::now() + Duration::from_secs(30);
    while fs::read_to_string(&opened).map_or(true, |seen| seen.lines().count() < 3) {
        assert!(Instant::now() < end, "no browser; {}", pty.screen());
        pty.take_in(Duration::from_millis(20));
    }
    pty.keys("\x03\x03");
    assert_eq!(pty.wait_for_end(), End::Code(0), "{}", pty.screen());
    pty.assert_given_back();
    stage.is_in_nothing_said(&pty.raw(), "the terminal");
    for seen in [&editor, &opened] {
        let text = fs::read_to_string(seen).unwrap();
        assert!(text.contains("KEPT=by-the-child"), "{text}");
        stage.is_in_nothing_said(&text, "what it started");
    }
    let editor = fs::read_to_string(editor).unwrap();
    assert!(editor.contains("mode 700"), "{editor}");
    fs::copy(pty.home().join("log"), stage.home.path().join("log")).unwrap();
    fs::set_permissions(stage.home.path().join("log"), Permissions::from_mode(0o600)).unwrap();
    stage.is_in_no_file(&OWN, &[]);
    let left: Vec<PathBuf> = files_below(&stage.home.path().join("tmp"));
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_token_that_is_taken_up_again_on_the_screen_is_never_on_it() {
    let stage = Stage::of(REGISTERED);
    stage.run("deploy --app orders-api --node prod5 --prepare-only", 5);
    let tokens = stage.tokens();
    let mut program = Program::new(&["resume", "--log-file", "log"]);
    for (name, value) in stage.variables() {
        program = program.with(name, &value);
    }
    let mut pty = Pty::start(Size(100, 40), &program);
    for (words, keys) in [
        ("prepared, not created", "\r"),
        ("Create this instance?", ""),
        ("noted", "\x1b[C\r"),
        ("Running.", "\x03\x03"),
    ] {
        pty.wait_for(words);
        pty.keys(keys);
    }
    assert_eq!(pty.wait_for_end(), End::Code(0), "{}", pty.screen());
    let raw = pty.raw();
    let log = fs::read_to_string(pty.home().join("log")).unwrap();
    assert!(log.contains("mode=\"resume\""), "{log}");
    for token in &tokens {
        for at in 0..=token.len() - 12 {
            let piece = &token[at..at + 12];
            assert!(!raw.contains(piece) && !log.contains(piece), "{piece}");
        }
    }
    stage.is_in_nothing_said(&raw, "the terminal");
    stage.is_in_no_file(&OWN, &tokens);
}

/// `deploy` of another content on a machine that is new, and the hash that was foretold for it.
fn signed_for(stage: &Stage) -> (String, String) {
    let text = "services:\n  one:\n    image: ghcr.io/sandbox-team/orders-api:2.9.0\n";
    fs::write(stage.home.path().join("one.yaml"), text).unwrap();
    let deploy = "deploy --app orders-api --node prod9 --compose one.yaml";
    let plan = stage.run(&format!("{deploy} --json"), 2);
    let hash = plan.split("\"compose_hash\":\"").nth(1).unwrap();
    let hash = hash.split('"').next().unwrap();
    (deploy.to_owned(), hash.to_owned())
}

#[test]
fn whoever_signs_without_a_screen_keeps_the_key_and_its_password() {
    let stage = Stage::of(OWNED);
    let (deploy, hash) = signed_for(&stage);
    let deploy = format!("{deploy} --yes --timeout 30");
    for (what, file) in [
        ("safe", "batch.json"),
        ("cast", "commands.txt"),
        ("calldata", "calls.txt"),
    ] {
        stage.run(&format!("{deploy} --json --handoff {what} --out {file}"), 5);
    }
    stage.is_in_no_file(&OWN, &stage.tokens());
    // Where it does not open, where it may not sign, and where it does.
    let keystore = "--keystore keystore --password-file";
    let other = "ab".repeat(32);
    for words in [
        format!("--allow-hash {hash} {keystore} orders.env"),
        format!("--allow-hash {hash} {keystore} owner.key"),
        format!("--allow-hash {hash} --keystore owner.key --password-file password"),
        format!("--allow-hash {hash} --private-key-file password"),
        format!("--allow-hash {hash} --private-key-file keystore"),
        format!("--allow-hash {hash}"),
    ] {
        stage.run(&format!("{deploy} --json {words}"), 5);
    }
    stage.run(
        &format!("{deploy} --json --allow-hash {other} {keystore} password"),
        2,
    );
    stage.run(
        &format!("{deploy} --json --allow-hash {hash} {keystore} password"),
        0,
    );
    stage.is_in_no_file(&OWN, &stage.tokens());

    let log = fs::read_to_string(stage.home.path().join("log")).unwrap();
    assert!(
        log.contains("mode=\"deploy\"") && log.contains("end code=0"),
        "{log}"
    );
}

#[test]
fn a_key_in_a_file_or_in_the_environment_stays_there() {
    for (words, variable, told) in [
        ("--private-key-file owner.key", None, "key opened"),
        ("", Some("PRIVATE_KEY"), "PRIVATE_KEY is in the environment"),
    ] {
        let stage = Stage::of(OWNED);
        let (deploy, hash) = signed_for(&stage);
        let words = format!("{deploy} --yes --timeout 30 --allow-hash {hash} {words}");
        let variable = variable.map(|name| (name, &*stage.secrets.private));
        let said = stage.run_with(&words, 0, variable.as_slice());
        assert!(said.contains(told), "{said}");
        stage.is_in_no_file(&OWN, &stage.tokens());
    }
}

#[test]
fn while_it_waits_to_be_signed_for_the_key_is_in_no_argument_and_nothing_is_started() {
    let stage = Stage::of(OWNED);
    let (deploy, _) = signed_for(&stage);
    let words = format!("{deploy} --yes --json --handoff cast --out commands.txt --wait-chain 600");
    let mut command = stage.command(&words);
    command.env("PRIVATE_KEY", &stage.secrets.private);
    let mut child = command.spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while !said.contains("handed_over") {
        assert_ne!(stdout.read_line(&mut said).unwrap(), 0, "{said}");
    }
    let proc = |file: &str| {
        let bytes = fs::read(format!("/proc/{}/{file}", child.id())).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    stage.is_in_nothing_said(&proc("cmdline"), "its arguments");
    assert_eq!(proc(&format!("task/{}/children", child.id())), "");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    stdout.read_to_string(&mut said).unwrap();
    child.wait().unwrap();
    stage.is_in_nothing_said(&said, &words);
    stage.is_in_nothing_sent();
    stage.is_in_no_file(&OWN, &stage.tokens());
}

#[test]
fn whoever_signs_on_the_screen_keeps_the_key_and_its_password() {
    let stage = Stage::of(OWNED);
    let tools = tempfile::tempdir().unwrap();
    let opened = tools.path().join("browser-saw");
    spy(&tools.path().join("xdg-open"), &opened, "");
    let path = format!(
        "{}:{}",
        tools.path().display(),
        std::env::var("PATH").unwrap()
    );
    let keystore = stage.home.path().join("keystore");
    let mut program = Program::new(&["--log-file", "log"])
        .with("PATH", &path)
        .with("KEPT", "by-the-child")
        .with("ETH_KEYSTORE", keystore.to_str().unwrap());
    for (name, value) in stage.variables() {
        program = program.with(name, &value);
    }
    let Secrets {
        private, password, ..
    } = &stage.secrets;
    let mut pty = Pty::start(Size(100, 40), &program);
    for (words, keys) in [
        ("orders-api", "/orders-api\r".to_owned()),
        ("Where should it run?", "/prod9\r".to_owned()),
        ("What should it run?", "\r".to_owned()),
        ("Which values shall", "\r".to_owned()),
        ("Script that runs", "\r".to_owned()),
        ("Nothing was sent yet", "\r".to_owned()),
        ("a key of this machine that owns it", "1".to_owned()),
        // The keystore, with another password first.
        ("keystore; its password", "1".to_owned()),
        ("password, hidden", "not-the-password".to_owned()),
        ("16 characters", "\r".to_owned()),
        ("the password is not the one", "1".to_owned()),
        ("password, hidden", password.clone()),
        ("25 characters", "\r".to_owned()),
        ("simulated: the contract takes it", "\x1b".to_owned()),
        // The variable, in which no key is.
        ("keystore; its password", "2".to_owned()),
        ("the key could not be opened", "\x1b[A\r".to_owned()),
        // The key itself.
        ("private key, hidden", private.clone()),
        ("64 characters", "\r".to_owned()),
        ("simulated: the contract takes it", String::new()),
    ] {
        pty.wait_for(words);
        pty.keys(&keys);
    }
    pty.wait_for("to sign, type the last 4");
    let hash = stage.record.requests();
    let hash = hash
        .iter()
        .rfind(|sent| sent.target.ends_with("/is-allowed"));
    let hash = hash.unwrap().json()["compose_hash"].clone();
    let ending = hash.as_str().unwrap()[60..].to_owned();
    for (words, keys) in [
        ("to sign, type the last 4", &*ending),
        ("SIGN", "\r"),
        ("Everything is registered", "\r"),
        ("noted", "\x1b[C\r"),
        ("open the address", "o"),
    ] {
        pty.wait_for(words);
        pty.keys(keys);
    }
    let end = Instant::now() + Duration::from_secs(30);
    while fs::read_to_string(&opened).map_or(true, |seen| seen.lines().count() < 3) {
        assert!(Instant::now() < end, "no browser; {}", pty.screen());
        pty.take_in(Duration::from_millis(20));
    }
    pty.wait_for("Running.");
    pty.keys("\x03\x03");
    assert_eq!(pty.wait_for_end(), End::Code(0), "{}", pty.screen());
    pty.assert_given_back();
    // Whatever the terminal was told, its title too.
    stage.is_in_nothing_said(&pty.raw(), "the terminal");
    let seen = fs::read_to_string(&opened).unwrap();
    assert!(seen.contains("KEPT=by-the-child"), "{seen}");
    stage.is_in_nothing_said(&seen, "what it started");
    stage.is_in_nothing_sent();
    fs::copy(pty.home().join("log"), stage.home.path().join("log")).unwrap();
    stage.is_in_no_file(&OWN, &stage.tokens());
}

/// What was read out of what the program sent, after this name and up to its end.
fn sent_after(stage: &Stage, name: &str, end: char) -> String {
    let bytes = stage.record.bytes();
    let text = String::from_utf8_lossy(&bytes);
    let found = text.rsplit_once(name).map(|(_, rest)| rest);
    let found = found.and_then(|rest| rest.split(end).next());
    found.expect("it was sent").trim().to_owned()
}

#[test]
fn a_key_that_is_typed_or_approved_is_on_no_screen_and_in_one_file() {
    let stage = Stage::of("[device_login]\ninterval = 1\nsettles_after = 1.0\n");
    let program = |words: &[&str]| {
        let mut program = Program::new(words);
        for (name, value) in stage.variables() {
            if name != "PHALA_CLOUD_API_KEY" {
                program = program.with(name, &value);
            }
        }
        program
    };
    let mut pty = Pty::start(Size(100, 40), &program(&["login", "--manual"]));
    pty.wait_for("API key");
    pty.assert_unseen();
    pty.keys("phak_wrong\x15");
    pty.keys(&stage.secrets.key);
    pty.keys("\r");
    assert_eq!(pty.wait_for_end(), End::Code(0), "{}", pty.screen());
    pty.assert_line_settings();
    stage.is_in_nothing_said(&pty.raw(), "the terminal");
    let kept = stage.home.path().join(".phala-cloud/credentials.json");
    let text = fs::read_to_string(&kept).unwrap();
    assert!(text.contains(&stage.secrets.key), "it is kept");
    let own = [&OWN[..], &["credentials.json"]].concat();

    // By a signal the terminal is given back as well.
    let mut pty = Pty::start(Size(100, 40), &program(&["login", "--manual"]));
    pty.wait_for("API key");
    pty.signal(Signal::TERM);
    assert_eq!(pty.wait_for_end(), End::Code(130), "{}", pty.screen());
    pty.assert_line_settings();

    fs::remove_file(&kept).unwrap();
    let mut pty = Pty::start(Size(100, 40), &program(&["--log-file", "log"]));
    pty.wait_for("How do you want to start?");
    pty.keys("1");
    pty.wait_for("Where shall the key be kept?");
    pty.keys("\r");
    pty.wait_for("Which app");
    pty.keys("\x03\x03");
    pty.wait_for_end();
    let code = sent_after(&stage, "\"device_code\":\"", '"');
    let text = fs::read_to_string(&kept).unwrap();
    let token = text.split("\"token\": \"").nth(1).unwrap();
    let token = token.split('"').next().unwrap().to_owned();
    assert!(token.starts_with("phak_") && token != stage.secrets.key);
    let log = fs::read_to_string(pty.home().join("log")).unwrap();
    assert!(log.contains("login-poll"), "{log}");
    for secret in [&code, &token] {
        for said in [&pty.raw(), &log] {
            assert!(!said.contains(secret.as_str()), "{secret} in {said}");
        }
    }
    fs::copy(pty.home().join("log"), stage.home.path().join("log")).unwrap();
    fs::set_permissions(stage.home.path().join("log"), Permissions::from_mode(0o600)).unwrap();
    stage.is_in_no_file(&own, &[code, token]);
}
