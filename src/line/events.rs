//! Every kind of event, for the documentation: its word, its members, and when it is told.

/// Word, members, and when it is told, in the order of a walk.
pub const EVENTS: &[(&str, &[&str], &str)] = &[
    (
        "signed_in",
        &["host", "user", "workspace", "key", "key_from", "sandbox"],
        "the key is good; `key` is `****` and its last four characters",
    ),
    (
        "app",
        &["app_id", "name", "instances", "on_chain"],
        "the app was found; `on_chain`: a contract governs it",
    ),
    (
        "unfinished",
        &[
            "id",
            "app_id",
            "app",
            "standing",
            "next",
            "uuid",
            "compose_hash",
        ],
        "the journal of `commit --id` was found: where it stopped, and the one way on, as in `list`",
    ),
    (
        "looking",
        &[],
        "the app's instances are compared with those from before; nothing is sent",
    ),
    (
        "node",
        &["node", "number", "of"],
        "of several nodes: what follows is about this one",
    ),
    (
        "plan",
        &[
            "on_chain",
            "answers",
            "request",
            "compose_hash",
            "compose_hash_unknown",
            "remarks",
            "cost",
        ],
        "what would be sent; `compose_hash` is computed here, or null and why in `compose_hash_unknown`",
    ),
    (
        "files_changed",
        &["files"],
        "files say something else than what `commit --id` goes on with; it goes on",
    ),
    (
        "preparing",
        &[],
        "the prepare-only request has left; it creates nothing",
    ),
    (
        "prepared",
        &[
            "compose_hash",
            "compose_hash_checked",
            "device_id",
            "contract",
            "chain_id",
            "missing",
        ],
        "the service prepared it; `missing`: `compose_hash`, `device`",
    ),
    (
        "token_kept",
        &["token_file"],
        "the commit token was written to this file",
    ),
    (
        "waiting_for_chain",
        &["missing", "contract", "chain_id", "calls"],
        "the contract has to allow something first; `calls` is what its owner has to call",
    ),
    (
        "contract_read",
        &["host", "block", "generation", "owner", "owner_kind"],
        "the contract was read at a node of its chain, not through the service",
    ),
    (
        "key_opened",
        &["account", "remarks"],
        "the key that signs is open; everything is tried out next, and nothing is signed yet",
    ),
    (
        "transaction",
        &["call", "transaction_hash", "nonce", "state"],
        "a transaction that was signed here: `sent`, `pending`, `mined`, `confirmed`, `reverted`, `replaced`, \
         `dropped` or `reorganised`",
    ),
    (
        "handed_over",
        &["file"],
        "what the owners need was written; no token is in it",
    ),
    ("registered", &[], "the contract allows everything"),
    (
        "alike",
        &["instances"],
        "instances with the same content that have not come up yet: perhaps an earlier run made them",
    ),
    ("creating", &[], "the creating request has left, once"),
    (
        "not_created",
        &["node", "message"],
        "of several nodes: the service said no to this one, and the others go on",
    ),
    (
        "answer_lost",
        &["message"],
        "no clear answer came; the instance is looked for",
    ),
    (
        "created",
        &["name", "uuid", "node", "compose_hash", "found"],
        "the instance exists; `found`: by looking, because the answer was lost",
    ),
    (
        "watching",
        &["name", "uuid", "node", "compose_hash"],
        "`watch` found the instance",
    ),
    (
        "containers",
        &["containers"],
        "what docker says of the containers: `name`, `image`, `state`, `status`; again whenever a state changes",
    ),
    (
        "cause",
        &[
            "cause", "message", "rests_on", "log", "line", "fits", "advice", "repair",
        ],
        "why it is not well: a word that stays as it is, and the line it rests on; not told where it is unknown",
    ),
    (
        "stats",
        &["processors", "memory", "disks"],
        "how the guest's system is doing, in hundredths and steps of five; again whenever one changes",
    ),
    (
        "log_unread",
        &["log", "message"],
        "why the log that `--log` names cannot be read now; it is tried again",
    ),
    (
        "log",
        &["log", "line", "at", "text"],
        "a line of the log that `--log` names, values of this deployment masked; `at` is the node's time, in UTC",
    ),
    (
        "identified",
        &["uuid"],
        "the service gave the UUID that `created` had not",
    ),
    (
        "phase",
        &["phase", "seconds", "usual"],
        "the boot came to this phase, so long after `created`; `usual`: the seconds it mostly takes for this app",
    ),
    (
        "verdict",
        &["verdict", "message", "uuid", "instance_id", "seconds"],
        "`running`, `degraded`, `stalled`, `failed`, `gone`, `deleted` or `booting`",
    ),
    ("addresses", &["addresses"], "where the instance answers"),
    (
        "proof",
        &["verdict", "message", "checks"],
        "its evidence was judged here: `ok`, `differs` or `not-checked`, and every line of it",
    ),
    (
        "waiting",
        &["for", "seconds"],
        "nothing happened for 30 seconds",
    ),
    (
        "error",
        &[
            "message",
            "option",
            "usable",
            "asked",
            "http_status",
            "error_code",
            "request_id",
        ],
        "why it ends; `option` would mend it, `usable` is what could be given to it",
    ),
    (
        "receipt",
        &["lines"],
        "what to keep, as the screen leaves it",
    ),
    (
        "exit",
        &["code", "outcome"],
        "always the last one; `outcome` is the word of the code",
    ),
];
