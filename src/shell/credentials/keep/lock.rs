//! Keeps others of us from writing into a folder at the same time. No file is left behind; other programs do not ask.

use std::fs::File;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// How often the lock is asked for.
const TRIES: u32 = 60;
const PAUSE: Duration = Duration::from_millis(50);

/// How asking for it came out.
enum Asked {
    Taken(File),
    Theirs,
    /// A file system without locks: that the file stays the same is looked at anyway.
    NoLocks,
}

/// Nobody else of us writes as long as what is returned lives.
///
/// # Errors
///
/// Somebody else does, all the time.
pub(super) fn take(folder: &Path) -> Result<Option<File>, ()> {
    for _ in 0..TRIES {
        match ask(folder) {
            Asked::Taken(held) => return Ok(Some(held)),
            Asked::NoLocks => return Ok(None),
            Asked::Theirs => thread::sleep(PAUSE),
        }
    }
    Err(())
}

/// The folder itself is locked.
#[cfg(unix)]
fn ask(folder: &Path) -> Asked {
    use std::fs::TryLockError;
    let Ok(open) = File::open(folder) else {
        return Asked::NoLocks;
    };
    match open.try_lock() {
        Ok(()) => Asked::Taken(open),
        Err(TryLockError::WouldBlock) => Asked::Theirs,
        Err(TryLockError::Error(_)) => Asked::NoLocks,
    }
}

/// A folder cannot be locked on Windows. A file can be opened so that nobody else can meanwhile, and goes when it is
/// closed, however that comes about.
#[cfg(windows)]
fn ask(folder: &Path) -> Asked {
    use std::os::windows::fs::OpenOptionsExt;
    const WRITE_AND_DELETE: u32 = 0x4000_0000 | 0x0001_0000;
    const DELETE_ON_CLOSE: u32 = 0x0400_0000;
    const SHARING_VIOLATION: i32 = 32;
    const ACCESS_DENIED: i32 = 5;
    for _ in 0..5 {
        let opened = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .access_mode(WRITE_AND_DELETE)
            .share_mode(0)
            .custom_flags(DELETE_ON_CLOSE)
            .open(folder.join(".credentials.lock"));
        match opened.map_err(|error| error.raw_os_error()) {
            Ok(held) => return Asked::Taken(held),
            Err(Some(SHARING_VIOLATION)) => return Asked::Theirs,
            // Said of a file that is just going, too.
            Err(Some(ACCESS_DENIED)) => thread::sleep(PAUSE),
            Err(_) => return Asked::NoLocks,
        }
    }
    Asked::NoLocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_holds_it_is_alone_and_leaves_no_file() {
        let home = tempfile::tempdir().unwrap();
        let held = take(home.path()).unwrap();
        assert!(held.is_some());
        assert!(matches!(ask(home.path()), Asked::Theirs));
        drop(held);
        assert!(matches!(ask(home.path()), Asked::Taken(_)));
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
    }
}
