//! Who says a line, and what is left of it without colours, times and the name of the speaker.
//!
//! The serial console carries many voices: the kernel, systemd, the guest's own services, docker. A word means
//! something else in each of them. Nothing is judged here.

use std::borrow::Cow;

/// A set of voices, as bits.
pub(super) type Voices = u16;

/// The services that prepare the guest: keys, disk, gateway.
pub(super) const GUEST: Voices = 1;
/// The pre-launch script and docker compose.
pub(super) const COMPOSE: Voices = 1 << 1;
/// The container engine.
pub(super) const ENGINE: Voices = 1 << 2;
pub(super) const SYSTEMD: Voices = 1 << 3;
pub(super) const KERNEL: Voices = 1 << 4;
/// The process around the guest.
pub(super) const MANAGER: Voices = 1 << 5;
/// A container.
pub(super) const APP: Voices = 1 << 6;
/// The error that was reported of the boot.
pub(super) const REPORT: Voices = 1 << 7;
/// What is said of a creation that failed.
pub(super) const CREATION: Voices = 1 << 8;

/// Of a longer line only the beginning is read: no known message comes near it, and a line may have a megabyte.
const MOST_BYTES: usize = 4096;
/// Groups in brackets before the words: a time, and the thread or processor some kernels name.
const MOST_GROUPS: usize = 3;

/// A line, taken apart.
pub(super) struct Heard<'a> {
    pub(super) voices: Voices,
    /// The words, as they were written.
    pub(super) body: Cow<'a, str>,
    /// The same in lower case, byte for byte.
    pub(super) low: String,
}

impl<'a> Heard<'a> {
    /// A line of this source: `serial`, `stdout` and `stderr` are the machine's, all else is a container.
    pub(super) fn new(source: &str, text: &'a str) -> Self {
        let text = plain(beginning(text));
        let (stamped, tag, from) = prefix(&text);
        let voices = match source {
            "serial" => of_tag(tag, stamped),
            "stdout" | "stderr" => MANAGER,
            _ => APP,
        };
        let from = if voices == APP { 0 } else { from };
        let body = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text[from..].trim()),
            Cow::Owned(text) => Cow::Owned(text[from..].trim().to_owned()),
        };
        let low = body.to_ascii_lowercase();
        Self { voices, body, low }
    }

    /// Text that is no line of a log.
    pub(super) fn text(voices: Voices, text: &'a str) -> Self {
        let body = plain(beginning(text));
        let low = body.to_ascii_lowercase();
        Self { voices, body, low }
    }

    /// Whether one of these may be the speaker.
    pub(super) fn is_of(&self, voices: Voices) -> bool {
        self.voices & voices != 0
    }
}

/// A line of the serial console without a name may be of anybody who writes there.
fn of_tag(tag: Option<&str>, stamped: bool) -> Voices {
    match tag {
        Some("app-compose.sh" | "docker" | "docker-compose") => COMPOSE,
        Some("dockerd" | "containerd") => ENGINE,
        Some("systemd") => SYSTEMD,
        Some("kernel") => KERNEL,
        Some(tag) if tag.starts_with("dstack") || tag == "tdxctl" => GUEST,
        Some(_) => 0,
        None if stamped => KERNEL,
        None => GUEST | COMPOSE | SYSTEMD | KERNEL,
    }
}

fn beginning(text: &str) -> &str {
    let mut end = text.len().min(MOST_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The text without the sequences that set colours.
fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '\u{1b}' {
            out.push(c);
        } else if rest.next_if_eq(&'[').is_some() {
            while rest
                .next_if(|c| c.is_ascii_digit() || matches!(c, ';' | '?'))
                .is_some()
            {}
            rest.next_if(char::is_ascii_alphabetic);
        }
    }
    Cow::Owned(out)
}

/// Whether a time of the kernel stands before the words, who is named before them, and where they begin.
fn prefix(text: &str) -> (bool, Option<&str>, usize) {
    let mut rest = text.trim_start();
    if let Some((first, after)) = rest.split_once(' ')
        && is_moment(first)
    {
        rest = after.trim_start();
    }
    let mut stamped = false;
    for _ in 0..MOST_GROUPS {
        let Some(group) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
            break;
        };
        if !is_stamp(group.0.trim()) {
            break;
        }
        stamped = true;
        rest = group.1.trim_start();
    }
    let mut tag = None;
    if let Some((head, after)) = rest.split_once(": ")
        && let Some(name) = name(head)
    {
        tag = Some(name);
        rest = after;
    }
    (stamped, tag, text.len() - rest.len())
}

/// `[   12.345678]`, and `[    T1]` as newer kernels add it.
fn is_stamp(group: &str) -> bool {
    let digits = group.strip_prefix(['T', 'C']).unwrap_or(group);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// `2026-01-31T12:00:00.123Z`.
fn is_moment(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() >= 19
        && bytes[4] == b'-'
        && bytes[10] == b'T'
        && bytes.iter().take(4).all(u8::is_ascii_digit)
}

/// `app-compose.sh[302]`, or the kernel, which has no number.
fn name(head: &str) -> Option<&str> {
    if head == "kernel" {
        return Some(head);
    }
    let (name, number) = head.strip_suffix(']')?.rsplit_once('[')?;
    let is_name = !name.is_empty() && !name.contains(char::is_whitespace);
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    (is_name && is_number).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_speaker_is_told_from_the_words() {
        for (source, text, voices, body) in [
            (
                "serial",
                "[   41.747276] app-compose.sh[768]:  Container dstack-api-1  Started",
                COMPOSE,
                "Container dstack-api-1  Started",
            ),
            (
                "serial",
                "dstack-prepare.sh[412]: Error: a: b",
                GUEST,
                "Error: a: b",
            ),
            (
                "serial",
                "[    0.000000] [    T0] tdx: Guest detected",
                KERNEL,
                "tdx: Guest detected",
            ),
            (
                "serial",
                "\u{1b}[0;1;31mFAILED\u{1b}[0m Failed to start it",
                GUEST | COMPOSE | SYSTEMD | KERNEL,
                "FAILED Failed to start it",
            ),
            (
                "serial",
                "2026-01-31T12:00:00.123Z [   12.5] systemd[1]: x",
                SYSTEMD,
                "x",
            ),
            ("serial", "chronyd[88]: denied", 0, "denied"),
            ("stderr", "qemu: x", MANAGER, "qemu: x"),
            ("api", "app-compose.sh[1]: x", APP, "app-compose.sh[1]: x"),
            ("serial", "[", GUEST | COMPOSE | SYSTEMD | KERNEL, "["),
            ("serial", "", GUEST | COMPOSE | SYSTEMD | KERNEL, ""),
        ] {
            let heard = Heard::new(source, text);
            assert_eq!((heard.voices, &*heard.body), (voices, body), "{text}");
        }
    }

    #[test]
    fn of_a_line_without_end_the_beginning_is_read() {
        let text = format!("a{}", "é".repeat(1 << 20));
        assert_eq!(Heard::new("api", &text).body.len(), MOST_BYTES - 1);
    }
}
