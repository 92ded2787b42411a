//! An account before it signs, and its transaction after that: from nodes that each say it in another way.

use std::sync::atomic::{AtomicUsize, Ordering};

use phala_wizard::api::types::{ComposeHash, DeviceId, TransactionHash};
use phala_wizard::chain::contract::Owner;
use phala_wizard::chain::examination::Examination;
use phala_wizard::chain::revert::Revert;
use phala_wizard::chain::transaction::{Standing, Tracked};
use phala_wizard::chain::{Call, Subject, U256};
use serde_json::{Value, json};

use super::node::{
    APP, DEVICE, HASH, NOT_OWNER, Node, OWNER, Said, address, is, no, reverted, selector, subject,
    usual, word, words,
};
use super::server::Reply;
use super::{garbled, how, refusal};

const VISITOR: &str = "70997970c51812dc3a010c7d01b50e0d17dc79c8";
const NOT_OWNER_NAMED: &str =
    "OwnableUnauthorizedAccount(0x70997970C51812dc3A010C7d01b50e0d17dc79C8)";
/// What is broadcast, and its Keccak-256.
const RAW: [u8; 3] = [2, 0xc1, 0x80];
const RAW_HASH: &str = "0xda5cde5cdcd2a2cbfc9c1c7c75bdf16ff2e5bd04ff3ba83d0ae5e3d5a4e1b7a9";

fn but(rule: impl Fn(&str, &Value) -> Option<Said> + Send + Sync + 'static) -> Node {
    Node::new(move |method, given| rule(method, given).unwrap_or_else(|| usual(method, given)))
}

fn calls() -> [Call; 2] {
    [
        Call::AddDevice(DeviceId::parse(DEVICE).unwrap()),
        Call::AddComposeHash(ComposeHash::parse(HASH).unwrap()),
    ]
}

async fn examine(node: &Node, from: &str) -> Examination {
    let examined = node.rpc.examine(&subject(), address(from), &calls()).await;
    examined.unwrap()
}

#[tokio::test]
async fn an_account_is_examined_and_each_call_tried_both_ways() {
    let node = Node::new(usual);
    let examined = examine(&node, OWNER).await;
    let expected = Examination {
        from: address(OWNER),
        block: 34,
        block_time: 0x6b04_641b,
        owner: Owner::Wallet(address(OWNER)),
        balance: U256::from(10_000_000_000_000_000_000_000_u128),
        nonce: 7,
        pending: 7,
        base_fee: 1000,
        tip: 5,
        calls: calls().map(|call| (call, Ok(0xcc0e))).to_vec(),
    };
    assert_eq!(examined, expected);
    let asked = node.asked();
    for call in calls() {
        let input = format!("0x{}", hex::encode(call.input()));
        let sent = json!({ "from": format!("0x{OWNER}"), "to": format!("0x{APP}"), "data": input });
        for method in ["eth_call", "eth_estimateGas"] {
            let wanted = (method.to_owned(), json!([sent, "0x22"]));
            assert!(asked.contains(&wanted), "{method} {asked:?}");
        }
    }
    let counts = node.times("eth_getTransactionCount");
    assert_eq!((counts, asked.len()), (2, 2 + 6 + 1 + 4));
}

#[tokio::test]
async fn a_node_that_forgets_what_waits_does_not_make_a_number_smaller() {
    for (pending, expected) in [("0x3", 7), ("0x9", 9)] {
        let node = but(move |method, given| {
            let waits = method == "eth_getTransactionCount" && given[1] == "pending";
            waits.then(|| is(pending))
        });
        let examined = examine(&node, OWNER).await;
        assert_eq!((examined.nonce, examined.pending), (7, expected));
    }
}

