//! Links the unwinder of GCC into the programs instead of loading it as a shared library at each start, which would cost a tenth
//! of the time in which `genome-verify` verifies a genome. The standard library asks for `-lgcc_s`; the linker finds `link/` first.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=link");
    let target = |part: &str| env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    // Elsewhere there is no such library, or it has another name.
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-search=native={}/link", env!("CARGO_MANIFEST_DIR"));
    }
}
