//! In Kubernetes: `deploy/kubernetes.yml` on volumes that are made as a kubelet makes them, and what becomes of others.

#![expect(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use genome_test_support::kubelet::{Node, USER};
use genome_test_support::server::Server;
use genome_test_support::{Draft, Ran, Release, assert_ran, has, policy, repository, run, say};
use serde_json::{Value, json};
use std::fs;
use std::process::Command;

/// The documents of the file; `None` where nobody can read YAML, which is said.
fn documents() -> Option<Vec<Value>> {
    if !has("python3") {
        return None;
    }
    let code = "import json, sys, yaml; json.dump(list(yaml.safe_load_all(sys.stdin)), sys.stdout)";
    let mut python = Command::new("sh");
    let ran = run(python.args(["-c", "exec python3 -c \"$0\" < deploy/kubernetes.yml", code]).current_dir(repository()));
    if ran.stderr.contains("No module named 'yaml'") && std::env::var_os("CI").is_none_or(|ci| ci != "true") {
        say("SKIPPED, python3 has no yaml\n");
        return None;
    }
    assert_eq!(ran.status, Some(0), "{ran:?}");
    Some(serde_json::from_str(&ran.stdout).unwrap())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// The pod of the file, on a node.
struct Pod {
    node: Node,
    spec: Value,
    release: Release,
}

impl Pod {
    fn start() -> Option<Self> {
        let spec = documents()?.pop().unwrap()["spec"]["template"]["spec"].clone();
        let release = Release::deployed();
        let node = Node::new()?;
        for volume in list(&spec["volumes"]) {
            let kind = volume.as_object().unwrap().keys().find(|key| *key != "name").unwrap();
            node.does(&format!("volume {} {kind}", text(&volume["name"])));
        }
        node.does("give state g+rw g+rwxs");
        node.publish("genome", "2026_11_29_08_00_00.1", 0o644, &[("genome.json", &release.read("etc/genome.json"))]);
        node.publish("trust", "2026_11_29_08_00_00.2", 0o644, &[("trust.json", &release.read("trust.json"))]);
        // The files of the manifest are in the image.
        let files = release.path().display();
        node.does(&format!("mkdir -p \"$root/opt/mathison\" && cd {files} && cp -R app.js lib empty \"$root/opt/mathison\""));
        let pod = Self { node, spec, release };
        let [init] = list(&pod.spec["initContainers"]) else { panic!("not one init container") };
        pod.mount(init);
        // Each start runs it, also where it has been before.
        for _ in 0..2 {
            let command: Vec<&str> = list(&init["command"]).iter().map(text).collect();
            assert_ran(&run(pod.node.container(command[0]).args(&command[1..])), 0, "");
        }
        pod.node.does("umount \"$root/volume\"");
        pod.mount(pod.server());
        pod.node.does("mount -o remount,bind,ro \"$root\"");
        Some(pod)
    }

    fn server(&self) -> &Value {
        let [server] = list(&self.spec["containers"]) else { panic!("not one container") };
        server
    }

    /// Mounts what a container has.
    fn mount(&self, container: &Value) {
        for mount in list(&container["volumeMounts"]) {
            let (name, path) = (text(&mount["name"]), text(&mount["mountPath"]));
            let volume = list(&self.spec["volumes"]).iter().find(|volume| volume["name"] == name).unwrap();
            // The kubelet mounts these for reading only, whatever the mount says.
            let is_read = ["projected", "configMap", "secret"].iter().any(|kind| volume.get(kind).is_some());
            let options = if is_read || mount["readOnly"] == true { "ro" } else { "rw" };
            self.node.does(&format!("bind {name} {path} {options} {}", mount["subPath"].as_str().unwrap_or_default()));
        }
    }

    /// A program in the container of the server, in its environment.
    fn program(&self, name: &str) -> Command {
        let mut command = self.node.container(name);
        for variable in list(&self.server()["env"]) {
            command.env(text(&variable["name"]), text(&variable["value"]));
        }
        command
    }

    fn verify(&self, arguments: &[&str]) -> Ran {
        run(self.program("genome-verify").args(["--format", "json"]).args(arguments))
    }

    /// The server as the image starts it, but for its address.
    fn serve(&self) -> Server {
        let arguments: Vec<&str> = list(&self.server()["args"]).iter().map(text).collect();
        assert_eq!(arguments, ["--listen", "0.0.0.0:7070"]);
        Server::start(self.program("genome-server").arg("--production"))
    }

    fn probe(&self, server: &Server, kind: &str) -> (u16, Value) {
        let reply = server.get(text(&self.server()[kind]["httpGet"]["path"]));
        (reply.status, reply.json())
    }
}

#[test]
fn the_recipe_runs_on_what_a_kubelet_mounts() {
    let Some(pod) = Pod::start() else { return };
    let ran = pod.verify(&[]);
    assert_eq!(ran.codes(), [""; 0], "{ran:?}");
    assert_eq!(ran.report()["genome"]["trust"], "pinned");
    let server = pod.serve();
    assert_eq!(pod.probe(&server, "readinessProbe").0, 200);
    assert_eq!(pod.probe(&server, "livenessProbe"), (200, server.get("/health").json()));
    assert_eq!(server.get("/health").json()["status"], "ok");
    assert_eq!(server.get("/genome").json()["version"], "1.2.0");

    // The ConfigMap gets the next genome, whose lineage is beside it: the kubelet swaps a link.
    let (old, next) = (pod.release.read("etc/genome.json"), Release::draft().with("version", "1.3.0").signed(&[1]));
    pod.node.publish("genome", "2026_11_29_09_00_00.3", 0o644, &[("genome.json", &next), ("v1.2.0.json", &old)]);
    let (status, health) = pod.probe(&server, "livenessProbe");
    assert_eq!((status, &health["status"]), (200, &json!("degraded")), "{health}");
    server.stop();
    let server = pod.serve();
    assert_eq!(server.get("/genome").json()["version"], "1.3.0");
    assert_eq!(server.get("/health").json()["status"], "ok");
    server.stop();

    // And an older one again, which the state remembers.
    pod.node.publish("genome", "2026_11_29_10_00_00.4", 0o644, &[("genome.json", &old)]);
    assert_eq!(pod.verify(&[]).codes(), ["GENOME_ROLLBACK"]);
}

/// The parent is in the same `ConfigMap`, or in that of the version before.
#[test]
fn ancestors_are_found_through_the_links_of_a_volume() {
    let Some(node) = Node::new() else { return };
    let first = Draft::new("1.0.0", &[2], 1);
    let second = Draft::new("1.1.0", &[3], 1).after(&[&first]);
    let (first, second, trust) = (first.signed(&[1, 2]), second.signed(&[2, 3]), policy(&[1], 1, &json!({})));
    node.does("volume both projected; volume v1 projected; volume v2 projected; volume trust projected");
    node.publish("both", "a", 0o644, &[("v1/genome.json", &first), ("v2/genome.json", &second)]);
    node.publish("v1", "a", 0o644, &[("genome.json", &first)]);
    node.publish("v2", "a", 0o644, &[("genome.json", &second)]);
    node.publish("trust", "a", 0o644, &[("trust.json", &trust)]);
    node.does("bind both /etc/both ro; bind v1 /etc/apart/v1 ro; bind v2 /etc/apart/v2 ro; bind trust /etc/trust ro");
    let verify = |paths: &[&str]| {
        let mut verify = node.container("genome-verify");
        run(verify.args(["--format", "json", "--trust", "/etc/trust/trust.json"]).args(paths))
    };
    for path in ["/etc/both/v2/genome.json", "/etc/apart/v2/genome.json"] {
        let ran = verify(&[path]);
        assert_eq!(ran.codes(), [""; 0], "{path}: {ran:?}");
        assert_eq!(ran.report()["genome"]["trust"], "lineage", "{ran:?}");
    }
    // Each genome once, under the name that is for people.
    for (directory, found) in [
        ("/etc/both", ["/etc/both/v1/genome.json", "/etc/both/v2/genome.json"]),
        ("/etc/apart", ["/etc/apart/v1/genome.json", "/etc/apart/v2/genome.json"]),
    ] {
        let ran = verify(&[directory]);
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        let files: Vec<&str> = list(&report["genomes"]).iter().map(|genome| text(&genome["path"])).collect();
        assert_eq!((ran.status, &files[..]), (Some(0), &found[..]), "{ran:?}");
    }
}

/// Production says that nobody else can change what decides: on none of these volumes that is so, and the hint is what works there.
#[test]
fn volumes_that_others_can_write_are_refused_with_what_works_there() {
    let Some(node) = Node::new() else { return };
    let release = Release::deployed();
    node.does(&format!(
        "mkdir -p \"$root/opt/app\" && cd {} && cp -R app.js lib empty trust.json etc \"$root/opt/app\"",
        release.path().display()
    ));
    node.does(
        "volume map configMap; volume empty emptyDir; volume group persistentVolumeClaim; volume shift persistentVolumeClaim",
    );
    node.publish("map", "a", 0o644, &[("genome.json", &release.read("etc/genome.json"))]);
    // As with fsGroup, and as OpenShift's images are made, for a user of any number in the group of root.
    node.does("give group g+rw g+rwxs; chmod 0775 \"$node/volumes/shift\"");
    node.does("bind map /map ro; bind empty /empty rw; bind group /group rw; bind shift /shift rw");
    let verify = |genome: &str, state: &str| {
        let mut verify = node.container("genome-verify");
        verify.args(["--production", "--format", "json", "--manifest-root", "/opt/app", "--trust", "/opt/app/trust.json"]);
        let ran = run(verify.args(["--state", state, genome]));
        let refusal = ran.report()["refusal"].clone();
        (ran, refusal)
    };
    let (ran, refusal) = verify("/map/genome.json", "/tmp/none.json");
    assert_eq!(ran.codes(), ["GENOME_UNTRUSTED"]);
    assert_eq!(refusal["message"], "others than root and this user can change `/map`");
    assert!(text(&refusal["hint"]).contains("a source of a `projected` volume"), "{refusal}");
    assert!(!text(&refusal["hint"]).contains("chmod"), "nobody in the container can do that: {refusal}");

    for (volume, own) in [("empty", "empty"), ("group", "group"), ("shift", "shift")] {
        let state = format!("/{volume}/state.json");
        let (ran, refusal) = verify("/opt/app/etc/genome.json", &state);
        assert_eq!(ran.codes(), ["GENOME_UNTRUSTED"], "{volume}");
        assert_eq!(refusal["message"], format!("others than root and this user can change `/{volume}`"));
        let hint = text(&refusal["hint"]);
        assert!(hint.contains("StateDirectory=") && hint.contains("`subPath`"), "{hint}");
        let command = hint.split_once("then: ").map(|(_, rest)| rest.split_once("; put the state").unwrap().0);
        // The volume belongs to root, and the container's user can change nothing about that.
        let expected = if node.has_users() { None } else { Some(format!("chmod go-w /{volume}")) };
        assert_eq!(command, expected.as_deref(), "{hint}");
        assert!(!node.has_users() || !hint.contains("chmod"), "{hint}");
        // A directory that others could replace is no better for what is in it.
        let made = run(node.container("sh").args(["-c", &format!("mkdir -m 0700 /{volume}/own")]));
        if node.has_users() && volume == "shift" {
            assert_ne!(made.status, Some(0), "it is not in that group");
            node.does(&format!("mkdir -m 0700 \"$node/volumes/{volume}/own\" && chown {USER} \"$node/volumes/{volume}/own\""));
        } else {
            assert_ran(&made, 0, "");
        }
        assert_eq!(verify("/opt/app/etc/genome.json", &format!("/{volume}/own/state.json")).0.codes(), ["GENOME_UNTRUSTED"]);
        // Mounted alone, it is.
        node.does(&format!("bind {own} /var/lib/{volume} rw own"));
        let (ran, _) = verify("/opt/app/etc/genome.json", &format!("/var/lib/{volume}/state.json"));
        assert_eq!(ran.codes(), [""; 0], "{volume}: {ran:?}");
        // The commands do what they say, and the server can still write.
        if let Some(command) = command {
            assert_ran(&run(node.container("sh").args(["-ec", command])), 0, "");
            let (ran, _) = verify("/opt/app/etc/genome.json", &state);
            assert_eq!(ran.codes(), [""; 0], "{volume}: {ran:?}");
        }
    }
}

/// Nobody can write through a mount for reading only; but whoever made it has another, and a service of systemd sees the whole machine so.
#[test]
fn a_mount_for_reading_says_nothing_of_who_else_can_write() {
    let Some(node) = Node::new() else { return };
    let release = Release::deployed();
    node.does(&format!(
        "mkdir -p \"$root/opt/app\" && cd {} && cp -R app.js lib empty trust.json etc \"$root/opt/app\"",
        release.path().display()
    ));
    let verify = || {
        let mut verify = node.container("genome-verify");
        verify.args(["--production", "--format", "json", "--manifest-root", "/opt/app", "--trust", "/opt/app/trust.json"]);
        run(verify.arg("/opt/app/etc/genome.json")).codes()
    };
    assert_eq!(verify(), [""; 0]);
    node.does("chmod 0777 \"$root/opt/app/etc\"; mount -o remount,bind,ro \"$root\"");
    assert_eq!(verify(), ["GENOME_UNTRUSTED"]);
}

/// Keys as Kubernetes and Docker mount them: with a mode that nobody in the container can change.
#[test]
fn a_key_on_a_mount_for_reading() {
    let Some(node) = Node::new() else { return };
    let release = Release::new(1, 1);
    let draft = release.read("draft.json");
    node.does("volume kubernetes secret; volume docker secret; volume written secret; volume foreign secret");
    let key = [("key", release.keys[0].as_str())];
    node.publish("kubernetes", "a", 0o400, &key);
    // A secret of Docker has the mode 0444 without anybody's asking.
    for volume in ["docker", "written", "foreign"] {
        node.publish(volume, "a", 0o444, &key);
    }
    node.does("chmod g+w \"$node/volumes/written/..a/key\"; chown 4242 \"$node/volumes/foreign/..a/key\" 2> /dev/null || true");
    node.does("bind kubernetes /kubernetes ro; bind docker /docker ro; bind docker /writable rw; bind written /written ro; bind foreign /foreign ro");
    node.does("cp \"$node/volumes/docker/key\" \"$root/etc/key\"; chmod 0444 \"$root/etc/key\"");
    node.does(&format!("cp {}/draft.json \"$root/etc\"; mount -o remount,bind,ro \"$root\"", release.path().display()));
    let sign = |key: &str| {
        let mut sign = node.container("genome-sign");
        run(sign.args(["--yes", "--key", &format!("file:{key}"), "/etc/draft.json", "-", "signer-1"]))
    };
    // With fsGroup the kubelet makes 0440 of 0400.
    for good in ["/kubernetes/key", "/docker/key"] {
        assert_ran(&sign(good), 0, "signed by `signer-1`");
    }
    assert!(draft.len() < sign("/docker/key").stdout.len());
    // Where it can be changed, it was not given so; nor is what others can write or own, nor the machine itself seen for reading only.
    let mut bad = vec![("/writable/key", "0444"), ("/written/key", "0464"), ("/etc/key", "0444")];
    if node.has_users() {
        bad.push(("/foreign/key", "number 4242"));
    }
    for (path, said) in bad {
        let ran = sign(path);
        assert_ran(&ran, 2, &format!("{path} holds a secret and is not private: "));
        assert!(ran.stderr.contains(said), "{ran:?}");
        if node.has_users() {
            assert!(ran.stderr.contains("mount it read-only: a Secret of Kubernetes with `defaultMode: 0400`"), "{ran:?}");
            assert!(!ran.stderr.contains("chmod"), "root alone could read it then: {ran:?}");
        }
    }
}

#[test]
fn the_file_says_what_the_server_needs() {
    let Some(documents) = documents() else { return };
    let kinds: Vec<&str> = documents.iter().map(|document| text(&document["kind"])).collect();
    assert_eq!(kinds, ["PersistentVolumeClaim", "Deployment"]);
    let deployment = &documents[1]["spec"];
    // One state, and one server that writes it.
    assert_eq!((&deployment["replicas"], &deployment["strategy"]["type"]), (&json!(1), &json!("Recreate")));
    let pod = &deployment["template"]["spec"];
    assert_eq!(pod["securityContext"]["runAsUser"], USER);
    assert_eq!(pod["securityContext"]["fsGroup"], USER);
    let container = fs::read_to_string(repository().join("deploy/Containerfile")).unwrap();
    assert!(container.contains(&format!("USER {USER}:{USER}")) && container.contains("EXPOSE 7070"));
    for container in list(&pod["initContainers"]).iter().chain(list(&pod["containers"])) {
        let expected =
            json!({"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]}});
        assert_eq!(container["securityContext"], expected);
    }
}
