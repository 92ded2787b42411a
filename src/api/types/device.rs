//! Signing in with a code that is approved in a browser (10.1).

use crate::secret::Secret;
use crate::shown::Shown;

/// What a login begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCode {
    /// What the token is asked for with: whoever has it gets the token. Never shown.
    pub code: Secret,
    /// What the page shows too, so that one login is not taken for another.
    pub user_code: Shown,
    /// The page where the code is typed.
    pub page: Shown,
    /// The same page with the code in its address, where the service names one.
    pub page_with_code: Option<Shown>,
    /// Seconds until nobody can approve it any more.
    pub expires_in: u64,
    /// Seconds to leave between two questions.
    pub interval: u64,
}

/// Whether it was approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approval {
    /// Not yet.
    Pending,
    /// Not yet, and it was asked too often: five seconds more from now on.
    SlowDown,
    /// It was denied on the page.
    Denied,
    /// Nobody approved it in time.
    Expired,
    /// The service ends the login for another reason, in its own words.
    Ended(Shown),
    /// It was approved. This is an API key like any other.
    Token(Secret),
}
