//! Made-up lists: what is taken over, and what is refused with which words.

use super::*;

/// A text whose spelling no serializer would give back.
const TCB_INFO: &str = "{ \"id\":\"TDX\",\"b\" : 1.0, \"a\":\"\\u0041\" }";

fn lists() -> Lists {
    let chain = Some("-----BEGIN%20CERTIFICATE-----%0Aa%2Bb+c%0A".to_owned());
    let listed = |body: &str| Listed {
        body: body.as_bytes().to_vec(),
        chain: chain.clone(),
    };
    Lists {
        pck_crl: Listed {
            body: vec![SEQUENCE, 0],
            chain: chain.clone(),
        },
        tcb_info: listed(&format!(
            "{{\"tcbInfo\": {TCB_INFO} , \"signature\":\"00ff\", \"later\":null}}"
        )),
        qe_identity: listed("{\"signature\":\"AB\",\"enclaveIdentity\":{\"id\":\"TD_QE\"}}"),
        root_crl: Listed {
            body: b"3000\n".to_vec(),
            chain: None,
        },
    }
}

/// The words about lists after one change.
fn flaw(change: impl FnOnce(&mut Lists)) -> String {
    let mut lists = lists();
    change(&mut lists);
    Collateral::assemble(&lists).unwrap_err().to_string()
}

#[test]
fn signed_texts_are_taken_over_byte_for_byte() {
    let collateral = Collateral::assemble(&lists()).unwrap();
    let lists = collateral.lists();
    assert_eq!(lists.tcb_info, TCB_INFO);
    assert_eq!(lists.tcb_info_signature, [0, 255]);
    assert_eq!(lists.qe_identity, "{\"id\":\"TD_QE\"}");
    assert_eq!(lists.qe_identity_signature, [0xab]);
    assert_eq!(lists.pck_certificate_chain, None);
}

#[test]
fn a_plus_in_a_chain_stays_a_plus() {
    let collateral = Collateral::assemble(&lists()).unwrap();
    let expected = "-----BEGIN CERTIFICATE-----\na+b+c\n";
    assert_eq!(collateral.lists().tcb_info_issuer_chain, expected);
    assert_eq!(collateral.lists().pck_crl_issuer_chain, expected);
    assert_eq!(collateral.lists().qe_identity_issuer_chain, expected);
}

#[test]
fn a_list_of_withdrawn_certificates_may_come_as_der_and_as_hex() {
    let of = |body: &[u8]| {
        let mut lists = lists();
        lists.root_crl.body = body.to_vec();
        lists.pck_crl.body = body.to_vec();
        Collateral::assemble(&lists).unwrap()
    };
    let der = of(&[SEQUENCE, 3, 1, 2, 3]);
    assert_eq!(der.lists().root_ca_crl, [SEQUENCE, 3, 1, 2, 3]);
    assert_eq!(of(b"3003010203"), der);
    assert_eq!(of(b" 3003010203\r\n"), der);
}

#[test]
fn what_is_damaged_is_named() {
    for body in [&b"<html>"[..], b"", b"30 00", b"0300", b"\x04\x00", b"300"] {
        for part in [Part::RootCrl, Part::PckCrl] {
            let words = flaw(|lists| match part {
                Part::RootCrl => lists.root_crl.body = body.to_vec(),
                _ => lists.pck_crl.body = body.to_vec(),
            });
            assert_eq!(
                words,
                format!("{part}: the answer is neither DER nor hex of it")
            );
        }
    }
    for (body, expected) in [
        (
            "<html>",
            "(TCB info): the answer is no JSON of it: expected",
        ),
        ("{\"tcbInfo\":{},\"signature\":\"00\"", "EOF"),
        ("[]", "the answer is no JSON of it"),
        ("{}", "(TCB info): the answer has no tcbInfo"),
        (
            "{\"enclaveIdentity\":{},\"signature\":\"00\"}",
            "no tcbInfo",
        ),
        ("{\"tcbInfo\":{}}", "no signature in hex"),
        ("{\"tcbInfo\":{},\"signature\":\"0x00\"}", "no signature"),
        ("{\"tcbInfo\":{},\"signature\":\"\"}", "no signature in hex"),
        ("{\"tcbInfo\":{},\"signature\":7}", "no signature in hex"),
    ] {
        let words = flaw(|lists| lists.tcb_info.body = body.as_bytes().to_vec());
        assert!(words.contains(expected), "{body}: {words}");
    }
    let swapped = flaw(|lists| lists.qe_identity.body = lists.tcb_info.body.clone());
    assert!(
        swapped.contains("(QE identity): the answer has no enclaveIdentity"),
        "{swapped}"
    );
}

