use proptest::prelude::*;

use super::*;

const HEAD: &str = "services:\n  web:\n    image: nginx@sha256:00\n    ports: ['80:80']\n";

/// Line, severity mark and fact of every finding.
fn said(text: &str) -> Vec<String> {
    check(text, 0)
        .findings
        .iter()
        .map(|f| {
            let mark = if f.is_error() { 'E' } else { 'r' };
            format!(
                "{mark}{} {}",
                f.line.map_or("-".to_owned(), |l| l.to_string()),
                f.what
            )
        })
        .collect()
}

#[test]
fn a_good_text_has_no_finding() {
    let text = format!(
        "{HEAD}    container_name: web\n    volumes:\n      - data:/data\n      - /var/run/dstack.sock:/var/run/dstack.sock\n      - /var/run/docker.sock:/var/run/docker.sock:ro\n      - /proc:/host/proc\n      - ${{DIR}}:/x\n      - /anonymous\nvolumes:\n  data:\n"
    );
    assert_eq!(said(&text), [""; 0]);
    assert!(check(&text, 0).can_be_sent());
}

#[test]
fn each_fault_is_told_once_on_its_own_line() {
    let corpus: &[(&str, &[&str])] = &[
        ("", &["E- there is nothing in it"]),
        ("# only\n", &["E- there is nothing in it"]),
        ("- a\n- b\n", &["E1 this is no mapping of keys to values"]),
        ("just text\n", &["E1 this is no mapping of keys to values"]),
        ("version: '3'\n", &["E- there is no 'services:'"]),
        ("version: '3'\nservices:\n", &["E2 'services:' is empty"]),
        ("services: {}\n", &["E1 'services:' is empty"]),
        ("services: []\n", &["E1 'services:' is empty"]),
        (
            "services:\n  web:\n",
            &[
                "E2 service 'web' has nothing in it",
                "r- no service publishes a port",
            ],
        ),
        (
            "services:\n  web: nginx\n",
            &[
                "E2 service 'web' has nothing in it",
                "r- no service publishes a port",
            ],
        ),
        (
            "services:\n  web:\n    ports: ['8080:80'\n",
            &["E3 this bracket is opened here and never closed"],
        ),
        (
            "services:\n  web:\n    image: a\n  web:\n    image: b\n",
            &["E4 the key 'web' is written twice"],
        ),
        (
            "services:\n\tweb:\n",
            &["E2 a tab where only blanks may indent"],
        ),
    ];
    for (text, wanted) in corpus {
        assert_eq!(said(text), *wanted, "{text:?}");
    }
}

#[test]
fn each_fault_of_a_service_is_told_on_its_own_line() {
    // Lines count from the end of a good head of four lines.
    let corpus: &[(&str, &[&str])] = &[
        (
            "  w:\n    ports: ['1:1']\n",
            &["E5 service 'w' has no 'image:'"],
        ),
        ("  w:\n    image: ''\n", &["E5 service 'w' has no 'image:'"]),
        (
            "  w:\n    # here\n    build: ./w\n",
            &["E7 service 'w' has 'build:' but no 'image:'"],
        ),
        (
            "  w:\n    image: a@sha256:0\n    build: .\n",
            &["r7 service 'w' has 'build:' beside 'image:'"],
        ),
        (
            "    env_file: .env\n",
            &["E5 service 'web' reads 'env_file:'"],
        ),
        (
            "    env_file:\n      - path: ./a\n",
            &["E5 service 'web' reads 'env_file:'"],
        ),
        (
            "    env_file:\n      - path: ./a\n        required: false\n",
            &[],
        ),
        ("    env_file: /dstack/.decrypted-env\n", &[]),
        (
            "    volumes:\n      - ./config:/etc/app\n",
            &["r6 service 'web': bind mount ./config"],
        ),
        (
            "    volumes:\n      - ../up:/x:ro\n",
            &["r6 service 'web': bind mount ../up"],
        ),
        (
            "    volumes:\n      - ~/k:/k\n",
            &["r6 service 'web': bind mount ~/k"],
        ),
        (
            "    volumes:\n      - 'C:\\d:/d'\n",
            &["r6 service 'web': bind mount C:\\d:/d"],
        ),
        (
            "    volumes:\n      - /home/me/x:/x\n",
            &["r6 service 'web': bind mount /home/me/x"],
        ),
        (
            "    volumes:\n      - type: bind\n        source: conf\n        target: /c\n",
            &["r6 service 'web': bind mount conf"],
        ),
        (
            "    volumes:\n      - type: tmpfs\n        target: /c\n",
            &[],
        ),
        (
            "    volumes:\n      - lost:/data\n",
            &["E6 service 'web' mounts the volume 'lost', which is not declared"],
        ),
        (
            "  w:\n    image: redis\n",
            &["r6 w: no tag, so 'latest' is meant"],
        ),
        ("  w:\n    image: redis:latest\n", &["r6 w: tag 'latest'"]),
        (
            "  w:\n    image: h:5000/redis\n",
            &["r6 w: no tag, so 'latest' is meant"],
        ),
        (
            "  w:\n    image: redis:7\n  v:\n    image: redis:7\n",
            &["r6 w, v: tag, not digest"],
        ),
        ("  w:\n    image: ${IMAGE}\n", &[]),
        ("  w:\n    image: acme/api:${TAG:-1}\n", &[]),
        (
            "    platform: linux/arm64\n",
            &["r5 service 'web' asks for an ARM platform"],
        ),
        (
            "    command: echo $(date)\n",
            &["E5 a '$' that names no variable"],
        ),
        ("    command: echo $$(date)\n", &[]),
        (
            "    extends:\n      file: base.yml\n      service: b\n",
            &["E6 service 'web' extends another file"],
        ),
        (
            "include:\n  - other.yml\n",
            &["E5 'include:' names another file"],
        ),
        (
            "configs:\n  c:\n    file: ./c\n",
            &["E7 configs 'c' comes from a file"],
        ),
        ("secrets:\n  s:\n    environment: S\n", &[]),
    ];
    for (tail, wanted) in corpus {
        assert_eq!(said(&format!("{HEAD}{tail}")), *wanted, "{tail:?}");
    }
}

