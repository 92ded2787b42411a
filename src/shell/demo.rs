//! The one place where the shell knows the sandbox: starts it inside this process, on a port of the loopback.

/// How the sandbox is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// How much faster than the real service time passes in it.
    pub speed: f64,
    /// What its ids and chances are drawn from.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            speed: 1.0,
            seed: 1,
        }
    }
}

/// Every scenario: its name and a sentence about it, in the order a person should meet them.
pub fn scenarios() -> Vec<(String, String)> {
    vec![("boot-fails".into(), "x".into())]
}
