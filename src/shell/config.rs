//! What is set once and for all: `phala-wizard/config.toml` in `XDG_CONFIG_HOME`, or what stands for it.
//!
//! ```toml
//! accessible = true
//!
//! [rpc_urls]
//! 1 = "https://eth.example/key"
//! 8453 = ["https://base.example/key", "https://another.example"]
//!
//! [alert]
//! bell = true
//! note = "osc9"
//! title = true
//! ```
//!
//! Chains by their number, each with the nodes that are asked, one or two. An address may hold a key, so none is ever
//! shown. Below that, how a person is told who looks elsewhere. `accessible` asks in plain lines. Whatever else stands in
//! the file is an error and no guess: a name that is misspelt would do nothing, silently.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::alert::{Alert, Note};
use super::{credentials, files};
use crate::http::Address;
use crate::secret::Secret;
use crate::shown::Shown;

/// Most nodes of a chain: one, and one to compare it with.
const MOST: usize = 2;
/// Most characters of a name that is quoted.
const NAME: usize = 40;
const RPC_URLS: &str = "rpc_urls";
const ALERT: &str = "alert";
const ACCESSIBLE: &str = "accessible";

/// All that the file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// Nodes of chains.
    pub rpc_urls: RpcUrls,
    /// How a person who looks elsewhere is told that a wait is over.
    pub alert: Alert,
    /// Whether plain lines are wanted, where it says so.
    pub accessible: Option<bool>,
}

/// Nodes of chains, as the file names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RpcUrls {
    nodes: BTreeMap<u64, Vec<Secret>>,
    remark: Option<Shown>,
}

impl Config {
    /// What the file of this person says; nothing, where there is none.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or something in it is not understood; the error says which line, and quotes no address.
    pub fn here() -> Result<Self, Shown> {
        let Ok(base) = etcetera::choose_base_strategy() else {
            return Ok(Self::default());
        };
        Self::at(&file(&base.config_dir()), Some(base.home_dir()))
    }

    fn at(path: &Path, home: Option<&Path>) -> Result<Self, Shown> {
        let is_missing =
            std::fs::metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
        if is_missing {
            return Ok(Self::default());
        }
        let name = credentials::short(path, home);
        let text = files::read_text(path)
            .map_err(|why| Shown::line(&format!("{name} cannot be used: {why}")))?;
        let said = read(text.expose()).map_err(|wrong| {
            let line = text.expose().as_bytes()[..wrong.at]
                .iter()
                .filter(|byte| **byte == b'\n');
            let (line, why) = (line.count() + 1, wrong.why);
            Shown::line(&format!("{name}, line {line}: {why}"))
        })?;
        let is_open = !said.nodes.is_empty() && files::others_can_read(path);
        let remark = is_open.then(|| {
            Shown::line(&format!(
                "{name} can be read by other users, and addresses in it may hold keys"
            ))
        });
        Ok(Self {
            rpc_urls: RpcUrls {
                nodes: said.nodes,
                remark,
            },
            alert: said.alert,
            accessible: said.accessible,
        })
    }
}

impl RpcUrls {
    /// The nodes of this chain, in the order they are asked.
    pub fn of(&self, chain_id: u64) -> &[Secret] {
        self.nodes.get(&chain_id).map_or(&[], Vec::as_slice)
    }

    /// The nodes of every chain that is named.
    pub fn into_nodes(self) -> BTreeMap<u64, Vec<Secret>> {
        self.nodes
    }

