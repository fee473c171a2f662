//! Chromium without a screen, driven over `WebDriver` (<https://www.w3.org/TR/webdriver2/>) as a person drives it with a keyboard.

use crate::conversation::Conversation;
use crate::tool;
use base64ct::{Base64, Encoding as _};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a page may take until it shows something.
const PATIENCE: Duration = Duration::from_mins(1);

/// The keys as `WebDriver` section 17.4.2 names them.
pub const TAB: &str = "\u{e004}";
/// Takes the character before away.
pub const BACKSPACE: &str = "\u{e003}";
/// Sends a form, presses a button.
pub const ENTER: &str = "\u{e007}";

/// Starts the driver. Returns it with its output and its port; `None` if the port that it chose is taken.
#[expect(clippy::zombie_processes, reason = "the browser waits for it when it is dropped; a panic ends the test")]
fn driver(home: &Path) -> Option<(Child, BufReader<ChildStdout>, u16)> {
    let mut driver = Command::new("chromedriver");
    driver.arg("--port=0").env("HOME", home);
    driver.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut driver = driver.spawn().unwrap_or_else(|error| panic!("chromedriver: {error}"));
    let mut stdout = BufReader::new(driver.stdout.take().unwrap_or_else(|| panic!("chromedriver has no output")));
    let mut said = String::new();
    loop {
        let length = stdout.read_line(&mut said).unwrap_or_else(|error| panic!("{error}"));
        if length == 0 {
            driver.wait().unwrap_or_else(|error| panic!("chromedriver: {error}"));
            assert!(said.contains("port not available"), "chromedriver does not start: {said}");
            return None;
        }
        if let Some((_, port)) = said.rsplit_once("successfully on port ") {
            let port = port.trim().trim_end_matches('.').parse().unwrap_or_else(|error| panic!("{error}: {said}"));
            return Some((driver, stdout, port));
        }
    }
}

/// A browser that nobody has used before.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    // Who closes it ends the driver; who throws the profile away takes it from under the browser.
    _stdout: BufReader<ChildStdout>,
    _profile: TempDir,
}

