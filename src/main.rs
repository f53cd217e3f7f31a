//! The command line of `work365-doctor`; everything else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    work365_doctor::cli::main()
}
