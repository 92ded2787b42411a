//! The page that explains the other files, in words for somebody who owns a contract and knows nothing else.
//!
//! Every sentence is one that the reader can check without this program or with it; none asks to be believed.

use std::fmt::Write;

use super::{Handoff, NAME};
use crate::chain::{Call, Subject, numbered};

/// The whole page.
pub(super) fn written(handoff: &Handoff) -> String {
    let parts = [
        asked(handoff),
        meaning(handoff),
        checking(handoff),
        doing(handoff),
        done(handoff),
        secrets(),
    ];
    parts.join("\n\n")
}

fn asked(handoff: &Handoff) -> String {
    let Subject { contract, app, .. } = handoff.subject;
    let chain = handoff.chain();
    let name = handoff.name();
    let mut text = format!(
        "\
YOU ARE ASKED TO ALLOW SOMETHING
================================

Somebody wants to run a program on Phala Cloud as the app that is called

    {name}

and the contract of that app does not allow it yet. Who owns the contract decides, and
that is you, alone or together with others. Nothing happens unless you sign.

    contract   {contract}
    chain      {chain}
    app id     0x{app}

What the contract is to be asked, in this order:
"
    );
    for (call, number) in handoff.calls.iter().zip(1..) {
        let _ = write!(
            text,
            "\n  {number}. {}\n     {}\n",
            call.signature(),
            call.argument()
        );
        text.push_str(match call {
            Call::AddDevice(_) => {
                "     Instances of the app may run on the machine with this device id.\n"
            }
            Call::AddComposeHash(_) => {
                "     The program with this compose hash may run as the app, and gets its keys.\n"
            }
            // It has a page of its own.
            Call::DeployApp(_) => "     A new app comes to be.\n",
        });
    }
    let _ = write!(
        text,
        "
No money is sent with any of it. It costs the fee of a transaction. It does no harm if
something of it is allowed already. The name above is what the requester calls the app
(at most {NAME} characters); only the contract and the app id tell which app it is.
"
    );
    text
}

fn meaning(handoff: &Handoff) -> String {
    let mut text = "\
WHAT ALLOWING MEANS
===================
"
    .to_owned();
    if asks(handoff, |call| matches!(call, Call::AddComposeHash(_))) {
        text.push_str(
            "
A compose hash stands for one program: every container, every setting and every script
of it, but not the values of its secret variables. Allow it, and that program gets the
app's keys, wherever it is started on an allowed machine and by whomever. With the keys
it can read whatever was encrypted for the app, and can sign as the app.

This cannot be taken back for machines that already have the keys. removeComposeHash
only keeps keys from machines that start later. So be sure before, not after.
",
        );
    }
    if asks(handoff, |call| matches!(call, Call::AddDevice(_))) {
        text.push_str(
            "
A device id stands for one machine in a data centre. Allow it, and programs that are
allowed too may run there as the app. The machine alone gets nothing.
",
        );
    }
    text
}

fn checking(handoff: &Handoff) -> String {
    let mut text = "\
CHECK IT FIRST
==============

These files may have been changed on their way to you, this page too.

  - Ask whoever wants this, on another way than the one these files came on, which
    contract and which values they mean. Compare every character.
"
    .to_owned();
    for call in &handoff.calls {
        if let Call::AddComposeHash(hash) = call {
            let _ = write!(
                text,
                "
  - Have them send you the document behind the compose hash (app-compose.json). Read
    it: it is the program. Then compute its hash yourself:

      phala-wizard check compose-hash app-compose.json --expect 0x{hash}
"
            );
        }
    }
    text.push_str(
        "
  - See what the data of each transaction says, wherever you are shown it:

",
    );
    for call in &handoff.calls {
        let _ = writeln!(
            text,
            "      cast decode-calldata \"{}\" 0x{}",
            call.signature(),
            hex::encode(call.input())
        );
    }
    text.push_str(
        "
    Each has to print the value of the list above. cast is a part of Foundry.
",
    );
    text
}

fn doing(handoff: &Handoff) -> String {
    let Subject {
        chain_id, contract, ..
    } = handoff.subject;
    let chain = numbered(chain_id);
    let [_, batch, commands, calldata] = Handoff::file_names();
    format!(
        "\
THEN DO IT
==========

If a Safe owns the contract:

  1. Open https://app.safe.global and the Safe that owns {contract},
     on {chain}.
  2. Apps > Transaction Builder, and drag the file {batch} into it.
  3. A warning about the checksum stays for a few seconds only. If there is one, the
     file was changed after it was made: stop. None proves nothing, so look further.
  4. Compare the address and the data of each transaction with this page, or decode it.
     The value is 0 everywhere.
  5. Create the batch, simulate it, sign it. The other owners sign, and one executes it.

If a key of yours owns the contract: {commands} has one command per call.
Fill in a node and your account, and run them one after the other. In another wallet:
{calldata} has address, value and data of each.
"
    )
}

fn done(handoff: &Handoff) -> String {
    let Subject {
        chain_id,
        contract,
        app,
        ..
    } = handoff.subject;
    let chain = numbered(chain_id);
    let mut text = "\
SEE THAT IT IS DONE
===================

Each of these prints true once it is allowed:

"
    .to_owned();
    let mut question = format!("      phala-wizard check chain --app-id 0x{app}");
    for call in &handoff.calls {
        let (getter, option) = match call {
            Call::AddDevice(_) => ("allowedDeviceIds", "--device"),
            Call::AddComposeHash(_) | Call::DeployApp(_) => {
                ("allowedComposeHashes", "--compose-hash")
            }
        };
        let argument = call.argument();
        let _ = writeln!(
            text,
            "      cast call --rpc-url '<a node of {chain}>' {contract} \"{getter}(bytes32)(bool)\" {argument}"
        );
        let _ = write!(question, " {option} {argument}");
    }
    let _ = write!(
        text,
        "
Or all at once, with the program that made these files:

{question}

Then tell whoever asked. They go on by themselves; they need nothing from you but that.
"
    );
    text
}

fn secrets() -> String {
    "\
NOTHING HERE IS SECRET
======================

There is no key, no password and no token in these files, and nothing in them creates or
starts anything. All of it is public on the chain once it is done. They may go any way
and be kept, as long as nobody changes them.
"
    .to_owned()
}

fn asks(handoff: &Handoff, what: impl Fn(&Call) -> bool) -> bool {
    handoff.calls.iter().any(what)
}