#[test]
fn line_ends_and_marks_are_remarked_and_kept() {
    let text = format!("\u{feff}{}", HEAD.trim_end().replace('\n', "\r\n"));
    assert_eq!(
        said(&text),
        [
            "r- the last line has no line end",
            "r1 starts with a byte order mark",
            "r1 has Windows line ends (CRLF)"
        ]
    );
    assert!(check(&text, 0).can_be_sent());
}

#[test]
fn the_limit_counts_the_script_and_is_inclusive() {
    let fits = MAX_COMBINED_BYTES - HEAD.len();
    assert!(check(HEAD, fits).can_be_sent());
    let report = check(HEAD, fits + 1);
    assert_eq!(report.combined_bytes, MAX_COMBINED_BYTES + 1);
    assert_eq!(
        report.findings[0].what,
        "204801 bytes together with the script, 204800 are allowed"
    );
    assert!(!report.can_be_sent());
    assert_eq!(counts(&report.findings), (1, 0));
}

#[test]
fn services_are_listed_with_image_and_ports() {
    let text = "services:\n  a: &a\n    image: x:1\n    ports:\n      - 80\n      - target: 90\n        published: 91\n      - target: 92\n  b:\n    <<: *a\n    image: y:1\n";
    let services = check(text, 0).services;
    let rows: Vec<_> = services
        .iter()
        .map(|s| (s.name.as_str(), s.image.as_deref(), s.line))
        .collect();
    assert_eq!(rows, [("a", Some("x:1"), 2), ("b", Some("y:1"), 9)]);
    assert_eq!(services[0].ports, ["80", "91:90", "92"]);
    assert_eq!(services[1].ports, services[0].ports);
}

#[test]
fn a_private_looking_registry_wants_a_login() {
    let image = |image: &str| {
        [Service {
            name: "a".into(),
            image: Some(image.into()),
            ports: vec![],
            line: 2,
        }]
    };
    let said = |name: &str, given: &[&str]| -> Vec<String> {
        let given: Vec<String> = given.iter().map(|g| (*g).to_owned()).collect();
        registry_remarks(&image(name), &given)
            .into_iter()
            .map(|f| f.what)
            .collect()
    };
    let login = ["DSTACK_DOCKER_USERNAME", "DSTACK_DOCKER_PASSWORD"];
    for public in [
        "nginx",
        "acme/api:1",
        "docker.io/acme/api",
        "quay.io/a/b",
        "${REG}/a/b",
    ] {
        assert_eq!(said(public, &[]), [""; 0], "{public}");
    }
    assert_eq!(
        said("ghcr.io/acme/api:1", &[]),
        ["ghcr.io looks private: needs DSTACK_DOCKER_USERNAME and DSTACK_DOCKER_PASSWORD"]
    );
    assert_eq!(
        said("ghcr.io/acme/api:1", &login),
        ["the login would go to docker.io, not to ghcr.io"]
    );
    assert_eq!(
        said(
            "ghcr.io/a/b",
            &[
                "DSTACK_DOCKER_USERNAME",
                "DSTACK_DOCKER_PASSWORD",
                "DSTACK_DOCKER_REGISTRY"
            ]
        ),
        [""; 0]
    );
    let ecr = "1.dkr.ecr.us-east-1.amazonaws.com/a:1";
    assert_eq!(said(ecr, &login).len(), 1);
    assert_eq!(said(ecr, &["DSTACK_AWS_ACCESS_KEY_ID"]), [""; 0]);
}

#[test]
fn control_characters_of_the_text_never_reach_a_sentence() {
    let report = check("services:\n  \"a\\e[31m\":\n    build: .\n", 0);
    assert!(report.findings.iter().all(|f| !f.what.contains('\u{1b}')));
    assert!(
        report.findings[0].what.contains("\\u{1b}"),
        "{:?}",
        report.findings
    );
}

proptest! {
    #[test]
    fn any_text_is_checked_without_panic(text in any::<String>()) {
        let report = check(&text, 0);
        let lines = text.lines().count().max(1);
        prop_assert!(report.findings.iter().all(|f| f.line.is_none_or(|l| l >= 1 && l <= lines + 1)));
    }

    #[test]
    fn any_mutilated_text_is_checked_without_panic(at in 0..200_usize, piece in "[\\[\\]{}:&*!|>'\"%@`\\t\\n -]{0,3}") {
        let mut text = format!("{HEAD}  w:\n    build: &b .\n    volumes: [./a:/a]\n    env_file: x\n");
        text.insert_str(at.min(text.len()), &piece);
        prop_assert!(check(&text, 0).combined_bytes >= HEAD.len());
    }
}
