class Work365Doctor < Formula
  desc "Find out why a Work 365 service account cannot run its jobs in Dynamics 365"
  homepage "@REPOSITORY@"
  url "@REPOSITORY@/releases/download/v@VERSION@/work365-doctor-@VERSION@.crate"
  sha256 "@SHA256_CRATE@"
  license any_of: ["MIT", "Apache-2.0"]

  depends_on "cmake" => :build
  depends_on "rust" => :build

  def install
    system "cargo", "install", *std_cargo_args
    generate_completions_from_executable(bin/"work365-doctor", "completions")
    system bin/"work365-doctor", "man", "--all", man1
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/work365-doctor version")
    assert_match "UNHEALTHY", shell_output("#{bin}/work365-doctor --no-config check --demo", 1)
  end
end