impl Browser {
    /// Starts it.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start(runs_scripts: bool) -> Self {
        let profile = tempfile::tempdir().unwrap_or_else(|error| panic!("no scratch directory: {error}"));
        let directory = format!("--user-data-dir={}", profile.path().join("profile").display());
        // With port 0 it takes one of IPv6 first, and ends where another program has that one of IPv4.
        let Some((driver, stdout, port)) = (0..10).find_map(|_| driver(profile.path())) else {
            panic!("chromedriver finds no port")
        };
        let mut browser = Self { driver, port, session: String::new(), _stdout: stdout, _profile: profile };
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            &directory,
        ];
        // 1 allows them, 2 does not.
        let preferences = json!({"profile.managed_default_content_settings.javascript": if runs_scripts { 1 } else { 2 }});
        let capabilities = json!({
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "goog:chromeOptions": {"args": arguments, "prefs": preferences},
        });
        let started = browser.ask("POST", "/session", &json!({"capabilities": {"alwaysMatch": capabilities}}));
        let Value::String(session) = &started["sessionId"] else { panic!("no session: {started}") };
        browser.session.clone_from(session);
        // Away from the page that it starts with, which asks for much.
        browser.open("about:blank");
        let _ = (browser.requests(), browser.console());
        browser
    }

    /// The answer to a command of `WebDriver`.
    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap_or_else(|error| panic!("chromedriver: {error}"));
        let mut driver = Conversation::on(stream);
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let (port, length) = (self.port, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        driver.send(request.as_bytes()).unwrap_or_else(|error| panic!("chromedriver: {error}"));
        let reply = driver.answer().unwrap_or_else(|| panic!("chromedriver does not answer"));
        assert_eq!(reply.status, 200, "{method} {path}: {reply:?}");
        reply.json()["value"].clone()
    }

    fn command(&self, path: &str, body: &Value) -> Value {
        self.ask("POST", &format!("/session/{}/{path}", self.session), body)
    }

    /// Opens a page.
    pub fn open(&self, url: &str) {
        self.command("url", &json!({"url": url}));
    }

    /// The address of the page.
    #[must_use]
    pub fn url(&self) -> String {
        self.ask("GET", &format!("/session/{}/url", self.session), &Value::Null).as_str().unwrap_or_default().to_owned()
    }

    /// Presses these keys, one after the other.
    pub fn press(&self, keys: &str) {
        let press = |key: char| [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})];
        let actions: Vec<Value> = keys.chars().flat_map(press).collect();
        self.command("actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]}));
    }

    /// What a script returns. It is the tester who runs it, also where the page may run none.
    #[must_use]
    pub fn run(&self, script: &str) -> Value {
        self.command("execute/sync", &json!({"script": script, "args": []}))
    }

    /// The text of what a CSS selector finds, all of them.
    #[must_use]
    pub fn text(&self, selector: &str) -> String {
        let found =
            self.run(&format!("return Array.from(document.querySelectorAll({selector:?}), (e) => e.textContent).join('\\n')"));
        found.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until that starts so.
    ///
    /// # Panics
    /// It never does.
    pub fn wait(&self, selector: &str, start: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            let text = self.text(selector);
            if text.starts_with(start) {
                return;
            }
            assert!(Instant::now() < end, "{selector} is `{text}`, and not `{start}`");
            sleep(Duration::from_millis(50));
        }
    }

    /// Shows pages from now on in light or in dark, and so wide, in CSS pixels, as on a telephone or on a desk.
    pub fn appear(&self, scheme: &str, width: u32) {
        let features = json!([
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        self.command("goog/cdp/execute", &json!({"cmd": "Emulation.setEmulatedMedia", "params": {"features": features}}));
        let metrics = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500});
        self.command("goog/cdp/execute", &json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": metrics}));
    }

    /// A picture of the page as PNG: of the whole page, but for what lies below this height.
    ///
    /// # Panics
    /// There is none.
    #[must_use]
    pub fn picture(&self, most_height: u32) -> Vec<u8> {
        let size = self.run("return [innerWidth, document.documentElement.scrollHeight]");
        let height = size[1].as_u64().unwrap_or_default().min(most_height.into());
        let clip = json!({"x": 0, "y": 0, "width": size[0], "height": height, "scale": 1});
        let params = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        let taken = self.command("goog/cdp/execute", &json!({"cmd": "Page.captureScreenshot", "params": params}));
        let data = taken["data"].as_str().unwrap_or_default();
        Base64::decode_vec(data).unwrap_or_else(|error| panic!("no picture: {error}"))
    }

    /// What axe-core finds wrong with the page as it is: a line for each rule that is broken and each element that breaks it. `None`, which is said,
    /// where axe-core is not there; it has to be in CI.
    ///
    /// # Panics
    /// It does not run.
    #[must_use]
    pub fn broken_rules(&self) -> Option<Vec<String>> {
        let axe = tool("axe/node_modules/axe-core/axe.min.js")?;
        let axe = fs::read_to_string(axe).unwrap_or_else(|error| panic!("{error}"));
        let run = "
            const { violations, passes } = await axe.run(document, { resultTypes: ['violations'] });
            const lines = violations.flatMap(({ id, help, nodes }) =>
              nodes.map(({ html, any, all, none }) => `${id}: ${help}: ${html}: ${[...any, ...all, ...none].map((c) => c.message)}`));
            return [passes.length, lines];";
        let found = self.run(&format!("{axe}\nreturn (async () => {{ {run} }})()"));
        let (passed, lines): (u64, Vec<String>) = serde_json::from_value(found).unwrap_or_else(|error| panic!("axe-core: {error}"));
        assert!(passed > 20, "axe-core has looked at hardly anything: {passed} rules");
        Some(lines)
    }

    /// Everything that was written on the console since it was asked last, faults and breaches of the page's policy among them.
    #[must_use]
    pub fn console(&self) -> Vec<Value> {
        self.command("se/log", &json!({"type": "browser"})).as_array().cloned().unwrap_or_default()
    }

    /// The address of everything that was asked for since that was asked last.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        let log = self.command("se/log", &json!({"type": "performance"}));
        let sent = |entry: &Value| {
            let event: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let event = &event["message"];
            (event["method"] == "Network.requestWillBeSent")
                .then(|| event["params"]["request"]["url"].as_str().map(str::to_owned))?
        };
        log.as_array().into_iter().flatten().filter_map(sent).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver ends the browser when it is told so; killed, it would leave it behind. What it answers does not matter, but
        // that it does: a read that fails is no second panic.
        if let Ok(mut driver) = TcpStream::connect(("127.0.0.1", self.port)) {
            let request = format!("DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", self.session);
            let _ = driver.set_read_timeout(Some(PATIENCE)).and_then(|()| driver.write_all(request.as_bytes()));
            let _ = driver.read(&mut [0; 1024]);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
