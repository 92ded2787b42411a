//! What a line is about: the image, port, variable, file or container it names.
//!
//! Each function takes the line as it was written and in lower case, byte for byte the same, and finds a part or
//! nothing. Whether the line means anything is decided elsewhere.

/// Words in capitals that are no variables.
const NO_VARIABLES: [&str; 20] = [
    "CRITICAL", "DEBUG", "ENOENT", "ENOSPC", "EOF", "ERROR", "FATAL", "HTTP", "HTTPS", "INFO",
    "JSON", "NONE", "NOTE", "NULL", "PANIC", "POST", "TRACE", "WARN", "WARNING", "YAML",
];

/// Nothing.
pub(super) fn none(_: &str, _: &str) -> Option<String> {
    None
}

/// An image, as it would stand in a compose file.
pub(super) fn image(body: &str, low: &str) -> Option<String> {
    const BEFORE: [(&str, &[char]); 8] = [
        ("failed to resolve reference \"", &['"']),
        ("pull access denied for ", &[',', ' ']),
        ("pull access denied: ", &[',', ' ']),
        ("manifest for ", &[' ']),
        ("image with reference ", &[' ']),
        ("token exchange failed for ", &[' ']),
        ("token exchange failed: ", &[' ']),
        ("failed to pull image \"", &['"']),
    ];
    address(body, low)
        .or_else(|| {
            BEFORE
                .iter()
                .find_map(|(before, ends)| after(body, low, before, ends))
        })
        .or_else(|| {
            let at = low.find(": not found")?;
            let word = body[..at].split_whitespace().next_back()?;
            word.contains('/').then(|| word.to_owned())
        })
        .map(|name| short(&name))
}

/// The image that `https://HOST/v2/NAME/manifests/TAG` is the address of.
fn address(body: &str, low: &str) -> Option<String> {
    let rest = &body[low.find("https://")? + 8..];
    let rest = rest.split(['"', ' ', '?']).next()?;
    let (host, path) = rest.split_once("/v2/")?;
    let (name, tag) = path
        .split_once("/manifests/")
        .or_else(|| path.split_once("/blobs/"))?;
    let tag = tag.trim_end_matches([':', ',', '/']);
    let mark = if tag.contains(':') { '@' } else { ':' };
    Some(format!("{host}/{name}{mark}{tag}"))
}

/// docker.io goes without saying.
fn short(name: &str) -> String {
    let name = name.trim_end_matches([':', ',', '.']);
    let name = name
        .strip_prefix("registry-1.docker.io/")
        .or_else(|| name.strip_prefix("docker.io/"))
        .unwrap_or(name);
    name.strip_prefix("library/").unwrap_or(name).to_owned()
}

/// The host of an address, or what a login failed at.
pub(super) fn host(body: &str, low: &str) -> Option<String> {
    after(body, low, "docker login failed: ", &[' '])
        .or_else(|| after(body, low, "https://", &['/', '"', ' ', ':', ')']))
        .map(|host| match host.as_str() {
            "registry-1.docker.io" | "auth.docker.io" | "index.docker.io" => "docker.io".to_owned(),
            _ => host,
        })
}

/// The last word of the form `address:port`.
pub(super) fn port(body: &str, _: &str) -> Option<String> {
    body.split([' ', ',', '(', ')', '"'])
        .filter_map(|word| {
            let (host, port) = word.trim_end_matches(':').rsplit_once(':')?;
            let is_host = host
                .bytes()
                .all(|b| b.is_ascii_hexdigit() || matches!(b, b'.' | b':' | b'*' | b'[' | b']'));
            let is_port = (1..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit());
            ((is_host || host == "localhost") && is_port).then(|| port.to_owned())
        })
        .next_back()
}

/// A variable that is named as such, or the first word that looks like one.
pub(super) fn variable(body: &str, low: &str) -> Option<String> {
    if let Some(name) = after(body, low, "required variable ", &[' ']) {
        return Some(name);
    }
    if let Some(at) = low.find(": unbound variable") {
        return body[..at]
            .split([' ', ':'])
            .next_back()
            .filter(|name| !name.is_empty())
            .map(str::to_owned);
    }
    body.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .find(|word| is_variable(word))
        .map(str::to_owned)
}

fn is_variable(word: &str) -> bool {
    word.len() >= 4
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && !NO_VARIABLES.contains(&word)
}

/// The first path: in quotes, or a word that begins with a slash.
pub(super) fn path(body: &str, _: &str) -> Option<String> {
    body.split(['"', '\'', ' ', '`'])
        .map(|word| word.trim_end_matches([':', ',', '.']))
        .find(|word| word.len() > 1 && (word.starts_with('/') || word.starts_with("./")))
        .map(str::to_owned)
}

