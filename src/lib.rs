//! phala-wizard: adds an instance to an app on Phala Cloud, and shows it until it runs.
//!
//! This crate is the whole program; `main.rs` only reads arguments and prints the receipt. The wizard decides, the UI
//! draws, the shell acts. An arrow means "may know"; there are no others, and `tests/layers.rs` reads the sources to
//! see to it.
//!
//! ```text
//!   main ──▶ shell ──▶ ui ──────▶ wizard ──▶ check ──▶ trust ◀── pccs
//!             │  │      └▶ theme ──▶ │ page     │         │
//!             │  ├─────▶ line ──────▶│ status   │         │
//!             │  ├─────▶ spoken ────▶│ page     │         │
//!             │  ├────▶ api::client  └─────────▶│         │
//!             │  │        └──▶ api::{types, error, preview}, http
//!             │  └────▶ chain, pccs             │         │
//!             │           └──▶ api::{elsewhere, error}, http
//!             ▼                                 └─────────┴──▶ secret, shown
//!          sandbox          knows nobody, and is known as an address
//! ```
//!
//! Beside them, `journal` keeps what is written before it is done: its store is the shell's, all else of it is pure and
//! may be known to the wizard. `recipe` is what answers look like in a file. `diagnosis` reads what is said of a boot
//! that fails, and `zone` says when something was: both know `shown` alone. `inspect` says what was judged, for the
//! commands for scripts.
//!
//! The program around the library is `main`, with `cli`, which has every argument, example and table of the help,
//! `given`, which finds the answers that files beside it give, `judge`, which reads the files that are judged,
//! `settings`, which is the command about the configuration file, and `papers`, which prints help, manual and
//! completions. Those and the tables of the README are made from `cli`.
//!
//! To follow one walk, read [`wizard::event`] for what can happen and what can be wanted, [`wizard::form`] for the five
//! questions, [`wizard::launch`] for what follows them, and [`shell::run`](mod@shell::run) for the loop around it all. The
//! same wizard has three faces: [`ui`] draws it for people, [`spoken`] asks them in plain lines, [`line`] walks it for
//! programs.

// Text that must not be seen, and text that must not be obeyed.
pub mod secret;
pub mod shown;

// When something was, for people.
pub mod zone;

// The wizard: events in, effects out; no file, no clock, no network.
pub mod wizard;

// The line mode: what the wizard reports, as lines and JSON, and what follows without a person.
pub mod line;

// The same for ears: pages and offers as plain lines, and typed answers.
pub mod spoken;

// The UI: what the wizard says, as a frame.
pub mod theme;
pub mod ui;

// Pure knowledge: bytes in, verdict out; and what the commands for scripts say of it.
pub mod check;
pub mod diagnosis;
pub mod inspect;
pub mod trust;

// Answers as a file, to be given again.
pub mod recipe;

// What is written before it is done: pure but for its store.
pub mod journal;

// Whom we may ask, and how.
pub mod http;

// The service, as far as it concerns us: its words, its refusals, and the one client.
pub mod api;

// Others than the service: contracts on a chain, read and signed for, and Intel's lists of hardware.
pub mod chain;
pub mod pccs;

// The shell: the terminal, the disk, the clock and everybody's questions.
pub mod shell;

// A pretend service in the same process, for trying things out and for tests.
pub mod sandbox;
