//! Journeys in plain lines.
