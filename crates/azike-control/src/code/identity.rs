//! AZK-02xx: the client certificate and its private key, read by `azike-profile`.

catalogue! {
    IDENTITY_FORMAT = 201, InvalidFile {
        title: "The identity file is neither PKCS#12 nor PEM",
        meaning: "azike reads .p12/.pfx files and PEM files with certificate and key.",
        next: "Export the client certificate with its private key as .pfx (PKCS#12). A .cer \
               file alone has no key.",
    }
    IDENTITY_DAMAGED = 202, InvalidFile {
        title: "The identity file is damaged",
        meaning: "The file begins as it should, but its contents are not consistent.",
        next: "Export the certificate again.",
    }
    IDENTITY_PASSWORD_MISSING = 203, InvalidFile {
        title: "The identity file needs a password",
        meaning: "The private key is protected, and there is no terminal to ask on.",
        next: "Use --password-file FILE or --password-fd N. A password on the command line \
               could be seen by others, so azike does not take it there.",
    }
    IDENTITY_PASSWORD_WRONG = 204, InvalidFile {
        title: "The password of the identity file is wrong",
        meaning: "The file cannot be opened with this password.",
        next: "Try again; the password is the one that was given when the file was exported.",
    }
    IDENTITY_NO_KEY = 205, InvalidFile {
        title: "The identity file has no private key",
        meaning: "It holds certificates only. Azure's package does not contain the client \
                  certificate, and a .cer file never has a key.",
        next: "Export the client certificate again, with 'include the private key'.",
    }
    IDENTITY_NO_CERTIFICATE = 206, InvalidFile {
        title: "The identity file has no certificate",
        meaning: "It holds a private key only.",
        next: "Put the certificate and its key into one file (.pfx, or one PEM file).",
    }
    IDENTITY_KEY_MISMATCH = 207, InvalidFile {
        title: "The private key does not belong to the certificate",
        meaning: "Key and certificate come from different exports or requests.",
        next: "Export certificate and key together.",
    }
    IDENTITY_KEY_UNSUPPORTED = 208, InvalidFile {
        title: "The kind of private key is not supported",
        meaning: "azike uses RSA keys of 2048 to 4096 bits and ECDSA keys on P-256 and P-384. \
                  For Azure, RSA is the safe choice.",
        next: "Ask for a client certificate with an RSA key of 2048 bits or more.",
    }
    IDENTITY_ENCRYPTION_UNSUPPORTED = 209, InvalidFile {
        title: "The identity file is protected in a way azike does not know",
        meaning: "azike opens AES (today's) and 3DES or RC2 (older) protection.",
        next: "Export the file again with AES-256: openssl pkcs12 -export -out new.p12.",
    }
    IDENTITY_AMBIGUOUS = 210, InvalidFile {
        title: "The identity file holds more than one identity",
        meaning: "There are several private keys in it, and azike cannot know which to use.",
        next: "Export only the client certificate for this gateway.",
    }
    IDENTITY_EXPIRED = 211, InvalidFile {
        title: "The client certificate has expired",
        meaning: "Its validity is over; every gateway refuses it.",
        next: "Ask for a new client certificate. If the date looks right, check the clock of \
               this computer.",
    }
    IDENTITY_NOT_YET_VALID = 212, InvalidFile {
        title: "The client certificate is not valid yet",
        meaning: "Its validity begins in the future.",
        next: "Check the clock and time zone of this computer; else wait, or ask for another \
               certificate.",
    }
    IDENTITY_NOT_FOR_CLIENT = 213, InvalidFile {
        title: "The certificate is not for client authentication",
        meaning: "Its extended key usage does not list clientAuth (1.3.6.1.5.5.7.3.2). Often \
                  the server's or the root's certificate was chosen by mistake.",
        next: "Use the client certificate, or ask for one with the client authentication usage.",
    }
    IDENTITY_OTHER_ROOT = 214, InvalidFile {
        title: "The client certificate is not from the root this package names",
        meaning: "The package says by which root certificate the gateway knows its clients, and \
                  this certificate does not come from it.",
        next: "Use the certificate that was made for this gateway, or download the package \
               again if the root was changed in Azure.",
    }
    IDENTITY_ROOT_NOT_UPLOADED = 215, AuthenticationRejected {
        title: "The gateway does not know the root of your client certificate",
        meaning: "The gateway listed the roots it accepts (CERTREQ), and the one that issued \
                  your certificate is not among them.",
        next: "Ask the Azure administrator to upload the root certificate (point-to-site \
               configuration, Root certificates), or use a certificate of a listed root.",
    }
    IDENTITY_NO_NAME = 216, InvalidFile {
        title: "The client certificate has no name to log in with",
        meaning: "It has neither a common name nor an alternative name; the gateway knows its \
                  clients by one of them.",
        next: "Give the name that the gateway expects with --local-id.",
    }
    KEYCHAIN_ABSENT = 217, Usage {
        title: "This computer has no Keychain",
        meaning: "Only a Mac keeps certificates in a Keychain.",
        next: "Use --identity FILE with a .pfx, .p12 or .pem file.",
    }
    KEYCHAIN_NONE_FITS = 218, InvalidFile {
        title: "No identity in the Keychain has this name",
        meaning: "azike looked at all certificates with a private key that its process can find, \
                  and none fits what was asked for. A daemon runs as root and finds those of the \
                  System Keychain only.",
        next: "azike cert list says which identities there are and how to name each.",
    }
    KEYCHAIN_SEVERAL_FIT = 219, InvalidFile {
        title: "More than one identity in the Keychain fits",
        meaning: "azike does not guess between identities of different subjects or issuers. A \
                  renewed certificate of the same subject and issuer is no such case: the newest \
                  one is used.",
        next: "Name one by its SHA-256: --keychain sha256:DIGITS (azike cert list shows them).",
    }
    KEYCHAIN_NO_KEY = 220, InvalidFile {
        title: "The certificate in the Keychain has no private key",
        meaning: "The certificate is there and its private key is not, or it is in another \
                  Keychain.",
        next: "Import the .pfx or .p12 file, which holds both; a .cer file alone has no key.",
    }
    KEYCHAIN_LOCKED = 221, PermissionDenied {
        title: "The Keychain is locked or cannot ask",
        meaning: "The private key may only be used after somebody unlocks the Keychain or agrees, \
                  and azike runs where nobody can be asked.",
        next: "Unlock the Keychain (security unlock-keychain). For the daemon, import the identity \
               so that azike may use it without a question: sudo security import FILE.p12 -k \
               /Library/Keychains/System.keychain -x -T PATH-OF-AZIKE.",
    }
    KEYCHAIN_DENIED = 222, PermissionDenied {
        title: "The Keychain did not allow the use of the private key",
        meaning: "The access list of the key does not name azike, or the question was answered \
                  with no.",
        next: "Allow it in Keychain Access (the key, Get Info, Access Control), or try again and \
               allow it.",
    }
    KEYCHAIN_FAILED = 223, InvalidFile {
        title: "The Keychain could not be used",
        meaning: "The item is gone, the key cannot sign in the way that is needed, or macOS \
                  answered with another error.",
        next: "azike cert list shows what there is now; the status is in the error (security error \
               NUMBER explains it).",
    }
    KEYCHAIN_OF_USER = 224, PermissionDenied {
        title: "The identity is in a Keychain that the daemon cannot use",
        meaning: "The login Keychain belongs to the user; the daemon runs as root and finds the \
                  System Keychain only.",
        next: "Import the identity into the System Keychain: sudo security import FILE.p12 -k \
               /Library/Keychains/System.keychain -x -T PATH-OF-AZIKE; or use --identity FILE.",
    }
}
