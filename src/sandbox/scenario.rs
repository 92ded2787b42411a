//! Stories the sandbox can tell, as TOML: the common world of `base.toml`, changed by one file per story.
//!
//! It describes what there is and which rules hold; it makes nothing happen.

mod stories;

use std::{collections::BTreeMap, sync::Arc};

use serde::Deserialize;
use toml::{Table, Value};

use super::{boot::Mishap, chain::Generation, fault::Fault, logs::Flood};

/// What `boot` calls a boot in which nothing goes wrong.
const HEALTHY: &str = "healthy";

const BASE: &str = include_str!("../../assets/sandbox/base.toml");

/// One story: a whole world at its start, and what will go wrong in it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The file's name without its ending, as in `--sandbox NAME`.
    #[serde(skip)]
    pub name: String,
    /// One sentence for a person choosing a story.
    pub sentence: String,
    /// What to try in it.
    pub hint: Option<String>,
    pub(super) account: Account,
    pub(super) workspace: Workspace,
    pub(super) rules: Rules,
    pub(super) device_login: DeviceLogin,
    /// One of `mishaps` that every boot meets, or `healthy`.
    boot: Option<String>,
    /// What every boot meets, in the story's own words; goes before `boot`.
    mishap: Option<Mishap>,
    /// What boots can meet, by short names.
    mishaps: BTreeMap<String, Mishap>,
    pub(super) flood: Option<Flood>,
    pub(super) instance_types: BTreeMap<String, InstanceTypeSpec>,
    pub(super) images: BTreeMap<String, ImageSpec>,
    pub(super) chains: BTreeMap<String, ChainSpec>,
    pub(super) kms: BTreeMap<String, KmsSpec>,
    pub(super) nodes: BTreeMap<String, NodeSpec>,
    pub(super) apps: BTreeMap<String, AppSpec>,
    #[serde(default)]
    pub(super) faults: Vec<Fault>,
    #[serde(default)]
    pub(super) lies: Vec<Lie>,
}

/// Why a scenario cannot be told.
#[derive(Debug, thiserror::Error)]
#[error("scenario {name}: {source}")]
pub struct ScenarioError {
    name: String,
    source: Box<toml::de::Error>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    pub(super) username: String,
    pub(super) email: String,
    pub(super) balance: String,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Workspace {
    pub(super) name: String,
    pub(super) slug: String,
    pub(super) tier: String,
    pub(super) role: String,
    /// Instances the quota allows.
    pub(super) max_instances: u64,
    /// Which of `apps` there are, in the order of the list.
    pub(super) apps: Vec<String>,
    /// Which of `nodes` there are.
    pub(super) nodes: Vec<String>,
    /// So many more apps, copies of the one named in `crowd_like`.
    #[serde(default)]
    pub(super) crowd: usize,
    #[serde(default)]
    pub(super) crowd_like: String,
}

/// Rules of the service. Where the vendor is silent they are inference, and `base.toml` says so.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each one is a switch in a file"
)]
pub(super) struct Rules {
    pub(super) token_seconds: f64,
    pub(super) token_once: bool,
    pub(super) newer_prepare_supersedes: Supersedes,
    pub(super) commit_needs_compose_hash: bool,
    pub(super) commit_takes_nothing_else: bool,
    pub(super) commit_checks_contract: bool,
    pub(super) prepare_creates_on_central_kms: bool,
    pub(super) direct_creates_when_allowed: bool,
    pub(super) compose_file_settles_revision: bool,
    pub(super) replica_source_settles_revision: bool,
    pub(super) newer_update_supersedes: bool,
    pub(super) update_applies_when_allowed: bool,
    pub(super) starting_needs_credit: bool,
    pub(super) new_owner_signs_after: f64,
    pub(super) default_script: String,
    pub(super) transactions_checked: TransactionsChecked,
    pub(super) registration_names_rpc: bool,
    pub(super) test_account_signs: bool,
    pub(super) blob_checked: BlobChecked,
    pub(super) running_while_booting: bool,
    pub(super) size_limit: usize,
    pub(super) stream_limit: usize,
    pub(super) stream_limit_status: u16,
    pub(super) balance_status: u16,
    pub(super) instance_commit_needs_key: bool,
    pub(super) app_attestations_are_public: bool,
    pub(super) digit_ids: bool,
    pub(super) evidence_names: String,
}

