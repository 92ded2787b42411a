//! Several nodes on the page: a line above every stage, and the rows of the confirmation.

use super::{Came, Several};
use crate::wizard::page::{Line, Mark, counted};

impl Several {
    /// How each of them is, to stand above the page; empty where there are not several.
    pub fn lines(&self) -> Vec<Line> {
        if !self.is_some() {
            return Vec::new();
        }
        let berths = self.berths.iter().enumerate();
        let berths = berths.filter(|(_, berth)| berth.came != Came::LeftOut);
        let line = berths.fold(Line::new(), |line, (index, berth)| {
            let is_here = index == self.at;
            let (mark, word) = match &berth.came {
                Came::Made(_) if is_here => (Mark::Ok, "this one"),
                Came::Made(_) => (Mark::Ok, "created"),
                Came::Refused(_) => (Mark::Bad, "refused"),
                Came::Prepared { .. } if is_here && self.confirmed => (Mark::Busy, "being created"),
                Came::Prepared { .. } => (Mark::Dot, "prepared"),
                Came::Ahead | Came::LeftOut if is_here => (Mark::Busy, "this one"),
                Came::Ahead | Came::LeftOut => (Mark::Todo, "to come"),
            };
            let name = berth.node.name.as_str();
            let line = line.mark(mark);
            let line = if is_here {
                line.strong(name)
            } else {
                line.plain(name)
            };
            line.dim(format!(" {word}   "))
        });
        vec![line, Line::new()]
    }

    /// Where they will run, in words.
    pub fn places(&self) -> String {
        let names: Vec<&str> = self.nodes().map(|node| node.name.as_str()).collect();
        names.join(", ")
    }

    /// The machines of the others that are registered in the same go.
    pub fn machine_lines(&self) -> Vec<Line> {
        let row = |(node, device): (&crate::api::types::Node, crate::api::types::DeviceId)| {
            Line::new()
                .mark(Mark::Dot)
                .plain(format!("   {}", device.short()))
                .dim(format!("   under {}, in the same go", node.name))
        };
        self.machines().map(row).collect()
    }

    /// How many instances, in words.
    pub fn counted(&self) -> String {
        counted(self.count(), "instance")
    }
}
