//! A disk that fails at the n-th operation, or stops there with the whole world, as badly as a disk may.
//!
//! It keeps two worlds: what programs see, and what is certain to be there after the power is gone. A failed sync is as
//! nasty as on real systems: the bytes stay readable, count as clean, and never reach the disk.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use phala_wizard::journal::store::disk::{Disk, DiskFile, Held, Lock, failed};
use phala_wizard::journal::trouble::{Doing, Trouble};
use zeroize::Zeroizing;

/// What happens to one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails with this number of the system, and does nothing.
    Errno(i32),
    /// It is done, and fails all the same.
    DoneAnd(i32),
    /// Half of a write is taken. Whatever is not a write fails.
    Short,
    /// The world stops after it was done as far as programs can see.
    Crash,
}

/// What is left of unsynced bytes when the world stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survives {
    Nothing,
    OneByte,
    Half,
    AllButOne,
    Everything,
    /// Room for everything, filled with half of it and zeros.
    Room,
}

impl Survives {
    pub const ALL: [Self; 6] = [
        Self::Nothing,
        Self::OneByte,
        Self::Half,
        Self::AllButOne,
        Self::Everything,
        Self::Room,
    ];
}

/// Files by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Which of the names that were changed and not synced are left: as many changes as this, from the first.
pub type Names = usize;

#[derive(Debug, Clone)]
pub struct Sim(Arc<Mutex<World>>);

#[derive(Debug, Default)]
struct World {
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    /// The names that are certain, and behind them every state since, oldest first.
    kept: Vec<BTreeMap<String, usize>>,
    locks: BTreeMap<String, (u64, String)>,
    taken: u64,
    operations: usize,
    fault: Option<(usize, Fault)>,
    crashed: bool,
    /// What would be left if the power went, after every operation that changed it; `None` while nobody watches.
    film: Option<Vec<Files>>,
}

#[derive(Debug, Default, Clone)]
struct Inode {
    seen: Vec<u8>,
    kept: Vec<u8>,
    /// Bytes that a failed sync left behind: never written.
    lost: Vec<std::ops::Range<usize>>,
}

impl Sim {
    pub fn new() -> Self {
        let world = World {
            kept: vec![BTreeMap::new()],
            ..World::default()
        };
        Self(Arc::new(Mutex::new(world)))
    }

    /// A disk on which this file lies, safe and sound.
    pub fn with(name: &str, bytes: &[u8]) -> Self {
        let sim = Self::new();
        {
            let mut world = sim.world();
            let bytes = bytes.to_vec();
            world.inodes.push(Inode {
                seen: bytes.clone(),
                kept: bytes,
                lost: Vec::new(),
            });
            world.names.insert(name.to_owned(), 0);
            world.kept = vec![world.names.clone()];
        }
        sim
    }

    /// A disk with these files on it, safe and sound.
    pub fn of(files: &Files) -> Self {
        let sim = Self::new();
        {
            let mut world = sim.world();
            for (name, bytes) in files {
                let inode = world.inodes.len();
                world.inodes.push(Inode {
                    seen: bytes.clone(),
                    kept: bytes.clone(),
                    lost: Vec::new(),
                });
                world.names.insert(name.clone(), inode);
            }
            world.kept = vec![world.names.clone()];
        }
        sim
    }

    /// From now on it is watched what would be left if the power went.
    pub fn watch(&self) {
        let mut world = self.world();
        world.film = Some(vec![world.certain()]);
    }

    /// Everything that was left at some moment since it is watched, in order.
    pub fn film(&self) -> Vec<Files> {
        self.world().film.clone().unwrap_or_default()
    }

    /// The files that are left if the power goes this moment and takes what it can.
    pub fn all_certain(&self) -> Files {
        self.world().certain()
    }

    /// Whether somebody holds a lock.
    pub fn is_locked(&self) -> bool {
        !self.world().locks.is_empty()
    }

    /// From now on, the operation of this number, from 1, goes wrong.
    pub fn plan(&self, number: usize, fault: Fault) {
        let mut world = self.world();
        world.operations = 0;
        world.fault = Some((number, fault));
    }

    /// Operations since the plan.
    pub fn operations(&self) -> usize {
        self.world().operations
    }

    /// Something else happens that the world may stop at: a request leaves, an answer comes.
    pub fn beat(&self) {
        let _ = self.step(Doing::Read, |_| Ok(()));
    }