#[test]
fn an_issuer_chain_is_needed_and_bounded() {
    let none = flaw(|lists| lists.tcb_info.chain = None);
    assert!(
        none.contains("(TCB info): the issuer chain is missing"),
        "{none}"
    );
    for chain in ["", "x", "%ff-----BEGIN CERTIFICATE-----"] {
        let words = flaw(|lists| lists.pck_crl.chain = Some(chain.to_owned()));
        assert!(
            words.contains("(PCK CRL): the issuer chain holds no certificate"),
            "{words}"
        );
    }
    let long = format!("{CERTIFICATE}{}", "x".repeat(MAX_CHAIN_BYTES));
    let words = flaw(|lists| lists.qe_identity.chain = Some(long));
    assert!(words.contains("longer than one is"), "{words}");
}

#[test]
fn all_of_it_together_is_bounded() {
    let mut lists = lists();
    lists.root_crl.body = vec![SEQUENCE; MAX_COLLATERAL_BYTES];
    let bytes = lists.bytes();
    let error = Collateral::assemble(&lists).unwrap_err();
    assert_eq!(error, CollateralError::TooLarge { bytes });
}

#[test]
fn what_is_no_quote_needs_nothing_that_could_be_named() {
    for quote in [&b""[..], b"x", &[0; 5000]] {
        let error = Need::of_quote(quote).unwrap_err().to_string();
        assert!(error.starts_with("which of Intel's lists"), "{error}");
    }
    let bundle = Bundle::parse(br#"{"tcb_info":{}}"#).unwrap();
    let error = Need::of(&bundle, None).unwrap_err().to_string();
    assert!(error.ends_with("the bundle holds no quote"), "{error}");
    let bundle = Bundle::parse(br#"{"quote":"zz"}"#).unwrap();
    let error = Need::of(&bundle, None).unwrap_err().to_string();
    assert!(error.contains("the quote is unreadable"), "{error}");
}

/// A real machine's quote, as it is committed for the tests of attestation.
fn quote() -> String {
    let changes: serde_json::Value = serde_json::from_str(include_str!(
        "../../../../tests/vectors/attestation_changes.json"
    ))
    .unwrap();
    let mut vectors = changes["vectors"].as_array().unwrap().iter();
    let vector = vectors
        .find(|vector| vector["id"] == "att-pub-008")
        .unwrap();
    vector["changed"]["quote_hex"].as_str().unwrap().to_owned()
}

#[test]
fn the_machine_says_in_its_certificate_what_is_needed() {
    let need = Need {
        fmspc: [0x20, 0xa0, 0x6f, 0, 0, 0],
        ca: Ca::Platform,
    };
    let quote = quote();
    assert_eq!(Need::of_quote(&hex::decode(&quote).unwrap()), Ok(need));
    let id = "ab".repeat(20);
    let bundle = format!(
        r#"{{"instances":[{{"instance_id":"{id}","quote":"{quote}"}},{{"instance_id":"00"}}]}}"#
    );
    let bundle = Bundle::parse(bundle.as_bytes()).unwrap();
    assert_eq!(Need::of(&bundle, Some([0xab; 20])), Ok(need));
    for (instance, expected) in [
        (None, "holds 2 instances"),
        (Some([1; 20]), "does not name"),
    ] {
        let error = Need::of(&bundle, instance).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
