use proptest::prelude::*;

use super::super::names;
use super::*;

const CANARY: &str = "c4n4ry-v4lue";

fn said(text: &str) -> Vec<String> {
    let line = |f: &Finding| f.line.map_or("-".to_owned(), |l| l.to_string());
    let mark = |f: &Finding| if f.is_error() { 'E' } else { 'r' };
    check(text, 0, &[])
        .iter()
        .map(|f| format!("{}{} {}", mark(f), line(f), f.what))
        .collect()
}

#[test]
fn good_scripts_have_no_finding() {
    let scripts = [
        "#!/bin/bash\necho hi\n",
        "#!/bin/bash\nset -euo pipefail\nif [[ -n \"${A:-}\" ]]; then\n  echo \"$A\" | tee /x\nelse\n  exit 1\nfi\n",
        "#!/bin/sh\nfor i in 1 2; do echo $((i + 1)); done\ncat <<'EOF'\nit's (fine\nEOF\n",
        "#!/usr/bin/env bash\nf() {\n  local a=(\"$@\")\n  echo \"${a[@]#x}\"\n}\nf <(ls) 2>&1 >/dev/null || true\n",
        "#!/bin/bash\ncase \"$1\" in\n  a|b) echo 1 ;;\n  *) echo 2 ;;\nesac\nwhile read -r l; do :; done < f\n",
        "#!/bin/bash\nexport X=$(curl -s --unix-socket /var/run/dstack.sock http://dstack/Info | jq -j .app_id)\n",
        "#!/usr/bin/env python3\nif (: [\n",
    ];
    for script in scripts {
        assert_eq!(said(script), [""; 0], "{script}");
    }
}

#[test]
fn faults_are_told_on_their_line() {
    let corpus: &[(&str, &[&str])] = &[
        ("", &["E- the script is empty"]),
        (" \n\n", &["E- the script is empty"]),
        ("\u{feff}\n", &["E- the script is empty"]),
        ("echo hi\n", &["r1 no '#!' in the first line"]),
        (
            "\u{feff}#!/bin/bash\necho\n",
            &["E1 starts with a byte order mark"],
        ),
        (
            "#!/bin/bash\r\necho hi\r\n",
            &["E1 has Windows line ends (CRLF)"],
        ),
        (
            "#!/bin/bash\necho hi\r\n",
            &["E2 has Windows line ends (CRLF)"],
        ),
    ];
    for (script, wanted) in corpus {
        assert_eq!(said(script), *wanted, "{script:?}");
    }
}

#[test]
fn syntax_faults_stop_with_a_place() {
    let corpus = [
        "if true; then\n  echo\n",
        "a | b | c\nif true; then\n  echo\n",
        "echo \"open\n",
        "echo 'open\n",
        "for i in 1 2; do\n  echo $i\n",
        "f() {\n  echo\n",
        "echo $(date\n",
        "if true; do\n  echo\nfi\n",
        "case x in\n  a) echo\n",
        "echo )\n",
    ];
    for body in corpus {
        let findings = check(&format!("#!/bin/bash\n{body}"), 0, &[]);
        let first = findings
            .first()
            .unwrap_or_else(|| panic!("nothing found in {body:?}"));
        assert!(
            first.is_error() && first.line >= Some(2) && first.column >= Some(1),
            "{body:?} {first:?}"
        );
    }
}

