//! The command line of `work365-doctor`; everything else is in the library.

use std::process::ExitCode;

// Judging makes thousands of small values: the system's own allocator takes twice the instructions of this one on Linux,
// and more under Windows and musl.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    work365_doctor::cli::main()
}
