//! What becomes of a deployment when a disk fails, the world stops, requests get lost or come twice, bits turn over, or
//! somebody gets in the way.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic in a test is a message to us"
)]

#[path = "support/cloud.rs"]
mod cloud;
#[cfg(unix)]
#[path = "pty/harness.rs"]
#[allow(dead_code, reason = "the tests of the terminal use the rest")]
mod harness;
#[cfg(unix)]
#[path = "support/inside.rs"]
mod inside;
#[cfg(unix)]
#[path = "support/node.rs"]
mod node;
#[cfg(unix)]
#[path = "support/service.rs"]
mod service;
#[cfg(unix)]
#[path = "support/wallet.rs"]
#[allow(dead_code, reason = "the pretend chain's own tests use the rest")]
mod wallet;

// The shell's ledger is nobody's but the shell's. Here it is compiled once more from its own source, so that the very
// lines that run in the program write to a disk of ours and send to a service of ours.
#[path = "../src/shell"]
mod shell {
    #![allow(dead_code, reason = "the shell uses all of it")]

    pub mod blocking {
        /// The pretend disk does not block.
        pub async fn blocking<T>(act: impl FnOnce() -> T) -> Option<T> {
            Some(act())
        }
    }

    pub mod folders {
        /// Here every folder is a desk's own.
        pub fn state() -> Option<std::path::PathBuf> {
            None
        }
    }

    pub use desk::clock;
    mod journals;
    mod ledger;

    #[path = "../../tests/faults/desk.rs"]
    pub mod desk;
}

mod api {
    pub use phala_wizard::api::{elsewhere, error, types};
    pub mod client {
        pub use crate::shell::desk::Client;
    }
}

mod journal {
    pub use phala_wizard::journal::{again, found, id, record, state, trouble};
    pub mod store {
        pub use crate::shell::desk::Store;
        pub use phala_wizard::journal::store::{Durable, Journal};
    }
}

use phala_wizard::{chain, secret, shown, trust, wizard};

mod faults {
    #[cfg(unix)]
    mod attacks;
    mod bits;
    mod chance;
    mod crash;
    #[cfg(unix)]
    mod kill;
    mod life;
    #[cfg(unix)]
    mod locks;
    mod model;
    #[cfg(unix)]
    mod signing;
    pub mod sim;
    mod whole;
}
