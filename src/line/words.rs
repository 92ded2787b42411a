//! The same news for people: a line or a few, each of which can stand alone in a log.

use super::news::{Checked, DiskNews, News, Plan, Trouble};
use crate::wizard::page::counted;
use crate::wizard::status::{Noted, Status};

impl News {
    /// The lines for people.
    pub fn lines(&self) -> Vec<String> {
        let one = |line: String| vec![line];
        match self {
            Self::SignedIn {
                sandbox: Some(scenario),
                ..
            } => one(format!(
                "sandbox {scenario}: nothing is real, nothing is billed"
            )),
            Self::SignedIn {
                host,
                user,
                workspace,
                key,
                key_from,
                ..
            } => one(format!(
                "signed in at {host} as {user} in {workspace}, key {key} from {key_from}"
            )),
            Self::App {
                app_id,
                name,
                instances,
                on_chain,
            } => one(app(app_id, name, *instances, *on_chain)),
            Self::Unfinished {
                id,
                app,
                standing,
                next,
                ..
            } => vec![
                format!("unfinished {id}, an instance of {app}: {standing}"),
                format!("  next: {next}"),
            ],
            Self::Looking => one("looking for the instance; nothing is sent".to_owned()),
            Self::Plan(plan) => self::plan(plan),
            Self::FilesChanged { files } => files_changed(files),
            Self::Preparing => one("preparing, which creates nothing".to_owned()),
            Self::Prepared {
                compose_hash,
                compose_hash_checked,
                device_id,
                ..
            } => prepared(compose_hash, *compose_hash_checked, device_id.as_deref()),
            Self::TokenKept { token_file } => one(format!("the commit token is in {token_file}")),
            Self::WaitingForChain {
                contract,
                chain_id,
                calls,
                ..
            } => waiting_for_chain(contract, *chain_id, calls),
            Self::ContractRead {
                host,
                block,
                owner,
                owner_kind,
                ..
            } => one(contract_read(host, *block, owner.as_deref(), owner_kind)),
            Self::KeyOpened { account, remarks } => {
                let opened = format!("key opened, account {account}; nothing is signed yet");
                [vec![opened], each("  remark: ", remarks)].concat()
            }
            Self::Transaction {
                call,
                transaction_hash,
                nonce,
                state,
            } => {
                let call = call.unwrap_or("transaction");
                one(format!(
                    "{call} 0x{transaction_hash}, number {nonce}: {state}"
                ))
            }
            Self::HandedOver { file } => one(format!("written for the owners: {file}")),
            Self::Registered => one("the contract allows everything".to_owned()),
            Self::Alike { instances } => each("same content, still starting: ", instances),
            Self::Node { node, number, of } => one(format!("{node}, {number} of {of}:")),
            Self::NotCreated { node, message } => one(format!("not created on {node}: {message}")),
            Self::Creating => one("creating, sent once".to_owned()),
            Self::AnswerLost { message } => one(format!(
                "no clear answer came ({message}); looking for the instance, nothing is sent again"
            )),
            Self::Waiting { what, seconds } => one(format!("still {what}, {seconds} s")),
            Self::Receipt { lines } => lines.clone(),
            Self::Error(trouble) => self::trouble(trouble),
            Self::Exit { .. } => Vec::new(),
            news => news.of_an_instance(),
        }
    }

    /// The same for what is told of an instance that exists.
    fn of_an_instance(&self) -> Vec<String> {
        let one = |line: String| vec![line];
        match self {
            Self::Created {
                name,
                uuid,
                node,
                found,
                ..
            } => one(created(name, uuid.as_deref(), node, *found)),
            Self::Identified { uuid } => one(format!("its uuid is {uuid}")),
            Self::Phase {
                phase,
                seconds,
                usual,
            } => one(match usual {
                Some(usual) => format!("{seconds:>5} s  {phase}   (usually {usual} s)"),
                None => format!("{seconds:>5} s  {phase}"),
            }),
            Self::Stats {
                processors,
                memory,
                disks,
            } => one(stats(*processors, *memory, disks)),
            Self::LogUnread { log, message } => one(format!("log {log}: {message}")),
            Self::Verdict { message, .. } => one(message.clone()),
            Self::Proof {
                message, checks, ..
            } => proof(message, checks),
            Self::Addresses { addresses } => each("address ", addresses),
            Self::Watching {
                name, uuid, node, ..
            } => {
                let uuid = uuid.as_deref().map(|uuid| format!(", {uuid}"));
                one(format!(
                    "watching {name}{}, on {node}",
                    uuid.unwrap_or_default()
                ))
            }
            Self::Containers { containers } => containers
                .iter()
                .map(|one| format!("container {} {}: {}", one.name, one.state, one.status))
                .collect(),
            Self::Cause {
                message,
                rests_on,
                fits,
                advice,
                ..
            } => {
                let mut lines = vec![format!("most likely: {message}"), format!("  {rests_on}")];
                lines.extend(fits.as_ref().map(|fits| format!("  it fits: {fits}")));
                lines.extend(advice.iter().map(|advice| format!("  - {advice}")));
                lines
            }
            Self::Log { log, text, .. } => one(format!("{log} | {text}")),
            _ => Vec::new(),
        }
    }
}

