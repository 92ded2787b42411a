//! Breadth first through every state, each once.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;

use super::Config;
use super::world::{Ctx, Kind, Move, World, Wrong};

/// What was found.
#[derive(Default)]
pub struct Found {
    pub states: usize,
    pub transitions: usize,
    /// States in which something is wrong, by what it is; and the shortest way to one.
    pub wrong: BTreeMap<Wrong, (usize, Vec<String>)>,
}

impl Found {
    /// How many states are wrong in this way.
    pub fn count(&self, kind: Kind) -> usize {
        let of = self.wrong.iter().filter(|(wrong, _)| wrong.kind == kind);
        of.map(|(_, (states, _))| states).sum()
    }
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} states, {} transitions",
            self.states, self.transitions
        )?;
        for (wrong, (states, way)) in &self.wrong {
            writeln!(f, "{:?} {:?}: {states} states", wrong.kind, wrong.what)?;
            for step in way {
                writeln!(f, "    {step}")?;
            }
        }
        Ok(())
    }
}

/// Explores everything there is. Panics where there are more states than these.
pub fn explore(config: &Config, most: usize) -> Found {
    let mut ctx = Ctx::new(*config);
    let first = World::begin(&mut ctx);
    let mut found = Found::default();
    let mut seen: HashMap<u64, (u64, Move)> = HashMap::new();
    seen.insert(first.digest(), (0, Move::Start));
    let mut queue = VecDeque::from([first]);
    while let Some(world) = queue.pop_front() {
        let here = world.digest();
        found.states += 1;
        assert!(
            found.states <= most,
            "{}: more than {most} states",
            config.name
        );
        for next in world.moves(&mut ctx) {
            for (inside, after) in world.step(&mut ctx, &next).into_iter().enumerate() {
                found.transitions += 1;
                let there = after.digest();
                let is_new = !seen.contains_key(&there);
                if !is_new && after.wrong.is_empty() {
                    continue;
                }
                let way = if inside == 0 {
                    next.clone()
                } else {
                    Move::CrashInside
                };
                let wrong = after.check(&mut ctx);
                if is_new {
                    seen.insert(there, (here, way));
                }
                let mut is_dup = false;
                for wrong in wrong {
                    is_dup |= wrong.kind == Kind::Dup;
                    let way = || {
                        let mut way = way_to(&seen, here);
                        way.push(format!("{next:?} ({inside})"));
                        way
                    };
                    let entry = found.wrong.entry(wrong);
                    entry.or_insert_with(|| (0, way())).0 += 1;
                }
                // What follows from two is no news.
                if is_new && !is_dup {
                    queue.push_back(after);
                }
            }
        }
    }
    found
}

fn way_to(seen: &HashMap<u64, (u64, Move)>, mut at: u64) -> Vec<String> {
    let mut way = Vec::new();
    while let Some((from, by)) = seen.get(&at).filter(|(from, _)| *from != 0) {
        way.push(format!("{by:?}"));
        at = *from;
    }
    way.reverse();
    way
}
