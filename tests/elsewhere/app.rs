//! An app's contract: what it is, and what it allows, on the pretend chain and from nodes that answer oddly.

use std::sync::atomic::{AtomicUsize, Ordering};

use phala_wizard::api::types::AppId;
use phala_wizard::chain::contract::{Allowed, Generation, Owner, Reading};
use phala_wizard::chain::{Call, Subject};
use serde_json::Value;

use super::node::{
    APP, IMPLEMENTATION, Node, OWNER, Said, address, is, no, reverted, selector, subject, usual,
    word, words,
};
use super::pretend::{Sandbox, of_an_app};
use super::server::Reply;
use super::{garbled, refusal};

/// The usual node, but for what this says.
fn but(rule: impl Fn(&str, &Value) -> Option<Said> + Send + Sync + 'static) -> Node {
    Node::new(move |method, given| rule(method, given).unwrap_or_else(|| usual(method, given)))
}

/// The usual node, which says this to calls of one function.
fn but_for(function: &'static str, said: impl Fn() -> Said + Send + Sync + 'static) -> Node {
    but(move |method, given| (method == "eth_call" && selector(given) == function).then(&said))
}

fn expected() -> Reading {
    Reading {
        block_time: 0x6b04_641b,
        generation: Generation::V4,
        implementation: Some(address(IMPLEMENTATION)),
        upgrades_disabled: true,
        owner: Owner::Wallet(address(OWNER)),
        pending_owner: None,
        tcb_required: Some(true),
        allowed: Allowed {
            block: 34,
            hash: Some(false),
            device: Some(true),
            any_device: false,
        },
    }
}

#[tokio::test]
async fn everything_is_read_at_one_block_of_the_chain_that_was_meant() {
    let node = Node::new(usual);
    assert_eq!(node.rpc.reading(&subject()).await.unwrap(), expected());
    let asked = node.asked();
    assert_eq!(asked[0].0, "eth_chainId");
    assert_eq!(asked[1].0, "eth_blockNumber");
    for (method, parameters) in &asked[2..] {
        let names_block = parameters.as_array().unwrap().iter().any(|it| it == "0x22");
        assert!(names_block, "{method} {parameters}");
    }
    // One for each, and the code of the owner.
    assert_eq!(asked.len(), 2 + 6 + 6 + 1);
    let short = "0x6f12…5321";
    let error = but_for("8da5cb5b", || no(-32602, "no")).rpc;
    let error = error.reading(&subject()).await.unwrap_err();
    assert!(
        error
            .asked
            .as_str()
            .starts_with(&format!("the contract {short} at 127.0.0.1:"))
    );
}

#[tokio::test]
async fn while_one_waits_only_what_is_allowed_is_asked() {
    let node = Node::new(usual);
    let allowed = node.rpc.allowed(&subject()).await.unwrap();
    assert_eq!(allowed, expected().allowed);
    assert_eq!(node.asked().len(), 5);
    let nothing = Subject {
        hash: None,
        device: None,
        ..subject()
    };
    let allowed = node.rpc.allowed(&nothing).await.unwrap();
    assert_eq!((allowed.hash, allowed.device), (None, None));
    assert_eq!(node.asked().len(), 5 + 3);
}

#[tokio::test]
async fn a_release_is_told_by_the_functions_it_knows() {
    // What a release lacks gives up without a word, or says nothing at all.
    for silent in [false, true] {
        let gone = move || if silent { is("0x") } else { reverted("0x") };
        let third = but_for("e30c3978", gone)
            .rpc
            .reading(&subject())
            .await
            .unwrap();
        assert_eq!(
            (third.generation, third.pending_owner),
            (Generation::V3, None)
        );
        let second = but(move |method, given| {
            let lacks = ["e30c3978", "54fd4d50", "0aa58c83"].contains(&selector(given));
            (method == "eth_call" && lacks).then(gone)
        });
        let second = second.rpc.reading(&subject()).await.unwrap();
        assert_eq!(
            (second.generation, second.tcb_required),
            (Generation::V2, None)
        );
    }
    let contract = Subject {
        contract: address(&"ab".repeat(20)),
        ..subject()
    };
    let first = but(|method, given| match (method, selector(given)) {
        ("eth_call", "80afdea8") => Some(is(&word(APP))),
        ("eth_call", "54fd4d50" | "e30c3978" | "0aa58c83") => Some(reverted("0x")),
        ("eth_getCode", _) if given[0] == format!("0x{}", "ab".repeat(20)) => Some(is("0x60")),
        ("eth_getStorageAt", _) if given[1] == "0x2" => Some(is(&word("1"))),
        ("eth_getStorageAt", _) if given[1] == "0x1" => Some(is(&word("ffff"))),
        _ => None,
    });
    let first = first.rpc.reading(&contract).await.unwrap();
    assert_eq!(
        (first.generation, first.upgrades_disabled),
        (Generation::V1, true)
    );
}

