//! What may keep one waiting, on a thread of its own: disks are slow at times, and pipes wait for a writer.

/// Does it there. `None` only if that thread panicked, which ends the program anyway.
pub(super) async fn blocking<T: Send + 'static>(
    act: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    tokio::task::spawn_blocking(act).await.ok()
}
