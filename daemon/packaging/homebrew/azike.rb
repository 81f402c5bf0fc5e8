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

    # A package as the Azure portal hands it out, read and judged.
    system "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Homebrew root",
           "-keyout", "key.pem", "-out", "root.pem"
    (testpath/"Generic").mkpath
    system "openssl", "x509", "-in", "root.pem", "-outform", "DER", "-out", "Generic/VpnServerRoot.cer"
    root = [(testpath/"Generic/VpnServerRoot.cer").binread].pack("m0")
    (testpath/"Generic/VpnSettings.xml").write <<~XML
      <?xml version="1.0"?>
      <VpnProfile>
        <VpnServer>azuregateway-brew.vpn.azure.com</VpnServer>
        <VpnType>IkeV2</VpnType>
        <CaCerts><string>#{root}</string></CaCerts>
        <Auth>EAPTLS</Auth>
        <Routes>10.1.0.0/16</Routes>
      </VpnProfile>
    XML
    system "zip", "-q", "-r", "brew.zip", "Generic"
    assert_match "azuregateway-brew.vpn.azure.com", shell_output("#{bin}/azike profile show brew.zip")
  end
end
