//! The shell grammar, with a limit on the work it may do.
//!
//! Some texts make the grammar's scanner read them over and over, for minutes. Work is counted, not timed, so the
//! same text always ends the same way. Letters beyond ASCII never reach it: it is C, and looks them up behind the end of
//! its tables.

use std::cell::Cell;
use std::ops::ControlFlow;

use tree_sitter::{ParseOptions, ParseState, Parser, Point, Tree};

/// Bytes handed to the scanner at a time; how often it asks tells how much it reads again.
const CHUNK_BYTES: usize = 4096;
/// How often each chunk may be asked for on average.
const READS_PER_CHUNK: usize = 8;
/// Reads and steps any text may take.
const LEAST_BUDGET: usize = 10_000;
/// The grammar's work and memory grow with the square of a pipeline's length; no script has this many.
const MOST_PIPES: usize = 2_000;

/// Parses a script; `None` when it takes more work than any real script does.
pub(super) fn parse(text: &str) -> Option<Tree> {
    if text.matches('|').count() > MOST_PIPES {
        return None;
    }
    let letters = in_ascii(text);
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_bash::LANGUAGE.into())
        .ok()?;
    let reads = Cell::new(0_usize);
    let steps = Cell::new(0_usize);
    let most_reads = LEAST_BUDGET + READS_PER_CHUNK * text.len() / CHUNK_BYTES;
    let most_steps = LEAST_BUDGET + text.len();
    let mut read = |at: usize, _: Point| {
        reads.set(reads.get() + 1);
        if reads.get() > most_reads {
            &[][..]
        } else {
            chunk(&letters, at)
        }
    };
    let mut progress = |_: &ParseState| {
        steps.set(steps.get() + 1);
        if steps.get() > most_steps || reads.get() > most_reads {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    let tree = parser.parse_with_options(&mut read, None, Some(options));
    tree.filter(|_| reads.get() <= most_reads)
}

/// The text with an ASCII letter in place of every byte of another one, so that all places stay where they are. To a
/// shell they are alike: a part of a word. A byte order mark is a finding of its own, and blank here.
fn in_ascii(text: &str) -> Vec<u8> {
    let letter = |byte: u8| if byte.is_ascii() { byte } else { b'a' };
    let mut letters: Vec<u8> = text.bytes().map(letter).collect();
    if text.starts_with('\u{feff}') {
        letters[..3].fill(b' ');
    }
    letters
}

/// At most a chunk from `at`.
fn chunk(letters: &[u8], at: usize) -> &[u8] {
    let end = letters.len().min(at.saturating_add(CHUNK_BYTES));
    letters.get(at..end).unwrap_or_default()
}
