//! The PKCS#11 module that reaches a token: which one, and loading it.

use super::{TokenFault, TokenUri};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::Error;
use genome_files::{OpenFile, path_in_variable};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// The variable that names the module where the URI does not, as OpenSSL's and OpenSSH's PKCS#11 providers read it.
const MODULE: &str = "PKCS11_PROVIDER_MODULE";

/// Loads the module that the URI or the variable names.
pub(super) fn load(uri: &TokenUri) -> Result<Pkcs11, TokenFault> {
    let path = path(uri)?;
    // dlopen(3) waits for a FIFO. A name without a slash it looks for itself, where the system keeps its libraries.
    if path.as_os_str().as_bytes().contains(&b'/')
        && let Err(error) = OpenFile::open_regular(&path)
    {
        return Err(TokenFault::NotLoaded { path, reason: error.to_string() });
    }
    let module = Pkcs11::new(&path).map_err(|error| {
        let reason = match error {
            Error::LibraryLoading(error) => error.to_string(),
            Error::MissingSymbol(_) => "it is a library, but not a PKCS#11 module".to_owned(),
            error => TokenFault::of(&error).to_string(),
        };
        TokenFault::NotLoaded { path, reason }
    })?;
    module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).map_err(|error| TokenFault::of(&error))?;
    Ok(module)
}

/// The file of the module.
fn path(uri: &TokenUri) -> Result<PathBuf, TokenFault> {
    let path = if let Some(path) = &uri.module_path {
        path.clone()
    } else {
        let named = path_in_variable(MODULE).map_err(TokenFault::Variable)?;
        named.filter(|path| !path.as_os_str().is_empty()).ok_or(TokenFault::NoModule)?
    };
    let Some(name) = &uri.module_name else { return Ok(path) };
    // RFC 7512 section 2.4: `module-path` may be the directory of the modules.
    if uri.module_path.is_some() && path.is_dir() {
        let [plain, prefixed] = [format!("{name}.so"), format!("lib{name}.so")].map(|file| path.join(file));
        return Ok(if prefixed.exists() { prefixed } else { plain });
    }
    let is = module_name(&path);
    if is.eq_ignore_ascii_case(name) || is.strip_prefix("lib").is_some_and(|is| is.eq_ignore_ascii_case(name)) {
        Ok(path)
    } else {
        Err(TokenFault::OtherModule { attribute: "module-name", is: is.strip_prefix("lib").unwrap_or(&is).to_owned() })
    }
}

/// The name of a file without what makes it a library, such as `.so.2`.
fn module_name(path: &Path) -> String {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    file.split_once(".so").map_or(&*file, |(name, _)| name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(query: &str) -> Result<PathBuf, TokenFault> {
        path(&format!("token=a?{query}").parse().unwrap())
    }

    #[test]
    fn a_name_must_be_that_of_the_module() {
        for path in ["/usr/lib/libsofthsm2.so", "/usr/lib/softhsm2.so.2", "SoftHSM2.so"] {
            assert_eq!(chosen(&format!("module-path={path}&module-name=softhsm2")), Ok(path.into()));
        }
        let other = TokenFault::OtherModule { attribute: "module-name", is: "softhsm2".to_owned() };
        assert_eq!(chosen("module-path=/usr/lib/libsofthsm2.so&module-name=opensc-pkcs11"), Err(other));
    }

    #[test]
    fn a_name_is_looked_for_in_a_directory() {
        let directory = tempfile::tempdir().unwrap();
        let query = format!("module-path={}&module-name=m", directory.path().display());
        assert_eq!(chosen(&query), Ok(directory.path().join("m.so")), "it is named where there is none");
        std::fs::write(directory.path().join("libm.so"), "").unwrap();
        assert_eq!(chosen(&query), Ok(directory.path().join("libm.so")));
    }
}