/// What a newer prepare for the same app does to the older token.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Supersedes {
    Never,
    SameApp,
    SameAppAndNode,
}

/// Which transactions a commit may name.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum TransactionsChecked {
    /// One the pretend chain knows has to be right; of another only the form is looked at.
    IfKnown,
    /// Only one that the pretend chain knows and that is right.
    Always,
}

/// Who notices a blob that does not open.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum BlobChecked {
    /// The service, with a 422.
    AtRequest,
    /// Only the guest.
    AtBoot,
}

/// How a login with a code in a browser goes. Times in sandbox seconds.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeviceLogin {
    /// From when on it is approved or denied without anybody doing anything.
    pub(super) settles_after: f64,
    pub(super) denied: bool,
    pub(super) expires_in: u32,
    pub(super) interval: u32,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImageSpec {
    pub(super) version: [u64; 3],
    #[serde(default)]
    pub(super) dev: bool,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InstanceTypeSpec {
    pub(super) description: String,
    pub(super) vcpu: u64,
    pub(super) memory_mb: u64,
    pub(super) disk_gb: u64,
    /// Dollars per hour, as a decimal text.
    pub(super) hourly_rate: String,
}

/// A pretend chain.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChainSpec {
    /// As wallets and `chain_id` have it.
    pub(super) id: u64,
    pub(super) name: String,
    /// Sandbox seconds from block to block.
    pub(super) block_seconds: u32,
    /// Number of the block at the start of the story.
    pub(super) height: u64,
    pub(super) base_fee_wei: u64,
    /// What clients are told to add for the block's maker.
    pub(super) tip_wei: u64,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KmsSpec {
    /// Absent for a centralised KMS; otherwise that of one of `chains`.
    pub(super) chain_id: Option<u64>,
    pub(super) version: String,
    /// Release of its contract, and of those it makes.
    #[serde(default)]
    pub(super) generation: Generation,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NodeSpec {
    pub(super) id: u64,
    pub(super) region: String,
    pub(super) vcpu: u64,
    pub(super) memory_mb: u64,
    pub(super) slots: u64,
    pub(super) on_chain: bool,
    #[serde(default = "online")]
    pub(super) status: String,
    /// Somebody else takes the last slots as soon as a prepare has chosen this node.
    #[serde(default)]
    pub(super) fills_after_prepare: bool,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AppSpec {
    /// The key in the table, if absent.
    pub(super) name: Option<String>,
    /// Slug of its KMS.
    pub(super) kms: String,
    pub(super) instance_type: String,
    pub(super) age_days: f64,
    pub(super) allowed_envs: Vec<String>,
    pub(super) compose: String,
    #[serde(default)]
    pub(super) pre_launch_script: String,
    /// Compose files of earlier revisions, the latest first.
    #[serde(default)]
    pub(super) earlier: Vec<String>,
    pub(super) instances: Vec<InstanceSpec>,
    /// Nodes whose device the contract allows, beside those of the instances.
    #[serde(default)]
    pub(super) devices: Vec<String>,
    #[serde(default)]
    pub(super) allow_any_device: bool,
    /// Sandbox seconds from a prepare to the registration of what it needs. 0 is before its answer, `inf` never.
    #[serde(default = "never")]
    pub(super) owner_signs_after: f64,
    /// `eoa`, `safe` and so on.
    pub(super) owner: Option<String>,
    /// The owner is the funded account whose key tests can ask for.
    #[serde(default)]
    pub(super) owned_by_test_key: bool,
    /// Release of its contract, if it is not that of its KMS.
    pub(super) generation: Option<Generation>,
    /// The code behind its proxy can never be replaced.
    #[serde(default)]
    pub(super) upgrades_disabled: bool,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InstanceSpec {
    pub(super) name: String,
    pub(super) node: String,
    pub(super) age_hours: f64,
    /// 0 is the current compose file, 1 the first of `earlier`.
    #[serde(default)]
    pub(super) revision: usize,
    #[serde(default)]
    pub(super) stopped: bool,
}

/// What a lying service puts into its 465. The first prepare gets the first lie, and so on in a circle.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lie {
    pub(super) app_id: Option<String>,
    pub(super) compose_hash: Option<String>,
    pub(super) device_id: Option<String>,
}

fn online() -> String {
    "ONLINE".to_owned()
}

fn never() -> f64 {
    f64::INFINITY
}

impl Scenario {
    /// Reads a story told as changes to the common world. Tables are merged, all else is replaced.
    pub fn parse(name: &str, text: &str) -> Result<Self, ScenarioError> {
        let read = || {
            let mut world: Table = toml::from_str(BASE)?;
            overlay(&mut world, toml::from_str(text)?);
            let scenario: Self = world.try_into()?;
            scenario.check().map_err(serde::de::Error::custom)?;
            Ok(Self {
                name: name.to_owned(),
                ..scenario
            })
        };
        read().map_err(|source| ScenarioError {
            name: name.to_owned(),
            source: Box::new(source),
        })
    }

    /// What goes wrong in the boots of this story.
    pub(super) fn own_mishap(&self) -> Option<Arc<Mishap>> {
        let own = self.mishap.clone().map(Arc::new);
        own.or_else(|| self.mishap_called(self.boot.as_deref()?))
    }

    /// One of those that `boot` can name.
    pub(super) fn mishap_called(&self, name: &str) -> Option<Arc<Mishap>> {
        let mut mishap = self.mishaps.get(name)?.clone();
        name.clone_into(&mut mishap.name);
        Some(Arc::new(mishap))
    }

    /// Says what fits the form and cannot be meant.
    fn check(&self) -> Result<(), String> {
        for (slug, kms) in &self.kms {
            if let Some(id) = kms.chain_id
                && !self.chains.values().any(|chain| chain.id == id)
            {
                return Err(format!("kms `{slug}`: no chain has the id {id}"));
            }
        }
        if let Some(name) = self.boot.as_ref().filter(|name| *name != HEALTHY)
            && !self.mishaps.contains_key(name)
        {
            return Err(format!("boot: no mishap is called `{name}`"));
        }
        let own = self.mishap.iter().map(|mishap| ("mishap", mishap));
        let named = self
            .mishaps
            .iter()
            .map(|(name, mishap)| (name.as_str(), mishap));
        for (name, mishap) in own.chain(named) {
            mishap
                .check()
                .map_err(|cause| format!("mishap `{name}`: {cause}"))?;
        }
        self.flood.as_ref().map_or(Ok(()), Flood::check)?;
        self.faults.iter().try_for_each(Fault::check)
    }
}

fn overlay(world: &mut Table, changes: Table) {
    for (key, change) in changes {
        match (world.get_mut(&key), change) {
            (Some(Value::Table(below)), Value::Table(above)) => overlay(below, above),
            (_, change) => {
                world.insert(key, change);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_story_says_one_sentence() {
        for scenario in Scenario::all() {
            let Scenario {
                name,
                sentence,
                hint,
                ..
            } = scenario;
            assert!(
                sentence.len() > 20 && sentence.ends_with('.'),
                "{name}: {sentence}"
            );
            assert_eq!(sentence.matches(". ").count(), 0, "{name}: one sentence");
            assert!(hint.is_none_or(|hint| !hint.is_empty()), "{name}");
        }
    }

    #[test]
    fn every_file_begins_with_its_sentence() {
        let read = Scenario::all().into_iter();
        let read: Vec<_> = read.map(|it| (it.name, it.sentence)).collect();
        assert_eq!(Scenario::sentences(), read);
    }

    #[test]
    fn every_file_is_embedded() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/sandbox");
        let stories_of = |folder: &str, prefix: &str| -> Vec<String> {
            let files = std::fs::read_dir(folder).unwrap();
            let paths = files.map(|file| file.unwrap().path());
            let stories = paths.filter(|path| path.extension().is_some_and(|end| end == "toml"));
            let name = |path: std::path::PathBuf| path.file_stem().unwrap().display().to_string();
            let named = stories.map(|path| format!("{prefix}{}", name(path)));
            named.filter(|name| name != "base").collect()
        };
        let mut files = stories_of(folder, "");
        files.extend(stories_of(&format!("{folder}/failures"), "fails-"));
        let mut names: Vec<String> = Scenario::all()
            .into_iter()
            .map(|scenario| scenario.name)
            .collect();
        files.sort();
        names.sort();
        assert_eq!(names, files);
    }

    #[test]
    fn what_a_story_names_exists() {
        for Scenario {
            name,
            workspace,
            apps,
            nodes,
            kms,
            instance_types,
            ..
        } in Scenario::all()
        {
            for app in &workspace.apps {
                let app = apps.get(app).unwrap_or_else(|| panic!("{name}: {app}"));
                assert!(
                    kms.contains_key(&app.kms) && instance_types.contains_key(&app.instance_type)
                );
                for instance in &app.instances {
                    assert!(
                        workspace.nodes.contains(&instance.node),
                        "{name}: {}",
                        instance.name
                    );
                    assert!(
                        instance.revision <= app.earlier.len(),
                        "{name}: {}",
                        instance.name
                    );
                }
            }
            assert!(
                workspace.nodes.iter().all(|node| nodes.contains_key(node)),
                "{name}"
            );
        }
    }

    #[test]
    fn a_misspelt_word_is_refused_with_the_name_of_the_story() {
        let text = "sentence = 'x'\n[rules]\ntoken_second = 1";
        let error = Scenario::parse("mine", text).err().unwrap().to_string();
        assert!(error.starts_with("scenario mine: "), "{error}");
        assert!(error.contains("token_second"), "{error}");
    }

    #[test]
    fn every_table_refuses_what_it_does_not_know_and_says_where() {
        for (text, place) in [
            ("[rules]\nwrong = 1", "rules"),
            ("[account]\nwrong = 1", "account"),
            ("[workspace]\nwrong = 1", "workspace"),
            ("[chains.base]\nwrong = 1", "chains.base"),
            ("[kms.base]\nwrong = 1", "kms.base"),
            ("[nodes.prod5]\nwrong = 1", "nodes.prod5"),
            (
                "[instance_types.\"tdx.small\"]\nwrong = 1",
                "instance_types",
            ),
            ("[apps.orders-api]\nwrong = 1", "apps.orders-api"),
            (
                "[apps.orders-api]\ninstances = [{ name = 'a', node = 'b', age_hours = 1.0, wrong = 1 }]",
                "apps.orders-api.instances",
            ),
            ("[[faults]]\nrequest = 'GET /**'\nwrong = 1", "faults"),
            ("[[lies]]\nwrong = 1", "lies"),
            ("[mishap]\nphase = 'done'\nwrong = 1", "mishap"),
            (
                "[mishap]\nphase = 'done'\n[[mishap.log]]\nwrong = 1",
                "mishap.log",
            ),
            (
                "[mishap]\nphase = 'done'\n[[mishap.container]]\nwrong = 1",
                "mishap.container",
            ),
            ("[mishaps.stalls]\nwrong = 1", "mishaps.stalls"),
            ("[flood]\nwrong = 1", "flood"),
            ("wrong = 1", ""),
        ] {
            let story = if place.is_empty() {
                format!("{text}\nsentence = ''")
            } else {
                format!("sentence = ''\n{text}")
            };
            let error = Scenario::parse("mine", &story).err().unwrap().to_string();
            assert!(error.contains("unknown field `wrong`"), "{error}");
            assert!(error.contains(place), "{place} is not in: {error}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_when_it_is_read() {
        for (text, said) in [
            (
                "[kms.base]\nchain_id = 5",
                "kms `base`: no chain has the id 5",
            ),
            (
                "[[faults]]\nrequest = 'GET /**'\nchance = 2",
                "chance must be from 0 to 1",
            ),
            (
                "[[faults]]\nrequest = 'GET /**'\nstream = 'slow'",
                "unknown variant `slow`",
            ),
            (
                "[[faults]]\nrequest = 'GET /**'\njson = 'odd'",
                "unknown variant `odd`",
            ),
            ("boot = 'sinks'", "boot: no mishap is called `sinks`"),
            (
                "[mishap]\nphase = 'napping'",
                "mishap `mishap`: phase `napping`",
            ),
            (
                "[mishaps.stalls]\nphase = 'napping'",
                "mishap `stalls`: phase `napping`",
            ),
            (
                "[flood]\nservice = 'api'\nlines_per_second = 0",
                "flood: lines_per_second must be from 1 to 100000",
            ),
        ] {
            let story = format!("sentence = ''\n{text}");
            let error = Scenario::parse("mine", &story).err().unwrap().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn a_story_changes_only_what_it_names() {
        let changed = Scenario::parse("mine", "sentence = 'x'\n[nodes.prod5]\nslots = 0").unwrap();
        let default = Scenario::named("on-chain").unwrap();
        assert_eq!(changed.nodes["prod5"].slots, 0);
        assert_eq!(changed.nodes["prod5"].region, default.nodes["prod5"].region);
        assert_eq!(changed.nodes["prod9"].slots, default.nodes["prod9"].slots);
    }
}
