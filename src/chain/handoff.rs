//! What is handed to those who own a contract and sign elsewhere: the calls, in every form they may need, and in words.
//!
//! Made of public things alone, so that it may go any way people send files. It knows no account and no node, writes
//! no file, and there is no place in it for a key, a token or a value.

mod deployment;
mod letter;
mod safe;

use super::{Call, Subject, numbered};
use crate::shown::Shown;

/// Most characters of the app's name that are passed on: more is not a name.
const NAME: usize = 80;

/// Calls for others to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handoff {
    /// The contract.
    pub subject: Subject,
    /// What it is to be asked, in this order.
    pub calls: Vec<Call>,
    /// What the app is called, by those who ask.
    pub app_name: Shown,
    /// When it was made: unix time in milliseconds.
    pub made_at_ms: u64,
}

impl Handoff {
    /// What the files are called: the page that explains the others comes first.
    pub fn file_names() -> [&'static str; 4] {
        [
            "README.txt",
            "safe-batch.json",
            "cast-commands.txt",
            "calldata.txt",
        ]
    }

    /// Every file, by its name.
    pub fn files(&self) -> [(&'static str, String); 4] {
        let [readme, batch, commands, calldata] = Self::file_names();
        [
            (readme, self.explanation()),
            (batch, self.safe_batch()),
            (commands, self.cast_commands()),
            (calldata, self.calldata()),
        ]
    }

    /// A file that the Transaction Builder of the Safe web app takes.
    pub fn safe_batch(&self) -> String {
        let functions: Vec<&str> = self.calls.iter().map(|call| call.function()).collect();
        let (name, description) = if self.deploys() {
            let name = format!("Deploy {}", self.name());
            (
                name,
                "deployAndRegisterApp of the contract of a KMS".to_owned(),
            )
        } else {
            let functions = functions.join(" and ");
            let description = format!("{functions} in the contract of app 0x{}", self.subject.app);
            (format!("Allow for {}", self.name()), description)
        };
        safe::batch(self, &name, &description)
    }

    /// One command of Foundry per call, to be pasted once a node and an account are filled in.
    ///
    /// Nothing but commands: in some shells a comment is none. What is to be filled in stands in quotes, so a command
    /// that is pasted as it is fails and does nothing else. With the chain named, a node of another one refuses.
    pub fn cast_commands(&self) -> String {
        let Subject {
            chain_id, contract, ..
        } = self.subject;
        let chain = numbered(chain_id);
        let commands = self.calls.iter().map(|call| {
            format!(
                "cast send --rpc-url '<a node of {chain}>' --chain {chain_id} --account '<your key>' {contract} \
                 \"{}\" {}\n",
                call.signature(),
                call.arguments().join(" ")
            )
        });
        commands.collect()
    }

    /// Every call as a wallet of any kind wants it: where, with what, and what that means.
    pub fn calldata(&self) -> String {
        let contract = self.subject.contract;
        let chain = self.chain();
        let count = self.calls.len();
        let calls = self.calls.iter().zip(1..).map(|(call, number)| {
            let input = call.input();
            // Of the bytes, not of what they were made of: that is what would be signed.
            let meaning = Call::read(&input).map_or_else(|| "?".to_owned(), |call| call.to_string());
            format!(
                "call {number} of {count}\n  chain   {chain}\n  to      {contract}\n  value   0\n  data    0x{}\n  \
                 means   {meaning}\n",
                hex::encode(input)
            )
        });
        calls.collect::<Vec<_>>().join("\n")
    }

    /// A page in words for an owner who never heard of this program.
    pub fn explanation(&self) -> String {
        if self.deploys() {
            return deployment::written(self);
        }
        letter::written(self)
    }

    /// Whether a new app is to come of it.
    fn deploys(&self) -> bool {
        self.calls
            .iter()
            .any(|call| matches!(call, Call::DeployApp(_)))
    }

    /// The number of the chain, with its name where that is known.
    fn chain(&self) -> String {
        let chain_id = self.subject.chain_id;
        match super::name(chain_id) {
            Some(name) => format!("{chain_id} ({name})"),
            None => chain_id.to_string(),
        }
    }

    /// The app's name on one line, whatever it is.
    fn name(&self) -> Shown {
        Shown::bounded(self.app_name.as_str(), NAME)
    }
}

#[cfg(test)]
mod tests;
