//! What `--help`, `help`, the man pages and the README say beside the options, as tables that are written down once.
//!
//! A cell is a line of Markdown with nothing but `code` in it. Where a table has its source elsewhere, as the keys and
//! the exit codes have, it is read from there. How wide a terminal is, and what a command does, is not known here.

use phala_wizard::line::EVENTS;
use phala_wizard::shell::config::settings::SETTINGS;
use phala_wizard::shell::demo;
use phala_wizard::wizard::event::Outcome;
use phala_wizard::wizard::keymap::{self, BINDINGS, Command};

/// Columns of a text for a terminal, as many as every terminal has.
const WIDTH: usize = 79;

/// A first column that is wider than this gets a line of its own.
const WIDEST: usize = 42;

/// Lines of cells, all of them with as many cells as the head.
#[derive(Debug)]
pub(crate) struct Table {
    /// What the columns are called, where a table has a head.
    pub(crate) head: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

/// Something `help` has a page about.
#[derive(Debug)]
pub(crate) struct Topic {
    /// What it is asked for by.
    pub(crate) name: &'static str,
    /// What the page is about.
    pub(crate) about: &'static str,
    /// What is on it.
    pub(crate) table: fn() -> Table,
}

/// Everything `help` has a page about, beside the commands.
pub(crate) const TOPICS: [Topic; 7] = [
    Topic {
        name: "exit-codes",
        about: "How a walk, deploy, commit, resume and watch end. Other commands: 0 is well, 1 is not, 2 cannot be used.",
        table: exit_codes,
    },
    Topic {
        name: "environment",
        about: "Variables that are read. No other program sees them: the editor, the pager and the browser get no keys.",
        table: environment,
    },
    Topic {
        name: "settings",
        about: "What `config.toml` can say. An option comes before a variable, a variable before the file.",
        table: settings,
    },
    Topic {
        name: "files",
        about: "Files that are read and written.",
        table: files,
    },
    Topic {
        name: "keys",
        about: "Keys on the screen. `F1`, and `?` where you do not type, shows those of the place you are at.",
        table: keys,
    },
    Topic {
        name: "scenarios",
        about: "What can be tried with `--sandbox SCENARIO`: nothing real is touched, no key is needed.",
        table: scenarios,
    },
    Topic {
        name: "events",
        about: "The lines of `--json`. Members keep their names; new ones may come.",
        table: events,
    },
];

const VARIABLES: &[(&str, &str)] = &[
    ("`PHALA_CLOUD_API_KEY`", "the API key, before any file"),
    (
        "`PHALA_CLOUD_API_PREFIX`",
        "base address of the service, else the profile's, else `https://cloud-api.phala.com/api/v1`",
    ),
    (
        "`PHALA_CLOUD_DIR`",
        "folder of `credentials.json`, else `~/.phala-cloud`",
    ),
    (
        "`ETH_RPC_URL`",
        "a node of the app's chain, to read contracts at and send to; else `rpc_urls` of the configuration file, else `p` asks a public one",
    ),
    (
        "`ETH_KEYSTORE`",
        "a keystore, or a folder of them, beside `~/.foundry/keystores`",
    ),
    (
        "`PRIVATE_KEY`",
        "a key that can sign, with a remark: other programs can read it",
    ),
    (
        "`PCCS_URL`",
        "a PCCS, to check the hardware's signature with Intel's lists; else `p` asks a public one",
    ),
    (
        "`XDG_CONFIG_HOME`",
        "where `phala-wizard/config.toml` is, else `~/.config`; on Windows that is `%APPDATA%`",
    ),
    (
        "`XDG_CACHE_HOME`",
        "where the names that shells complete are, in `phala-wizard`; else `~/.cache`",
    ),
    (
        "`XDG_STATE_HOME`",
        "where journals and reports are, in `phala-wizard`; else `~/.local/state`; on Windows that is `%LOCALAPPDATA%`",
    ),
    (
        "`VISUAL`, `EDITOR`",
        "the editor for compose files and scripts, else `nano`, `vim` or `vi`; on Windows `notepad`",
    ),
    (
        "`PAGER`",
        "the pager for logs, else `less`, else `more`; it gets them through a pipe",
    ),
    (
        "`ACCESSIBLE`",
        "plain lines instead of a screen; `0`, `false` or nothing is off",
    ),
    ("`NO_COLOR`, `CLICOLOR`", "leave out colours"),
    (
        "`CLICOLOR_FORCE`",
        "has colours all the same, where `NO_COLOR` is not set",
    ),
    (
        "`COLORFGBG`",
        "what is behind the text, where the terminal does not say",
    ),
    (
        "`LC_ALL`, `LC_CTYPE`, `LANG`",
        "whether anything but ASCII is drawn",
    ),
    (
        "`TZ`, `TZDIR`",
        "the zone that times are shown in, else the system's; reports and JSON are in UTC",
    ),
    ("`CI`", "as `--reduce-motion`"),
    (
        "`COLUMNS`",
        "how wide a page of help is, where no terminal says it",
    ),
    ("`TERM`", "`dumb` is a terminal that cannot show a screen"),
    (
        "`TERM_PROGRAM`, `TERM_PROGRAM_VERSION`, `VTE_VERSION`, `WT_SESSION`",
        "which terminal it is: whether addresses on screen are links",
    ),
    (
        "`TMUX`, `STY`",
        "the clipboard and notes go through tmux (its `set-clipboard on` or `allow-passthrough on`) or GNU screen",
    ),
    (
        "`HTTPS_PROXY`, `NO_PROXY`",
        "a proxy, and what does not go through it",
    ),
    (
        "`SSL_CERT_FILE`",
        "the authorities whose certificates count, in place of the system's",
    ),
    (
        "`RUST_BACKTRACE`",
        "a bug in the program tells where it came from, too",
    ),
];

const FILES: &[(&str, &str)] = &[
    (
        "`~/.phala-cloud/credentials.json`",
        "keys and profiles, shared with the official CLI; written when you sign in or out",
    ),
    (
        "`./phala.toml`",
        "which profile this project uses; read, never written",
    ),
    (
        "`~/.config/phala-wizard/config.toml`",
        "the settings; written by `config init` alone, where there is none",
    ),
    (
        "`~/.local/state/phala-wizard/intents`",
        "a journal for each deployment that is not done, with its commit token; for you alone",
    ),
    (
        "`~/.local/state/phala-wizard/reports`",
        "what was left of runs that ended in a bug: no word of yours is in it",
    ),
    (
        "`~/.cache/phala-wizard/names.json`",
        "names of the last workspace, which shells complete; gone with `logout`, and no loss",
    ),
    (
        "`~/.foundry/keystores`",
        "keystores that are offered where a registration is signed",
    ),
];

/// The codes a walk ends with.
pub(crate) fn exit_codes() -> Table {
    let rows = Outcome::ALL.iter().map(|outcome| {
        vec![
            outcome.code().to_string(),
            format!("`{}`", outcome.word()),
            outcome.meaning().to_owned(),
        ]
    });
    Table {
        head: &["code", "`outcome`", "what it means"],
        rows: rows.collect(),
    }
}

/// The variables that are read.
pub(crate) fn environment() -> Table {
    pairs(&["variable", "meaning"], VARIABLES)
}

/// What the configuration file can say.
pub(crate) fn settings() -> Table {
    let rows = SETTINGS.iter().map(|setting| {
        let cells = [setting.usual, setting.help, setting.before].map(str::to_owned);
        [vec![format!("`{}`", setting.full_name())], cells.to_vec()].concat()
    });
    let keys = [
        "`[keys]`",
        "those of `help keys`",
        "other keys, by the command's name",
        "",
    ];
    Table {
        head: &["setting", "usual", "what it does", "what comes before it"],
        rows: rows.chain([keys.map(str::to_owned).to_vec()]).collect(),
    }
}

/// The files that are read and written.
pub(crate) fn files() -> Table {
    pairs(&["file", "what is in it"], FILES)
}

/// Every key.
pub(crate) fn keys() -> Table {
    let rows = BINDINGS.iter().filter_map(|binding| {
        let keys = match binding.command {
            Command::Choose(1) => "1 to 9".to_owned(),
            Command::Jump(1) => "Alt-1 to Alt-6".to_owned(),
            Command::Choose(_) | Command::Jump(_) => return None,
            _ => keymap::all_keys(binding),
        };
        Some(vec![format!("`{keys}`"), binding.help.to_owned()])
    });
    Table {
        head: &["key", "what it does"],
        rows: rows.collect(),
    }
}

/// The stories of the sandbox.
pub(crate) fn scenarios() -> Table {
    let rows = demo::scenarios()
        .into_iter()
        .map(|(name, sentence)| vec![format!("`{name}`"), sentence]);
    Table {
        head: &["scenario", "what happens"],
        rows: rows.collect(),
    }
}

/// The lines of `--json`.
pub(crate) fn events() -> Table {
    let rows = EVENTS.iter().map(|(event, members, when)| {
        let members: Vec<String> = members.iter().map(|it| format!("`{it}`")).collect();
        vec![format!("`{event}`"), members.join(" "), (*when).to_owned()]
    });
    Table {
        head: &["event", "members", "when"],
        rows: rows.collect(),
    }
}

/// Lines and what they do, such as examples.
pub(crate) fn pairs(head: &'static [&'static str], rows: &[(&str, &str)]) -> Table {
    let rows = rows
        .iter()
        .map(|(left, right)| vec![(*left).to_owned(), (*right).to_owned()]);
    Table {
        head,
        rows: rows.collect(),
    }
}