#[tokio::test]
async fn the_contract_s_no_is_understood_however_a_node_puts_it() {
    let custom = "execution reverted: custom error 0x118cdaa7: 00";
    let buried = json!({ "message": "reverted", "txHash": word("1"), "data": NOT_OWNER });
    let keyed = json!({ word("1"): { "error": "revert", "return": NOT_OWNER }, "name": "c" });
    for (code, message, data) in [
        (3, custom, json!(NOT_OWNER)),
        (3, "RPC Request failed.", json!(NOT_OWNER)),
        (-32000, "execution reverted", json!(NOT_OWNER)),
        (-32000, "Execution reverted", json!(NOT_OWNER)),
        (
            -32015,
            "VM execution error.",
            json!(format!("Reverted {NOT_OWNER}")),
        ),
        (
            -32603,
            "Error: VM Exception while processing transaction",
            buried,
        ),
        (
            -32000,
            "VM Exception while processing transaction: revert",
            keyed,
        ),
        (
            -32000,
            "execution reverted",
            json!({ "data": { "data": NOT_OWNER } }),
        ),
    ] {
        let node = but(move |method, given| {
            let runs = matches!(selector(given), "dfc77223" | "2a819728");
            runs.then(|| Said::No(code, message.to_owned(), data.clone()))
                .filter(|_| method.starts_with("eth_"))
        });
        let examined = examine(&node, VISITOR).await;
        for (_, outcome) in examined.calls {
            let why = outcome.unwrap_err().to_string();
            assert_eq!(why, NOT_OWNER_NAMED, "{code} {message}");
        }
        let tried = node.times("eth_estimateGas");
        assert_eq!(tried, 2, "a contract's no is not asked again");
    }
    for (message, expected) in [
        ("execution reverted: paused", "execution reverted: paused"),
        ("invalid opcode: INVALID", "invalid opcode: INVALID"),
        (
            "execution reverted",
            "without a reason: it does not know the call, or wants none",
        ),
    ] {
        let node = but(move |method, given| {
            let runs = method == "eth_call" && selector(given) == "dfc77223";
            runs.then(|| no(-32000, message))
        });
        let examined = examine(&node, OWNER).await;
        assert!(examined.calls[0].1.is_ok());
        let why = examined.calls[1].1.as_ref().unwrap_err().to_string();
        assert_eq!(why, expected);
    }
}

#[tokio::test]
async fn what_only_the_estimate_finds_counts_too() {
    let node = but(|method, _| (method == "eth_estimateGas").then(|| reverted(NOT_OWNER)));
    let examined = examine(&node, VISITOR).await;
    assert_eq!(examined.calls[0].1, Err(Revert::told(NOT_OWNER_NAMED)));
}

#[tokio::test]
async fn an_account_without_money_learns_what_it_would_take() {
    for message in [
        "insufficient funds for gas * price + value: balance 0, tx cost 1",
        "gas required exceeds allowance (0)",
        "Upfront cost exceeds account balance",
        "lack of funds (0) for max fee (1)",
        "Sender doesn't have enough funds to send tx",
    ] {
        let node = but(move |method, given| {
            let pays = given[0]["gasPrice"] != "0x0";
            match method {
                "eth_estimateGas" if pays => Some(no(-32000, message)),
                "eth_getBalance" => Some(is("0x0")),
                _ => None,
            }
        });
        let examined = examine(&node, OWNER).await;
        assert!(examined.balance.is_zero());
        assert_eq!(examined.calls[0].1, Ok(0xcc0e), "{message}");
        assert_eq!(node.times("eth_estimateGas"), 4);
        assert_eq!(examined.problems(None).len(), 1, "{message}");
    }
    let poor = but(|method, _| {
        (method == "eth_estimateGas").then(|| no(-32000, "insufficient funds for transfer"))
    });
    let error = poor.rpc.examine(&subject(), address(OWNER), &calls()).await;
    let error = error.unwrap_err();
    assert_eq!(
        refusal(&error).message.as_str(),
        "insufficient funds for transfer"
    );
    // With nothing to pay it is the call itself that has no end.
    let endless = but(|method, _| {
        (method == "eth_estimateGas")
            .then(|| no(-32000, "gas required exceeds allowance (50000000)"))
    });
    let examined = examine(&endless, OWNER).await;
    let why = examined.calls[0].1.as_ref().unwrap_err().to_string();
    assert_eq!(why, "gas required exceeds allowance (50000000)");
    // Somebody else's money is the contract's business.
    let theirs = but(|method, given| {
        let runs = method == "eth_call" && selector(given) == "dfc77223";
        runs.then(|| no(3, "execution reverted: insufficient balance"))
    });
    assert!(examine(&theirs, OWNER).await.calls[1].1.is_err());
}