#[test]
fn good_lines_of_all_kinds_are_read() {
    let lines = [
        r#"if [[ $(jq 'has("x")' /f 2>/dev/null) == "true" ]]; then :; fi"#,
        r#"printf '%s\n%s\n' "$A" "$B" | passwd root"#,
        "echo ${x//a/b} ${x^^} ${x:1:2} ${#x} ${!x} ${x@Q} ${x[@]:1}",
        "((i++))",
        "for ((i=0;i<3;i++)); do :; done",
        "arr+=(\"x\" y)",
        "cat <<-EOF\n\thi $x\n\tEOF",
        "[[ $x =~ ^[a-z]+$ ]] && echo y",
        "[[ $x =~ (a|b)\\ c ]]",
        "a=$'x\\n'",
        "local -r x=1",
        "trap 'rm -f x' EXIT",
        "{ a; b; } >f 2>&1",
        "! cmd",
        "time cmd",
        "cmd &>/dev/null &",
        "cat <<<\"x\"",
        "case x in a) b ;& c) d ;;& *) e ;; esac",
        "function f { a; }",
        "if ! [ -e x ]; then a; fi",
        "echo {1..3} {a,b}",
        "declare -A m=([a]=1 [b]=2)",
        "cat <<EOF | cmd\nx\nEOF",
        "echo $((16#ff + x ? 1 : 2))",
        "until false; do break; done",
        "cat <<EOF > f\n$(date) `x` ${y}\nEOF\necho",
        "x=`date`",
        "select x in a b; do :; done",
        "echo \"a\\\nb\"",
        "a \\\n  b",
        "[ \"$a\" = \"b\" -a -n \"$c\" ]",
        "coproc x { a; }",
        "while IFS= read -r l || [[ -n $l ]]; do :; done <<< \"$x\"",
        "x=(\n a # c\n b\n)",
        "echo $(( (a+b)*2 ))",
        "if (( a > b )); then :; fi",
        "$(cmd) x",
        "\"$X\" y",
        "export A B=c",
        "unset $X",
        "cmd 2>&1 | tee >(cat)",
        "f() ( cd x; y )",
        "[[ -n $x && ( $a == b* || $c != d ) ]]",
        "a=1 b=2 cmd",
        "diff <(a) <(b)",
        "cat << 'E O'\nx\nE O",
        "echo \"${a:-\"b c\"}\"",
        "echo \"$(echo \"$(echo 'x')\")\"",
        "echo $? $# $@ $* $$ $! $0 $- ${10}",
        "if true; then\n  # only\n  :\nfi # x",
        "while :; do\n case $1 in\n  -a) shift;;\n  --) break;;\n esac\ndone",
        "cmd || { echo x; exit 1; }",
        "[[ $a -eq 1 ]]",
        "echo ${a:?x y}",
        "echo ${a%%/*}${b##*.}",
        "timeout 5 bash -c 'x' || true",
        "cat >/etc/x <<EOF\n{\n  \"a\": \"$b\"\n}\nEOF",
        "eval \"$x\"",
        "x[1]=2",
        "echo a >&2",
        "(a; b) & wait",
        "sed -e 's/a/b/' -i x",
        "awk '{print $1}'",
        "if [ x ]; then a\nelif [ y ]; then b\nelse c\nfi",
        "[ -z \"$(grep '^root:' /etc/shadow 2>/dev/null | cut -d: -f2)\" ]",
        "let x=1+2",
        "echo ${arr[@]/#/x}",
        "read -r a b <<EOF\nx\nEOF",
        "[[ a < b ]]",
        "curl -s http://x/?a=b&c",
        "echo =",
        "echo a=b c==d",
        "dd if=/dev/zero of=x bs=1",
        "echo * ? [a-z]*",
        "echo %1 ~ ~/x ^",
        "test ! -f x",
        "for x; do :; done",
        "for x in \"$@\"\ndo\n :\ndone",
        "docker run --rm -v \"$PWD:/x\" -e A=\"$B\" img sh -c \"a && b\"",
        "if a; then b; fi || c",
        "echo \"a$\"",
        "echo a$",
        "echo \"$\"",
        "x=${y:=z}",
        "echo $[1+2]",
        "cat <<\"EOF\"\n$x\nEOF",
        "[[ ! -e x ]]",
        "echo \\$x \\\"",
        "a;b;c",
        "a && \\\n b",
        "a |& b",
        "cmd <<EOF\n$((1+2)) ${x:-y} \\$z\nEOF",
        "trap - INT",
        "exit",
        "return 0",
        "x+=1",
        "echo \"#\" a#b",
        "[[ \"$x\" == *\"y\"* ]]",
        "printf -v x '%s' y",
        "mapfile -t a < <(cmd)",
        "echo \"${x//[^a-z]/}\"",
        "echo ${x/$'\\n'/}",
        "[[ ${x,,} == y ]]",
        "echo `a \\`b\\``",
    ];
    for line in lines {
        assert_eq!(said(&format!("#!/bin/bash\n{line}\n")), [""; 0], "{line}");
    }
}

