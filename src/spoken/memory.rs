//! What was said of the screen in front, so that only what differs is said again.

use std::collections::HashSet;

use super::reading::Said;

/// What was said, by the keys of its sentences.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Which screen this is about.
    screen: String,
    /// What was on it when it was last looked at.
    last: HashSet<String>,
    /// All that was said of it since the person last answered.
    heard: HashSet<String>,
}

impl Memory {
    /// Begins with another screen: nothing of it was said.
    pub(super) fn begin(&mut self, screen: &str) {
        *self = Self {
            screen: screen.to_owned(),
            ..Self::default()
        };
    }

    /// The person answered: what comes back to the page from now on is said again.
    pub(super) fn answered(&mut self) {
        self.heard = self.last.clone();
    }

    /// Counts this as said.
    pub(super) fn hush(&mut self, key: &str) {
        self.heard.insert(key.to_owned());
    }

    /// Whether it is about this screen.
    pub(super) fn knows(&self, screen: &str) -> bool {
        self.screen == screen
    }

    /// Everything is to be said again.
    pub(super) fn forget(&mut self) {
        self.last.clear();
        self.heard.clear();
    }

    /// The sentences that are news, in their order; `first` where the screen was not said yet.
    pub(super) fn news<'s>(&mut self, lines: &'s [Said]) -> Vec<&'s str> {
        let first = self.last.is_empty();
        // Two lines of one page may be the same, as in a request.
        let is_news = |said: &&Said| !self.heard.contains(&said.key) && (first || !said.is_ahead);
        let news: Vec<&Said> = lines.iter().filter(is_news).collect();
        self.heard.extend(news.iter().map(|said| said.key.clone()));
        let news = news.into_iter().map(|said| said.text.as_str()).collect();
        self.last = lines.iter().map(|said| said.key.clone()).collect();
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(texts: &[&str]) -> Vec<Said> {
        texts
            .iter()
            .map(|text| Said::new((*text).to_owned()))
            .collect()
    }

    #[test]
    fn only_what_differs_is_said_and_nothing_twice() {
        let mut memory = Memory::default();
        memory.begin("live");
        assert_eq!(memory.news(&said(&["boot", "3 seconds"])).len(), 2);
        assert_eq!(memory.news(&said(&["boot", "4 seconds"])).len(), 0);
        assert_eq!(memory.news(&said(&["boot", "pull"])), ["pull"]);
        assert_eq!(memory.news(&said(&["boot"])).len(), 0);
        assert_eq!(
            memory.news(&said(&["boot", "pull"])).len(),
            0,
            "it flickers"
        );
        memory.news(&said(&["boot"]));
        memory.answered();
        assert_eq!(memory.news(&said(&["boot", "pull"])), ["pull"]);
    }

    #[test]
    fn what_is_to_come_is_said_once_with_the_page_and_is_no_news() {
        let mut ahead = Said::new("to come: pull".to_owned());
        ahead.is_ahead = true;
        let mut memory = Memory::default();
        memory.begin("live");
        let page = [said(&["boot"]), vec![ahead.clone()]].concat();
        assert_eq!(memory.news(&page), ["boot", "to come: pull"]);
        memory.begin("live");
        memory.news(&said(&["boot"]));
        assert_eq!(memory.news(&page).len(), 0);
    }
}