    pub fn is_crashed(&self) -> bool {
        self.world().crashed
    }

    /// How many states of the names a crash could leave.
    pub fn name_states(&self) -> usize {
        self.world().kept.len()
    }

    /// The same disk after the power came back, with this much of what was not synced.
    pub fn after_crash(&self, names: Names, bytes: Survives) -> Self {
        let world = self.world();
        let inodes = world.inodes.iter().map(|inode| inode.left(bytes)).collect();
        let names = world.kept[names.min(world.kept.len() - 1)].clone();
        Self(Arc::new(Mutex::new(World {
            inodes,
            kept: vec![names.clone()],
            names,
            ..World::default()
        })))
    }

    /// The bytes of a file, as programs see them.
    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let world = self.world();
        Some(world.inodes[*world.names.get(name)?].seen.clone())
    }

    /// The bytes of a file that are left if the power goes this moment and takes what it can.
    pub fn certain(&self, name: &str) -> Option<Vec<u8>> {
        let world = self.world();
        Some(world.inodes[*world.kept[0].get(name)?].kept.clone())
    }

    pub fn names(&self) -> Vec<String> {
        self.world().names.keys().cloned().collect()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    /// Does one operation, or what the plan says instead.
    fn step<T>(
        &self,
        doing: Doing,
        act: impl FnOnce(&mut World) -> io::Result<T>,
    ) -> Result<T, Trouble> {
        let mut world = self.world();
        let wrong = |number: i32| failed(doing, "sim", &io::Error::from_raw_os_error(number));
        if world.crashed {
            return Err(wrong(EIO));
        }
        match world.next() {
            None => {
                let done = act(&mut world).map_err(|error| failed(doing, "sim", &error));
                world.expose();
                done
            }
            Some(Fault::Errno(number)) => Err(wrong(number)),
            Some(Fault::Short) => Err(wrong(EIO)),
            Some(fault @ (Fault::DoneAnd(_) | Fault::Crash)) => {
                let done = act(&mut world);
                world.crashed = fault == Fault::Crash;
                // What was done is let go of outside: a lock that is dropped wants the world for itself.
                drop(world);
                drop(done);
                Err(wrong(match fault {
                    Fault::DoneAnd(number) => number,
                    _ => EIO,
                }))
            }
        }
    }
}

pub const EIO: i32 = 5;
pub const ENOSPC: i32 = 28;
pub const EROFS: i32 = 30;

impl World {
    fn next(&mut self) -> Option<Fault> {
        self.operations += 1;
        let (number, fault) = self.fault?;
        (number == self.operations).then_some(fault)
    }

    fn certain(&self) -> Files {
        let names = self.kept[0].iter();
        names
            .map(|(name, inode)| (name.clone(), self.inodes[*inode].kept.clone()))
            .collect()
    }

    /// One more picture, where there is something new to be seen.
    fn expose(&mut self) {
        if self.film.is_some() {
            let now = self.certain();
            let film = self.film.get_or_insert_default();
            if film.last() != Some(&now) {
                film.push(now);
            }
        }
    }

    fn rename(&mut self, change: impl FnOnce(&mut BTreeMap<String, usize>)) {
        change(&mut self.names);
        self.kept.push(self.names.clone());
    }
}

impl Inode {
    fn sync(&mut self) {
        self.kept = self.seen.clone();
        for range in &self.lost {
            self.kept[range.clone()].fill(0);
        }
    }

    fn left(&self, survives: Survives) -> Self {
        let mut bytes = self.seen.clone();
        for range in &self.lost {
            bytes[range.clone()].fill(0);
        }
        let (sure, more) = (self.kept.len(), bytes.len() - self.kept.len());
        match survives {
            Survives::Nothing => bytes.truncate(sure),
            Survives::OneByte => bytes.truncate(sure + more.min(1)),
            Survives::Half => bytes.truncate(sure + more / 2),
            Survives::AllButOne => bytes.truncate(sure + more.saturating_sub(1)),
            Survives::Everything => {}
            Survives::Room => bytes[sure + more / 2..].fill(0),
        }
        Self {
            seen: bytes.clone(),
            kept: bytes,
            lost: Vec::new(),
        }
    }
}

impl Disk for Sim {
    fn keeps(&self) -> bool {
        true
    }

    fn list(&self) -> Result<Vec<String>, Trouble> {
        self.step(Doing::Read, |world| {
            Ok(world.names.keys().cloned().collect())
        })
    }