#[tokio::test]
async fn whoever_was_offered_to_own_it_is_named() {
    let other = "70997970c51812dc3a010c7d01b50e0d17dc79c8";
    let node = but_for("e30c3978", || is(&word(other)));
    let reading = node.rpc.reading(&subject()).await.unwrap();
    assert_eq!(reading.pending_owner, Some(address(other)));
}

#[tokio::test]
async fn code_can_be_replaced_where_the_flag_is_not_where_it_belongs() {
    for (slot, expected) in [("0", false), ("1", true), ("101", false), ("100", false)] {
        let node = but(move |method, given| {
            let is_slot = method == "eth_getStorageAt" && given[1] == "0x1";
            is_slot.then(|| is(&word(slot)))
        });
        let reading = node.rpc.reading(&subject()).await.unwrap();
        assert_eq!(reading.upgrades_disabled, expected, "{slot}");
    }
    let bare = but(|method, given| {
        let is_slot = method == "eth_getStorageAt" && given[1] != "0x1";
        is_slot.then(|| is(&word("0")))
    });
    let reading = bare.rpc.reading(&subject()).await.unwrap();
    assert_eq!(reading.implementation, None);
}

/// The usual node, where the owner is a contract that says this.
fn owned(says: impl Fn(&str) -> Said + Send + Sync + 'static) -> Node {
    but(move |method, given| match method {
        "eth_getCode" if given[0] == format!("0x{OWNER}") => Some(is("0x6080")),
        "eth_call" if given[0]["to"] == format!("0x{OWNER}") => Some(says(selector(given))),
        _ => None,
    })
}

#[tokio::test]
async fn an_owner_is_of_one_of_five_kinds() {
    let owner = |node: Node| async move { node.rpc.reading(&subject()).await.unwrap().owner };
    let nobody = but_for("8da5cb5b", || is(&word("0")));
    assert_eq!(owner(nobody).await, Owner::Nobody);
    let delegated = but(|method, given| {
        let is_owner = method == "eth_getCode" && given[0] == format!("0x{OWNER}");
        is_owner.then(|| is(&format!("0xef0100{}", "63".repeat(20))))
    });
    assert_eq!(owner(delegated).await, Owner::Wallet(address(OWNER)));

    let two = format!(
        "{}{}{}{}",
        &word("20")[2..],
        &word("2")[2..],
        &word("aa")[2..],
        &word("bb")[2..]
    );
    let listed = format!("0x{two}");
    let list = listed.clone();
    let safe = owned(move |function| match function {
        "e75235b8" => is(&word("2")),
        "a0e67e2b" => is(&list),
        _ => reverted("0x"),
    });
    let expected = Owner::Safe {
        address: address(OWNER),
        threshold: 2,
        owners: vec![
            address(&format!("{:0>40}", "aa")),
            address(&format!("{:0>40}", "bb")),
        ],
    };
    assert_eq!(owner(safe).await, expected);
    let timelock = owned(|function| match function {
        "f27a0c92" => is(&word("15180")),
        _ => reverted("0x"),
    });
    let expected = Owner::Timelock {
        address: address(OWNER),
        delay: 86_400,
    };
    assert_eq!(owner(timelock).await, expected);
    // Whatever else answers, or answers what no Safe does.
    let other = Owner::Contract(address(OWNER));
    assert_eq!(owner(owned(|_| reverted("0x"))).await, other);
    assert_eq!(owner(owned(|_| is("0x"))).await, other);
    assert_eq!(owner(owned(|_| is(&word("2")))).await, other);
    let greedy = owned(move |function| match function {
        "e75235b8" => is(&word("3")),
        "a0e67e2b" => is(&listed),
        _ => reverted("0x"),
    });
    assert_eq!(owner(greedy).await, other);
}

