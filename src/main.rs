//! The program: reads the arguments, walks, prints the receipt. The only place that exits.

mod cli;
mod given;
mod judge;
mod papers;
mod settings;

use std::env;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use cli::{Alone, Cli, Command, Commit, Deploy, Forget, List, Log, Print, Watch};
use given::Given;
use judge::Failed;
use phala_wizard::inspect::Report;
use phala_wizard::shell::config::Config;
use phala_wizard::shell::journals;
use phala_wizard::shell::places::Places;
use phala_wizard::shell::service::{self, Service};
use phala_wizard::shell::{self, Options, demo, line, spoken};
use phala_wizard::shell::{log, process, report, terminal};
use phala_wizard::spoken::chosen::{Because, because};
use phala_wizard::theme::Colours;
use phala_wizard::wizard::Start;
use phala_wizard::wizard::event::{Exit, Outcome};
use phala_wizard::wizard::keymap::bound;

/// The program could not start, or lost its terminal.
const BROKEN: u8 = 1;

/// What was to be judged is wrong, differs, or cannot be judged.
const DOUBTFUL: u8 = 1;

/// The arguments cannot be used, or there is no terminal.
const UNUSABLE: u8 = 2;

fn main() -> ExitCode {
    report::listen();
    let arguments: Vec<_> = env::args_os().collect();
    if let Some(code) = papers::completed(&arguments) {
        return code;
    }
    // Before anything is read that others must not see.
    for exposed in process::keep_to_itself() {
        say(&mut io::stderr(), &format!("phala-wizard: note: {exposed}"));
    }
    if let Some(page) = cli::at_once::answer(&arguments, papers::columns) {
        return papers::styled(page);
    }
    let mut cli = match Cli::parse(arguments) {
        Ok(cli) => cli,
        Err(answer) => return papers::answered(&answer),
    };
    let (mut resume, mut instance) = (None, None);
    match cli.command.take() {
        Some(Command::Deploy(wanted)) => return ExitCode::from(deploy(*wanted).code()),
        Some(Command::Commit(wanted)) => return ExitCode::from(commit(*wanted).code()),
        Some(Command::Resume(wanted)) => {
            cli.profile = wanted.profile;
            cli.nodes = wanted.nodes;
            cli.face = wanted.face;
            cli.log = wanted.log;
            resume = Some(wanted.id.unwrap_or_default());
        }
        Some(Command::Watch(wanted)) => {
            if let Some(problem) = wanted.problem() {
                let outcome = line::refuse(problem, None, wanted.json, Outcome::Unusable);
                return ExitCode::from(outcome.code());
            }
            if !wanted.on_screen() {
                return ExitCode::from(watch(wanted).code());
            }
            instance = match given::instance(wanted.instance) {
                Ok(instance) => Some(instance),
                Err(why) => return ExitCode::from(unusable(&format!("{why:#}"))),
            };
            (cli.sandbox, cli.pace) = (wanted.sandbox, wanted.pace);
            (cli.profile, cli.log) = (wanted.profile, wanted.log_file);
            cli.face = wanted.face;
        }
        Some(Command::List(wanted)) => return logged(&wanted.log, "list", || list(&wanted)),
        Some(Command::Forget(wanted)) => return logged(&wanted.log, "forget", || forget(&wanted)),
        Some(Command::Login(wanted)) => {
            return logged(&wanted.log, "login", || {
                shell::signin::login(&wanted.wanted())
            });
        }
        Some(Command::Logout(wanted)) => {
            return logged(&wanted.log, "logout", || {
                shell::signin::logout(wanted.profile.clone(), wanted.json)
            });
        }
        Some(Command::Status(wanted)) => {
            return logged(&wanted.log, "status", || {
                shell::standing::tell(wanted.json, wanted.wanted())
            });
        }
        Some(Command::Sandbox(alone)) => {
            return ExitCode::from(end_of(sandbox(alone).map(|()| 0)));
        }
        Some(Command::Encrypt(wanted)) => {
            return ExitCode::from(told(wanted.print, judge::encrypt(&wanted)));
        }
        Some(Command::Check(wanted)) => {
            let (print, report) = judge::check(&wanted);
            return ExitCode::from(told(print, report));
        }
        Some(Command::Completions(wanted)) => return papers::completions(&wanted),
        Some(Command::Man(wanted)) => return papers::man(&wanted),
        Some(Command::Help(wanted)) => return papers::help(&wanted),
        Some(Command::Version(wanted)) => {
            return ExitCode::from(told(wanted.print, Ok(judge::version())));
        }
        Some(Command::Config(wanted)) => {
            let told = settings::act(&wanted);
            told.out
                .iter()
                .for_each(|line| say(&mut io::stdout(), line));
            for line in &told.wrong {
                say(&mut io::stderr(), &format!("phala-wizard: {line}"));
            }
            return ExitCode::from(told.code);
        }
        None => (),
    }
    let mode = match (&resume, &instance, &cli.sandbox) {
        (Some(_), ..) => "resume",
        (None, Some(_), _) => "watch",
        (None, None, Some(_)) => "sandbox",
        (None, None, None) => "walk",
    };
    let log = std::mem::replace(&mut cli.log, Log { file: None });
    let wanted = Wanted {
        resume,
        watch: instance,
    };
    logged(&log, mode, || on_screen(cli, wanted))
}

