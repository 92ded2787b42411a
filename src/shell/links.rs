//! Which terminals open an address that is marked as one (OSC 8), and how it is marked.
//!
//! A terminal is told only where it is known to understand: others show the same text, and some show the sequence too.
//! What the address is, and whether it may be one, is not decided here.

/// How a link ends. Where none is open it does nothing.
pub(super) const END: &[u8] = b"\x1b]8;;\x1b\\";

/// How a link begins. Cells with the same `id` are one link, also where they stand on several lines.
pub(super) fn begin(id: [u8; 3], address: &str) -> String {
    let [a, b, c] = id;
    format!("\x1b]8;id={a:02x}{b:02x}{c:02x};{address}\x1b\\")
}

/// What `TERM` begins with, in terminals that are known to.
const BY_TERM: &[&str] = &[
    "alacritty",
    "contour",
    "foot",
    "ghostty",
    "rio",
    "wezterm",
    "xterm-ghostty",
    "xterm-kitty",
];

/// `TERM_PROGRAM` of such terminals.
const BY_PROGRAM: &[&str] = &["ghostty", "iTerm.app", "rio", "vscode", "WezTerm"];

/// Terminals of the GNOME family from this on (`VTE_VERSION`): those before it had errors in it.
const VTE: u32 = 5200;

/// tmux keeps links, and hands them to a terminal that it knows to take them, from this version on.
const TMUX: (u32, u32) = (3, 4);

/// Whether this terminal is known to open what is marked.
pub fn are_known(variable: impl Fn(&str) -> Option<String>) -> bool {
    let told = |name| variable(name).filter(|value| !value.is_empty());
    let term = told("TERM").unwrap_or_default();
    let program = told("TERM_PROGRAM").unwrap_or_default();
    // What is inside another one still has the variables of that.
    if term.is_empty() || term == "dumb" || term == "linux" || told("STY").is_some() {
        return false;
    }
    if told("TMUX").is_some() {
        let version = told("TERM_PROGRAM_VERSION").and_then(|text| version(&text));
        return program == "tmux" && version.is_some_and(|version| version >= TMUX);
    }
    if term.starts_with("screen") || term.starts_with("tmux") {
        return false;
    }
    let vte = told("VTE_VERSION").and_then(|text| text.parse().ok());
    BY_TERM.iter().any(|known| term.starts_with(known))
        || BY_PROGRAM.contains(&program.as_str())
        || vte.is_some_and(|version: u32| version >= VTE)
        || told("WT_SESSION").is_some()
}

/// The two numbers of `3.4a`.
fn version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    let digits = minor.bytes().take_while(u8::is_ascii_digit).count();
    Some((major.parse().ok()?, minor[..digits].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(variables: &[(&str, &str)]) -> bool {
        are_known(|name| {
            let mut all = variables.iter();
            all.find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_terminal_is_told_only_where_it_is_known_to_understand() {
        let xterm = ("TERM", "xterm-256color");
        let tmux = [("TERM", "tmux-256color"), ("TMUX", "/tmp/t,1,0")];
        let in_tmux = |version| {
            let named = [("TERM_PROGRAM", "tmux"), ("TERM_PROGRAM_VERSION", version)];
            known(&[&tmux[..], &named[..]].concat())
        };
        for good in [
            &[("TERM", "xterm-kitty")][..],
            &[("TERM", "foot-extra")],
            &[("TERM", "alacritty")],
            &[xterm, ("TERM_PROGRAM", "iTerm.app")],
            &[xterm, ("TERM_PROGRAM", "vscode")],
            &[xterm, ("VTE_VERSION", "7600")],
            &[xterm, ("WT_SESSION", "6f1c")],
        ] {
            assert!(known(good), "{good:?}");
        }
        assert!(in_tmux("3.4") && in_tmux("3.5a") && in_tmux("4.0"));
        assert!(!in_tmux("3.3a") && !in_tmux("next") && !in_tmux(""));
        for bad in [
            &[][..],
            &[xterm],
            &[("TERM", "dumb"), ("VTE_VERSION", "7600")],
            &[("TERM", "linux"), ("TERM_PROGRAM", "vscode")],
            &[xterm, ("TERM_PROGRAM", "Apple_Terminal")],
            &[xterm, ("VTE_VERSION", "5002")],
            &[xterm, ("VTE_VERSION", "new")],
            &[xterm, ("COLORTERM", "truecolor")],
            &[("TERM", "screen-256color"), ("VTE_VERSION", "7600")],
            &[xterm, ("STY", "1.tty"), ("TERM_PROGRAM", "WezTerm")],
            &[tmux[0], tmux[1], ("VTE_VERSION", "7600")],
            &[tmux[0], ("VTE_VERSION", "7600")],
        ] {
            assert!(!known(bad), "{bad:?}");
        }
    }
}
