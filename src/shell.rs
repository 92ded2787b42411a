//! The shell acts. Room under construction.
