//! Where the state directory is when nobody names one: the service manager's, the system's for
//! root, the user's own for everybody else.

use super::settings;
use crate::failure::Failure;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What the process finds around it.
pub(super) struct Surroundings<'a> {
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
    pub user: User,
}

/// Who runs the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum User {
    Root,
    Other,
}

impl Surroundings<'_> {
    /// Those of this process.
    pub fn of_process() -> Surroundings<'static> {
        let user = if nix::unistd::geteuid().is_root() { User::Root } else { User::Other };
        Surroundings { variable: &|name| std::env::var_os(name), user }
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        (self.variable)(name).filter(|value| !value.is_empty()).map(PathBuf::from)
    }
}

/// The directory that is named, else the one of `$STATE_DIRECTORY` (systemd), `/var/lib` for
/// root, and what the XDG Base Directory Specification says for a user.
pub(super) fn directory(
    named: Option<&Path>,
    around: &Surroundings<'_>,
) -> Result<PathBuf, Failure> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    if let Some(list) = around.path("STATE_DIRECTORY") {
        // systemd separates several with colons; the first is the service's own.
        let first = std::env::split_paths(&list).next();
        return Ok(first.unwrap_or(list));
    }
    if around.user == User::Root {
        return Ok(PathBuf::from("/var/lib/sekimori"));
    }
    let xdg = around.path("XDG_STATE_HOME").filter(|path| path.is_absolute());
    let home = || around.path("HOME").map(|home| home.join(".local/state"));
    let base = xdg.or_else(home).ok_or_else(|| {
        settings("there is no home folder to keep the journal in", "name a folder with --state")
    })?;
    Ok(base.join("sekimori"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(user: User, set: &[(&str, &str)]) -> Option<String> {
        let variable = |name: &str| {
            set.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
        };
        let around = Surroundings { variable: &variable, user };
        directory(None, &around).ok().map(|path| path.display().to_string())
    }

    #[test]
    fn the_directory_is_the_platforms() {
        let home = ("HOME", "/srv/u");
        let of = |user, set: &[_]| found(user, set).expect("a directory");
        assert_eq!(of(User::Other, &[home]), "/srv/u/.local/state/sekimori");
        let xdg = ("XDG_STATE_HOME", "/srv/state");
        assert_eq!(of(User::Other, &[home, xdg]), "/srv/state/sekimori");
        let relative = ("XDG_STATE_HOME", "state");
        assert_eq!(of(User::Other, &[home, relative]), "/srv/u/.local/state/sekimori");
        assert_eq!(of(User::Root, &[home]), "/var/lib/sekimori");
        let systemd = ("STATE_DIRECTORY", "/var/lib/guard:/var/lib/other");
        assert_eq!(of(User::Other, &[home, systemd]), "/var/lib/guard");
        assert_eq!(found(User::Other, &[("HOME", "")]), None);
    }
}
