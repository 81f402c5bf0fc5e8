//! AZK-01xx: the package from Azure, read by `azike-profile`.
catalogue! {
    NOT_A_ZIP = 101, InvalidFile {
        title: "The package is not a zip file",
        meaning: "The file does not have the form of a zip archive. Sometimes a web page with an \
                  error message was saved under the name of the package.",
        next: "Download the VPN client package again from the Azure portal (virtual network \
               gateway, Point-to-site configuration, Download VPN client).",
    }
    ZIP_TRUNCATED = 102, InvalidFile {
        title: "The package is not complete",
        meaning: "The end of the zip file is missing. The download was cut off.",
        next: "Download the package again and compare the sizes.",
    }
    ZIP_BOMB = 103, InvalidFile {
        title: "The package would unpack to far too much",
        meaning: "The zip file claims sizes that no package from Azure has. It may be made to \
                  harm; azike did not unpack it.",
        next: "Do not use this file. Download the package from the Azure portal yourself.",
    }
    ZIP_NAMES = 104, InvalidFile {
        title: "The package has file names that are not allowed",
        meaning: "A name appears twice, or leads out of the package (for example ../). Packages \
                  from Azure have no such names.",
        next: "Do not use this file. Download the package from the Azure portal yourself.",
    }
    ZIP_ENCRYPTED = 105, InvalidFile {
        title: "The package is protected by a password",
        meaning: "Somebody packed the files again, with a password. Azure's packages have none.",
        next: "Ask for the package as Azure made it.",
    }
    ZIP_DAMAGED = 106, InvalidFile {
        title: "The package is damaged",
        meaning: "A file in the zip does not match its checksum, or is packed in a way that \
                  Azure does not use.",
        next: "Download the package again.",
    }
    NO_GENERIC_FOLDER = 110, InvalidFile {
        title: "The package has no settings for IKEv2",
        meaning: "There is no Generic folder in it. Azure leaves it out when IKEv2 is not \
                  enabled on the gateway, or when the gateway is of the Basic SKU, which cannot \
                  do IKEv2.",
        next: "Ask the Azure administrator to add IKEv2 to the tunnel types of the point-to-site \
               configuration (and to leave the Basic SKU), then download the package again.",
    }
    OPENVPN_ONLY = 111, InvalidFile {
        title: "This gateway is set up for OpenVPN only",
        meaning: "The package holds OpenVPN settings and no IKEv2 settings. azike speaks IKEv2.",
        next: "Ask the Azure administrator to choose the tunnel type 'IKEv2 and OpenVPN', then \
               download the package again.",
    }
    ENTRA_ONLY = 112, InvalidFile {
        title: "This gateway only accepts Microsoft Entra ID logins",
        meaning: "The package asks for a login with a Microsoft account. Azure offers that over \
                  OpenVPN only, not over IKEv2.",
        next: "Use the Azure VPN Client, or ask the Azure administrator to add certificate \
               authentication and IKEv2.",
    }
    RADIUS_PASSWORD = 113, InvalidFile {
        title: "This gateway asks for a user name and password (RADIUS)",
        meaning: "The package is for EAP-MSCHAPv2. azike logs in with a certificate.",
        next: "Ask the Azure administrator for certificate authentication, or use the VPN client \
               of your system.",
    }
    SSTP_ONLY = 114, InvalidFile {
        title: "This gateway is set up for SSTP only",
        meaning: "SSTP works on Windows only. The package holds no IKEv2 settings.",
        next: "Ask the Azure administrator to add IKEv2 to the tunnel types, then download the \
               package again.",
    }
    SETTINGS_MISSING = 120, InvalidFile {
        title: "The package has no VpnSettings.xml",
        meaning: "The Generic folder is there, but the file with the settings is not.",
        next: "Download the package again.",
    }
    SETTINGS_NOT_XML = 121, InvalidFile {
        title: "VpnSettings.xml cannot be read",
        meaning: "The file is not well-formed XML, or its text encoding is unknown.",
        next: "Download the package again; do not edit the files in it.",
    }
    SETTINGS_DTD = 122, InvalidFile {
        title: "VpnSettings.xml has definitions that are not allowed",
        meaning: "The file has a document type or entities. Azure never writes them, and they \
                  can be used to attack the reader.",
        next: "Do not use this file. Download the package from the Azure portal yourself.",
    }
    SETTINGS_INCOMPLETE = 123, InvalidFile {
        title: "VpnSettings.xml lacks a setting that is needed",
        meaning: "The named element is missing or empty.",
        next: "Download the package again.",
    }
    SETTINGS_VALUE = 124, InvalidFile {
        title: "VpnSettings.xml has a value that cannot be right",
        meaning: "The named element has a value that is not of the form Azure writes, for \
                  example a server name with spaces.",
        next: "Download the package again; do not edit the files in it.",
    }
    AUTHENTICATION_UNKNOWN = 125, InvalidFile {
        title: "The package asks for a login that azike does not know",
        meaning: "azike logs in with a certificate (EAP-TLS or certificate signature).",
        next: "Ask the Azure administrator which logins the gateway accepts.",
    }
    NO_ROOT = 130, InvalidFile {
        title: "The package has no root certificate of the gateway",
        meaning: "Neither VpnServerRoot.cer nor VpnSettings.xml holds one. Without it azike \
                  cannot know whether it speaks with the right gateway.",
        next: "Download the package again.",
    }
    ROOT_INVALID = 131, InvalidFile {
        title: "A root certificate of the package cannot be used",
        meaning: "The file is not a certificate, or not one of a certificate authority.",
        next: "Download the package again.",
    }
    PROFILE_NOT_FOUND = 140, InvalidFile {
        title: "No profile has this name",
        meaning: "azike knows a profile by name after it was used once as a package.",
        next: "Give the package itself: azike up FILE.zip --identity FILE.",
    }
    PROFILE_NAME = 141, Usage {
        title: "This cannot be the name of a profile",
        meaning: "A name has letters, digits, dots, dashes and underscores, at most 64, and \
                  does not begin with a dot or dash.",
        next: "Rename the file, or use another name.",
    }
}
