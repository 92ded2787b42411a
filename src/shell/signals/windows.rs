//! What a Windows console tells its programs: Ctrl-C, Ctrl-Break, and that it is closed or the session ends.

use std::io;
use std::thread;

use tokio::runtime::Builder;
use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};
use tokio::sync::mpsc::Sender;

use super::{CtrlC, LAST_WORDS, give_back};
use crate::shell::run::Input;
use crate::shell::{log, process, terminal};

/// How the console puts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    CtrlC,
    CtrlBreak,
    Close,
}

pub(super) fn listen(inbox: &Sender<Input>, meant: CtrlC) -> io::Result<()> {
    // It only passes on what others were told, so it needs no driver of its own.
    let runtime = Builder::new_current_thread().build()?;
    let (mut interrupt, mut stop) = (ctrl_c()?, ctrl_break()?);
    let (mut close, mut logoff, mut shutdown) = (ctrl_close()?, ctrl_logoff()?, ctrl_shutdown()?);
    let inbox = inbox.clone();
    let served = async move {
        let mut asked_to_leave = false;
        loop {
            let told = tokio::select! {
                _ = interrupt.recv() => Told::CtrlC,
                _ = stop.recv() => Told::CtrlBreak,
                _ = close.recv() => Told::Close,
                _ = logoff.recv() => Told::Close,
                _ = shutdown.recv() => Told::Close,
            };
            log::outside(match told {
                Told::CtrlC => "Ctrl-C",
                Told::CtrlBreak => "Ctrl-Break",
                Told::Close => "the console is closed",
            });
            let input = match told {
                // As every program that starts an editor does: these are for the editor.
                Told::CtrlC | Told::CtrlBreak if terminal::is_lent() => continue,
                Told::CtrlC if meant == CtrlC::Asks && !asked_to_leave => Input::Interrupted,
                _ if asked_to_leave => end(),
                _ => {
                    asked_to_leave = true;
                    thread::spawn(|| {
                        thread::sleep(LAST_WORDS);
                        end()
                    });
                    Input::Leave
                }
            };
            // Once the loop is over nobody listens, and nobody needs to.
            let _ = inbox.send(input).await;
        }
    };
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || runtime.block_on(served))?;
    Ok(())
}

/// Gives the terminal back and ends the process the way the system does by default.
fn end() -> ! {
    give_back();
    process::end_at_ctrl_c()
}
