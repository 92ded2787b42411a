//! Somebody else's hands in the folder: whatever they put there is refused with a reason, or narrowed to its owner.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use phala_wizard::journal::found::{Aside, NotLocked};
use phala_wizard::journal::reader;
use phala_wizard::journal::record::{Choice, Decision, End, Intent, PrepareSent};
use phala_wizard::journal::store::{NotOpened, Store};
use phala_wizard::journal::trouble::{Cause, Trouble, WriteFailed};
use tempfile::TempDir;

use super::life::{TOKEN, app, at, intent, prepared};

/// Whether a trouble is the one that was expected.
type Expected = fn(&Trouble) -> bool;

/// A way to spoil a file or folder.
type Spoil = fn(&Path);

/// A way to lead a name somewhere else.
type Trap = fn(&Path, &Path);

/// A folder that is about to be used, under a mask that forbids nothing to anybody.
fn place() -> (TempDir, PathBuf) {
    // For the whole process, and never taken back: whatever is created here has to be narrow by itself.
    rustix::process::umask(rustix::fs::Mode::empty());
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    (dir, state)
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}

/// An intent on the disk that is not closed, and its file.
fn begun(state: &Path) -> (Store, Intent, PathBuf) {
    let store = Store::open(state).unwrap();
    let intent = intent(1, false);
    let lock = store.lock(app(), 1).unwrap();
    store.begin(lock, intent.clone(), at(1)).unwrap();
    let file = state.join("intents").join(format!("{}.jnl", intent.id));
    (store, intent, file)
}

