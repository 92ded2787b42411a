//! Opens addresses in the person's browser, and nothing but web addresses.

use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::process::without_secrets;

/// What ends sooner than this, and not well, has opened nothing. Later it was the browser that ended.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Opens it, and does not wait for it. The address stays on screen, so a browser that does not come is no error.
pub(super) fn open(address: &str) {
    if !is_web(address) {
        return;
    }
    let launchers = open::commands(address);
    // Where no thread can be started no browser can either.
    let _ = thread::Builder::new()
        .name("browser".into())
        .spawn(move || first_that_opens(launchers));
}

/// The library only knows what to start: a browser that it starts itself would get our whole environment.
fn first_that_opens(launchers: Vec<Command>) {
    for mut launcher in launchers {
        let begun = Instant::now();
        match run(&mut launcher) {
            Ok(status) if !status.success() && begun.elapsed() < AT_ONCE => {}
            Ok(_) => return,
            Err(_) => {}
        }
    }
}

/// Runs it apart from our terminal: it neither reads keys nor writes, and Ctrl-C is not for it.
fn run(launcher: &mut Command) -> io::Result<ExitStatus> {
    without_secrets(launcher)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(launcher, 0);
    launcher.status()
}

/// Whether this is an address of the web. A path, a `file:` or a `mailto:` would start who knows what.
fn is_web(address: &str) -> bool {
    let rest = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
    })
}

#[cfg(test)]
mod tests {
    use super::is_web;

    #[test]
    fn only_the_web_is_opened() {
        for good in [
            "https://cloud.phala.com/acme/apps",
            "http://127.0.0.1:4100/x?y=1#z",
        ] {
            assert!(is_web(good), "{good}");
        }
        for bad in [
            "",
            "https://",
            "/etc/passwd",
            "file:///etc/passwd",
            "mailto:a@b",
            "javascript:alert(1)",
            "--help",
            "https://x y",
            "https://x\u{1b}",
        ] {
            assert!(!is_web(bad), "{bad}");
        }
    }
}