    /// What is to be said of the file itself: that others can read what may hold keys.
    pub fn remark(&self) -> Option<&Shown> {
        self.remark.as_ref()
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("phala-wizard").join("config.toml")
}

/// Something in the file that is not understood.
struct Wrong {
    /// Where it begins, in bytes.
    at: usize,
    why: String,
}

impl Wrong {
    fn new(at: Range<usize>, why: impl Into<String>) -> Self {
        Self {
            at: at.start,
            why: why.into(),
        }
    }
}

/// What a file says, before anybody asked who can read it.
#[derive(Default)]
struct Said {
    nodes: BTreeMap<u64, Vec<Secret>>,
    alert: Alert,
    accessible: Option<bool>,
}

/// Borrows from the text, so that wiping that wipes every address in it.
fn read(text: &str) -> Result<Said, Wrong> {
    let file = DeTable::parse(text).map_err(|error| {
        // The parser's own words may quote the file.
        Wrong::new(error.span().unwrap_or_default(), "this is no TOML")
    })?;
    let mut said = Said::default();
    for (name, value) in file.get_ref() {
        match name.get_ref().as_ref() {
            RPC_URLS => said.nodes = nodes(table(RPC_URLS, value)?)?,
            ALERT => said.alert = alert(table(ALERT, value)?)?,
            ACCESSIBLE => {
                let is_on = value.get_ref().as_bool();
                let wrong = || Wrong::new(value.span(), "accessible is true or false");
                said.accessible = Some(is_on.ok_or_else(wrong)?);
            }
            other => {
                let known = "rpc_urls, alert and accessible are";
                return Err(unknown(name.span(), other, known));
            }
        }
    }
    Ok(said)
}

fn table<'v, 't>(name: &str, value: &'v Spanned<DeValue<'t>>) -> Result<&'v DeTable<'t>, Wrong> {
    let table = value.get_ref().as_table();
    table.ok_or_else(|| Wrong::new(value.span(), format!("{name} is a table: [{name}]")))
}

fn nodes(chains: &DeTable<'_>) -> Result<BTreeMap<u64, Vec<Secret>>, Wrong> {
    let mut nodes = BTreeMap::new();
    for (chain, urls) in chains {
        let id = chain_id(chain.get_ref()).ok_or_else(|| {
            let why = "the names in rpc_urls are numbers of chains, such as 8453";
            Wrong::new(chain.span(), why)
        })?;
        nodes.insert(id, addresses(urls)?);
    }
    Ok(nodes)
}

fn alert(ways: &DeTable<'_>) -> Result<Alert, Wrong> {
    let mut alert = Alert::default();
    for (name, value) in ways {
        let switch = || {
            let why = format!("{} is true or false", name.get_ref());
            let is_on = value.get_ref().as_bool();
            is_on.ok_or_else(|| Wrong::new(value.span(), why))
        };
        match name.get_ref().as_ref() {
            "bell" => alert.bell = switch()?,
            "title" => alert.title = switch()?,
            "note" => {
                let word = value.get_ref().as_str();
                let named = Note::WORDS.iter().find(|(name, _)| Some(*name) == word);
                let (_, note) = named.ok_or_else(|| {
                    Wrong::new(value.span(), "note is \"off\", \"osc9\" or \"osc777\"")
                })?;
                alert.note = *note;
            }
            other => return Err(unknown(name.span(), other, "bell, note and title are")),
        }
    }
    Ok(alert)
}

/// One address, or a list of them.
fn addresses(value: &Spanned<DeValue<'_>>) -> Result<Vec<Secret>, Wrong> {
    match value.get_ref() {
        DeValue::Array(list) if list.is_empty() || list.len() > MOST => {
            let why = format!("a chain has one or two nodes, and here are {}", list.len());
            Err(Wrong::new(value.span(), why))
        }
        DeValue::Array(list) => list.iter().map(address).collect(),
        _ => Ok(vec![address(value)?]),
    }
}

fn address(value: &Spanned<DeValue<'_>>) -> Result<Secret, Wrong> {
    let Some(text) = value.get_ref().as_str() else {
        return Err(Wrong::new(
            value.span(),
            "the address of a node is text in quotes",
        ));
    };
    match Address::endpoint(text) {
        Ok(_) => Ok(Secret::new(text)),
        Err(why) => Err(Wrong::new(value.span(), why)),
    }
}

/// Each number has one way to be written: a second one would be a second entry.
fn chain_id(name: &str) -> Option<u64> {
    let id: u64 = name.parse().ok()?;
    (id.to_string() == name).then_some(id)
}

/// Names are quoted if they look like one: somebody may have put an address where a name belongs.
fn unknown(at: Range<usize>, name: &str, known: &str) -> Wrong {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if name.len() > NAME || !name.bytes().all(is_word) {
        return Wrong::new(at, format!("this name is not known here; {known}"));
    }
    Wrong::new(at, format!("{name} is not known here; {known}"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    /// A home with this file, readable by its owner only.
    fn home(text: &str) -> (TempDir, PathBuf) {
        let home = tempfile::tempdir().unwrap();
        let path = file(&home.path().join(".config"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        set_mode(&path, 0o600);
        (home, path)
    }

    #[cfg(unix)]
    fn set_mode(path: &Path, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[cfg(not(unix))]
    fn set_mode(_path: &Path, _mode: u32) {}

    fn told(text: &str) -> Result<RpcUrls, String> {
        Ok(all(text)?.rpc_urls)
    }

    fn all(text: &str) -> Result<Config, String> {
        let (home, path) = home(text);
        let told = Config::at(&path, Some(home.path()));
        told.map_err(|why| why.as_str().to_owned())
    }

    fn shown(urls: &RpcUrls, chain_id: u64) -> Vec<&str> {
        urls.of(chain_id).iter().map(Secret::expose).collect()
    }

    #[test]
    fn plain_lines_are_a_switch_and_nothing_else() {
        let said = |text| read(text).ok().and_then(|said| said.accessible);
        assert_eq!(said(""), None);
        assert_eq!(said("accessible = true"), Some(true));
        assert_eq!(said("accessible = false"), Some(false));
        let wrong = read("accessible = \"yes\"").err().unwrap();
        assert_eq!(wrong.why, "accessible is true or false");
    }

    #[test]
    fn a_chain_has_one_node_or_two() {
        let urls = told(
            "# mine\n[rpc_urls]\n1 = \"https://eth.example/canary\"\n8453 = [\n  'https://a.example?k=canary',\n  \
             'http://127.0.0.1:8545',\n]\n\"5\" = ['https://b.example']\n",
        )
        .unwrap();
        assert_eq!(shown(&urls, 1), ["https://eth.example/canary"]);
        assert_eq!(
            shown(&urls, 8453),
            ["https://a.example?k=canary", "http://127.0.0.1:8545"]
        );
        assert_eq!(shown(&urls, 5), ["https://b.example"]);
        assert_eq!(shown(&urls, 2), Vec::<&str>::new());
        assert_eq!(urls.remark(), None);
        assert!(!format!("{urls:?}").contains("canary"));
    }

    #[test]
    fn no_file_and_an_empty_one_say_nothing() {
        let home = tempfile::tempdir().unwrap();
        let none = Config::at(&home.path().join("none/config.toml"), None);
        assert_eq!(none, Ok(Config::default()));
        for text in ["", "# nothing yet\n", "[rpc_urls]\n"] {
            assert_eq!(told(text), Ok(RpcUrls::default()));
        }
    }

    #[test]
    fn what_is_not_said_of_an_alert_stays_as_it_was() {
        let alert = |text: &str| all(text).unwrap().alert;
        assert_eq!(alert("[alert]\n"), Alert::default());
        for (word, note) in Note::WORDS {
            let said = alert(&format!("[alert]\nnote = '{word}'\n[rpc_urls]\n"));
            assert_eq!((said.note, said.bell, said.title), (note, true, true));
        }
        let said = alert("[alert]\nbell = false\ntitle = false\n");
        assert_eq!(
            (said.note, said.bell, said.title),
            (Note::Off, false, false)
        );
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_line() {
        let long = format!("{} = 1", "x".repeat(41));
        for (text, line, why) in [
            (
                "[rpc_url]\n1 = 'https://a.example'",
                1,
                "rpc_url is not known here; rpc_urls, alert and accessible are",
            ),
            (
                "\n\nprofile = 'x'\n[rpc_urls]",
                3,
                "profile is not known here; rpc_urls, alert and accessible are",
            ),
            (
                "'https://a.example/canary' = 1",
                1,
                "this name is not known here; rpc_urls, alert and accessible are",
            ),
            (
                &long,
                1,
                "this name is not known here; rpc_urls, alert and accessible are",
            ),
            (
                "rpc_urls = 'https://a.example'",
                1,
                "rpc_urls is a table: [rpc_urls]",
            ),
            ("alert = true", 1, "alert is a table: [alert]"),
            (
                "[alert]\nring = true",
                2,
                "ring is not known here; bell, note and title are",
            ),
            ("[alert]\nbell = 'loud'", 2, "bell is true or false"),
            ("[alert]\ntitle = 1", 2, "title is true or false"),
            (
                "[alert]\nbell = true\nnote = true",
                3,
                "note is \"off\", \"osc9\" or \"osc777\"",
            ),
            (
                "[rpc_urls]\nbase = 'https://a.example'",
                2,
                "the names in rpc_urls are numbers of chains, such as 8453",
            ),
            ("[rpc_urls]\n+1 = 'https://a.example'", 2, "this is no TOML"),
            (
                "[rpc_urls]\n01 = 'https://a.example'",
                2,
                "the names in rpc_urls are numbers of chains, such as 8453",
            ),
            (
                "[rpc_urls]\n1 = 5",
                2,
                "the address of a node is text in quotes",
            ),
            (
                "[rpc_urls]\n1 = ['https://a.example', 5]",
                2,
                "the address of a node is text in quotes",
            ),
            (
                "[rpc_urls]\n1 = []",
                2,
                "a chain has one or two nodes, and here are 0",
            ),
            (
                "[rpc_urls]\n1 = ['https://a.example', 'https://b.example', 'https://c.example']",
                2,
                "a chain has one or two nodes, and here are 3",
            ),
            ("[rpc_urls]\n1 = canary", 2, "this is no TOML"),
            (
                "[rpc_urls]\n1 = 'https://a.example'\n1 = 'https://b.example'",
                3,
                "this is no TOML",
            ),
        ] {
            let expected = format!("~/.config/phala-wizard/config.toml, line {line}: {why}");
            assert_eq!(told(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn an_address_that_may_not_be_asked_is_refused_and_not_quoted() {
        for address in [
            "http://a.example/canary",
            "canary",
            "https://a.example/#canary",
            "",
        ] {
            for value in [
                format!("'{address}'"),
                format!("[\n'https://b.example',\n'{address}']"),
            ] {
                let line = 2 + value.lines().count().saturating_sub(1);
                let why = told(&format!("[rpc_urls]\n8453 = {value}\n")).unwrap_err();
                assert!(why.contains(&format!(", line {line}: ")), "{why}");
                assert!(!why.contains("canary"), "{why}");
            }
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let (home, path) = home("");
        fs::write(&path, b"caf\xe9").unwrap();
        let why = Config::at(&path, Some(home.path())).unwrap_err();
        let start = "~/.config/phala-wizard/config.toml cannot be used: ";
        assert!(why.as_str().starts_with(start), "{why}");
        assert!(Config::at(home.path(), None).is_err(), "a folder");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_others_can_read_is_pointed_out_where_it_names_a_node() {
        let (home, path) = home("[rpc_urls]\n1 = 'https://a.example/key'\n");
        set_mode(&path, 0o644);
        let urls = Config::at(&path, Some(home.path())).unwrap().rpc_urls;
        let remark = urls.remark().expect("a remark").as_str();
        assert!(
            remark.starts_with("~/.config/phala-wizard/config.toml can be read"),
            "{remark}"
        );
        fs::write(&path, "[rpc_urls]\n").unwrap();
        let urls = Config::at(&path, Some(home.path())).unwrap().rpc_urls;
        assert_eq!(urls.remark(), None);
    }
}
