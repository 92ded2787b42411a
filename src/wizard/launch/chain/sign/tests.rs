//! A key, what is found out about it, and the words that sign.