fn stats(processors: Option<u8>, memory: Option<u8>, disks: &[DiskNews]) -> String {
    let share =
        |value: Option<u8>| value.map_or_else(|| "?".to_owned(), |value| format!("{value} %"));
    let disks: Vec<String> = disks
        .iter()
        .map(|disk| format!("{} {} %", disk.place, disk.full))
        .collect();
    format!(
        "processors {}, memory {}, disks {}",
        share(processors),
        share(memory),
        disks.join(", ")
    )
}

fn waiting_for_chain(contract: &str, chain_id: Option<u64>, calls: &[String]) -> Vec<String> {
    let chain = chain_id.map(|id| format!(" on chain {id}"));
    let chain = chain.unwrap_or_default();
    let mut lines = vec![format!("waiting for the contract {contract}{chain}")];
    lines.extend(each("  its owner has to call ", calls));
    lines
}

fn contract_read(host: &str, block: u64, owner: Option<&str>, kind: &str) -> String {
    let owner = owner.map(|owner| format!("{owner}, ")).unwrap_or_default();
    format!("contract read at {host}, block {block}: owner {owner}{kind}")
}

fn created(name: &str, uuid: Option<&str>, node: &str, found: bool) -> String {
    let how = if found { "found" } else { "created" };
    let uuid = uuid.map(|uuid| format!(", {uuid}")).unwrap_or_default();
    format!("{how} {name}{uuid}, on {node}")
}

fn proof(message: &str, checks: &[Checked]) -> Vec<String> {
    let checks = checks.iter().map(|check| {
        let verdict = check.verdict.replace('-', " ");
        format!("  {verdict:<13}{}", check.statement)
    });
    std::iter::once(format!("proof: {message}"))
        .chain(checks)
        .collect()
}

fn files_changed(files: &[String]) -> Vec<String> {
    let gone_on = |file| format!("{file}; what was planned before is gone on with");
    files.iter().map(gone_on).collect()
}

fn each(before: &str, what: &[String]) -> Vec<String> {
    what.iter().map(|one| format!("{before}{one}")).collect()
}

fn app(app_id: &str, name: &str, instances: usize, on_chain: bool) -> String {
    let governed = if on_chain {
        "a contract governs it"
    } else {
        "no contract"
    };
    format!(
        "app {name}, 0x{app_id}, {}, {governed}",
        counted(instances, "instance")
    )
}

fn prepared(hash: &str, checked: Option<bool>, device: Option<&str>) -> Vec<String> {
    let checked = match checked {
        Some(true) => "computed here too",
        Some(false) => "not the one computed here",
        None => "not checked here",
    };
    let mut lines = vec![format!("prepared, compose hash 0x{hash}, {checked}")];
    lines.extend(device.map(|id| format!("  machine 0x{id}")));
    lines
}

fn plan(plan: &Plan) -> Vec<String> {
    let mut lines = vec!["plan".to_owned()];
    let answers = plan.answers.iter();
    lines.extend(
        answers.map(|row| format!("  {:<11}{} ({})", row.question, row.answer, row.source)),
    );
    lines.push(match (&plan.compose_hash, &plan.compose_hash_unknown) {
        (Some(hash), _) => format!("  {:<11}0x{hash} (computed)", "Hash"),
        (None, why) => format!(
            "  {:<11}cannot be computed here: {}",
            "Hash",
            why.as_deref().unwrap_or("unknown")
        ),
    });
    lines.extend(plan.cost.iter().map(|line| format!("  {line}")));
    lines.extend(
        plan.remarks
            .iter()
            .map(|remark| format!("  remark: {remark}")),
    );
    let request = &plan.request;
    lines.push(format!("  request: {} {}", request.method, request.url));
    let headers = request.headers.iter();
    lines.extend(headers.map(|(name, value)| format!("    {name}: {value}")));
    lines.extend(request.body.lines().map(|line| format!("    {line}")));
    lines
}

fn trouble(trouble: &Trouble) -> Vec<String> {
    let mut lines = vec![format!("error: {}", trouble.message)];
    lines.extend(
        trouble
            .option
            .map(|option| format!("  the option for it: {option}")),
    );
    if let Some(first) = trouble.usable.first() {
        let usable = if trouble.readable.is_empty() {
            &trouble.usable
        } else {
            &trouble.readable
        };
        lines.push(format!("  can be used: {}", usable.join(", ")));
        let option = trouble.option.iter();
        lines.extend(option.map(|option| format!("  example: {option} {first}")));
    }
    lines.extend(
        trouble
            .request_id
            .as_ref()
            .map(|id| format!("  request id {id}")),
    );
    lines
}

/// What is waited for at this place, after "still".
pub fn waiting_for(status: &Status) -> &'static str {
    match status {
        Status::SigningIn | Status::SignedOut { .. } => "asking whose key this is",
        Status::Recalling(_) => "opening the journal",
        Status::Choosing { .. } => "reading what the answers are judged by",
        Status::Reviewing(_) => "encrypting the values",
        Status::Rereading(_) => "reading the files again",
        Status::Preparing | Status::Unprepared(_) => "waiting for the preparation",
        Status::Doubt { .. } | Status::Refused { .. } => "stopped",
        Status::Chain(_) => "waiting for the contract",
        Status::Asking {
            before: Noted::Reading,
            ..
        } => "noting which instances exist",
        Status::Asking { .. } => "about to create",
        Status::Sent => "waiting for the answer",
        Status::Unknown { .. } | Status::Seeking(_) => "looking for the instance",
        Status::Live(_) => "watching the instance",
    }
}
