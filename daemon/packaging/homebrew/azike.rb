# Written by `cargo xtask dist`; the template is daemon/packaging/homebrew/azike.rb.
class Azike < Formula
  desc "IKEv2 client for Azure point-to-site VPN gateways"
  homepage "https://github.com/azike/azike"
  url "https://github.com/azike/azike/releases/download/v@VERSION@/azike-@VERSION@-source.tar.gz"
  sha256 "@SHA256@"
  license any_of: ["MIT", "Apache-2.0"]
  head "https://github.com/azike/azike.git", branch: "main"

  depends_on "rust" => :build

  def install
    system "cargo", "install", *std_cargo_args(path: "daemon")
    # The gateway that `brew test` logs in to.
    system "cargo", "install", "--bin", "azike-test-gateway", *std_cargo_args(path: "tests", root: libexec)
    generate_completions_from_executable(bin/"azike", "completions")
    mkdir "man"
    system bin/"azike", "man", "man"
    man1.install Dir["man/*.1"]

    # Root must not run what the owner of the Homebrew folder can replace, so the service runs the copy that
    # `azike service install` makes in a folder of root.
    program = OS.mac? ? "/Library/PrivilegedHelperTools/io.github.azike" : "/opt/azike/bin/azike"
    service = OS.mac? ? "io.github.azike.plist" : "azike.service"
    inreplace "daemon/service/#{service}", "@AZIKE@", program
    prefix.install "daemon/service/#{service}"
  end

  def caveats
    <<~EOS
      To let members of the group azike connect without sudo, install the service:
        sudo azike service install
      It runs a copy of azike that belongs to root, for Homebrew's folder belongs to
      you. After each `brew upgrade azike`, run the same command again.
      Before `brew uninstall azike`:
        sudo azike service uninstall
    EOS
  end

  service do
    name macos: "io.github.azike", linux: "azike"
    require_root true
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/azike --version")
    assert_match "AZK-0401", shell_output("#{bin}/azike explain AZK-0401")

    # A login to a gateway on this computer, and out again: with rights it would be a tunnel.
    ports = "#{free_port},#{free_port}"
    gateway = spawn libexec/"bin/azike-test-gateway", "--folder", testpath, "--ports", ports
    begin
      sleep 0.1 until (testpath/"azike-client.pem").exist?
      profile = shell_output("#{bin}/azike profile show profile.zip")
      assert_match ".vpn.azure.com", profile
      login = "up profile.zip --identity azike-client.pem --address 127.0.0.1 --gateway-ports #{ports} --dry-run"
      %w[signature eap-tls].each do |auth|
        assert_match "The login works", shell_output("#{bin}/azike #{login} --auth #{auth} 2>&1")
      end
    ensure
      Process.kill "TERM", gateway
      Process.wait gateway
    end
  end
end