#[tokio::test]
async fn a_tip_is_suggested_or_what_others_paid_or_what_is_usual() {
    let missing = || {
        no(
            -32601,
            "the method eth_maxPriorityFeePerGas does not exist/is not available",
        )
    };
    let history = but(move |method, given| match method {
        "eth_maxPriorityFeePerGas" => Some(missing()),
        "eth_feeHistory" => {
            assert_eq!(*given, json!(["0x5", "0x22", [50]]));
            Some(Said::Is(json!({ "reward": [["0x9"], ["0x1"], ["0x7"]] })))
        }
        _ => None,
    });
    assert_eq!(examine(&history, OWNER).await.tip, 7);
    let neither = but(|method, _| match method {
        "eth_maxPriorityFeePerGas" => {
            Some(no(-32600, "Unsupported method: eth_maxPriorityFeePerGas"))
        }
        _ => None,
    });
    assert_eq!(examine(&neither, OWNER).await.tip, 1_000_000_000);
    let busy =
        but(|method, _| (method == "eth_maxPriorityFeePerGas").then(|| no(-32005, "too fast")));
    let error = busy.rpc.examine(&subject(), address(OWNER), &[]).await;
    assert!(words(error).starts_with("too fast"));
    assert_eq!(busy.times("eth_feeHistory"), 0);
    let old = but(|method, _| match method {
        "eth_getBlockByNumber" => Some(Said::Is(json!({ "number": "0x22", "timestamp": "0x1" }))),
        _ => None,
    });
    let error = old.rpc.examine(&subject(), address(OWNER), &[]).await;
    assert!(words(error).contains("no base fee"));
}

#[tokio::test]
async fn a_transaction_is_handed_over_once_whatever_comes_back() {
    let hash = format!("{:#x}", alloy_primitives::keccak256(RAW));
    let node = but({
        let hash = hash.clone();
        move |method, _| (method == "eth_sendRawTransaction").then(|| is(&hash))
    });
    node.rpc.broadcast(8453, &RAW).await.unwrap();
    let asked = node.asked();
    assert_eq!(
        asked[1],
        ("eth_sendRawTransaction".to_owned(), json!(["0x02c180"]))
    );
    assert_eq!(asked.len(), 2);
    for (known, message) in [
        (true, "already known"),
        (true, "transaction already imported"),
        (true, "Known transaction"),
        (false, "nonce too low"),
        (false, "insufficient funds for gas * price + value"),
        (false, "replacement transaction underpriced"),
        (false, "too fast"),
        (false, "unknown transaction type"),
    ] {
        let node =
            but(move |method, _| (method == "eth_sendRawTransaction").then(|| no(-32000, message)));
        match node.rpc.broadcast(8453, &RAW).await {
            Ok(()) => assert!(known, "{message}"),
            Err(error) => {
                assert!(!known, "{message}");
                assert_eq!(refusal(&error).message.as_str(), message);
                assert_eq!(error.tries, 1);
            }
        }
        assert_eq!(node.times("eth_sendRawTransaction"), 1);
    }
    for reply in [
        Reply::json(429, "{}"),
        Reply::json(502, "{}"),
        Reply::json(200, "<html>"),
        Reply::ReadAndDrop,
    ] {
        let name = format!("{reply:?}");
        let node = but(move |method, _| {
            (method == "eth_sendRawTransaction").then(|| Said::Raw(reply.clone()))
        });
        let error = node.rpc.broadcast(8453, &RAW).await.unwrap_err();
        assert!(error.may_have_acted(), "{name}");
        assert_eq!(
            (error.tries, node.times("eth_sendRawTransaction")),
            (1, 1),
            "{name}"
        );
    }
    let other = but(|method, _| (method == "eth_sendRawTransaction").then(|| is(RAW_HASH)));
    let error = other.rpc.broadcast(8453, &RAW).await.unwrap_err();
    assert!(garbled(&error).0.starts_with("eth_sendRawTransaction"));
}

#[tokio::test]
async fn what_never_left_cannot_have_acted() {
    let rpc = phala_wizard::chain::rpc::Rpc::new("http://127.0.0.1:1", super::limits()).unwrap();
    let error = rpc.broadcast(8453, &RAW).await.unwrap_err();
    assert!(!error.may_have_acted(), "{:?}", how(&error));
}

fn tracked() -> Tracked {
    Tracked {
        chain_id: 8453,
        hash: TransactionHash::from([7; 32]),
        from: address(OWNER),
        nonce: 7,
        to: address(APP),
        input: calls()[1].input(),
    }
}