#[tokio::test]
async fn another_chain_is_a_definite_no() {
    let node = but(|method, _| (method == "eth_chainId").then(|| is("0x1")));
    let expected =
        "this node serves chain 1 (Ethereum), and chain 8453 (Base) is wanted (HTTP 200)";
    assert_eq!(words(node.rpc.reading(&subject()).await), expected);
    assert_eq!(words(node.rpc.allowed(&subject()).await), expected);
    let examined = node.rpc.examine(&subject(), address(OWNER), &[]).await;
    assert_eq!(words(examined), expected);
    assert_eq!(words(node.rpc.broadcast(8453, &[2]).await), expected);
    assert_eq!(words(node.rpc.registered_by(&subject(), 9).await), expected);
    assert_eq!(node.asked().len(), 5, "nothing else is asked then");
    assert_eq!(node.rpc.serves().await.unwrap(), 1);
}

#[tokio::test]
async fn where_there_is_no_contract_the_address_the_chain_and_the_block_are_named() {
    let node = but(|method, _| match method {
        "eth_getCode" | "eth_call" => Some(is("0x")),
        "eth_getStorageAt" => Some(is(&word("0"))),
        _ => None,
    });
    assert_eq!(
        words(node.rpc.reading(&subject()).await),
        format!("there is no contract at 0x{APP} on chain 8453 (Base), block 34 (HTTP 200)")
    );
    let said = words(node.rpc.allowed(&subject()).await);
    assert!(
        said.contains(&format!("0x{APP} on chain 8453 (Base), block 34")),
        "{said}"
    );
    assert!(
        said.contains("so it is not the contract of an app"),
        "{said}"
    );
}

#[tokio::test]
async fn another_kind_of_contract_is_told_by_what_it_does_not_know() {
    for (function, name) in [
        ("8da5cb5b", "owner()"),
        ("3440a16a", "allowAnyDevice()"),
        ("2f6622e5", "allowedComposeHashes(bytes32)"),
        ("bf8b211b", "allowedDeviceIds(bytes32)"),
    ] {
        let node = but_for(function, || reverted("0x"));
        let said = words(node.rpc.reading(&subject()).await);
        let expected = format!("does not answer {name}, so it is not the contract of an app");
        assert!(said.contains(&expected), "{said}");
        assert_eq!(
            node.times("eth_chainId"),
            1,
            "a definite no is not asked again"
        );
    }
}

#[tokio::test]
async fn the_contract_of_another_app_is_told_with_both_names() {
    let other = Subject {
        app: AppId::from([0xab; 20]),
        ..subject()
    };
    let node = Node::new(usual);
    let said = words(node.rpc.reading(&other).await);
    assert!(
        said.contains(APP) && said.contains(&"ab".repeat(20)),
        "{said}"
    );
    assert!(said.contains("is not that of app"), "{said}");
    let first = but_for("80afdea8", || is(&word(APP)));
    let said = words(first.rpc.reading(&other).await);
    assert!(
        said.contains(&format!(
            "is that of app 0x{APP}, and not of app 0x{}",
            "ab".repeat(20)
        )),
        "{said}"
    );
}

#[tokio::test]
async fn half_a_word_or_half_a_yes_is_none() {
    for (function, said) in [
        ("3440a16a", word("2")),
        ("3440a16a", format!("{}00", word("1"))),
        ("2f6622e5", "0x01".to_owned()),
        ("bf8b211b", format!("0x01{}", "0".repeat(62))),
        ("8da5cb5b", format!("0x01{}", &word(OWNER)[4..])),
        ("8da5cb5b", format!("0x{OWNER}")),
        ("e30c3978", format!("0x01{}", &word(OWNER)[4..])),
        ("0aa58c83", word("2")),
        ("54fd4d50", "0x02".to_owned()),
        ("80afdea8", "0x02".to_owned()),
    ] {
        let node = but_for(function, {
            let said = said.clone();
            move || is(&said)
        });
        let error = node.rpc.reading(&subject()).await.unwrap_err();
        let (cause, _) = garbled(&error);
        assert!(
            cause.contains("the result is of another kind"),
            "{function} {said}: {cause}"
        );
    }
    for slot in ["0x1", "0x01", &word("2"), &word("200")] {
        let slot = slot.to_owned();
        let node = but(move |method, given| {
            let is_slot = method == "eth_getStorageAt" && given[1] == "0x1";
            is_slot.then(|| is(&slot))
        });
        assert!(
            garbled(&node.rpc.reading(&subject()).await.unwrap_err())
                .0
                .contains("eth_getStorageAt")
        );
    }
}