    fn read(&self, name: &str, most: u64) -> Result<Zeroizing<Vec<u8>>, Trouble> {
        self.step(Doing::Read, |world| {
            let inode = *world.names.get(name).ok_or(io::ErrorKind::NotFound)?;
            let bytes = world.inodes[inode].seen.clone();
            assert!(bytes.len() as u64 <= most);
            Ok(Zeroizing::new(bytes))
        })
    }

    fn create(&self, name: &str) -> Result<Box<dyn DiskFile>, Trouble> {
        let inode = self.step(Doing::Create, |world| {
            if world.names.contains_key(name) {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            let inode = world.inodes.len();
            world.inodes.push(Inode::default());
            world.rename(|names| {
                names.insert(name.to_owned(), inode);
            });
            Ok(inode)
        })?;
        Ok(Box::new(SimFile {
            sim: self.clone(),
            inode,
        }))
    }

    fn replace(&self, from: &str, to: &str) -> Result<(), Trouble> {
        self.step(Doing::Rename, |world| {
            let inode = *world.names.get(from).ok_or(io::ErrorKind::NotFound)?;
            world.rename(|names| {
                names.remove(from);
                names.insert(to.to_owned(), inode);
            });
            Ok(())
        })
    }

    fn move_to(&self, from: &str, to: &str) -> Result<(), Trouble> {
        if self.world().names.contains_key(to) {
            let taken = io::ErrorKind::AlreadyExists.into();
            return Err(failed(Doing::Rename, to, &taken));
        }
        self.replace(from, to)
    }

    fn remove(&self, name: &str) -> Result<(), Trouble> {
        self.step(Doing::Remove, |world| {
            world.rename(|names| {
                names.remove(name);
            });
            Ok(())
        })
    }

    fn sync_names(&self) -> Result<(), Trouble> {
        self.step(Doing::Sync, |world| {
            world.kept = vec![world.names.clone()];
            Ok(())
        })
    }

    fn lock(&self, name: &str, words: &str) -> Result<Lock, Trouble> {
        self.step(Doing::Lock, |world| {
            if let Some((_, words)) = world.locks.get(name) {
                return Ok(Lock::Theirs(words.clone()));
            }
            world.taken += 1;
            let number = world.taken;
            world
                .locks
                .insert(name.to_owned(), (number, words.to_owned()));
            Ok(Lock::Taken(Box::new(SimLock {
                sim: self.clone(),
                name: name.to_owned(),
                number,
            })))
        })
    }

    fn holder(&self, name: &str) -> Option<String> {
        let world = self.world();
        world.locks.get(name).map(|(_, words)| words.clone())
    }
}

#[derive(Debug)]
struct SimFile {
    sim: Sim,
    inode: usize,
}

impl DiskFile for SimFile {
    fn append(&mut self, bytes: &[u8]) -> Result<usize, Trouble> {
        let inode = self.inode;
        let number = self.sim.operations() + 1;
        let short = self.sim.world().fault == Some((number, Fault::Short));
        if short {
            let mut world = self.sim.world();
            world.operations = number;
            let half = bytes.len() / 2;
            world.inodes[inode].seen.extend_from_slice(&bytes[..half]);
            return Ok(half);
        }
        self.sim.step(Doing::Write, |world| {
            world.inodes[inode].seen.extend_from_slice(bytes);
            Ok(bytes.len())
        })
    }

    fn sync(&mut self) -> Result<(), Trouble> {
        let inode = self.inode;
        let synced = self.sim.step(Doing::Sync, |world| {
            world.inodes[inode].sync();
            Ok(())
        });
        let mut world = self.sim.world();
        if synced.is_err() && !world.crashed {
            let inode = &mut world.inodes[inode];
            let lost = inode.kept.len()..inode.seen.len();
            inode.lost.push(lost);
        }
        synced
    }

    fn is_named(&self, name: &str) -> Result<bool, Trouble> {
        let inode = self.inode;
        self.sim.step(Doing::Read, |world| {
            Ok(world.names.get(name) == Some(&inode))
        })
    }
}

#[derive(Debug)]
struct SimLock {
    sim: Sim,
    name: String,
    number: u64,
}

impl Held for SimLock {}

impl Drop for SimLock {
    fn drop(&mut self) {
        let mut world = self.sim.world();
        if world
            .locks
            .get(&self.name)
            .is_some_and(|(number, _)| *number == self.number)
        {
            world.locks.remove(&self.name);
        }
    }
}