fn receipt(status: &str) -> Value {
    json!({
        "transactionHash": format!("0x{}", "07".repeat(32)),
        "to": format!("0x{APP}"),
        "blockNumber": "0x20",
        "status": status,
    })
}

/// A node where the receipt comes with this look, and the transaction is held or not, and so many are in blocks.
fn where_it(receipt_from: usize, status: &'static str, is_held: bool, count: &'static str) -> Node {
    let looks = AtomicUsize::new(0);
    but(move |method, _| {
        Some(match method {
            "eth_getTransactionReceipt" => {
                let look = looks.fetch_add(1, Ordering::Relaxed) + 1;
                Said::Is(if look >= receipt_from {
                    receipt(status)
                } else {
                    Value::Null
                })
            }
            "eth_getTransactionByHash" if is_held => {
                Said::Is(json!({ "hash": format!("0x{}", "07".repeat(32)), "blockNumber": null }))
            }
            "eth_getTransactionByHash" => Said::Is(Value::Null),
            "eth_getTransactionCount" => is(count),
            _ => return None,
        })
    })
}

const NEVER: usize = usize::MAX;

#[tokio::test]
async fn a_transaction_stands_where_the_node_has_it() {
    for (node, expected) in [
        (
            where_it(1, "0x1", false, "0x8"),
            Standing::Mined {
                block: 32,
                depth: 3,
            },
        ),
        (where_it(NEVER, "0x1", true, "0x7"), Standing::Waiting),
        (where_it(NEVER, "0x1", false, "0x7"), Standing::Unknown),
        (where_it(NEVER, "0x1", false, "0x8"), Standing::NumberUsed),
        // It came into a block between two questions.
        (
            where_it(2, "0x1", false, "0x8"),
            Standing::Mined {
                block: 32,
                depth: 3,
            },
        ),
    ] {
        assert_eq!(node.rpc.follow(&tracked()).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn the_newest_block_is_one_deep_also_for_a_node_that_is_behind() {
    let node = but(|method, _| match method {
        "eth_getTransactionReceipt" => Some(Said::Is(receipt("0x1"))),
        "eth_blockNumber" => Some(is("0x1e")),
        _ => None,
    });
    let expected = Standing::Mined {
        block: 32,
        depth: 1,
    };
    assert_eq!(node.rpc.follow(&tracked()).await.unwrap(), expected);
}

#[tokio::test]
async fn why_it_was_refused_is_asked_of_the_block_before() {
    let node = but(|method, given| match method {
        "eth_getTransactionReceipt" => Some(Said::Is(receipt("0x0"))),
        "eth_call" => {
            assert_eq!(given[1], "0x1f");
            assert_eq!(given[0]["from"], format!("0x{OWNER}"));
            Some(reverted(NOT_OWNER))
        }
        _ => None,
    });
    let standing = node.rpc.follow(&tracked()).await.unwrap();
    let expected = Standing::Reverted {
        block: 32,
        why: Some(Revert::told(NOT_OWNER_NAMED)),
    };
    assert_eq!(standing, expected);
    for gone in [no(-32000, "missing trie node"), is("0x")] {
        let gone = std::sync::Mutex::new(Some(gone));
        let node = but(move |method, _| match method {
            "eth_getTransactionReceipt" => Some(Said::Is(receipt("0x0"))),
            "eth_call" => Some(
                gone.lock()
                    .unwrap()
                    .take()
                    .unwrap_or_else(|| no(-32602, "gone")),
            ),
            _ => None,
        });
        let standing = node.rpc.follow(&tracked()).await.unwrap();
        assert_eq!(
            standing,
            Standing::Reverted {
                block: 32,
                why: None
            }
        );
    }
}

#[tokio::test]
async fn the_receipt_of_another_transaction_is_none() {
    for (member, value) in [
        ("transactionHash", format!("0x{}", "08".repeat(32))),
        ("to", format!("0x{VISITOR}")),
        ("status", "0x2".to_owned()),
    ] {
        let node = but(move |method, _| {
            let mut receipt = receipt("0x1");
            receipt[member] = json!(value);
            (method == "eth_getTransactionReceipt").then_some(Said::Is(receipt))
        });
        let error = node.rpc.follow(&tracked()).await.unwrap_err();
        assert!(
            garbled(&error).0.starts_with("eth_getTransactionReceipt"),
            "{member}"
        );
    }
    let node = but(|method, _| match method {
        "eth_getTransactionReceipt" => Some(Said::Is(Value::Null)),
        "eth_getTransactionByHash" => Some(Said::Is(json!({ "hash": word("1") }))),
        _ => None,
    });
    let error = node.rpc.follow(&tracked()).await.unwrap_err();
    assert!(garbled(&error).0.starts_with("eth_getTransactionByHash"));
}

fn log(block: &str, index: &str, data: &str, transaction: u8, removed: bool) -> Value {
    json!({
        "address": format!("0x{APP}"),
        "topics": ["0xfecb34306dd9d8b785b54d65489d06afc8822a0893ddacedff40c50a4942d0af"],
        "data": format!("0x{data}"),
        "blockNumber": block,
        "logIndex": index,
        "transactionHash": format!("0x{}", hex::encode([transaction; 32])),
        "removed": removed,
    })
}

#[tokio::test]
async fn the_newest_transaction_that_allowed_the_hash_is_found() {
    let node = but(|method, given| {
        (method == "eth_getLogs").then(|| {
            assert_eq!(given[0]["fromBlock"], "0x18");
            assert_eq!(given[0]["toBlock"], "0x22");
            assert_eq!(given[0]["address"], format!("0x{APP}"));
            Said::Is(json!([
                log("0x20", "0x1", HASH, 2, false),
                log("0x20", "0x0", HASH, 1, false),
                log("0x21", "0x0", DEVICE, 3, false),
                log("0x22", "0x0", HASH, 4, true),
            ]))
        })
    });
    let found = node.rpc.registered_by(&subject(), 10).await.unwrap();
    assert_eq!(found, Some(TransactionHash::from([2; 32])));
    let empty = but(|method, given| {
        (method == "eth_getLogs").then(|| {
            assert_eq!(given[0]["fromBlock"], "0x0", "no block is before the first");
            Said::Is(json!([]))
        })
    });
    assert_eq!(
        empty.rpc.registered_by(&subject(), 1000).await.unwrap(),
        None
    );
    let nothing = Subject {
        hash: None,
        ..subject()
    };
    assert_eq!(empty.rpc.registered_by(&nothing, 1000).await.unwrap(), None);
    assert_eq!(empty.times("eth_getLogs"), 1);
}

#[tokio::test]
async fn a_node_that_does_not_look_so_far_is_asked_to_look_half_as_far() {
    for (code, message) in [
        (-32005, "query returned more than 10000 results"),
        (-32602, "eth_getLogs is limited to a 10,000 range"),
        (-32000, "block range is too wide"),
    ] {
        let node = but(move |method, given| {
            (method == "eth_getLogs").then(|| match given[0]["fromBlock"].as_str() {
                Some("0x1e") => Said::Is(json!([log("0x20", "0x0", HASH, 2, false)])),
                _ => no(code, message),
            })
        });
        let found = node.rpc.registered_by(&subject(), 32).await.unwrap();
        assert_eq!(found, Some(TransactionHash::from([2; 32])));
        let ranges: Vec<Value> = node
            .asked()
            .into_iter()
            .filter(|(method, _)| method == "eth_getLogs")
            .map(|(_, given)| given[0]["fromBlock"].clone())
            .collect();
        assert_eq!(ranges, ["0x2", "0x12", "0x1a", "0x1e"]);
    }
    let never = but(|method, _| (method == "eth_getLogs").then(|| no(-32602, "too far")));
    let error = never.rpc.registered_by(&subject(), 32).await.unwrap_err();
    assert_eq!(refusal(&error).message.as_str(), "too far");
    assert_eq!(never.times("eth_getLogs"), 4);
    let shut =
        but(|method, _| (method == "eth_getLogs").then(|| Said::Raw(Reply::json(403, "{}"))));
    shut.rpc.registered_by(&subject(), 32).await.unwrap_err();
    assert_eq!(shut.times("eth_getLogs"), 1);
    let other = but(|method, _| {
        (method == "eth_getLogs").then(|| Said::Is(json!([log("0x20", "0x0", "00", 2, false)])))
    });
    let error = other.rpc.registered_by(&subject(), 32).await.unwrap_err();
    assert!(garbled(&error).0.starts_with("eth_getLogs"));
}
