//! A signing that is killed at any moment leaves the old file or the new one.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_tests::{Release, run, say};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

const KILLS: u32 = 200;

/// Numbers that look random, from a fixed start: xorshift (Marsaglia 2003).
struct Moments(u64);

impl Moments {
    /// A moment before this one.
    fn before(&mut self, end: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        end.mul_f64(f64::from(u32::try_from(self.0 >> 32).unwrap()) / f64::from(u32::MAX))
    }
}

#[test]
fn a_killed_signing_leaves_the_old_genome_or_the_new_one() {
    let release = Release::new(1, 1);
    release.write("next.json", &release.read("draft.json").replace("\"1.0.0\"", "\"1.0.1\""));
    for (draft, signed) in [("draft.json", "old.json"), ("next.json", "new.json")] {
        assert_eq!(release.sign(1, &[draft, signed]).status, Some(0));
    }
    let (old, new) = (release.read("old.json"), release.read("new.json"));
    let output = release.path().join("genome.json");
    let arguments = |draft| [draft, "genome.json", "signer-1", "--force"];
    fs::write(&output, &old).unwrap();
    fs::set_permissions(&output, fs::Permissions::from_mode(0o640)).unwrap();

    let start = Instant::now();
    assert_eq!(run(&mut release.signing(1, &arguments("next.json"))).status, Some(0));
    // A little longer than a whole run, so that some runs end by themselves.
    let whole = start.elapsed().mul_f64(1.2);

    let mut moments = Moments(0x9e37_79b9_7f4a_7c15);
    let (mut killed, mut replaced) = (0, 0);
    for round in 0..KILLS {
        let before = fs::read_to_string(&output).unwrap();
        let draft = if before == old { "next.json" } else { "draft.json" };
        let mut signing = release.signing(1, &arguments(draft));
        let mut child = signing.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(moments.before(whole));
        child.kill().unwrap();
        killed += u32::from(child.wait().unwrap().code().is_none());
        let after = fs::read_to_string(&output).unwrap();
        assert!(after == old || after == new, "round {round}: the output is neither the old genome nor the new one");
        replaced += u32::from(after != before);
        for entry in fs::read_dir(release.path()).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name().to_string_lossy().starts_with(".genome.json") {
                // Between its link and its rename the new file has a name of its own for a moment; it is complete, and no
                // more readable than the one it replaces.
                assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o7777, 0o640, "round {round}");
                assert!([&old, &new].contains(&&fs::read_to_string(entry.path()).unwrap()), "round {round}: a partial file");
                fs::remove_file(entry.path()).unwrap();
            }
        }
    }
    assert_eq!(release.verify(&["genome.json"]).status, Some(0));
    say(&format!("{killed} of {KILLS} were killed before their end, {replaced} had replaced the file\n"));
    assert!(killed > 0 && replaced > 0, "the moments were not spread over the whole run");
}
