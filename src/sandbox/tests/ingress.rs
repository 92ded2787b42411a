//! The addresses of an instance: that they answer where it is well, and how they fail where it is not.

use super::*;

const ORIGIN: &str = "http://127.0.0.1:1";

impl Visitor {
    /// Status and text behind an address.
    fn knocked(&mut self, address: &str) -> (u16, String) {
        let request = Request {
            method: "GET".to_owned(),
            path: address.strip_prefix(ORIGIN).unwrap().to_owned(),
            ..Request::default()
        };
        let reply = self.world.ingress(self.now, &request);
        assert!(reply.content_type.starts_with("text/plain"));
        (reply.status, String::from_utf8(reply.body).unwrap())
    }

    /// The first pair of addresses that its network names.
    fn addresses(&mut self, id: &str) -> [String; 2] {
        let urls = self.get(&format!("/cvms/{id}/network"))["public_urls"].clone();
        ["app", "instance"].map(|member| urls[0][member].as_str().unwrap().to_owned())
    }
}

#[test]
fn what_the_network_names_answers() {
    let mut visitor = Visitor::to("on-chain");
    let [app, instance] = visitor.addresses("kv-cache");
    assert_ne!(app, instance);
    for address in [&app, &instance, &format!("{app}/any/page")] {
        let hello = (200, "hello from kv-cache".to_owned());
        assert_eq!(visitor.knocked(address), hello, "{address}");
    }
    visitor.post("/cvms/kv-cache/stop", &json!({}));
    visitor.wait(10.0);
    assert_eq!(visitor.knocked(&app).0, 502);
    for nobody in [
        app.replace("6379", "6380"),
        app.replace("6379", "port"),
        format!("{ORIGIN}/ingress/{}-80", "ab".repeat(20)),
        format!("{ORIGIN}/ingress"),
    ] {
        assert_eq!(visitor.knocked(&nobody).0, 404, "{nobody}");
    }
}

#[test]
fn of_several_instances_one_answers_for_the_app() {
    let mut visitor = Visitor::to("on-chain");
    let [app, first] = visitor.addresses("orders-api-1");
    visitor.post("/cvms/orders-api-1/stop", &json!({}));
    visitor.wait(10.0);
    assert_eq!(visitor.knocked(&app).1, "hello from orders-api-2");
    assert_eq!(visitor.knocked(&first).0, 502);
}

#[test]
fn an_address_fails_as_the_instance_does() {
    let restarting = "[mishap]\nphase = 'done'\n[[mishap.container]]\nservice = 'cache'\n\
                      state = 'restarting'\nstatus = ''";
    for (story, early, late) in [
        ("boot = 'gateway-degraded'", 503, 503),
        ("boot = 'containers-fail'", 502, 502),
        ("boot = 'keys-refused'", 502, 502),
        (restarting, 502, 502),
        ("", 502, 200),
    ] {
        let mut visitor = Visitor::changed(story);
        let (_, vm) = visitor.direct("kv-cache", &json!({}));
        visitor.wait(60.0);
        let uuid = vm["vm_uuid"].as_str().unwrap();
        let new = visitor.get(&format!("/cvms/{uuid}"))["endpoints"].clone();
        let known = new[0]["instance"].as_str().map(str::to_owned);
        let instance = visitor.world.cvms.last().unwrap().instance_id.clone();
        let address = format!("{ORIGIN}/ingress/{instance}-6379");
        assert!(known.is_none_or(|known| known == address));
        assert_eq!(visitor.knocked(&address).0, early, "{story}");
        visitor.wait(200.0);
        assert_eq!(visitor.knocked(&address).0, late, "{story}");
    }
}

#[test]
fn a_sandbox_without_an_address_of_its_own_makes_them_up() {
    let mut visitor = Visitor::to("on-chain");
    visitor.world.options.base_url = String::new();
    for address in visitor.addresses("kv-cache") {
        assert!(address.starts_with("https://") && address.contains("-6379.dstack-prod15."));
    }
}