/// What the screen is wanted for, beside a new instance.
struct Wanted {
    resume: Option<String>,
    watch: Option<String>,
}

/// Watches an instance without a screen.
fn watch(wanted: Watch) -> Outcome {
    let instance = match given::instance(wanted.instance.clone()) {
        Ok(instance) => instance,
        Err(why) => return line::refuse(&format!("{why:#}"), None, wanted.json, Outcome::Unusable),
    };
    let options = line::Options {
        orders: wanted.orders(),
        json: wanted.json,
        token_file: None,
        profile: wanted.profile,
        places: Places::default(),
        demo: wanted.pace.options(),
    };
    let start = |here| Start {
        sandbox: wanted.sandbox,
        watch: Some(instance),
        log: wanted.log,
        ..here
    };
    by_itself("watch", &wanted.log_file, start, options)
}

/// Does it, and has the log know of its beginning and its end, where there is to be one.
fn logged(log: &Log, mode: &'static str, act: impl FnOnce() -> u8) -> ExitCode {
    if let Err(why) = begin_log(log, mode) {
        say(&mut io::stderr(), &format!("phala-wizard: {why}"));
        return ExitCode::from(UNUSABLE);
    }
    let code = act();
    log::end(code);
    ExitCode::from(code)
}

/// `mode`: what the program was started as.
fn begin_log(log: &Log, mode: &'static str) -> Result<(), String> {
    report::started_as(mode);
    match &log.file {
        Some(file) => log::begin(file, mode).map_err(|why| why.to_string()),
        None => Ok(()),
    }
}

/// The walk on the screen, or why there is none.
fn on_screen(cli: Cli, wanted: Wanted) -> u8 {
    let given = match (&wanted.resume, &wanted.watch) {
        (None, None) => given::beside(cli.recipe.as_deref()),
        _ => Ok(Given::default()),
    };
    let given = match given {
        Ok(given) => given,
        Err(why) => return unusable(&format!("{why:#}")),
    };
    let term = env::var("TERM").ok();
    let (keyboard, screen) = (io::stdin().is_terminal(), io::stdout().is_terminal());
    if let Some(problem) = cli.face.hindrance(keyboard, screen, term.as_deref()) {
        say(&mut io::stderr(), &format!("phala-wizard: {problem}"));
        let instead = cli::Face::instead(wanted.resume.as_deref(), wanted.watch.is_some());
        say(
            &mut io::stderr(),
            &format!("Without one there is:  {instead}   (--help has its options)"),
        );
        return UNUSABLE;
    }
    end_of(walk(cli, wanted, given).map(|exit| {
        for line in &exit.receipt {
            say(&mut io::stdout(), line);
        }
        exit.outcome.code()
    }))
}