/// A container, or the service it is of.
pub(super) fn container(body: &str, low: &str) -> Option<String> {
    after(body, low, "service \"", &['"'])
        .or_else(|| after(body, low, "container ", &[' ', ',']))
        .map(|name| service(&name).to_owned())
}

/// The service that `/dstack-api-1` is a container of.
pub(super) fn service(name: &str) -> &str {
    let name = name.trim_start_matches('/');
    let name = name.strip_prefix("dstack-").unwrap_or(name);
    match name.rsplit_once('-') {
        Some((service, number))
            if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) =>
        {
            service
        }
        _ => name,
    }
}

/// A number a program ended with.
pub(super) fn exit_code(body: &str, low: &str) -> Option<String> {
    [
        "status=",
        "exit status: ",
        "exit status ",
        "exit code: ",
        "exit code ",
        "exited (",
        "exited with code ",
    ]
    .iter()
    .find_map(|before| after(body, low, before, &['/', ')', ' ', ',', '.', ';']))
    .filter(|code| code.bytes().all(|b| b.is_ascii_digit()))
}

/// The program the kernel killed.
pub(super) fn process(body: &str, low: &str) -> Option<String> {
    let rest = &body[low.find("killed process")?..];
    let (_, name) = rest.split_once('(')?;
    name.split_once(')').map(|(name, _)| name.to_owned())
}

/// A program that is not there.
pub(super) fn command(body: &str, low: &str) -> Option<String> {
    if let Some(name) = after(body, low, "exec: \"", &['"']) {
        return Some(name);
    }
    let at = low
        .find(": command not found")
        .or_else(|| low.find(": not found"))?;
    body[..at]
        .split([' ', ':'])
        .next_back()
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
}

/// What docker compose says of the file, without the file's own name.
pub(super) fn complaint(body: &str, _: &str) -> Option<String> {
    let words = match body.split_once("docker-compose.yaml: ") {
        Some((_, words)) => words,
        None => body,
    };
    (!words.is_empty()).then(|| words.to_owned())
}

/// What stands after the last colon.
pub(super) fn reason(body: &str, _: &str) -> Option<String> {
    let (_, words) = body.rsplit_once(": ")?;
    let words = words.trim();
    (!words.is_empty()).then(|| words.to_owned())
}

/// What stands between these words and the first of these ends.
fn after(body: &str, low: &str, before: &str, ends: &[char]) -> Option<String> {
    let rest = &body[low.find(before)? + before.len()..];
    let found = rest.split(ends).next()?;
    (!found.is_empty()).then(|| found.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Find = fn(&str, &str) -> Option<String>;

    #[test]
    fn what_a_line_is_about() {
        let cases: [(Find, &str, &str); 19] = [
            (
                image,
                "Error Head \"https://ghcr.io/v2/acme/api/manifests/1.8.2\": denied",
                "ghcr.io/acme/api:1.8.2",
            ),
            (
                image,
                "Get https://registry-1.docker.io/v2/library/nginx/manifests/sha256:ab: x",
                "nginx@sha256:ab",
            ),
            (
                image,
                "pull access denied for acme/api, repository does not exist",
                "acme/api",
            ),
            (
                image,
                "manifest for acme/api:9 not found: manifest unknown",
                "acme/api:9",
            ),
            (
                image,
                "failed to resolve reference \"docker.io/acme/api:9\": x",
                "acme/api:9",
            ),
            (image, "docker.io/acme/api:9: not found", "acme/api:9"),
            (host, "Docker login failed: ghcr.io", "ghcr.io"),
            (
                host,
                "Get \"https://registry-1.docker.io/v2/\": x",
                "docker.io",
            ),
            (
                port,
                "Bind for 0.0.0.0:8080 failed: port is already allocated",
                "8080",
            ),
            (
                port,
                "Error: listen EADDRINUSE: address already in use :::3000",
                "3000",
            ),
            (variable, "The \"API_KEY\" variable is not set.", "API_KEY"),
            (
                variable,
                "/dev/fd/63: line 4: token: unbound variable",
                "token",
            ),
            (variable, "ERROR: DATABASE_URL must be set", "DATABASE_URL"),
            (
                path,
                "error mounting \"/dstack/a.toml\" to rootfs",
                "/dstack/a.toml",
            ),
            (
                container,
                "dependency failed to start: container dstack-my-db-1 exited (1)",
                "my-db",
            ),
            (
                exit_code,
                "Main process exited, code=exited, status=7/NOTRUNNING",
                "7",
            ),
            (
                process,
                "Out of memory: Killed process 812 (node) total-vm:1kB",
                "node",
            ),
            (command, "/dev/fd/63: line 9: jqq: command not found", "jqq"),
            (
                reason,
                "Boot denied: TCB status is not up to date",
                "TCB status is not up to date",
            ),
        ];
        for (find, line, expected) in cases {
            let found = find(line, &line.to_ascii_lowercase());
            assert_eq!(found.as_deref(), Some(expected), "{line}");
        }
    }
}