#[tokio::test]
async fn a_page_is_no_answer_and_too_many_questions_are_asked_again() {
    let page = but(|method, _| {
        (method == "eth_call").then(|| Said::Raw(Reply::json(200, "<html>welcome</html>")))
    });
    let error = page.rpc.reading(&subject()).await.unwrap_err();
    assert!(garbled(&error).0.contains("no JSON at line 1"), "{error}");
    let turn = AtomicUsize::new(0);
    let busy = but(move |_, _| {
        let turn = turn.fetch_add(1, Ordering::Relaxed);
        turn.is_multiple_of(3)
            .then(|| Said::Raw(Reply::json(429, "{}")))
    });
    assert_eq!(busy.rpc.reading(&subject()).await.unwrap(), expected());
    let refused = but(|_, _| Some(Said::Raw(Reply::json(429, "{}"))));
    let error = refused.rpc.allowed(&subject()).await.unwrap_err();
    assert_eq!((refusal(&error).status, error.tries), (429, 4));
}

#[tokio::test]
async fn one_of_several_nodes_that_has_not_got_to_the_block_is_asked_again() {
    for nothing in [false, true] {
        let turns = AtomicUsize::new(0);
        let node = but(move |method, _| {
            let is_late =
                method == "eth_getBlockByNumber" && turns.fetch_add(1, Ordering::Relaxed) < 2;
            is_late.then(|| {
                if nothing {
                    Said::Is(Value::Null)
                } else {
                    no(-32000, "header not found")
                }
            })
        });
        assert_eq!(node.rpc.reading(&subject()).await.unwrap(), expected());
        assert_eq!(node.times("eth_getBlockByNumber"), 3);
    }
    let turns = AtomicUsize::new(0);
    let node = but(move |method, _| {
        let is_late = method == "eth_call" && turns.fetch_add(1, Ordering::Relaxed) < 2;
        is_late.then(|| no(-32000, "header not found"))
    });
    assert_eq!(
        node.rpc.allowed(&subject()).await.unwrap(),
        expected().allowed
    );
}

#[tokio::test]
async fn a_node_that_is_behind_says_so_by_its_block() {
    // The hash is allowed from block 36 on, and this node gets there with its third look.
    let looks = AtomicUsize::new(33);
    let node = but(move |method, given| match (method, selector(given)) {
        ("eth_blockNumber", _) => {
            let block = looks.fetch_add(1, Ordering::Relaxed) + 1;
            Some(is(&format!("{block:#x}")))
        }
        ("eth_call", "2f6622e5") => {
            let is_late = given[1] == "0x24";
            Some(is(&word(if is_late { "1" } else { "0" })))
        }
        _ => None,
    });
    for (block, hash) in [(34, false), (35, false), (36, true)] {
        let allowed = node.rpc.allowed(&subject()).await.unwrap();
        assert_eq!((allowed.block, allowed.hash), (block, Some(hash)));
    }
}

#[tokio::test]
async fn the_pretend_contract_is_read_as_a_real_one() {
    for scenario in ["on-chain", "own-key"] {
        let sandbox = Sandbox::open(scenario).await;
        let (rpc, subject) = of_an_app(&sandbox).await;
        let reading = rpc.reading(&subject).await.unwrap();
        assert_eq!(reading.generation, Generation::V3);
        assert_eq!(
            (reading.tcb_required, reading.pending_owner),
            (Some(false), None)
        );
        assert!(reading.implementation.is_some() && !reading.upgrades_disabled);
        assert!(reading.owner.address().is_some() && reading.block_time > 0);
        assert_eq!(reading.allowed.hash, Some(false));
        assert!(reading.allowed.block > 0);
        let allowed = rpc.allowed(&subject).await.unwrap();
        assert_eq!(allowed.hash, Some(false));
        assert_eq!(
            reading.allowed.missing(subject.hash, subject.device).last(),
            subject.hash.map(Call::AddComposeHash).as_ref()
        );
    }
}

#[tokio::test]
async fn on_the_pretend_chain_a_contract_belongs_to_one_app() {
    let sandbox = Sandbox::open("on-chain").await;
    let (rpc, subject) = of_an_app(&sandbox).await;
    let other = Subject {
        app: AppId::from([0xab; 20]),
        ..subject
    };
    let said = words(rpc.reading(&other).await);
    assert!(said.contains("is not that of app"), "{said}");
    let nowhere = Subject {
        contract: address(&"ab".repeat(20)),
        ..subject
    };
    let said = words(rpc.reading(&nowhere).await);
    assert!(said.contains("there is no contract at"), "{said}");
    let wrong = Subject {
        chain_id: 1,
        ..subject
    };
    let said = words(rpc.reading(&wrong).await);
    assert!(said.contains("and chain 1 (Ethereum) is wanted"), "{said}");
    assert_eq!(rpc.serves().await.unwrap(), 8453);
}
