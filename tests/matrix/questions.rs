//! Everything the program asks of the service in a deployment without a screen.

use crate::tap::Sent;

/// What a run is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Story {
    /// A contract governs the app, and everything is registered by the time the 465 is written.
    Registered,
    /// A contract governs the app, and its owner signs a moment after.
    Signed,
    /// No contract governs the app: the first request creates.
    AtOnce,
    /// It was prepared by an earlier run, and is finished from its journal.
    Later,
}

/// A question, and the story in which it is asked.
#[derive(Debug)]
pub struct Question {
    pub name: &'static str,
    /// Method and path, as a fault names them.
    pub request: &'static str,
    /// What else a fault has to say to mean this one and no other.
    pub only: &'static str,
    pub story: Story,
    /// What else goes wrong in the story, so that it is asked.
    pub also: &'static str,
    pub stage: Stage,
}

/// What is known when it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was sent that could create.
    Before,
    /// This is the prepare-only request where it creates nothing.
    Prepares,
    /// Prepared, and nothing was sent that could create.
    Prepared,
    /// This is the request that creates.
    Creates,
    /// The list from before is noted, and the request that creates will get lost.
    Noted,
    /// The request that creates was sent, and its answer lost.
    Lost,
    /// The instance exists.
    After,
}

const LATER_CALLS: &str =
    "calls = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]";
const FROM_THE_SECOND: &str = "calls = [2, 3, 4, 5, 6, 7, 8, 9, 10]";

const NEVER_ARRIVES: &str =
    "[[faults]]\nrequest = 'POST /apps/*/instances'\nwith_member = 'token'\nreset = true\n";

const LOST_COMMIT: &str = "[[faults]]\nrequest = 'POST /apps/*/instances'\nwith_member = 'token'\nreset = true\napplied = true\n";

const fn read(name: &'static str, request: &'static str, stage: Stage) -> Question {
    Question {
        name,
        request,
        only: "",
        story: Story::Registered,
        also: "",
        stage,
    }
}

pub const QUESTIONS: &[Question] = &[
    read("identity", "GET /auth/me", Stage::Before),
    read("apps", "GET /apps", Stage::Before),
    read("nodes", "GET /teepods/available", Stage::Before),
    read("quotas", "GET /workspaces/*/quotas", Stage::Before),
    read("instances", "GET /apps/*/cvms", Stage::Before),
    read("allowlist", "GET /apps/*/device-allowlist", Stage::Before),
    read("document", "GET /cvms/*/compose_file", Stage::Before),
    read("env-key", "GET /kms/*/pubkey/*", Stage::Before),
    Question {
        only: "with_header = 'x-prepare-only'",
        ..read("prepare", "POST /apps/*/instances", Stage::Prepares)
    },
    Question {
        story: Story::Signed,
        ..read("is-allowed", "POST /apps/*/is-allowed", Stage::Prepared)
    },
    Question {
        only: FROM_THE_SECOND,
        ..read("instances-before", "GET /apps/*/cvms", Stage::Prepared)
    },
    Question {
        only: "with_member = 'token'",
        ..read("commit", "POST /apps/*/instances", Stage::Creates)
    },
    Question {
        only: "with_member = 'token'",
        story: Story::Later,
        ..read("commit-later", "POST /apps/*/instances", Stage::Creates)
    },
    Question {
        story: Story::AtOnce,
        ..read("create-at-once", "POST /apps/*/instances", Stage::Creates)
    },
    Question {
        only: LATER_CALLS,
        also: LOST_COMMIT,
        ..read("instances-lost", "GET /apps/*/cvms", Stage::Lost)
    },
    Question {
        only: "calls = [2]",
        also: NEVER_ARRIVES,
        ..read("instances-noted", "GET /apps/*/cvms", Stage::Noted)
    },
    read("state", "GET /cvms/*/state", Stage::After),
    read("network", "GET /cvms/*/network", Stage::After),
    read("containers", "GET /cvms/*/composition", Stage::After),
    read("attestation", "GET /cvms/*/attestation", Stage::After),
];

impl Question {
    /// Whether this request is the question. Which of several calls it was is not told apart here.
    pub fn is(&self, sent: &Sent) -> bool {
        let (method, pattern) = self.request.split_once(' ').expect("a method and a path");
        let path = sent.target.split('?').next().unwrap_or_default();
        let (parts, wanted) = (path.split('/'), pattern.split('/'));
        method == sent.method
            && parts.clone().count() == wanted.clone().count()
            && parts
                .zip(wanted)
                .all(|(part, wanted)| wanted == "*" || part == wanted)
            && (!self.only.contains("x-prepare-only") || sent.only_prepares())
            && (!self.only.contains("'token'") || sent.commits())
    }

    /// Whether this is what `asked` of an error names.
    pub fn is_named_by(&self, asked: &str) -> bool {
        let Some((method, path)) = asked.split_once(' ') else {
            return false;
        };
        let sent = Sent {
            method: method.to_owned(),
            target: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        Self { only: "", ..*self }.is(&sent)
    }

    /// The exit code where nothing goes wrong.
    pub fn best(&self) -> i32 {
        match self.stage {
            Stage::Noted => 7,
            _ => 0,
        }
    }

    /// The arguments of the run, without what every run has.
    pub fn words(&self) -> &'static str {
        match self.story {
            // An older instance of the same content runs on this node.
            Story::Registered => "deploy --app orders-api --node prod5 --env-file canary.env --yes",
            Story::Signed => "deploy --app orders-api --node prod9 --env-file canary.env --yes",
            Story::AtOnce => "deploy --app kv-cache --node prod15 --env-file cache.env --yes",
            Story::Later => {
                "deploy --app orders-api --node prod5 --env-file canary.env --prepare-only"
            }
        }
    }

    /// The story, as far as it is not the common world.
    pub fn world(&self) -> &'static str {
        match self.story {
            Story::Registered | Story::Later => {
                "[apps.orders-api]\nowner_signs_after = 0.0\nallow_any_device = true\n"
            }
            Story::Signed => "[apps.orders-api]\nowner_signs_after = 20.0\n",
            Story::AtOnce => "",
        }
    }
}