impl Table {
    /// Its lines, without the head.
    pub(crate) fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// As lines for a terminal, indented. What is left of the last column is a name, and stands without its quotes.
    pub(crate) fn plain(&self) -> String {
        let names = self.head.len() - 1;
        let widths: Vec<usize> = (0..names)
            .map(|column| {
                self.rows
                    .iter()
                    .map(move |row| bare(&row[column]).chars().count())
            })
            .map(|widths| widths.max().unwrap_or(0))
            .collect();
        let left: usize = widths.iter().map(|width| width + 2).sum();
        let mut text = String::new();
        for row in &self.rows {
            let cells = row[..names].iter().zip(&widths);
            let name: Vec<String> = cells
                .map(|(cell, width)| format!("{:<width$}  ", bare(cell)))
                .collect();
            let name = name.concat();
            if left <= WIDEST {
                wrap(&mut text, &format!("  {name}"), left + 2, &row[names]);
            } else {
                let name: Vec<String> = row[..names].iter().map(|cell| bare(cell)).collect();
                wrap(&mut text, "  ", 4, &name.join("  "));
                wrap(&mut text, "      ", 6, &row[names]);
            }
        }
        text
    }
}

fn bare(cell: &str) -> String {
    cell.replace('`', "")
}

/// Sets words behind `first`, and those that do not fit on lines below, this far from the left.
fn wrap(text: &mut String, first: &str, indent: usize, words: &str) {
    text.push_str(first);
    let mut at = first.chars().count();
    let mut is_first = true;
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        if !is_first && at + 1 + length > WIDTH {
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            at = indent;
        } else if !is_first {
            text.push(' ');
            at += 1;
        }
        text.push_str(word);
        at += length;
        is_first = false;
    }
    while text.ends_with(' ') {
        text.pop();
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_set_in_columns_and_goes_on_below_itself() {
        let long = "word ".repeat(20);
        let table = pairs(&["a", "b"], &[("`x|y`", &long), ("`long name`", "`code`")]);
        let plain = table.plain();
        let lines: Vec<&str> = plain.lines().collect();
        assert_eq!(lines.len(), 3, "{plain}");
        assert!(lines[0].starts_with("  x|y        word word"), "{plain}");
        assert!(lines[1].starts_with("             word"), "{plain}");
        assert_eq!(lines[2], "  long name  `code`");
        assert!(lines.iter().all(|line| line.len() <= WIDTH));
    }

    #[test]
    fn names_that_are_too_wide_have_lines_of_their_own() {
        let name = "n".repeat(WIDEST);
        let plain = pairs(&["a", "b"], &[(&name, "one"), ("m", "two")]).plain();
        assert_eq!(plain, format!("  {name}\n      one\n  m\n      two\n"));
    }

    #[test]
    fn no_topic_is_wider_than_a_terminal_or_empty() {
        for topic in &TOPICS {
            let plain = (topic.table)().plain();
            assert!(plain.lines().count() > 4, "{}", topic.name);
            let wide = plain.lines().find(|line| line.chars().count() > WIDTH);
            assert_eq!(wide, None, "{}", topic.name);
        }
    }
}