#[test]
fn what_only_bash_itself_can_read_is_a_remark() {
    for line in ["exec 3<>/dev/tcp/x/1", "shopt -s extglob; rm !(x)"] {
        let findings = check(&format!("#!/bin/bash\n{line}\necho\n"), 0, &[]);
        assert!(findings.iter().all(|f| !f.is_error()), "{line}");
    }
}

#[test]
fn a_text_that_takes_too_much_work_is_not_read_for_syntax() {
    for piece in ["<<E\n", "a|", "x=("] {
        let script = format!("#!/bin/bash\n{}", piece.repeat(200_000 / piece.len()));
        assert_eq!(shell::parse(&script).map(|_| ()), None, "{piece}");
        assert_eq!(
            said(&script).iter().filter(|s| s.starts_with('E')).count(),
            0,
            "{piece}"
        );
    }
}

/// The grammar's scanner looks letters up in a table for ASCII, and reads memory that is not its own with others.
#[test]
fn a_letter_that_is_not_ascii_is_harmless_everywhere() {
    for letter in ['\u{a0}', 'é', '\u{3000}', '😀', '\u{10ffff}'] {
        for before in [
            "echo {",
            "echo {1..",
            "echo ${",
            "$((",
            "<<",
            "[[ ",
            "case ",
        ] {
            for count in [1, 1000] {
                let text = format!("{before}{}\n", letter.to_string().repeat(count));
                let findings = check(&text, 0, &[]);
                assert!(
                    findings.iter().all(|finding| finding.line <= Some(2)),
                    "{text}"
                );
            }
        }
    }
}

#[test]
fn a_value_in_the_script_stops_and_is_never_printed() {
    let script = format!("#!/bin/bash\n\ncurl -H 'X: {CANARY}' h\n");
    let findings = check(
        &script,
        0,
        &[Secret::new(CANARY), Secret::new("bash"), Secret::new("")],
    );
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].line, Some(3));
    assert!(findings[0].is_error());
    assert!(!format!("{findings:?}").contains(CANARY));
}

#[test]
fn the_limit_counts_the_compose_file() {
    let script = "#!/bin/bash\necho\n";
    assert_eq!(check(script, MAX_COMBINED_BYTES - script.len(), &[]), []);
    assert!(check(script, MAX_COMBINED_BYTES - script.len() + 1, &[])[0].is_error());
}

#[test]
fn what_an_own_script_switches_off_is_listed() {
    let compose = "services:\n  api:\n    image: a\n    environment:\n      - H=${DSTACK_APP_DOMAIN}\n      - I=${DSTACK_APP_ID}\n";
    let used = names::used(compose);
    let given: Vec<String> = [
        "DSTACK_DOCKER_USERNAME",
        "DSTACK_DOCKER_PASSWORD",
        "DSTACK_AUTHORIZED_KEYS",
        "DSTACK_APP_ID",
    ]
    .map(str::to_owned)
    .to_vec();
    let rows = names::compare(&used, &given, None);
    let off: Vec<_> = switched_off(&used, &rows)
        .into_iter()
        .map(|f| (f.what, f.why))
        .collect();
    let told = |what: &str, why: &str| (what.to_owned(), why.to_owned());
    assert_eq!(
        off,
        [
            told(
                "DSTACK_DOCKER_USERNAME, DSTACK_DOCKER_PASSWORD (you set it)",
                "nobody would sign in to the registry: pulling a private image fails"
            ),
            told(
                "DSTACK_AUTHORIZED_KEYS (you set it)",
                "nobody would write the SSH keys: you could not sign in"
            ),
            told("${DSTACK_APP_DOMAIN} in api (line 5)", "would be blank"),
        ]
    );
    assert_eq!(switched_off(&names::used("services: {}"), &[]), []);
}

proptest! {
    #[test]
    fn any_script_is_checked_without_panic(text in any::<String>()) {
        let lines = text.split('\n').count();
        for finding in check(&format!("#!/bin/bash\n{text}"), 0, &[]) {
            prop_assert!(finding.line.is_none_or(|line| line >= 1 && line <= lines + 1));
        }
    }
}