#[test]
fn everything_is_for_its_owner_alone_whatever_the_mask_says() {
    let (_dir, state) = place();
    let (store, intent, file) = begun(&state);
    let lock = store.lock(app(), 1).unwrap();
    let mut journal = store.reopen(lock, intent.id).unwrap();
    journal.append(PrepareSent::first(), at(2)).unwrap();
    journal.append(prepared(1), at(3)).unwrap();
    for folder in ["", "intents", "locks"] {
        assert_eq!(mode(&state.join(folder)), 0o700, "{folder}");
    }
    let lock = state.join("locks").join(format!("{}.lock", app()));
    assert_eq!((mode(&file), mode(&lock)), (0o600, 0o600));
    assert!(holds_token(&file));
    journal.close(End::Forgotten, at(4)).unwrap();
    assert_eq!(mode(&file), 0o600);
    let left: Vec<_> = fs::read_dir(state.join("intents")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(!holds_token(&file));
}

fn holds_token(file: &Path) -> bool {
    let bytes = fs::read(file).unwrap();
    let mut parts = bytes.windows(TOKEN.len());
    parts.any(|part| part == TOKEN.as_bytes())
}

#[test]
fn a_folder_that_is_not_ours_alone_is_refused_and_told_what_to_do() {
    let link: Expected = |trouble| matches!(trouble, Trouble::Link { .. });
    let open: Expected = |trouble| matches!(trouble, Trouble::Open { .. });
    let no_folder: Expected = |trouble| matches!(trouble, Trouble::NotAFolder { .. });
    let mut cases = 0;
    for below in ["", "intents", "locks"] {
        let spoil: [(&str, Spoil, Expected); 5] = [
            (
                "link",
                |path| {
                    let real = path.with_extension("real");
                    fs::rename(path, &real).unwrap();
                    symlink(&real, path).unwrap();
                },
                link,
            ),
            ("777", |path| chmod(path, 0o777), open),
            ("750", |path| chmod(path, 0o750), open),
            (
                "file",
                |path| {
                    fs::remove_dir_all(path).unwrap();
                    fs::write(path, "").unwrap();
                },
                no_folder,
            ),
            (
                "pipe",
                |path| {
                    fs::remove_dir_all(path).unwrap();
                    pipe(path);
                },
                no_folder,
            ),
        ];
        for (what, spoil, expected) in spoil {
            let (_dir, state) = place();
            drop(Store::open(&state).unwrap());
            let folder = match below {
                "" => state.clone(),
                below => state.join(below),
            };
            spoil(&folder);
            let trouble = Store::open(&state).unwrap_err();
            assert!(expected(&trouble), "{below} {what}: {trouble}");
            let last = if below.is_empty() { "state" } else { below };
            assert!(trouble.to_string().contains(last), "{trouble}");
            cases += 1;
        }
    }
    println!("{cases} folders refused");
    assert_eq!(cases, 15);
}

#[test]
fn a_file_that_is_not_ours_alone_is_not_read_and_not_moved() {
    let traps: [(&str, Trap, Expected); 4] = [
        (
            "link",
            |file, outside| symlink(outside, file).unwrap(),
            |trouble| matches!(trouble, Trouble::Link { .. }),
        ),
        (
            "hard link",
            |file, outside| fs::hard_link(outside, file).unwrap(),
            |trouble| matches!(trouble, Trouble::Linked { names: 2, .. }),
        ),
        (
            "pipe",
            |file, _| pipe(file),
            |trouble| matches!(trouble, Trouble::NotAFile { .. }),
        ),
        (
            "folder",
            |file, _| fs::create_dir(file).unwrap(),
            |trouble| matches!(trouble, Trouble::NotAFile { .. }),
        ),
    ];
    for (what, set, expected) in traps {
        let (dir, state) = place();
        let (store, intent, file) = begun(&state);
        let outside = dir.path().join("outside");
        fs::rename(&file, &outside).unwrap();
        chmod(&outside, 0o644);
        set(&file, &outside);

        let unfinished = store.unfinished().unwrap();
        assert!(unfinished.found.is_empty(), "{what}");
        let aside = &unfinished.set_aside[0];
        let Aside::Disk(trouble) = &aside.why else {
            panic!("{what}: {aside:?}");
        };
        assert!(expected(trouble), "{what}: {trouble}");
        assert_eq!(aside.moved_to, None, "{what}");

        let lock = store.lock(app(), 1).unwrap();
        let reopened = store.reopen(lock, intent.id).unwrap_err();
        assert!(
            matches!(reopened, NotOpened::SetAside(_)),
            "{what}: {reopened}"
        );
        // And nothing new is begun over it.
        let lock = store.lock(app(), 1).unwrap();
        let begun = store.begin(lock, intent, at(2)).unwrap_err();
        let WriteFailed::Disk(Trouble::Failed { cause, .. }) = &begun else {
            panic!("{what}: {begun}");
        };
        assert_eq!(*cause, Cause::Exists, "{what}");
        assert_eq!(mode(&outside), 0o644, "{what}");
        assert!(fs::symlink_metadata(&file).is_ok(), "{what}");
    }
}

#[test]
fn a_lock_that_is_not_ours_alone_is_refused() {
    let traps: [(&str, Trap); 3] = [
        ("link", |file, outside| symlink(outside, file).unwrap()),
        ("hard link", |file, outside| {
            fs::hard_link(outside, file).unwrap();
        }),
        ("pipe", |file, _| pipe(file)),
    ];
    for (what, set) in traps {
        let (dir, state) = place();
        let store = Store::open(&state).unwrap();
        let outside = dir.path().join("outside");
        fs::write(&outside, "untouched").unwrap();
        set(
            &state.join("locks").join(format!("{}.lock", app())),
            &outside,
        );
        let refused = store.lock(app(), 1).unwrap_err();
        assert!(matches!(refused, NotLocked::Disk(_)), "{what}: {refused}");
        assert_eq!(fs::read_to_string(&outside).unwrap(), "untouched", "{what}");
    }
}

#[test]
fn a_link_where_a_new_file_belongs_is_not_followed() {
    let (dir, state) = place();
    let store = Store::open(&state).unwrap();
    let intent = intent(1, false);
    let outside = dir.path().join("outside");
    let file = state.join("intents").join(format!("{}.jnl", intent.id));
    symlink(&outside, &file).unwrap();
    let lock = store.lock(app(), 1).unwrap();
    assert!(store.begin(lock, intent, at(1)).is_err());
    assert!(!outside.exists());
}

#[test]
fn a_file_that_is_wider_than_it_should_be_is_narrow_again_when_it_is_written() {
    let (_dir, state) = place();
    let (store, intent, file) = begun(&state);
    chmod(&file, 0o644);
    let lock = store.lock(app(), 1).unwrap();
    let mut journal = store.reopen(lock, intent.id).unwrap();
    journal.append(PrepareSent::first(), at(2)).unwrap();
    assert_eq!(mode(&file), 0o600);
}

fn begun_file(state: &Path) -> PathBuf {
    let mut files = fs::read_dir(state.join("intents")).unwrap();
    files.next().unwrap().unwrap().path()
}

#[test]
fn what_belongs_to_another_user_is_refused() {
    let (_dir, state) = place();
    let (store, _, file) = begun(&state);
    if !rustix::process::geteuid().is_root() {
        println!("left out: only root can give a file to another user");
        return;
    }
    chown(&file, Some(1), None).unwrap();
    let unfinished = store.unfinished().unwrap();
    let why = &unfinished.set_aside[0].why;
    let foreign = |trouble: &Trouble| matches!(trouble, Trouble::Foreign { owner: 1, .. });
    assert!(
        matches!(why, Aside::Disk(trouble) if foreign(trouble)),
        "{why}"
    );
    for below in ["intents", "locks", ""] {
        chown(state.join(below), Some(1), None).unwrap();
        let trouble = Store::open(&state).unwrap_err();
        assert!(foreign(&trouble), "{below}: {trouble}");
        chown(state.join(below), Some(0), None).unwrap();
    }
}

#[test]
fn a_file_that_is_removed_or_replaced_takes_no_more_records() {
    let spoil: [(&str, Spoil); 3] = [
        ("removed", |file| fs::remove_file(file).unwrap()),
        ("replaced", |file| {
            fs::rename(file, file.with_extension("old")).unwrap();
            fs::copy(file.with_extension("old"), file).unwrap();
        }),
        ("linked", |file| {
            fs::hard_link(file, file.with_extension("two")).unwrap();
        }),
    ];
    for (what, spoil) in spoil {
        let (_dir, state) = place();
        let store = Store::open(&state).unwrap();
        let lock = store.lock(app(), 1).unwrap();
        let mut journal = store.begin(lock, intent(1, false), at(1)).unwrap();
        spoil(&begun_file(&state));
        let failed = journal.append(PrepareSent::first(), at(2)).unwrap_err();
        assert_eq!(failed, WriteFailed::Gone, "{what}");
        let failed = journal.append(PrepareSent::first(), at(2)).unwrap_err();
        assert_eq!(failed, WriteFailed::Poisoned, "{what}");
    }
}

/// How often a name is made to lead somewhere else.
const SWAPS: usize = 2_000;

/// Makes a name lead to a sound file, out by a link, out by a second name, and into a pipe, over and over, while `round`
/// is played again and again.
fn while_swapped(name: &Path, [linked, named]: [&Path; 2], sound: &[u8], mut round: impl FnMut()) {
    let aside = linked.with_extension("next");
    let waiting = linked.with_extension("pipe");
    pipe(&waiting);
    let (done, left, rounds) = (
        AtomicBool::new(false),
        AtomicBool::new(false),
        AtomicUsize::new(0),
    );
    thread::scope(|scope| {
        scope.spawn(|| {
            for swap in 0..SWAPS {
                match swap % 4 {
                    0 => fs::write(&aside, sound).unwrap(),
                    1 => symlink(linked, &aside).unwrap(),
                    2 => fs::hard_link(named, &aside).unwrap(),
                    _ => fs::hard_link(&waiting, &aside).unwrap(),
                }
                fs::rename(&aside, name).unwrap();
                // Renaming one name of a file to another of it does nothing.
                let _ = fs::remove_file(&aside);
                // Now and then nothing changes for a whole round: there is something to read and to write, too.
                let seen = rounds.load(Ordering::Relaxed);
                while swap % 40 == 0
                    && rounds.load(Ordering::Relaxed) < seen + 2
                    && !left.load(Ordering::Relaxed)
                {
                    thread::yield_now();
                }
            }
            done.store(true, Ordering::Relaxed);
        });
        let _leaving = SetOnDrop(&left);
        while !done.load(Ordering::Relaxed) {
            rounds.fetch_add(1, Ordering::Relaxed);
            round();
        }
    });
}

/// Two files outside, of this content, that everybody may read.
fn outside(dir: &TempDir, content: [&[u8]; 2]) -> [PathBuf; 2] {
    let paths = ["linked", "named"].map(|name| dir.path().join(name));
    for (path, content) in paths.iter().zip(content) {
        fs::write(path, content).unwrap();
        chmod(path, 0o644);
    }
    paths
}

#[test]
fn a_journal_whose_name_leads_elsewhere_all_the_time_is_never_left() {
    let (dir, state) = place();
    let (store, intended, file) = begun(&state);
    let sound = fs::read(&file).unwrap();
    // What lies outside would be read as this very intent, but for where it is.
    let canary = |base: &str| {
        let mut other = intended.clone();
        other.facts.api_base = base.into();
        reader::begin(&other, &at(1)).unwrap().to_vec()
    };
    let (linked, named) = (
        canary("https://linked.example"),
        canary("https://named.example"),
    );
    let paths = outside(&dir, [&linked, &named]);

    let (mut read, mut refused, mut written, mut named_read) = (0, 0, 0, 0);
    while_swapped(&file, [&paths[0], &paths[1]], &sound, || {
        // A second name that is being taken away this very moment cannot be told from none: its content is read, as if
        // it had been put here, and nothing is written to it. What is behind a link is never read.
        let mut check = |found: &Intent| {
            named_read += usize::from(found.facts.api_base.as_str() == "https://named.example");
            assert_ne!(found.facts.api_base.as_str(), "https://linked.example");
        };
        for found in store.unfinished().unwrap().found {
            check(found.state.intent());
            read += 1;
        }
        let lock = store.lock(app(), 1).unwrap();
        let Ok(mut journal) = store.reopen(lock, intended.id) else {
            refused += 1;
            return;
        };
        check(journal.state().intent());
        let decision = Decision {
            choice: Choice::SendAgain,
            facts: Vec::new(),
        };
        match journal.append(decision, at(2)) {
            Ok(_) => written += 1,
            Err(_) => refused += 1,
        }
    });
    for (path, content) in paths.iter().zip([linked, named]) {
        assert_eq!(fs::read(path).unwrap(), content);
        assert_eq!(mode(path), 0o644);
    }
    for entry in fs::read_dir(state.join("intents")).unwrap() {
        let path = entry.unwrap().path();
        let about = fs::symlink_metadata(&path).unwrap();
        let ours = about.is_file() && about.nlink() == 1 && path != file;
        assert!(!ours || mode(&path) == 0o600, "{}", path.display());
    }
    println!(
        "{SWAPS} swaps: {read} read ({named_read} while their second name went), {written} written, {refused} refused, \
         0 escapes"
    );
    assert!(read > 0 && written > 0 && refused > 0);
}

#[test]
fn a_lock_whose_name_leads_elsewhere_all_the_time_writes_nowhere_else() {
    let (dir, state) = place();
    let store = Store::open(&state).unwrap();
    for name in ["lock", "lock.who", "lock.who.new"] {
        let paths = outside(&dir, [b"untouched", b"untouched"]);
        let file = state.join("locks").join(format!("{}.{name}", app()));
        let (mut taken, mut refused) = (0, 0);
        while_swapped(&file, [&paths[0], &paths[1]], b"", || {
            match store.lock(app(), 1) {
                Ok(_) => taken += 1,
                Err(_) => refused += 1,
            }
        });
        for path in &paths {
            assert_eq!(fs::read_to_string(path).unwrap(), "untouched", "{name}");
            assert_eq!(mode(path), 0o644, "{name}");
        }
        fs::remove_file(paths[0].with_extension("pipe")).unwrap();
        let _ = fs::remove_file(&file);
        println!("{SWAPS} swaps of {name}: {taken} locks taken, {refused} refused, 0 escapes");
        assert!(taken > 0, "{name}");
    }
}

/// Nobody waits for a round of a test that has failed.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