/// Says why it cannot begin.
fn unusable(why: &str) -> u8 {
    say(&mut io::stderr(), &format!("phala-wizard: {why}"));
    UNUSABLE
}

fn list(wanted: &List) -> u8 {
    told(wanted.print, judge::list())
}

/// Prints a report, or why there is none. The exit code.
fn told(print: Print, report: Result<Report, Failed>) -> u8 {
    match report {
        Ok(report) => {
            if print.json {
                say(&mut io::stdout(), &report.json.to_string());
            } else {
                for line in &report.lines {
                    say(&mut io::stdout(), line);
                }
            }
            if report.is_good { 0 } else { DOUBTFUL }
        }
        Err(failed) => {
            let (code, why) = match failed {
                Failed::Unreadable(why) => (UNUSABLE, why),
                Failed::Refused(why) => (DOUBTFUL, why),
            };
            say(&mut io::stderr(), &format!("phala-wizard: {why}"));
            code
        }
    }
}

/// Puts a deployment aside, once that was agreed to.
fn forget(wanted: &Forget) -> u8 {
    let mut answer = String::new();
    if !wanted.yes {
        if !io::stdin().is_terminal() {
            say(
                &mut io::stderr(),
                "phala-wizard: it asks first, and there is nobody to ask; --yes forgets it without asking",
            );
            return UNUSABLE;
        }
        say(
            &mut io::stderr(),
            "Its commit token is dropped, and what it may have made is not known here any more. Forget it? [y/N]",
        );
        let _ = io::stdin().read_line(&mut answer);
    }
    if !wanted.yes && !matches!(answer.trim(), "y" | "Y" | "yes") {
        say(&mut io::stderr(), "It stays.");
        return DOUBTFUL;
    }
    match journals::forget(wanted.id) {
        Ok(()) => 0,
        Err(why) => {
            say(&mut io::stderr(), &format!("phala-wizard: {why}"));
            DOUBTFUL
        }
    }
}

fn end_of(done: anyhow::Result<u8>) -> u8 {
    done.unwrap_or_else(|error| {
        say(&mut io::stderr(), &format!("phala-wizard: {error:#}"));
        BROKEN
    })
}

/// Runs the sandbox alone, or says which stories it can tell.
fn sandbox(alone: Alone) -> anyhow::Result<()> {
    if alone.list {
        for (name, sentence) in demo::scenarios() {
            say(&mut io::stdout(), &format!("{name:<28}{sentence}"));
        }
        return Ok(());
    }
    service::run(Service {
        listen: alone.listen,
        scenario: alone.scenario,
        key: alone.api_key,
        options: demo::Options {
            speed: alone.speed,
            seed: alone.seed,
        },
    })
}

/// Adds an instance without a screen.
fn deploy(wanted: Deploy) -> Outcome {
    let json = wanted.waits.json;
    if let Some(problem) = wanted.problem() {
        return line::refuse(problem, None, json, Outcome::Unusable);
    }
    let orders = wanted.registering.orders();
    let given = given::alone(wanted.answers(), orders, wanted.recipe.as_deref());
    let (answers, registering) = match given {
        Ok(given) => given,
        Err((why, option)) => return line::refuse(&why, option, json, Outcome::Unusable),
    };
    let places = match places(wanted.registering.nodes.clone(), None) {
        Ok(places) => places,
        Err(why) => return line::refuse(&format!("{why}"), None, json, Outcome::Unusable),
    };
    let options = line::Options {
        orders: wanted.orders(),
        json,
        token_file: wanted.token_file,
        profile: wanted.profile,
        places,
        demo: wanted.pace.options(),
    };
    let start = |here| Start {
        sandbox: wanted.sandbox,
        answers: Some(answers),
        registering,
        ..here
    };
    by_itself("deploy", &wanted.log, start, options)
}

