//! Every screen of a walk, and how it is reached.

use std::net::SocketAddr;

use tokio::runtime::Runtime;

use crate::harness::{Program, Pty};
use crate::inside;

const KEY: &str = "phak_sandbox_terminal";

/// A screen.
pub struct Screen {
    pub name: &'static str,
    /// What goes wrong on the way, so that the screen comes and stays.
    story: &'static str,
    /// What is waited for, and then typed.
    steps: &'static [(&'static str, &'static str)],
    /// What is on the screen once it is there.
    pub words: &'static str,
    /// The exit code of who leaves there.
    pub code: u32,
}

/// From the list of apps to the preparation, everything kept.
const ON_CHAIN: &[(&str, &str)] = &[
    ("status-page", "/orders-api\r"),
    ("prod18", "/prod5\r"),
    ("What should it run?", "\r"),
    ("Which values shall", "\r"),
    ("Script that runs", "\r"),
    ("Nothing was sent yet", "\r"),
    ("noted", "\x1b[C\r"),
];

/// The same for a machine that is new to the contract.
const NEW_MACHINE: &[(&str, &str)] = &[
    ("status-page", "/orders-api\r"),
    ("prod18", "/prod9\r"),
    ("What should it run?", "\r"),
    ("Which values shall", "\r"),
    ("Script that runs", "\r"),
    ("Nothing was sent yet", "\r"),
];

/// The same for an app that no contract governs.
const AT_ONCE: &[(&str, &str)] = &[
    ("status-page", "/kv-cache\r"),
    ("prod18", "/prod15\r"),
    ("What should it run?", "\r"),
    ("Which values shall", "\r"),
    ("Script that runs", "\r"),
    ("Nothing was sent yet", "\r"),
    ("noted", "\x1b[C\r"),
];

const NEVER_SIGNED: &str = "[apps.orders-api]\nowner_signs_after = inf\n";
const REGISTERED: &str = "[apps.orders-api]\nowner_signs_after = 0.0\nallow_any_device = true\n";
const STALLED_PREPARE: &str = "[[faults]]\nrequest = 'POST /apps/*/instances'\ndelay = 1e12\n";
const STALLED_COMMIT: &str = "[apps.orders-api]\nowner_signs_after = 0.0\nallow_any_device = true\n\
    [[faults]]\nrequest = 'POST /apps/*/instances'\nwith_member = 'token'\ndelay = 1e12\n";
const LOST_COMMIT: &str = "[apps.orders-api]\nowner_signs_after = 0.0\nallow_any_device = true\n\
    [[faults]]\nrequest = 'POST /apps/*/instances'\nwith_member = 'token'\nreset = true\n";
const DEAD_TOKEN: &str = "[apps.orders-api]\nowner_signs_after = 0.0\nallow_any_device = true\n\
    [[faults]]\nrequest = 'POST /apps/*/instances'\nwith_member = 'token'\nstatus = 466\n\
    body = '{\"error_code\": \"ERR-01-006\", \"message\": \"expired\"}'\n";
const NO_APPS: &str = "[[faults]]\nrequest = 'GET /apps'\nstatus = 500\nbody = '{}'\n";

const fn screen(
    name: &'static str,
    story: &'static str,
    steps: &'static [(&'static str, &'static str)],
    words: &'static str,
    code: u32,
) -> Screen {
    Screen {
        name,
        story,
        steps,
        words,
        code,
    }
}

pub const SCREENS: &[Screen] = &[
    screen("app", "", &[], "Variables it lets through", 130),
    screen("trouble", NO_APPS, &[], "try again", 130),
    screen("node", "", first(1), "prod18", 130),
    screen("compose", "", first(2), "What should it run?", 130),
    screen("env", "", first(3), "Which values shall", 130),
    screen("script", "", first(4), "Script that runs", 130),
    screen("review", "", first(5), "Nothing was sent yet", 130),
    screen(
        "prepare",
        STALLED_PREPARE,
        first(6),
        "asking the service to prepare",
        130,
    ),
    screen(
        "chain",
        NEVER_SIGNED,
        NEW_MACHINE,
        "has to allow it first",
        5,
    ),
    screen("confirm", REGISTERED, first(6), "noted", 5),
    screen("sent", STALLED_COMMIT, ON_CHAIN, "request sent, waiting", 7),
    screen(
        "unknown",
        LOST_COMMIT,
        ON_CHAIN,
        "It may or may not exist",
        7,
    ),
    screen(
        "refused",
        DEAD_TOKEN,
        ON_CHAIN,
        "The token is no longer good",
        6,
    ),
    screen(
        "live",
        "boot = 'stalls'\n",
        AT_ONCE,
        "starting containers",
        8,
    ),
    screen("running", "", AT_ONCE, "Running.", 0),
];

const fn first(count: usize) -> &'static [(&'static str, &'static str)] {
    ON_CHAIN.split_at(count).0
}

impl Screen {
    /// The world of this screen.
    pub fn world(&self, runtime: &Runtime) -> SocketAddr {
        let story = format!("sentence = ''\n{}", self.story);
        runtime.block_on(inside::open(&story, KEY))
    }

    /// The same program with all it needs to find that world.
    pub fn in_world(program: Program, address: SocketAddr) -> Program {
        program.with("PHALA_CLOUD_API_KEY", KEY).with(
            "PHALA_CLOUD_API_PREFIX",
            &format!("http://{address}/api/v1"),
        )
    }

    /// Types until it is on the screen.
    pub fn reach(&self, pty: &mut Pty) {
        for (words, keys) in self.steps {
            pty.wait_for(words);
            pty.keys(keys);
        }
        pty.wait_for(self.words);
    }
}
