//! The page that explains the other files where they are about a new app: there is no contract yet that could be named.

use super::Handoff;
use crate::chain::{Call, Subject, numbered};

/// The whole page.
pub(super) fn written(handoff: &Handoff) -> String {
    let Subject {
        chain_id, contract, ..
    } = handoff.subject;
    let (chain, name) = (numbered(chain_id), handoff.name());
    let [_, batch, commands, calldata] = Handoff::file_names();
    let calls = handoff.calls.iter().filter_map(|call| match call {
        Call::DeployApp(deployment) => Some((call.signature(), deployment)),
        Call::AddDevice(_) | Call::AddComposeHash(_) => None,
    });
    let calls = calls.map(|(signature, deployment)| {
        format!(
            "\
    {signature}

    initialOwner           {}
    disableUpgrades        false
    allowAnyDevice         false
    initialDeviceId        0x{}
    initialComposeHash     0x{}
",
            deployment.owner, deployment.device, deployment.hash
        )
    });
    let asked = calls.collect::<String>();
    format!(
        "\
YOU ARE ASKED TO DEPLOY A CONTRACT
==================================

Somebody wants to run a program on Phala Cloud as a new app that is called

    {name}

The contract of the KMS makes the contract of that app; its address becomes the app's id.
Nothing happens unless you sign.

    contract of the KMS    {contract}
    chain                  {chain}

What it is to be asked:

{asked}
The owner decides from then on which programs get the app's keys. The first program is
the one with this compose hash, on the machine with this device id. No money is sent with
it. It costs the fee of a transaction. Each time it is signed another app comes of it, so
sign it once.

CHECK IT FIRST
==============

These files may have been changed on their way to you, this page too.

  - Ask whoever wants this, on another way than the one these files came on, which
    values they mean. Compare every character; the owner above all.

  - Have them send you the document behind the compose hash (app-compose.json). Read
    it: it is the program. phala-wizard check compose-hash computes its hash.

  - Compare the address of the KMS with one that you know from elsewhere.

THEN DO IT
==========

With a Safe: open https://app.safe.global and your Safe on {chain}, then Apps >
Transaction Builder, and drag the file {batch} into it. A warning about the checksum means
that the file was changed after it was made: stop. Compare, simulate, sign; one executes.

With a key of yours: {commands} has the command. Fill in a node and your account.
In another wallet: {calldata} has address, value and data.

Then tell whoever asked. They find the contract by themselves, or by the hash of the
transaction. There is no key, no password and no token in these files.
"
    )
}
