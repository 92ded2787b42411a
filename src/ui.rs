//! The UI draws: it reads the wizard and writes a frame, and decides nothing.

use ratatui::Frame;

use crate::theme::Theme;
use crate::wizard::Wizard;

/// Draws the whole screen.
pub fn draw(_wizard: &Wizard, _theme: &Theme, _frame: &mut Frame) {}