/// Finishes what was begun before.
fn commit(wanted: Commit) -> Outcome {
    let answers = wanted.answers();
    let resume = wanted.id.map(|id| id.to_string());
    let registering = wanted.registering();
    let json = wanted.waits.json;
    let places = match places(wanted.registering.nodes.clone(), None) {
        Ok(places) => places,
        Err(why) => return line::refuse(&format!("{why}"), None, json, Outcome::Unusable),
    };
    let options = line::Options {
        orders: wanted.orders(),
        json: wanted.waits.json,
        token_file: None,
        profile: wanted.profile,
        places,
        demo: demo::Options::default(),
    };
    let start = |here| Start {
        answers,
        resume,
        registering,
        ..here
    };
    by_itself("commit", &wanted.log, start, options)
}

fn by_itself(
    mode: &'static str,
    log: &Log,
    start: impl FnOnce(Start) -> Start,
    options: line::Options,
) -> Outcome {
    if let Err(why) = begin_log(log, mode) {
        return line::refuse(&why, Some("--log-file"), options.json, Outcome::Unusable);
    }
    let outcome = match here() {
        Ok(here) => line::run(start(here), options),
        Err(error) => line::refuse(&format!("{error:#}"), None, options.json, Outcome::Failed),
    };
    log::end(outcome.code());
    outcome
}

/// Who else than the service is asked.
fn places(nodes: cli::Nodes, pccs: Option<String>) -> anyhow::Result<Places> {
    Ok(Places::here(nodes.rpc_urls, pccs, &configured()?))
}

/// What the configuration file says. One that others can read is remarked upon.
fn configured() -> anyhow::Result<Config> {
    let configured = Config::here().map_err(|why| anyhow::anyhow!("{why}"))?;
    if let Some(remark) = configured.rpc_urls.remark() {
        say(&mut io::stderr(), &format!("phala-wizard: note: {remark}"));
    }
    Ok(configured)
}

/// A start in the current folder.
fn here() -> anyhow::Result<Start> {
    Ok(Start {
        folder: given::folder()?,
        scenarios: demo::scenarios(),
        ..Start::default()
    })
}

fn walk(cli: Cli, wanted: Wanted, given: Given) -> anyhow::Result<Exit> {
    let configured = configured()?;
    let looks = cli
        .looks
        .resolve(configured.looks, |name| env::var_os(name));
    // crossterm reads NO_COLOR by itself; the option has the last word.
    crossterm::style::force_color_output(looks.theme.colours != Colours::None);
    let places = Places::here(cli.nodes.rpc_urls, cli.pccs, &configured);
    if let Some(keys) = configured.keys {
        bound::bind(keys);
    }
    let variable = |name| env::var(name).ok();
    let plain = because(
        cli.face.is_plain(),
        configured.accessible,
        variable("ACCESSIBLE").as_deref(),
        no_screen(variable("TERM").as_deref()),
    );
    let options = Options {
        looks,
        profile: cli.profile,
        places,
        alert: configured.alert,
        demo: cli.pace.options(),
    };
    let start = Start {
        sandbox: cli.sandbox,
        resume: wanted.resume,
        watch: wanted.watch,
        answers: given.answers,
        note: given.note,
        guide: configured.guide.unwrap_or(true),
        ..here()?
    };
    match plain {
        Some(because) => spoken::run(start, options, because.sentence()),
        None => shell::run(start, options),
    }
}

/// Why the terminal cannot show a screen, where it cannot.
fn no_screen(term: Option<&str>) -> Option<Because> {
    if term == Some("dumb") {
        return Some(Because::Terminal);
    }
    (!terminal::can_show_a_screen()).then_some(Because::Console)
}

/// Prints a line. Where the terminal is gone there is no one to tell, and that is not worth a panic.
fn say(to: &mut dyn Write, line: &str) {
    let _ = writeln!(to, "{line}");
}
